// What tests of the console share: its pages, logged in; names for what is on them; and going on by the keyboard.

import assert from "node:assert/strict";
import { openPage } from "./support.mjs";

/** The console at this address, logged in. */
export async function openConsole(t, { hub, browser, password }, path, { scheme = "light" } = {}) {
  const page = await openPage(t, browser, "about:blank");
  await page.emulateMedia({ colorScheme: scheme });
  const answer = await page.request.post(`${hub.url}/api/v1/admin/login`, { data: { name: "admin", password } });
  assert.ok(answer.ok(), await answer.text());
  await page.goto(`${hub.url}/console${path}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const dialog = (page) => page.getByRole("dialog");

const TABS_MAX = 120;

/** Goes on with the Tab key until this has the focus. */
export async function tabTo(page, locator) {
  await locator.waitFor();
  for (let tabs = 0; tabs < TABS_MAX; tabs++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab doesn't reach ${locator}`);
}
