// What the tests of pages share: an app with a structure, endpoints and users who have passwords; its pages, in browsers that
// know nothing of each other. Knows the paths of the API and no rule of pages.

import assert from "node:assert/strict";
import { until } from "../bridge/support.mjs";
import { createApp } from "../push/support.mjs";

const APPEARANCE_DEADLINE_MS = 15_000;

export const PASSWORD = "correct horse";

/**
 * An app with these structures, each as its fields, and endpoints, each as `structure/method` and its settings; with the
 * users ann and bob.
 */
export async function createSite(hub, { structures = {}, endpoints = {}, plugins = ["socket.io"] } = {}) {
  const app = await createApp(hub, {}, plugins);
  for (const id of ["ann", "bob"]) await app.user(id, { password: PASSWORD });
  for (const [name, fields] of Object.entries(structures)) {
    const all = Object.entries(fields).map(([name, type]) => ({ name, type, ...(type === "link" && { structure: "WebUser" }) }));
    await app.api.put(`${app.path}/structures/${name}`, { fields: all });
  }
  for (const [name, settings] of Object.entries(endpoints)) await app.api.put(`${app.path}/endpoints/${name}`, settings);
  return Object.assign(app, {
    save: (page, document) => app.api.put(`${app.path}/pages/${page}`, { title: "A page", ...document }),
    scenario: (document) => app.api.put(`${app.path}/scenarios/${document.id}`, document),
    create: (structure, object) => app.api.post(`${app.path}/structures/${structure}/objects`, object),
    all: async (structure) => (await app.api.get(`${app.path}/structures/${structure}/objects?page_size=200`)).items,
    url: (page, query = "") => `${hub.url}/p/${app.id}/${page}${query}`,
  });
}

/** A browser's page that shares nothing with others. What goes wrong in it is kept in `errors`. */
export async function openPage(t, browser, url, { scheme = "light", ...more } = {}) {
  const context = await browser.newContext({ colorScheme: scheme, locale: "en-GB", ...more });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(APPEARANCE_DEADLINE_MS);
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  await page.goto(url);
  return page;
}

export async function logIn(page, user, password = PASSWORD) {
  await page.getByLabel("User", { exact: true }).fill(user);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.locator("form.login").getByRole("button", { name: "Log in" }).click();
}

/** Waits until pushes reach the page. */
export const live = (page) => page.locator("campanile-status[state=online]").waitFor();

/** The texts of a table's cells, row by row. */
export const rows = (page, block = "") =>
  page.locator(`${block} tbody tr`).evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));

export async function shows(page, block, expected) {
  let found;
  const isThere = async () => JSON.stringify((found = await rows(page, block))) === JSON.stringify(expected);
  await until(`${JSON.stringify(expected)}`, isThere).catch(() => assert.deepEqual(found, expected));
}

/** What a browser says of answers that have to be refusals. */
export const unexpected = (page) => page.errors.filter((text) => !/Failed to load resource.* (400|401|403|404) /.test(text));

export { until };
