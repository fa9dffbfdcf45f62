// Whoever writes a page or an object gets no script to run, on the origin where an administrator may be logged in: in no field of
// a document, and in no value.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../browser/support.mjs";
import { passwordOf, startHub } from "../push/support.mjs";
import { createSite, openPage, shows, until } from "./support.mjs";

let hub, browser;
before(async () => ([hub, browser] = await Promise.all([startHub(), launch()])));
after(() => Promise.all([hub?.stop(), browser?.close()]));

/** Each would set `window.ran` in a page that takes it for what it isn't. */
const EVIL = [
  `<script>ran=1</script>`,
  `<img src=x onerror="ran=2">`,
  `<svg onload="ran=3"><script>ran=4</script></svg>`,
  `<a href="javascript:ran=5" class="go">go</a>`,
  `[go](javascript:ran=6)`,
  `[go](&#106;avascript:ran=7)`,
  `<iframe srcdoc="<script>parent.ran=8</script>"></iframe>`,
  `<form action="javascript:ran=9"><button>go</button></form>`,
  `<style>body{display:none}</style><b style="position:fixed;inset:0">x</b>`,
  `"><script>ran=10</script>`,
  `' onmouseover='ran=11`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=ran=12&gt;">`,
  `![x](javascript:ran=13)`,
  `<a href="data:text/html,<script>ran=14</script>">go</a>`,
  "```html\n<script>ran=15</script>\n```",
  `<object data="javascript:ran=16"></object><embed src="javascript:ran=17"><base href="javascript:ran=18//">`,
  `<div id="campanile-app" name="cookie">x</div><meta http-equiv="refresh" content="0;url=javascript:ran=19">`,
];
const ALL = EVIL.join("\n\n");

/** What can do harm in a document, wherever it came from. */
const harms = (page) =>
  page.evaluate(() => {
    const bad = "script:not([src]), iframe, object, embed, base, style, main form[action], [onload], [onerror], [onmouseover], [style*=fixed], main meta";
    const addresses = [...document.querySelectorAll("[href], [src], [action]")].flatMap((element) => ["href", "src", "action"].map((name) => element.getAttribute(name)));
    const found = [...document.querySelectorAll(bad)].map((element) => element.outerHTML.slice(0, 200));
    return [...found, ...addresses.filter((address) => /^\s*(javascript|data:text|vbscript)/i.test(address ?? ""))];
  });

test("nothing in a document or an object runs", async (t) => {
  const fields = { name: "string", text: "string", link: "string", count: "number" };
  const app = await createSite(hub, { structures: { things: fields }, endpoints: { "things/all": { read: "anyone", write: "anyone" } } });
  for (const evil of [...EVIL, ALL]) await app.create("things", { name: evil, text: evil, link: "javascript:ran=20", count: 1 });
  const endpoint = "things/all";
  const title = EVIL[1] + EVIL[0];
  const raw = "{{{name}}} {{&text}} {{name}} [x]({{link}}) <a href='{{link}}'>x</a> <img src='{{link}}'> <{{name}}>";
  const saved = await app.save("home", {
    title,
    blocks: [
      { type: "text", title, text: `${ALL}\n\n${raw}`, endpoint },
      { type: "html", title, html: `${ALL}\n\n${raw}`, endpoint },
      { type: "table", title, endpoint, columns: [{ field: "name", title }, { field: "text" }, { field: "link", title }], page_size: 50 },
      { type: "cards", title, endpoint, heading: `${EVIL[1]} {{name}} {{{name}}}`, text: `${ALL}\n\n${raw}`, image: "{{link}}" },
      {
        type: "form", title, endpoint, submit: title, done: `${ALL} ${raw}`,
        fields: [{ field: "name", label: title, value: ALL }, { field: "text", label: title, kind: "select", options: [title] }, { field: "link", kind: "hidden", value: "javascript:ran=21" }],
      },
      { type: "chat", title, read: endpoint, write: endpoint, text: "text", author: "name" },
      { type: "chart", title, endpoint, kind: "bar", x: "name", y: ["count"] },
    ],
  });
  assert.deepEqual(saved.warnings ?? [], []);
  const page = await openPage(t, browser, app.url("home", `?x=${encodeURIComponent(ALL)}`));
  await page.locator("[data-type=chart] details table").waitFor({ state: "attached" });
  await page.locator("[data-type=cards] .card").nth(EVIL.length).waitFor();
  await page.getByRole("log").getByRole("listitem").first().waitFor();
  await page.locator("[data-type=form] button[type=submit]").click();
  await page.locator("[data-type=form] .done *").first().waitFor();
  await app.push("*", "alert", ALL);
  await app.push("*", "redirect", "javascript:ran=22");
  await page.locator(".campanile-toast").waitFor();
  for (const link of await page.getByRole("link", { name: "go", exact: true }).all()) await link.evaluate((element) => element.click());
  assert.deepEqual(await harms(page), []);
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.equal(await page.title(), title);
  assert.equal(new URL(page.url()).pathname, `/p/${app.id}/home`);
});

test("what an administrator's cookie may do, a page can't", async (t) => {
  const app = await createSite(hub, { structures: { things: { name: "string" } }, endpoints: { "things/all": { read: "anyone" } } });
  await app.create("things", { name: "one" });
  await app.save("home", { blocks: [{ type: "table", endpoint: "things/all", columns: [{ field: "name" }] }] });
  const page = await openPage(t, browser, "about:blank");
  const password = passwordOf(hub);
  await page.request.post(`${hub.url}/api/v1/admin/login`, { data: { name: "admin", password } });
  const sent = [];
  page.on("request", async (request) => /\/(good|p\/[^/]+\/[^/]+\/document)/.test(request.url()) && sent.push(await request.allHeaders()));
  await page.goto(app.url("home"));
  await shows(page, "", [["one"]]);
  assert.ok(sent.length >= 2, JSON.stringify(sent));
  for (const headers of sent) assert.equal(headers.cookie, undefined);
});

test("the policy lets nothing inline through, and frames of this origin only", async () => {
  const app = await createSite(hub);
  await app.save("home", { blocks: [] });
  for (const [path, status] of [["home", 200], ["nowhere", 404], ["nowhere?preview=1", 200], ["home/more", 404]]) {
    const response = await fetch(app.url(path));
    assert.equal(response.status, status, path);
    const policy = response.headers.get("content-security-policy");
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' https: data:", "connect-src 'self'", "frame-ancestors 'self'", "base-uri 'none'", "form-action 'none'"]) {
      assert.ok(policy.split("; ").includes(part), `${path}: ${part} in ${policy}`);
    }
    assert.doesNotMatch(await response.text(), /<script(?! src=)| style=|<style| on\w+=/);
    assert.deepEqual(
      ["content-type", "cache-control", "x-content-type-options", "referrer-policy"].map((name) => response.headers.get(name)),
      ["text/html; charset=utf-8", "no-cache", "nosniff", "no-referrer"],
    );
  }
});

test("what a page loads is the hub's own, kept for ever, and its licences are there", async () => {
  const app = await createSite(hub);
  await app.save("home", { blocks: [] });
  const shell = await (await fetch(app.url("home"))).text();
  const loaded = [...shell.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
  assert.ok(loaded.length >= 3, JSON.stringify(loaded));
  for (const address of loaded) {
    assert.match(address, /^\/(pages|landing)\//);
    const response = await fetch(hub.url + address);
    assert.equal(response.status, 200, address);
    if (address.startsWith("/pages/")) assert.match(response.headers.get("cache-control"), /immutable/);
  }
  const licences = await fetch(`${hub.url}/pages/licenses.md`);
  assert.match(await licences.text(), /## dompurify .*## marked .*## uplot /s);
  assert.doesNotMatch(licences.headers.get("cache-control"), /immutable/);
});

test("an address can't put anything into the shell", async () => {
  for (const path of [`/p/%22%3E%3Cscript%3Eran=1%3C%2Fscript%3E/x`, `/p/x/%22%20onload=%22ran=1`, `/p/x/{key}?preview=1`]) {
    const response = await fetch(hub.url + path);
    assert.equal(response.status, 404);
    assert.doesNotMatch(await response.text(), /<script|" onload/);
  }
  // A preview has a shell whatever its page is called.
  const app = await createSite(hub);
  for (const name of ["%22%3E%3Cscript%3Eran=1%3C%2Fscript%3E", "%22%20onload=%22ran=1", "{key}"]) {
    const response = await fetch(`${hub.url}/p/${app.id}/${name}?preview=1`);
    assert.equal(response.status, 200);
    const shell = await response.text();
    assert.doesNotMatch(shell, /<script>|" onload/);
    assert.equal(shell.split(app.key).length, 2, "the key stands in its own place only");
  }
});

test("only the session of a user of the app opens what is for users", async () => {
  const [app, other] = [await createSite(hub), await createSite(hub)];
  await app.save("home", { title: "Secret", access: "users", blocks: [{ type: "text", text: "hidden treasure" }] });
  const ask = async (token) => {
    const response = await fetch(`${app.url("home")}/document`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
    return { status: response.status, cache: response.headers.get("cache-control"), text: await response.text() };
  };
  const shell = await (await fetch(app.url("home"))).text();
  assert.doesNotMatch(shell, /Secret|treasure/);
  const own = (await app.session("ann")).token;
  for (const token of [undefined, "nonsense", (await other.session("ann")).token, hub.token, app.secret]) {
    const { status, text } = await ask(token);
    assert.equal(status, 401, text);
    assert.doesNotMatch(text, /Secret|treasure/);
    assert.equal(JSON.parse(text).code, "session_invalid");
  }
  const { status, text, cache } = await ask(own);
  assert.deepEqual([status, cache], [200, "private, no-store"]);
  assert.match(text, /hidden treasure/);
  await app.api.delete(`${app.path}/users/ann/sessions`);
  await until("the end of the session", async () => (await ask(own)).status === 401);
});
