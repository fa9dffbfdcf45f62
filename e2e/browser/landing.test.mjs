// The hub's own page at `/`, by the test ids that it promises.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect } from "../bridge/peers.mjs";
import { startHub } from "../bridge/support.mjs";
import { launch, openPage, startPythonProvider } from "./support.mjs";

let hub, browser;
before(async () => {
  [hub, browser] = await Promise.all([startHub(), launch()]);
});
after(() => Promise.all([hub?.stop(), browser?.close()]));

test("shows that the hub is alive, without help from elsewhere", async (t) => {
  const elsewhere = [];
  const page = await openPage(t, browser, "about:blank");
  page.on("request", (request) => {
    if (!request.url().startsWith(hub.url)) elsewhere.push(request.url());
  });
  await page.goto(hub.url);
  await page.getByTestId("status").filter({ hasText: /live/i }).waitFor();
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(page.errors, []);
});

test("lists providers, follows one and asks it", async (t) => {
  await startPythonProvider(t, hub, "LANDING");
  const page = await openPage(t, browser, hub.url);
  await page.getByTestId("status").filter({ hasText: /live/i }).waitFor();
  await page.getByTestId("providers").locator('button[data-provider="LANDING"]').click();

  const form = page.getByTestId("request-form");
  const ask = async (cmd, data) => {
    await form.locator("[name=cmd]").fill(cmd);
    await form.locator("[name=data]").fill(data);
    await form.locator("[type=submit]").click();
  };
  await ask("double_me", "2021");
  await page.getByTestId("replies").filter({ hasText: "4042" }).waitFor();
  await ask("Start", "1");
  await page.getByTestId("messages").filter({ hasText: "showSpeed" }).waitFor();
  assert.deepEqual(page.errors, []);
});

test("shows what providers send as text", async (t) => {
  const provider = await connect(t, hub);
  const id = '<img src=x onerror="document.title=1">';
  await provider.ask("register_provider", { provider_id: id, name: id });
  const page = await openPage(t, browser, hub.url);
  const title = await page.title();
  await page.getByTestId("providers").locator("button").filter({ hasText: "<img" }).click();
  await page.waitForFunction(
    async (path) => (await (await fetch(path)).json()).items.some(({ followers }) => followers === 1),
    "/api/v1/apps/public/providers",
  );
  provider.emit("sent_to_my_clients", { cmd: id, data: { html: id } });
  await page.getByTestId("messages").filter({ hasText: "<img" }).waitFor();
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  assert.equal(await page.title(), title);
});
