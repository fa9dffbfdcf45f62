// Blocks of every kind: what they show of an app's data, what they keep when it is fetched again, what they say when something is
// wrong; and that a page is accessible by day and by night and fits a telephone.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch } from "../browser/support.mjs";
import { startHub } from "../push/support.mjs";
import { createSite, live, logIn, openPage, shows, unexpected, until } from "./support.mjs";

const axe = createRequire(import.meta.url)("axe-core");

let hub, browser;
before(async () => ([hub, browser] = await Promise.all([startHub(), launch()])));
after(() => Promise.all([hub?.stop(), browser?.close()]));

const SITE = {
  structures: { things: { name: "string", note: "string", count: "number", done: "boolean", day: "date", data: "json", picture: "file" } },
  endpoints: { "things/all": { read: "anyone", write: "anyone" } },
};
const endpoint = "things/all";

/** Requests that the page makes of an endpoint. */
function callsOf(page) {
  const calls = [];
  page.on("request", (request) => request.url().includes("/good/api/v5/data/") && calls.push(`${request.method()} ${new URL(request.url()).search}`));
  return calls;
}

test("texts are Markdown with the fields of the first object, fetched again on an event", async (t) => {
  const app = await createSite(hub, SITE);
  const { id } = await app.create("things", { name: "a *star* & <b>", note: "**bold**", count: 0, data: [{ name: "x" }, { name: "y" }], picture: "https://example.com/?a=1&b=2" });
  await app.save("home", {
    blocks: [
      {
        type: "text", id: "text", endpoint, refresh_on: ["things"],
        text: "# {{name}}\n\n{{{note}}} {{#count}}count {{count}}{{/count}}{{^done}} open{{/done}}\n\n{{#data}}\n- {{name}}\n{{/data}}\n\n`{{name}}` [there]({{picture}}) [here](/p/x/y?q={{name}}) {{constructor}}{{toString}}{{data.length}}",
      },
      { type: "html", id: "html", endpoint, html: "<details><summary>More of {{name}}</summary><p>inside</p></details>", refresh_on: ["things"] },
    ],
  });
  const page = await openPage(t, browser, app.url("home"));
  const text = page.locator("#text .content");
  await text.getByRole("heading", { name: "a *star* & <b>" }).waitFor();
  assert.equal(await text.locator("p").first().textContent(), "bold count 0 open");
  assert.deepEqual(await text.locator("li").allTextContents(), ["x", "y"]);
  assert.equal(await text.locator("code").textContent(), "a *star* & <b>");
  assert.equal(await text.getByRole("link", { name: "there" }).getAttribute("href"), "https://example.com/?a=1&b=2");
  assert.equal(await text.getByRole("link", { name: "here", exact: true }).getAttribute("href"), `/p/x/y?q=${encodeURIComponent("a *star* & <b>")}`);
  assert.match(await text.locator("p").last().textContent(), /here 2$/);

  await page.locator("summary").click();
  await live(page);
  await app.api.patch(`${app.path}/structures/things/objects/${id}`, { note: "changed" });
  await app.push("*", "things", "");
  await text.getByText("changed count 0").waitFor();
  assert.equal(await page.locator("#html details").evaluate(({ open }) => open), true);
  assert.deepEqual(unexpected(page), []);
});

test("a burst of events is one fetch", async (t) => {
  const app = await createSite(hub, SITE);
  await app.save("home", { blocks: [{ type: "table", id: "table", endpoint, columns: [{ field: "name" }], refresh_on: ["one", "two"] }] });
  const page = await openPage(t, browser, app.url("home"));
  await live(page);
  await page.getByText("There is nothing here yet.").waitFor();
  await app.create("things", { name: "new" });
  const calls = callsOf(page);
  await Promise.all(Array.from({ length: 20 }, (_, each) => app.push("*", each % 2 ? "one" : "two", "")));
  await shows(page, "#table", [["new"]]);
  await app.push("*", "alert", "over");
  await page.locator(".campanile-toast").waitFor();
  // What came while it fetched is one more fetch at most.
  assert.ok(calls.length >= 1 && calls.length <= 2, JSON.stringify(calls));
});

test("a table shows each type as people read it, and says when it can't sort", async (t) => {
  const app = await createSite(hub, SITE);
  await app.create("things", { name: "b", count: 1234.5, done: true, day: "2026-11-24T00:00:00Z", data: { a: 1 }, picture: "https://example.com/x.png" });
  await app.create("things", { name: "a", count: 2, done: false, day: "2026-11-24T06:39:00Z" });
  const columns = ["name", "count", "done", "day", "data", "picture"].map((field) => ({ field }));
  await app.save("home", { blocks: [{ type: "table", id: "table", endpoint, columns, sort: "name,desc" }] });
  const page = await openPage(t, browser, app.url("home"), { timezoneId: "Asia/Tokyo" });
  const first = ["b", "1234.5", "✓", "Nov 24, 2026", '{"a":1}', "https://example.com/x.png"];
  const second = ["a", "2", "✗", "Nov 24, 2026, 3:39 PM", "", ""];
  const spaced = async () => (await page.locator("#table tbody tr").evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent.replaceAll("\u202f", " ")))));
  await until("both rows", async () => (await page.locator("#table tbody tr").count()) === 2);
  assert.deepEqual(await spaced(), [first, second]);
  assert.equal(await page.getByRole("link", { name: "https://example.com/x.png" }).getAttribute("rel"), "noopener noreferrer");
  const head = (name) => page.getByRole("columnheader", { name });
  await head("count").getByRole("button").click();
  await until("the other order", async () => JSON.stringify(await spaced()) === JSON.stringify([second, first]));
  assert.equal(await head("count").getAttribute("aria-sort"), "ascending");
  await head("data").getByRole("button").click();
  await page.locator("#table .problem").getByText("sort").waitFor();
  await until("the former order", async () => (await head("count").getAttribute("aria-sort")) === "ascending");
  assert.equal(await head("data").getAttribute("aria-sort"), null);
  assert.deepEqual(await spaced(), [second, first]);
});

test("a list goes to its last page when the one that is shown is gone", async (t) => {
  const app = await createSite(hub, SITE);
  const ids = [];
  for (const name of ["a", "b", "c"]) ids.push((await app.create("things", { name })).id);
  await app.save("home", { blocks: [{ type: "table", id: "table", endpoint, columns: [{ field: "name" }], page_size: 2, sort: "name", refresh_on: ["things"] }] });
  const page = await openPage(t, browser, app.url("home"));
  await live(page);
  await page.getByRole("button", { name: "Next" }).click();
  await shows(page, "#table", [["c"]]);
  await app.api.delete(`${app.path}/structures/things/objects/${ids[2]}`);
  await app.push("*", "things", "");
  await shows(page, "#table", [["a"], ["b"]]);
  await page.getByRole("navigation").waitFor({ state: "hidden" });
});

test("cards have a picture only from where pictures may come", async (t) => {
  const app = await createSite(hub, SITE);
  const pixel = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
  for (const [name, note] of [["good", pixel], ["bad", "javascript:alert(1)"], ["plain", "http://example.com/x.png"]]) await app.create("things", { name, note });
  await app.save("home", { blocks: [{ type: "cards", endpoint, heading: "{{name}}", text: "Its note is *here*", image: "{{note}}", sort: "name" }] });
  const page = await openPage(t, browser, app.url("home"));
  await page.getByRole("article").nth(2).waitFor();
  assert.deepEqual(await page.getByRole("heading", { level: 3 }).allTextContents(), ["bad", "good", "plain"]);
  assert.deepEqual(await page.locator(".card img").evaluateAll((all) => all.map(({ src }) => src)), [pixel]);
  assert.equal(await page.locator(".card em").count(), 3);
});

test("a form sends each kind of field as its type, once, and loses nothing when it fails", async (t) => {
  const app = await createSite(hub, SITE);
  const fields = [
    { field: "name", label: "Name", required: true },
    { field: "note", label: "Note", kind: "multiline" },
    { field: "count", label: "Count", kind: "number" },
    { field: "done", label: "Done", kind: "checkbox" },
    { field: "day", label: "Day", kind: "date" },
    { field: "data", label: "Size", kind: "select", options: ["S", "M"], value: "M" },
    { field: "picture", label: "Picture" },
  ];
  await app.save("home", { blocks: [{ type: "form", title: "New", endpoint, fields, done: "Saved {{name}} as {{id}}" }] });
  const page = await openPage(t, browser, app.url("home"));
  const calls = callsOf(page);
  const send = page.getByRole("button", { name: "Send" });
  await send.click();
  assert.equal(await page.getByLabel("Name").evaluate((input) => input.matches(":user-invalid")), true);
  assert.deepEqual(calls, []);

  await page.getByLabel("Name").fill("one");
  await page.getByLabel("Note").fill("a\nb");
  await page.getByLabel("Count").fill("1.5");
  await page.getByLabel("Done").check();
  await page.getByLabel("Day").fill("2026-11-24");
  assert.equal(await page.getByLabel("Size").inputValue(), "M");
  await page.getByLabel("Picture").fill("nowhere");
  await send.click();
  // The hub names the field, and that is where its message stands.
  await page.locator(".field", { hasText: "Picture" }).getByText("http").waitFor();
  assert.equal(await page.getByLabel("Picture").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByLabel("Name").inputValue(), "one");

  await page.getByLabel("Picture").fill("");
  await page.route("**/good/api/v5/data/**", (route) => route.abort());
  await send.click();
  await page.getByText("Nobody knows whether it has arrived").waitFor();
  assert.equal(await page.getByLabel("Note").inputValue(), "a\nb");
  await page.unroute("**/good/api/v5/data/**");

  let letThrough;
  const held = new Promise((resolve) => (letThrough = resolve));
  await page.route("**/good/api/v5/data/**", async (route) => {
    await held;
    await route.continue();
  });
  calls.length = 0;
  await send.click();
  await until("the button to rest", () => send.isDisabled());
  await page.getByLabel("Name").press("Enter");
  await page.locator("form").evaluate((form) => form.dispatchEvent(new SubmitEvent("submit", { cancelable: true })));
  letThrough();
  await page.getByText("Saved one as").waitFor();
  assert.equal(calls.length, 1);
  const [{ id, version, created_at_ms, updated_at_ms, created_by, ...object }] = await app.all("things");
  assert.deepEqual(object, { name: "one", note: "a\nb", count: 1.5, done: true, day: "2026-11-24T00:00:00.000Z", data: "M" });
  assert.equal(await page.getByLabel("Name").inputValue(), "");
  assert.equal(await page.getByLabel("Size").inputValue(), "M");
});

test("a form shows what a scenario answers, and changes the object that the address names", async (t) => {
  const app = await createSite(hub, SITE);
  await app.create("things", { id: "7", name: "old" });
  await app.save("home", { blocks: [{ type: "form", endpoint, fields: [{ field: "id", kind: "hidden", value: "{{HttpRequest.id}}" }, { field: "name", label: "Name" }] }] });
  const page = await openPage(t, browser, app.url("home", "?id=7"));
  await page.getByLabel("Name").fill("new");
  await page.getByLabel("Name").press("Enter");
  await page.getByRole("status").filter({ hasText: "Sent." }).waitFor();
  assert.deepEqual((await app.all("things")).map(({ id, name }) => [id, name]), [["7", "new"]]);
  await app.scenario({ id: "answer", trigger: { type: "endpoint", endpoint }, steps: [{ type: "respond", body: "Thanks, {{name}}!", content_type: "text/plain" }] });
  await page.getByLabel("Name").fill("Zoe");
  await page.getByLabel("Name").press("Enter");
  await page.getByText("Thanks, Zoe!").waitFor();
  await app.scenario({ id: "answer", trigger: { type: "endpoint", endpoint }, steps: [{ type: "respond", status: 409, body: { message: "Sold out" } }] });
  await page.getByLabel("Name").fill("Yan");
  await page.getByLabel("Name").press("Enter");
  await page.getByText("Sold out").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "Yan");
});

test("a chat fetches earlier messages and keeps what failed to be sent", async (t) => {
  const app = await createSite(hub, SITE);
  await app.api.post(`${app.path}/structures/things/objects`, Array.from({ length: 60 }, (_, each) => ({ note: `message ${each}`, name: "zed", day: new Date(Date.UTC(2026, 0, 1, 0, each)).toISOString() })));
  await app.save("home", { blocks: [{ type: "chat", title: "Chat", read: endpoint, write: endpoint, text: "note", author: "name", time: "day" }] });
  const page = await openPage(t, browser, app.url("home"));
  await page.getByText("message 59").waitFor();
  assert.equal(await page.getByRole("listitem").count(), 50);
  await page.getByRole("button", { name: "Earlier messages" }).click();
  await until("all messages", async () => (await page.getByRole("listitem").count()) === 60);
  assert.match(await page.getByRole("listitem").first().textContent(), /message 0$/);
  await page.route("**/good/api/v5/data/**", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await page.getByLabel("Your message").fill("kept");
  await page.getByLabel("Your message").press("Enter");
  await page.getByText("The hub can't be reached.").waitFor();
  assert.equal(await page.getByLabel("Your message").inputValue(), "kept");
  await page.unroute("**/good/api/v5/data/**");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("listitem").filter({ hasText: "kept" }).waitFor();
});

test("a chart is drawn, drawn again with new numbers, and is a table as well", async (t) => {
  const app = await createSite(hub, SITE);
  for (const [name, count] of [["a", 3], ["b", 5]]) await app.create("things", { name, count, day: `2026-11-2${count}T00:00:00Z` });
  const chart = (id, kind, x) => ({ type: "chart", id, title: id, endpoint, kind, x, y: ["count"], refresh_on: ["things"] });
  await app.save("home", { blocks: [chart("bars", "bar", "name"), chart("lines", "line", "day"), chart("numbers", "line", "count")] });
  const page = await openPage(t, browser, app.url("home"));
  await live(page);
  const inked = (id) =>
    page.locator(`#${id} canvas`).evaluate((canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.filter((_, each) => each % 4 === 3).reduce((sum, alpha) => sum + alpha, 0));
  for (const id of ["bars", "lines", "numbers"]) await until(`ink in ${id}`, async () => (await page.locator(`#${id} canvas`).count()) === 1 && (await inked(id)) > 0);
  const before = await inked("bars");
  await page.locator("#bars summary").click();
  await app.create("things", { name: "c", count: 9, day: "2026-11-29T00:00:00Z" });
  await app.push("*", "things", "");
  await shows(page, "#bars details", [["a", "3"], ["b", "5"], ["c", "9"]]);
  await until("another picture", async () => (await inked("bars")) !== before);
  assert.deepEqual(unexpected(page), []);
});

test("what can't be shown says why, and the rest of the page is there", async (t) => {
  const app = await createSite(hub, SITE);
  await app.save("home", {
    blocks: [{ type: "table", id: "gone", endpoint: "things/gone", columns: [{ field: "name" }] }, { type: "text", text: "Still here" }],
  });
  const page = await openPage(t, browser, app.url("home"));
  await page.getByText("Still here").waitFor();
  await page.locator("#gone .problem").getByText("there is no endpoint things/gone").waitFor();
  await app.api.put(`${app.path}/endpoints/things/gone`, { read: "anyone" });
  await page.locator("#gone").getByRole("button", { name: "Try again" }).click();
  await page.getByText("There is nothing here yet.").waitFor();
  await page.locator("#gone .problem").waitFor({ state: "hidden" });
});

test("a page is accessible by day and by night, and fits a telephone", async (t) => {
  const app = await createSite(hub, SITE);
  for (let count = 1; count < 5; count += 1) await app.create("things", { name: `a_rather_long_name_without_any_blank_${count}`, note: "note", count });
  const columns = ["name", "note", "count", "done", "day", "id"].map((field) => ({ field }));
  const kinds = ["text", "multiline", "number", "checkbox", "date"].map((kind) => ({ field: `f_${kind}`, label: kind, kind, required: kind === "text" }));
  await app.save("home", {
    title: "Everything", lang: "en-GB",
    blocks: [
      { type: "text", width: 6, text: "## Text\n\nwith a [link](/p/x/y) and `code`\n\n> quoted" },
      { type: "html", width: 6, html: "<h3>HTML</h3><p>text</p>" },
      { type: "table", title: "Table", endpoint, columns, page_size: 2 },
      { type: "cards", title: "Cards", endpoint, heading: "{{name}}", text: "{{note}}" },
      { type: "form", width: 6, title: "Form", endpoint, fields: [...kinds, { field: "f", label: "select", kind: "select", options: ["a"] }] },
      { type: "chat", width: 6, title: "Chat", read: endpoint, write: endpoint, text: "note", author: "name" },
      { type: "chart", title: "Chart", endpoint, x: "count", y: ["count"] },
      { type: "table", title: "Broken", endpoint: "things/none", columns },
    ],
  });
  for (const scheme of ["light", "dark"]) {
    const page = await openPage(t, browser, app.url("home"), { scheme, viewport: { width: 360, height: 740 } });
    await page.locator("canvas").waitFor();
    await page.locator("tbody tr").first().waitFor();
    await page.locator(".card").first().waitFor();
    await live(page);
    const sees = async (where) => {
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" ").slice(0, 600)}`), [], `${scheme} ${where}`);
      const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= room, `${scheme} ${where}: ${wide} pixels in ${room}`);
    };
    await sees("the page");
    await page.getByRole("banner").getByRole("button", { name: "Log in" }).click();
    await page.getByRole("dialog").waitFor();
    await sees("the login");
    await logIn(page, "ann");
    await page.getByRole("banner").getByText("ann").waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en-GB");
    await sees("logged in");
  }
});
