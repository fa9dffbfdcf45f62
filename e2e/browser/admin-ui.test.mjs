// The stock `@socket.io/admin-ui` in a browser, connected to the hub: it shows sockets, events and rooms, and acts on them.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../bridge/support.mjs";
import { CHEAP_PASSWORDS, arrived, connect, passwordOf, startHub, until } from "../push/support.mjs";
import { launch, openPage, serveFiles } from "./support.mjs";

const DIST = "e2e/node_modules/@socket.io/admin-ui/ui/dist";

let hub, browser, site, password;

before(async () => {
  const names = await readdir(join(root, DIST), { recursive: true });
  const files = Object.fromEntries(names.map((name) => [`/${name}`, join(DIST, name)]));
  site = await serveFiles({ "/": `${DIST}/index.html`, ...files });
  // The page sends cookies along, as it asks of every server.
  const cors = `[socketio.cors]\norigins = ["${site.url}"]\ncredentials = true\n`;
  hub = await startHub({ config: `${CHEAP_PASSWORDS}[socketio]\nadmin_ui = true\n${cors}` });
  password = passwordOf(hub);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.stop();
  await hub?.stop();
});

async function enter(t, secret) {
  const page = await openPage(t, browser, site.url);
  await page.getByLabel("Server URL").fill(hub.url);
  await page.getByLabel("Username").fill("admin");
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Connect" }).click();
  return page;
}

test("the stock viewer shows sockets and events, and disconnects a socket", async (t) => {
  const provider = await connect(t, hub, {});
  const client = await connect(t, hub, {});
  await provider.emitWithAck("register_provider", { provider_id: "SIM" });
  await client.emitWithAck("register_client", { master_provider_id: "SIM" });
  const page = await enter(t, password);
  await page.getByText(/^\s*connected\s*$/i).first().waitFor();
  await page.getByRole("link", { name: "Sockets" }).click();
  await page.getByRole("cell", { name: provider.id }).waitFor();

  await page.getByRole("link", { name: "Events" }).click();
  provider.emit("sent_to_my_clients", { provider_id: "SIM", cmd: "showSpeed", data: 7 });
  await arrived(client, 1);
  await page.getByText("Event name: sent_to_my_clients").first().waitFor();
  await page.getByRole("cell", { name: "followers of SIM" }).first().waitFor();

  await page.getByRole("link", { name: "Rooms" }).click();
  await page.getByRole("cell", { name: "followers:SIM" }).waitFor();

  await page.getByRole("link", { name: "Sockets" }).click();
  await page.getByRole("cell", { name: client.id }).click();
  // Of its two rows with a status, the first is the connection's.
  await page.getByRole("row", { name: "Status" }).nth(1).getByRole("button").click();
  await until("the socket's end", () => client.endings.length === 1);
  assert.deepEqual(client.endings, ["io server disconnect"]);
  await page.getByRole("link", { name: "Servers" }).click();
  await page.getByText(/^\s*healthy\s*$/i).first().waitFor();
});

test("the stock viewer says that a password is wrong", async (t) => {
  const page = await enter(t, "not the password");
  await page.getByText("Invalid credentials").waitFor();
});
