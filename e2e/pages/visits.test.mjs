// Visitors: who may see a page, logging in and out, a session that ends meanwhile; toasts and redirects; pages that aren't there;
// and the preview of whoever edits one.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../browser/support.mjs";
import { startHub } from "../push/support.mjs";
import { createSite, live, logIn, openPage, shows, unexpected, until } from "./support.mjs";

let hub, browser;
before(async () => ([hub, browser] = await Promise.all([startHub(), launch()])));
after(() => Promise.all([hub?.stop(), browser?.close()]));

const SHOP = {
  structures: { orders: { dish: "string", owner: "link" } },
  endpoints: {
    "orders/mine": { read: "users", filter: { owner: "{{WebUser.id}}" } },
    "orders/new": { write: "users", fields: ["dish", "owner"] },
    "orders/one": { read: "anyone", filter: { dish: "{{HttpRequest.dish}}" } },
  },
};
const HELLO = { type: "text", text: "Hello {{#WebUser}}{{id}}{{/WebUser}}{{^WebUser}}stranger{{/WebUser}}" };
const FORM = { type: "form", endpoint: "orders/new", fields: [{ field: "dish", label: "Dish" }, { field: "owner", kind: "hidden", value: "{{WebUser.id}}" }] };
const MINE = { type: "table", id: "mine", endpoint: "orders/mine", columns: [{ field: "dish" }] };
const hello = (page, whom) => page.getByText(`Hello ${whom}`, { exact: true }).waitFor();
const door = (page, name) => page.getByRole("banner").getByRole("button", { name });

test("a page for users shows nothing before the login, and each user their own", async (t) => {
  const app = await createSite(hub, SHOP);
  await app.create("orders", { dish: "soup", owner: "ann" });
  await app.create("orders", { dish: "cake", owner: "bob" });
  await app.save("home", { title: "Mine", access: "users", blocks: [HELLO, MINE] });
  const page = await openPage(t, browser, app.url("home"));
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.equal(await page.locator("main").isVisible(), false);
  assert.doesNotMatch(await page.content(), /Mine|Hello/);
  await logIn(page, "ann", "wrong");
  await page.getByRole("alert").filter({ hasText: "User or password incorrect" }).waitFor();
  await logIn(page, "ann");
  await hello(page, "ann");
  await shows(page, "#mine", [["soup"]]);
  await page.reload();
  await hello(page, "ann");
  await door(page, "Log out").click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.doesNotMatch(await page.content(), /Hello|soup/);
  await logIn(page, "bob");
  await shows(page, "#mine", [["cake"]]);
  await hello(page, "bob");
  assert.deepEqual(unexpected(page), []);
});

test("a page for everyone greets whoever logs in, on all open pages of the app", async (t) => {
  const app = await createSite(hub, SHOP);
  await app.save("home", { blocks: [HELLO, MINE] });
  const page = await openPage(t, browser, app.url("home"));
  await hello(page, "stranger");
  await page.locator("#mine .problem").getByText("this needs the session of a user").waitFor();
  const other = await page.context().newPage();
  await other.goto(app.url("home"));
  await hello(other, "stranger");
  await page.locator("#mine").getByRole("button", { name: "Log in" }).click();
  await logIn(page, "ann");
  await hello(page, "ann");
  await hello(other, "ann");
  await door(other, "Log out").click();
  await hello(other, "stranger");
  await hello(page, "stranger");
});

test("what was typed outlives the session", async (t) => {
  const app = await createSite(hub, SHOP);
  await app.save("home", { access: "users", blocks: [HELLO, FORM, MINE] });
  const page = await openPage(t, browser, app.url("home"));
  await logIn(page, "ann");
  await live(page);
  await page.getByLabel("Dish").fill("half a sand");
  await app.api.delete(`${app.path}/users/ann/sessions`);
  await page.getByText("Your session is over").waitFor();
  assert.equal(await page.locator("main").isVisible(), false);
  await logIn(page, "ann");
  await hello(page, "ann");
  assert.equal(await page.getByLabel("Dish").inputValue(), "half a sand");
  await page.getByLabel("Dish").fill("half a sandwich");
  await page.getByRole("button", { name: "Send" }).click();
  await until("the order", async () => (await app.all("orders")).some(({ dish, owner }) => dish === "half a sandwich" && owner === "ann"));
  // Somebody else gets nothing of it.
  await page.getByLabel("Dish").fill("secret");
  await app.api.delete(`${app.path}/users/ann/sessions`);
  await page.getByText("Your session is over").waitFor();
  await logIn(page, "bob");
  await hello(page, "bob");
  assert.equal(await page.getByLabel("Dish").inputValue(), "");
});

test("a session that ended while nobody was connected is noticed with the next call", async (t) => {
  const app = await createSite(hub, { ...SHOP, plugins: [] });
  await app.save("home", { blocks: [HELLO, FORM] });
  const page = await openPage(t, browser, app.url("home"));
  await page.getByText("Not live").waitFor();
  await door(page, "Log in").click();
  await logIn(page, "ann");
  await hello(page, "ann");
  await app.api.delete(`${app.path}/users/ann/sessions`);
  await page.getByLabel("Dish").fill("pie");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("Your session is over").waitFor();
  await logIn(page, "ann");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  assert.equal(await page.getByLabel("Dish").inputValue(), "pie");
});

test("a page for everyone keeps nothing in sight that a session has shown", async (t) => {
  const app = await createSite(hub, SHOP);
  await app.create("orders", { dish: "soup", owner: "ann" });
  await app.save("home", { blocks: [HELLO, MINE, FORM] });
  const page = await openPage(t, browser, app.url("home"));
  await live(page);
  await door(page, "Log in").click();
  await logIn(page, "ann");
  await shows(page, "#mine", [["soup"]]);
  await page.getByLabel("Dish").fill("half");
  await app.api.delete(`${app.path}/users/ann/sessions`);
  await page.getByRole("dialog").getByText("Your session is over").waitFor();
  await hello(page, "stranger");
  await page.getByText("soup").waitFor({ state: "detached" });
  await logIn(page, "ann");
  await shows(page, "#mine", [["soup"]]);
  assert.equal(await page.getByLabel("Dish").inputValue(), "half");
});

test("what is written about a user goes with the session, though its object stays", async (t) => {
  const app = await createSite(hub, SHOP);
  await app.create("orders", { dish: "soup" });
  await app.save("home", { blocks: [HELLO, { type: "cards", endpoint: "orders/one", heading: "{{dish}} for {{WebUser.id}}" }] });
  const page = await openPage(t, browser, app.url("home", "?dish=soup"));
  await live(page);
  await door(page, "Log in").click();
  await logIn(page, "ann");
  await page.getByText("soup for ann").waitFor();
  await app.api.delete(`${app.path}/users/ann/sessions`);
  await hello(page, "stranger");
  await page.getByText("soup for ann").waitFor({ state: "detached" });
});

test("parameters of the address reach endpoints and templates", async (t) => {
  const app = await createSite(hub, SHOP);
  for (const dish of ["soup", "cake"]) await app.create("orders", { dish });
  await app.save("home", { blocks: [{ type: "text", text: "Asked for {{HttpRequest.dish}}" }, { type: "table", id: "one", endpoint: "orders/one", columns: [{ field: "dish" }] }] });
  const page = await openPage(t, browser, app.url("home", "?dish=cake&sort=nonsense&pageSize=0"));
  await page.getByText("Asked for cake").waitFor();
  await shows(page, "#one", [["cake"]]);
});

test("alerts and redirects name the app's pages from their root", async (t) => {
  const app = await createSite(hub, SHOP);
  for (const name of ["home", "cart"]) await app.save(name, { title: name, blocks: [HELLO] });
  const page = await openPage(t, browser, app.url("home"));
  await live(page);
  await app.push("*", "alert", JSON.stringify({ message: "not here", page: "cart" }));
  await app.push("*", "alert", JSON.stringify({ message: "here", page: "home, cart" }));
  await page.locator(".campanile-toast").filter({ hasText: "here" }).waitFor();
  assert.equal(await page.locator(".campanile-toast").count(), 1);
  await app.push("*", "redirect", "/cart");
  await page.getByRole("heading", { level: 1, name: "cart" }).waitFor();
  await live(page);
  await app.push("*", "redirect", "../");
  await page.waitForURL(app.url("home"));
  await live(page);
  await app.push("*", "redirect", app.url("cart", "?x=1"));
  await page.waitForURL(app.url("cart", "?x=1"));
});

test("an address without a page says so, and an app's own address is its page home", async (t) => {
  const app = await createSite(hub);
  for (const path of [`${app.id}/nowhere`, "no-app/home", `${app.id}/home/below`]) {
    const response = await fetch(`${hub.url}/p/${path}`);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /There is no page here/);
  }
  const document = await fetch(`${app.url("nowhere")}/document`);
  assert.deepEqual([document.status, (await document.json()).code], [404, "page_not_found"]);
  await app.save("home", { title: "Welcome", blocks: [] });
  const page = await openPage(t, browser, `${hub.url}/p/${app.id}`);
  await page.getByRole("heading", { name: "Welcome" }).waitFor();
  assert.equal(page.url(), app.url("home"));
});

test("an app without a key says what is missing", async (t) => {
  const app = await createSite(hub);
  await app.save("home", { blocks: [HELLO] });
  await app.api.delete(`${app.path}/keys/${app.key}`);
  const page = await openPage(t, browser, app.url("home"));
  await page.getByText("has no API key").waitFor();
});

/** A page of the hub's own origin, with a preview in a frame that it edits. */
async function editor(t, app, name) {
  const page = await openPage(t, browser, `${hub.url}/api/v1/docs`);
  await page.route("**/editor", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Editor</title>" }));
  await page.goto(`${hub.url}/editor`);
  await page.evaluate((url) => {
    window.ready = new Promise((resolve) => addEventListener("message", ({ data, origin }) => resolve({ data, origin }), { once: true }));
    document.body.append(Object.assign(document.createElement("iframe"), { src: url, width: 800, height: 600 }));
  }, app.url(name, "?preview=1"));
  assert.deepEqual(await page.evaluate(() => window.ready), { data: { type: "campanile-page-ready" }, origin: hub.url });
  const show = (document) => page.evaluate((document) => frames[0].postMessage({ type: "campanile-page", document }, location.origin), document);
  return { page, show, frame: page.frameLocator("iframe >> nth=0") };
}

test("a preview shows what isn't saved, keeps what is the same, and sends nothing", async (t) => {
  const app = await createSite(hub, SHOP);
  const { page, show, frame } = await editor(t, app, "unsaved");
  await show({ title: "Draft", access: "users", blocks: [HELLO, FORM] });
  await frame.getByRole("heading", { name: "Draft" }).waitFor();
  await frame.getByText("Hello stranger").waitFor();
  await frame.getByLabel("Dish").fill("pie");
  await show({ title: "Draft 2", blocks: [{ type: "text", text: "New" }, FORM, { type: "moon" }, null] });
  await frame.getByText("New", { exact: true }).waitFor();
  assert.equal(await frame.getByText("Hello stranger").count(), 0);
  assert.equal(await frame.getByLabel("Dish").inputValue(), "pie");
  await frame.getByText('There is no block of the kind "moon"').waitFor();
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByText("In the preview nothing is sent").waitFor();
  assert.deepEqual(await app.all("orders"), []);
  assert.equal((await app.api.call("GET", `${app.path}/pages/unsaved`)).status, 404);
  assert.deepEqual(unexpected(page).filter((text) => !/moon|null/.test(text)), []);
});

test("a preview hears nobody but the window around it", async (t) => {
  const app = await createSite(hub, SHOP);
  const { page, show, frame } = await editor(t, app, "unsaved");
  await page.evaluate(async (origin) => {
    // Another frame of the same origin, and another kind of message.
    const other = document.body.appendChild(document.createElement("iframe"));
    const document_ = { title: "Forged", blocks: [] };
    other.contentWindow.eval(`parent.frames[0].postMessage({ type: "campanile-page", document: ${JSON.stringify(document_)} }, "${origin}")`);
    frames[0].postMessage({ type: "campanile", document: document_ }, origin);
    frames[0].postMessage({ type: "campanile-page", document: "Forged" }, origin);
  }, hub.url);
  // Messages to one window are told in their order.
  await show({ title: "Real", blocks: [] });
  await frame.getByRole("heading", { name: "Real" }).waitFor();
  assert.equal(await frame.getByText("Forged").count(), 0);
  // Without the preview, nobody is heard.
  await app.save("saved", { title: "Saved", blocks: [] });
  await page.evaluate((url) => {
    document.querySelector("iframe").src = url;
    return new Promise((resolve) => document.querySelector("iframe").addEventListener("load", resolve, { once: true }));
  }, app.url("saved"));
  await frame.getByRole("heading", { name: "Saved" }).waitFor();
  await show({ title: "Forged", blocks: [] });
  // Messages keep their order, so with this one the page has had the one before.
  await page.evaluate(() => new Promise((resolve) => {
    frames[0].addEventListener("message", ({ data }) => data === "done" && resolve());
    frames[0].postMessage("done", location.origin);
  }));
  assert.equal(await frame.getByText("Forged").count(), 0);
});
