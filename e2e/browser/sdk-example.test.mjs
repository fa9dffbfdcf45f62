// The example page with the front-end kit, as its readers open it: from another origin than the hub's.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../bridge/support.mjs";
import { connected, createApp, socketOf, startHub } from "../push/support.mjs";
import { live, startSite } from "./site.mjs";
import { launch, openPage } from "./support.mjs";

let hub, browser, site, app, example;
before(async () => {
  [hub, browser, site] = await Promise.all([startHub(), launch(), startSite()]);
  app = await createApp(hub, {}, ["socket.io", "bridge"]);
  example = await readFile(join(root, "examples/frontend/index.html"), "utf8");
  site.pages["/"] = () => example;
});
after(() => Promise.all([hub?.stop(), browser?.close(), site?.stop()]));

let users = 0;

async function open(t) {
  const session = await app.user(`user-${(users += 1)}`);
  const page = await openPage(t, browser, `${site.url}/?${new URLSearchParams({ hub: hub.url, app: app.key, session, provider: "SAMPLE" })}`);
  await live(page);
  return page;
}

test("toasts, and a table that is changed in the file while somebody writes", async (t) => {
  const page = await open(t);
  await app.push("*", "alert", "Your order is ready");
  await page.locator("campanile-toast[data-state=shown]", { hasText: "Your order is ready" }).waitFor();

  await page.getByLabel("Note on order 2").fill("ring twice");
  const original = example;
  t.after(() => (example = original));
  example = example.replace("on its way", "delivered").replace("Bells, 3 pieces", "Bells, 4 pieces");
  await app.push("*", "orders");
  await page.locator("#order-2", { hasText: "delivered" }).waitFor();
  await page.locator("#order-1", { hasText: "4 pieces" }).waitFor();
  assert.equal(await page.getByLabel("Note on order 2").inputValue(), "ring twice");
  assert.deepEqual(page.errors, []);
});

test("a redirect to where one is", async (t) => {
  const page = await open(t);
  await app.push("*", "redirect", "./?");
  await page.waitForURL(`${site.url}/?`);
});

test("the provider's widget", async (t) => {
  const provider = socketOf(t, hub, { app_id: app.key });
  provider.on("new_request", (request) => provider.emit("provider_reply", { ...request, result: 2 * request.data }));
  await connected(provider);
  const page = await open(t);
  await page.locator("#provider-status", { hasText: "offline" }).waitFor();
  await page.getByRole("button", { name: "Double it" }).click();
  await page.locator("#answer", { hasText: "provider_offline" }).waitFor();
  await provider.emitWithAck("register_provider", { provider_id: "SAMPLE" });
  await page.locator("#provider-status", { hasText: "online" }).waitFor();
  provider.emit("sent_to_my_clients", { cmd: "showSpeed", data: 7 });
  await page.locator("#provider-message", { hasText: "showSpeed 7" }).waitFor();
  await page.getByRole("button", { name: "Double it" }).click();
  await page.locator("#answer", { hasText: /^42$/ }).waitFor();
  assert.deepEqual(page.errors, []);
});
