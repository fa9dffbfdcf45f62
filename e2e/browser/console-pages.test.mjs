// The editor of pages: what one makes in the console without a line of code is served to users, and what one changes shows
// in the preview at once. Hubs, pages and people are real.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createApp, passwordOf, startHub, until } from "../push/support.mjs";
import { findings } from "./access.mjs";
import { button, dialog, openConsole, tabTo } from "./console.mjs";
import { launch } from "./support.mjs";

let hub, browser, password;
before(async () => {
  [hub, browser] = await Promise.all([startHub(), launch()]);
  password = passwordOf(hub);
});
after(() => Promise.all([hub?.stop(), browser?.close()]));

const PASSWORD = "correct horse";

const open = (t, path, look) => openConsole(t, { hub, browser, password }, path, look);

/** The pages of a new app, which has two users and nothing else. Only they come from elsewhere than the console. */
async function openNewApp(t, name) {
  const page = await open(t, "/apps?create");
  await page.getByLabel("Name").fill(name);
  await button(page, "Create").click();
  await page.getByRole("heading", { level: 1, name: "First minute" }).waitFor();
  for (const id of ["anna", "ben"]) await hub.api.post(`/apps/${name}/users`, { id, password: PASSWORD });
  await page.getByRole("link", { name: "Pages", exact: true }).click();
  await page.getByText("No pages yet").waitFor();
  return page;
}

/** The page at this address, in a browser of its own, where this user has logged in. */
async function visit(t, url, user) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).last().click();
  await page.locator(".who", { hasText: user }).waitFor();
  await page.locator("campanile-status[state=online]").waitFor();
  return page;
}

const preview = (page) => page.frameLocator("iframe[title=Preview]");
const text = (page) => page.getByRole("textbox", { name: "Document", exact: true });
const block = (page, place) => page.getByTestId(`blocks[${place}]`);
const headings = (page) => page.locator("[data-heading] strong").allTextContents();

/** What a browser says of an answer that has to be a refusal: of documents with mistakes, and of what only users may read. */
const unexpected = (page) => page.errors.filter((text) => !/Failed to load resource.* (400|403|409) /.test(text));

/** Makes a ready starting point, and resolves with the address at which its page is served. */
async function begin(page, title) {
  await button(page, `Begin with this: ${title}`).click();
  await dialog(page).getByRole("list", { name: "What is made" }).getByText("structure").waitFor();
  await button(page, "Make all of it").click();
  return page.getByRole("link", { name: /in a new tab/ }).getAttribute("href");
}

test("a messenger is made, changed and used by two people, without code", async (t) => {
  const page = await openNewApp(t, "talk");
  const url = await begin(page, "Messenger");
  await page.getByRole("heading", { level: 1, name: "Messenger" }).waitFor();
  await preview(page).getByRole("heading", { name: "Messages" }).waitFor();

  await page.getByRole("button", { name: /^Chat 1/ }).click();
  await block(page, 0).getByLabel("Title").fill("Talk of the town");
  await preview(page).getByRole("heading", { name: "Talk of the town" }).waitFor();
  assert.equal(JSON.parse(await text(page).inputValue()).blocks[0].title, "Talk of the town");
  await page.getByText("not saved").waitFor();
  await button(page, "Save").click();
  await page.getByText("is saved as version 2").waitFor();
  await page.getByText("not saved").waitFor({ state: "detached" });

  const [anna, ben] = await Promise.all(["anna", "ben"].map((user) => visit(t, url, user)));
  const messages = (visitor) => visitor.getByRole("log", { name: "Talk of the town" });
  for (const [from, to, said] of [[anna, ben, "Hello Ben"], [ben, anna, "Hello Anna"]]) {
    await from.getByLabel("Your message").fill(said);
    await from.getByLabel("Your message").press("Enter");
    for (const visitor of [from, to]) await messages(visitor).getByText(said).waitFor();
  }
  await messages(ben).getByRole("listitem").filter({ hasText: "anna" }).filter({ hasText: "Hello Ben" }).waitFor();
  await messages(ben).getByRole("listitem").filter({ hasText: "You" }).filter({ hasText: "Hello Anna" }).waitFor();
  assert.deepEqual(unexpected(page), []);
});

test("what one sends with a form that was made appears for everyone", async (t) => {
  const page = await openNewApp(t, "entries");
  const url = await begin(page, "Update content after a form");
  await page.getByRole("heading", { level: 1, name: "Entries" }).waitFor();
  const [anna, ben] = await Promise.all(["anna", "ben"].map((user) => visit(t, url, user)));
  await anna.getByLabel("Name").fill("Anna");
  await anna.getByLabel("Message").fill("Here I am");
  await button(anna, "Send").click();
  await anna.getByText("Thank you, Anna.").waitFor();
  for (const visitor of [anna, ben]) await visitor.getByRole("row", { name: /Anna.*Here I am/ }).waitFor();

  // A second one takes nothing away from the first.
  await page.getByRole("link", { name: "Pages", exact: true }).first().click();
  await page.getByRole("row", { name: /Entries/ }).waitFor();
  await page.getByRole("link", { name: "New page" }).click();
  assert.ok((await begin(page, "Update content after a form")).endsWith("/p/entries/entries2"));
  await page.getByText("At /p/").waitFor({ state: "detached" });
  assert.deepEqual((await hub.api.get("/apps/entries/structures")).items.map(({ name }) => name), ["entries", "entries2"]);
  assert.equal((await hub.api.get("/apps/entries/keys")).items.length, 1);
  assert.deepEqual(unexpected(page), []);
});

/** An app with an endpoint of orders, and a page of these blocks. */
async function withPage(blocks) {
  const app = await createApp(hub);
  await hub.api.put(`${app.path}/structures/orders`, { fields: [{ name: "customer", type: "string" }, { name: "total", type: "number" }] });
  await hub.api.post(`${app.path}/structures/orders/objects`, [{ customer: "anna", total: 7 }, { customer: "ben", total: 9 }]);
  await hub.api.put(`${app.path}/endpoints/orders/open`, { read: "anyone" });
  await hub.api.put(`${app.path}/endpoints/orders/new`, { write: "users" });
  await hub.api.put(`${app.path}/pages/orders`, { title: "Orders", blocks });
  return { ...app, address: `/apps/${app.id}/pages/orders`, saved: async () => (await hub.api.get(`${app.path}/pages/orders`)).document };
}

const TEXTS = ["One", "Two", "Three"].map((text) => ({ type: "text", text }));

test("a page is made of blocks by filling in forms, with mistakes where they are", async (t) => {
  const app = await withPage([]);
  const page = await open(t, `/apps/${app.id}/pages?create`);
  await button(page, "Begin with this: Empty page").click();
  await page.getByLabel("Title").fill("Overview");
  await dialog(page).getByLabel("Id").fill("overview");
  await button(page, "Create").click();
  await page.getByText("There is nothing on this page yet").waitFor();

  await button(page, "Add: Table").click();
  await preview(page).getByRole("row", { name: /anna.*7/ }).waitFor();
  await block(page, 0).getByLabel("Title of column 1").fill("Whose");
  await button(page, "Remove column 2").click();
  await preview(page).getByRole("columnheader", { name: "Whose" }).waitFor();
  await block(page, 0).getByLabel("Order").fill("total,,");
  await block(page, 0).getByText("blocks[0].sort").waitFor();
  await button(page, "Save").click();
  await page.getByRole("alert").getByText("blocks[0].sort").waitFor();
  assert.deepEqual((await hub.api.get(`${app.path}/pages/overview`)).document.blocks, []);
  await block(page, 0).getByLabel("Order").fill("total,desc");
  await block(page, 0).getByText("blocks[0].sort").waitFor({ state: "detached" });

  await button(page, "Add: Form").click();
  await block(page, 1).getByLabel("Way of asking for field 1").selectOption("select");
  await block(page, 1).getByText("blocks[1].fields[0].options").waitFor();
  await block(page, 1).getByLabel("Options of field 1").fill("anna");
  await page.keyboard.press("Enter");
  await block(page, 1).getByLabel("field 2 is required").check();
  await preview(page).getByRole("option", { name: "anna" }).waitFor({ state: "attached" });
  await text(page).press("Control+s");
  await page.getByText("is saved as version 2").waitFor();
  const [table, form] = (await hub.api.get(`${app.path}/pages/overview`)).document.blocks;
  assert.deepEqual(table, { type: "table", endpoint: "orders/open", columns: [{ field: "customer", title: "Whose" }], sort: "total,desc" });
  assert.deepEqual(form, { type: "form", endpoint: "orders/new", fields: [{ field: "customer", kind: "select", options: ["anna"] }, { field: "total", required: true }] });
  assert.deepEqual(unexpected(page), []);
});

test("every kind of block begins well where there is an endpoint for it", async (t) => {
  const app = await withPage([]);
  const page = await open(t, app.address);
  for (const kind of ["Text", "Table", "Cards", "Form", "Chat", "Chart", "HTML"]) {
    await button(page, `Add: ${kind}`).click();
    await block(page, (await headings(page)).length - 1).getByLabel("Width").selectOption("6");
  }
  await button(page, "Save").click();
  await page.getByText("is saved as version 2").waitFor();
  assert.deepEqual((await app.saved()).blocks.map(({ type, width }) => [type, width]), ["text", "table", "cards", "form", "chat", "chart", "html"].map((type) => [type, 6]));
  assert.deepEqual(unexpected(page), []);
});

test("blocks are moved and removed by buttons, keys and dragging", async (t) => {
  const app = await withPage(TEXTS);
  const page = await open(t, app.address);
  const order = async (...texts) => {
    await until(`${texts}`, async () => `${JSON.parse(await text(page).inputValue()).blocks.map(({ text }) => text)}` === `${texts}`);
    await until(`${texts} in the preview`, async () => `${await preview(page).locator("main section").allInnerTexts()}` === `${texts}`);
  };
  await button(page, "Move Text 1 down").click();
  await order("Two", "One", "Three");
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith("Text 2"));
  await page.keyboard.press("Alt+ArrowDown");
  await order("Two", "Three", "One");
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith("Text 3"));
  await page.keyboard.press("Alt+ArrowDown");
  await page.keyboard.press("Alt+ArrowUp");
  await order("Two", "One", "Three");
  await block(page, 2).locator("[draggable]").dragTo(block(page, 0));
  await order("Three", "Two", "One");
  await button(page, "Remove Text 2").click();
  await order("Three", "One");
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith("Text 2"));
  await page.keyboard.press("Control+s");
  await until("the change", async () => (await app.saved()).blocks.length === 2);
  assert.deepEqual(unexpected(page), []);
});

test("nobody's page is lost: to another writer, to leaving, to a text that is no document", async (t) => {
  const app = await withPage(TEXTS);
  const page = await open(t, app.address);
  await page.getByLabel("Title of the page").fill("Mine");
  await hub.api.put(`${app.path}/pages/orders`, { title: "Theirs", blocks: TEXTS });
  await button(page, "Save").click();
  await page.getByRole("alert").filter({ hasText: "version_conflict" }).waitFor();
  assert.equal((await app.saved()).title, "Theirs");
  await page.getByText("Version 2 was saved by somebody else meanwhile").waitFor();
  await button(page, "Keep this text").click();
  await button(page, "Save").click();
  await page.getByText("is saved as version 3").waitFor();
  assert.equal((await app.saved()).title, "Mine");

  await page.getByLabel("Title of the page").fill("Mine again");
  await hub.api.put(`${app.path}/pages/orders`, { title: "Theirs again", blocks: TEXTS });
  await button(page, "Take version 4").click();
  await page.getByRole("heading", { level: 1, name: "Theirs again" }).waitFor();
  assert.equal(await page.getByLabel("Title of the page").inputValue(), "Theirs again");

  await text(page).fill('{"title": "Theirs again", ');
  await page.getByText("The text isn't a document at present").waitFor();
  assert.ok(await page.getByLabel("Title of the page").isDisabled());
  assert.ok(await button(page, "Save").isDisabled());
  await page.getByRole("link", { name: "Data", exact: true }).click();
  await dialog(page).getByText("Leave without saving").waitFor();
  await button(page, "Cancel").click();
  await text(page).fill(JSON.stringify({ title: "Written", blocks: [{ type: "text", text: "By **hand**" }] }));
  await preview(page).locator("strong", { hasText: "hand" }).waitFor();
  await page.getByRole("link", { name: "Data", exact: true }).click();
  await button(page, "Leave").click();
  await page.getByRole("heading", { level: 1, name: "Data" }).waitFor();
  assert.equal((await app.saved()).title, "Theirs again");

  await page.goto(`${hub.url}/console${app.address}`);
  await button(page, "Delete the page").click();
  await button(page, "Delete").click();
  await page.getByText("No pages yet").waitFor();
  assert.deepEqual((await hub.api.get(`${app.path}/pages`)).items, []);
  assert.deepEqual(unexpected(page), []);
});

test("the preview is as wide as a telephone or a desktop, whatever room there is", async (t) => {
  const app = await withPage(TEXTS);
  const page = await open(t, app.address);
  const width = () => preview(page).locator("body").evaluate(() => innerWidth);
  await preview(page).getByText("One").waitFor();
  assert.equal(await width(), 1_200);
  await page.getByRole("radiogroup", { name: "Width" }).getByText("Telephone").click();
  await until("a telephone", async () => (await width()) === 360);
  await page.getByRole("radiogroup", { name: "Width" }).getByText("Desktop").click();
  await until("a desktop", async () => (await width()) === 1_200);
  assert.ok((await page.locator("iframe").boundingBox()).width < 700);
  assert.deepEqual(unexpected(page), []);
});

test("a page of an app without a key says what it lacks, and makes it", async (t) => {
  await hub.api.post("/apps", { id: "keyless", name: "keyless" });
  await hub.api.put("/apps/keyless/pages/first", { title: "First", blocks: TEXTS });
  const page = await open(t, "/apps/keyless/pages/first");
  await button(page, "Make a key").click();
  await preview(page).getByText("Three").waitFor();
  assert.equal((await hub.api.get("/apps/keyless/keys")).items.length, 1);
  assert.deepEqual(unexpected(page), []);
});

test("a page is made and changed without a mouse", async (t) => {
  const app = await createApp(hub);
  const page = await open(t, `/apps/${app.id}/pages`);
  await tabTo(page, button(page, "Begin with this: Messenger"));
  await page.keyboard.press("Enter");
  await tabTo(page, button(page, "Make all of it"));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Messenger" }).waitFor();
  await tabTo(page, button(page, "Add: Text"));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith("Text 2"));
  await tabTo(page, block(page, 1).getByLabel("Text", { exact: true }));
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Be kind");
  await preview(page).getByText("Be kind").waitFor();
  await page.keyboard.press("Control+s");
  await page.getByText("is saved as version 2").waitFor();
  const { blocks } = (await hub.api.get(`${app.path}/pages/messages`)).document;
  assert.deepEqual([blocks.map(({ type }) => type), blocks[1].text], [["chat", "text"], "Be kind"]);
  assert.deepEqual(unexpected(page), []);
});

for (const scheme of ["light", "dark"]) {
  test(`the editor is accessible and fits a telephone (${scheme})`, async (t) => {
    const app = await withPage([...TEXTS, { type: "table", endpoint: "orders/open", columns: [{ field: "customer" }] }]);
    const page = await open(t, app.address, { scheme });
    await page.getByRole("button", { name: /^Table 4/ }).click();
    await block(page, 3).getByLabel("Order").fill(",,");
    await block(page, 3).getByText("blocks[3].sort").waitFor();
    await check(page, "the editor");
    await page.goto(`${hub.url}/console/apps/${app.id}/pages?create`);
    await check(page, "the beginnings");
    await button(page, "Begin with this: Messenger").click();
    await dialog(page).getByRole("list", { name: "What is made" }).waitFor();
    await check(page, "what is made");
  });
}

async function check(page, what) {
  await page.setViewportSize({ width: 1280, height: 800 });
  assert.deepEqual(await findings(page), [], what);
  await page.setViewportSize({ width: 360, height: 740 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `${what} is ${width} pixels wide`);
}
