// Widgets in a real browser, on pages of another origin than the hub's, and the Python example on the other side.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startHub } from "../bridge/support.mjs";
import { launch, openPage, serveFiles, startPythonProvider } from "./support.mjs";

let hub, browser, site;
before(async () => {
  [hub, browser, site] = await Promise.all([
    startHub(),
    launch(),
    serveFiles({
      "/widget": "e2e/browser/widget.html",
      "/socket.io.js": "e2e/node_modules/sio460/dist/socket.io.js",
      "/example": "examples/widget/index.html",
    }),
  ]);
});
after(() => Promise.all([hub?.stop(), browser?.close(), site?.stop()]));

const open = (t, path, provider) =>
  openPage(t, browser, `${site.url}${path}?${new URLSearchParams({ hub: hub.url, provider })}`);

test("a widget with its own copy of socket.io-client 4.6.0 sees the speed count up", async (t) => {
  await startPythonProvider(t, hub, "WIDGET");
  const [page, other] = [await open(t, "/widget", "WIDGET"), await open(t, "/widget", "WIDGET")];
  for (const each of [page, other]) await each.locator("#connection", { hasText: "connected" }).waitFor();

  await page.click("#double");
  await page.locator("#reply", { hasText: /^42$/ }).waitFor();
  await page.click("#start");
  await page.locator("#speeds", { hasText: /^0 1 2 3$/ }).waitFor();
  await other.locator("#speeds", { hasText: /^0 1 2 3/ }).waitFor();
  assert.equal(await other.locator("#reply").textContent(), "");
  await page.waitForFunction(() => socket.io.engine.transport.name === "websocket");
  assert.deepEqual([...page.errors, ...other.errors], []);
});

test("the example widget, with the client that the hub serves", async (t) => {
  await startPythonProvider(t, hub, "EXAMPLE");
  const page = await open(t, "/example", "EXAMPLE");
  await page.locator("#state", { hasText: "live" }).waitFor();

  await page.locator("[name=number]").fill("-4.5");
  await page.getByRole("button", { name: "Double it" }).click();
  await page.locator("#replies li", { hasText: "-9" }).waitFor();
  await page.getByRole("button", { name: "Start" }).click();
  for (const speed of ["0", "1", "2"]) await page.locator("#speed", { hasText: speed }).waitFor();
  assert.equal(await page.locator("#replies li").count(), 2);
  assert.deepEqual(page.errors, []);
});

test("the example widget says when its provider leaves and returns", async (t) => {
  const page = await open(t, "/example", "LEAVING");
  await t.test("while the provider is there", async (t) => {
    await startPythonProvider(t, hub, "LEAVING");
    await page.locator("#state", { hasText: "live" }).waitFor();
  });
  await page.locator("#state", { hasText: "provider offline" }).waitFor();
  await startPythonProvider(t, hub, "LEAVING");
  await page.locator("#state", { hasText: "live" }).waitFor();
});
