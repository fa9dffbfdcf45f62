// The page about the API: finds operations, shows them whole, calls one with a bearer, and fits a telephone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startHub } from "../push/support.mjs";
import { launch, openPage } from "./support.mjs";

let hub, browser;
before(async () => {
  [hub, browser] = await Promise.all([startHub(), launch()]);
});
after(() => Promise.all([hub?.stop(), browser?.close()]));

async function open(t, fragment = "") {
  const page = await openPage(t, browser, `${hub.url}/api/v1/docs${fragment}`);
  await page.locator(".operation").first().waitFor();
  return page;
}

test("lists every operation of the description, and needs nothing from elsewhere", async (t) => {
  const elsewhere = [];
  const page = await openPage(t, browser, "about:blank");
  page.on("request", (request) => request.url().startsWith(hub.url) || elsewhere.push(request.url()));
  await page.goto(`${hub.url}/api/v1/docs`);
  await page.locator(".operation").first().waitFor();
  const shown = await page.locator(".operation").evaluateAll((all) => all.map(({ id }) => id));
  const { paths } = await hub.api.get("/openapi.json");
  const described = Object.values(paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
  assert.deepEqual(shown.sort(), described.sort());
  assert.deepEqual([elsewhere, page.errors], [[], []]);
});

test("every operation opens, with its answers", async (t) => {
  const page = await open(t);
  for (const operation of await page.locator(".operation").all()) {
    await operation.evaluate((details) => (details.open = true));
    await operation.locator(".status").first().waitFor();
    await operation.locator(".attempt").waitFor();
  }
  assert.doesNotMatch(await page.locator("main").textContent(), /\[object |undefined|NaN/);
  const field = page.locator("#createUser .fields dt").filter({ hasText: "password" }).first();
  assert.match(await field.locator("+ dd").textContent(), /can't log in.*8 to 1024 characters/);
  assert.deepEqual(page.errors, []);
});

test("all alternatives of a value are shown", async (t) => {
  const page = await open(t, "#putScenario");
  const { components } = await hub.api.get("/openapi.json");
  const operation = page.locator("#putScenario");
  const alternatives = (field) => operation.locator(".inside > .fields > dt").filter({ has: page.locator("code", { hasText: new RegExp(`^${field}$`) }) }).locator("+ dd > .alternatives > li");
  await alternatives("steps").first().waitFor();
  assert.equal(await alternatives("steps").count(), components.schemas.Step.oneOf.length);
  assert.equal(await alternatives("trigger").count(), components.schemas.Trigger.oneOf.length);
  const wait = alternatives("steps").filter({ hasText: 'type: "wait"' });
  const seconds = wait.locator("dt", { hasText: "for_s" });
  assert.ok(!(await seconds.isVisible()));
  await wait.locator("summary").press("Enter");
  await seconds.waitFor();

  const access = (await open(t, "#putEndpoint")).locator("#putEndpoint .inside > .fields > dt", { hasText: "read" }).locator("+ dd > .alternatives > li");
  await access.first().waitFor();
  assert.deepEqual((await access.allTextContents()).map((text) => text.split(" ")[0]), ['"anyone"', '"users"', "object", '"owner"', '"nobody"']);
});

test("an operation is found and called from the keyboard", async (t) => {
  const page = await open(t);
  await page.getByLabel("Bearer").fill(hub.token);
  await page.locator("h1").click();
  await page.keyboard.press("/");
  await page.keyboard.type("post createapp");
  await page.locator("#found").filter({ hasText: /^1 operation$/ }).waitFor();
  await page.keyboard.press("Enter");
  const operation = page.locator("#createApp");
  const body = operation.getByLabel("Body");
  await body.fill(JSON.stringify({ id: "from-the-page", name: "<img src=x onerror=alert(1)>" }));
  await body.press("Control+Enter");
  await operation.locator(".answer .good").filter({ hasText: "201" }).waitFor();
  await operation.locator(".answer pre").filter({ hasText: "<img" }).waitFor();
  assert.equal((await hub.api.get("/apps/from-the-page")).id, "from-the-page");

  await operation.getByRole("button", { name: "Copy as curl" }).click();
  const curl = operation.locator(".answer pre").filter({ hasText: "curl -X POST" });
  await curl.waitFor();
  assert.ok(!(await curl.textContent()).includes(hub.token), "the bearer stays in the page");
  assert.deepEqual(page.errors, []);
});

test("the bearer is kept for the tab only", async (t) => {
  const page = await open(t);
  await page.getByLabel("Bearer").fill("csk_of_this_tab");
  await page.reload();
  assert.equal(await page.getByLabel("Bearer").inputValue(), "csk_of_this_tab");
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  const other = await open(t);
  assert.equal(await other.getByLabel("Bearer").inputValue(), "");
});

test("an address names an operation, and the page fits a telephone", async (t) => {
  const page = await open(t, "#push");
  await page.locator("#push .attempt").waitFor();
  await page.setViewportSize({ width: 360, height: 700 });
  for (const operation of await page.locator(".operation").all()) await operation.evaluate((details) => (details.open = true));
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `${width} pixels wide`);
});
