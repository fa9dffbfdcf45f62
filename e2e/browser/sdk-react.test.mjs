// The React part of the kit on the page in sdk-react/, built as its users build theirs, with pushes from a hub and a
// provider on the other side.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "vite";
import { root } from "../bridge/support.mjs";
import { createApp, socketOf, connected, startHub, until } from "../push/support.mjs";
import { startSite } from "./site.mjs";
import { launch, openPage } from "./support.mjs";

const folder = await mkdtemp(join(tmpdir(), "campanile-sdk-react-"));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8" };

let hub, browser, app, site;
let rows = ["one"];
before(async () => {
  [hub, browser, site] = await Promise.all([startHub(), launch(), startSite()]);
  app = await createApp(hub, {}, ["socket.io", "bridge"]);
  await build({
    root: join(root, "e2e/sdk-react"),
    configFile: false,
    logLevel: "error",
    resolve: {
      alias: { "campanile-sdk/react": join(root, "sdk/dist/react.js") },
      // The kit lies beside packages of its own here, and is to use the page's.
      dedupe: ["react", "react-dom", "react-hot-toast", "socket.io-client"],
    },
    build: { outDir: folder, emptyOutDir: true, assetsDir: "", rollupOptions: { output: { entryFileNames: "page.js" } } },
  });
  for (const [path, name] of [["/", "index.html"], ["/a/b", "index.html"], ["/page.js", "page.js"]]) {
    const body = await readFile(join(folder, name));
    site.pages[path] = { headers: { "content-type": TYPES[extname(name)] }, body };
  }
  site.pages["/rows"] = () => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(rows) });
});
after(async () => {
  await Promise.all([hub?.stop(), browser?.close(), site?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

async function open(t, { path = "/", ...parameters } = {}) {
  const query = new URLSearchParams({ hub: hub.url, app: app.key, rows: "/rows", ...parameters });
  const page = await openPage(t, browser, `${site.url}${path}?${query}`);
  await page.locator("#state", { hasText: /^online$/ }).waitFor();
  return page;
}

const alert = (message) => app.push("*", "alert", typeof message === "string" ? message : JSON.stringify(message));
const toastOf = (page, text) => page.locator(".campanile-toast").filter({ hasText: text });
const styleOf = (locator, property) => locator.evaluate((element, property) => getComputedStyle(element)[property], property);

test("pushes reach hooks once each, in a page that mounts everything twice", async (t) => {
  const page = await open(t);
  for (const text of ["a", "b", "c"]) await app.push("*", "message", text);
  await app.push("*", "other", "");
  await page.locator("#pushes", { hasText: "message=a,message=b,message=c,other=" }).waitFor();
  assert.equal(await page.locator("#messages").textContent(), "a,b,c");
  assert.ok(await page.locator("#socket").textContent());
  assert.deepEqual(page.errors, []);
});

test("a session, its end, and a logout", async (t) => {
  const session = await app.user("eve");
  const page = await open(t, { session });
  assert.equal((await app.push("eve", "message", "for eve")).delivered, 1);
  await page.locator("#messages", { hasText: "for eve" }).waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await until("eve is gone", async () => !(await app.api.get(`${app.path}/users/eve`)).online);
  await page.locator("#state", { hasText: /^online$/ }).waitFor();

  const other = await open(t, { session });
  await hub.api.delete(`${app.path}/users/eve/sessions`);
  await other.locator("#state", { hasText: "closed session_revoked" }).waitFor();
});

test("alerts are toasts with every option", async (t) => {
  const page = await open(t);
  await page.addStyleTag({ content: ".pink { background: rgb(255, 192, 203); }" });
  await alert('<img src=x onerror="document.title=1">');
  await toastOf(page, '<img src=x onerror="document.title=1">').waitFor();
  assert.equal(await page.locator(".campanile-toast img").count(), 0);

  const parameters = {
    id: "all",
    duration: 60_000,
    position: "top-left",
    style: { color: "rgb(1, 2, 3)", padding: "32px", position: "fixed", background: "url(x)" },
    className: "pink",
    icon: "👏",
    ariaProps: { role: "alert", "aria-live": "assertive", dangerouslySetInnerHTML: { __html: "<img>" } },
    removeDelay: 60_000,
    onClick: "x",
  };
  await alert({ message: "all of it", parameters });
  const toast = toastOf(page, "all of it");
  await toast.waitFor();
  for (const [property, value] of [["color", "rgb(1, 2, 3)"], ["paddingTop", "32px"], ["backgroundColor", "rgb(255, 192, 203)"], ["backgroundImage", "none"]]) {
    assert.equal(await styleOf(toast, property), value, property);
  }
  assert.notEqual(await styleOf(toast, "position"), "fixed");
  assert.ok((await toast.textContent()).includes("👏"));
  assert.equal(await toast.locator("[role=alert][aria-live=assertive]").textContent(), "all of it");
  await page.waitForFunction((element) => element.getBoundingClientRect().top < 100 && element.getBoundingClientRect().left < 100, await toast.elementHandle());

  await alert({ message: "the same", parameters: { ...parameters, className: "" } });
  await toastOf(page, "the same").waitFor();
  assert.equal(await toast.count(), 0, "an id is one toast");
  await toastOf(page, "the same").getByRole("button", { name: "Close" }).click();
  await page.waitForFunction(() => document.querySelector(".campanile-toast [role=alert]")?.closest(".campanile-toast").style.animation.includes("0.4s"));
  assert.equal(await toastOf(page, "the same").count(), 1, "it stays for its removeDelay");

  await alert({ message: "themed", parameters: { iconTheme: { primary: "rgb(113, 50, 0)", secondary: "rgb(255, 250, 238)" } } });
  await toastOf(page, "themed").waitFor();
  assert.ok(await toastOf(page, "themed").evaluate((toast) => [...toast.querySelectorAll("div")].some((each) => getComputedStyle(each).backgroundColor === "rgb(113, 50, 0)")));
  await alert({ variant: "destructive", title: "Failed", description: "None of it" });
  await toastOf(page, "Failed").locator(".campanile-toast-description", { hasText: "None of it" }).waitFor();
  assert.equal(await toastOf(page, "Failed").getByRole("alert").count(), 1);
  await alert({ message: "elsewhere", page: "home" });
  await alert({ message: "here", page: "/" });
  await toastOf(page, "here").waitFor();
  assert.equal(await toastOf(page, "elsewhere").count(), 0);
  assert.equal(await page.title(), "The kit in React");
  assert.deepEqual(page.errors, []);
});

test("hostile alerts don't break the page", async (t) => {
  const page = await open(t);
  const hostile = [
    '{"message":{"$$typeof":"x"},"title":"one","parameters":{"icon":{"type":"img"},"style":[1],"id":{},"className":7}}',
    '{"message":"two","__proto__":{"polluted":1},"parameters":{"__proto__":{"polluted":1},"ariaProps":{"children":"x"}}}',
    '{"title":["x"],"description":{"toString":1},"message":"three"}',
  ];
  for (const message of hostile) await app.push("*", "alert", message);
  for (const text of ["one", "two", "three"]) await toastOf(page, text).waitFor();
  assert.deepEqual(page.errors, []);
});

test("a widget follows a provider, hears it and asks it", async (t) => {
  const provider = socketOf(t, hub, { app_id: app.key });
  const silent = [];
  provider.on("new_request", (request) => {
    if (request.cmd === "silence") silent.push(request);
    else provider.emit("provider_reply", { ...request, result: 2 * request.data });
  });
  await connected(provider);
  const page = await open(t, { provider: "THERMOMETER" });
  await page.locator("#provider", { hasText: "THERMOMETER offline" }).waitFor();
  await page.getByRole("button", { name: "Double 21" }).click();
  await page.locator("#answer", { hasText: "error provider_offline" }).waitFor();

  await provider.emitWithAck("register_provider", { provider_id: "THERMOMETER" });
  await page.locator("#provider", { hasText: "THERMOMETER online" }).waitFor();
  for (const data of [1, 2, 3]) provider.emit("sent_to_my_clients", { provider_id: "THERMOMETER", cmd: "temperature", data });
  await page.locator("#heard", { hasText: "1,2,3" }).waitFor();
  assert.equal(await page.locator("#last").textContent(), "temperature 3");
  await page.getByRole("button", { name: "Double 21" }).click();
  await page.locator("#answer", { hasText: "result 42" }).waitFor();
  await page.getByRole("button", { name: "Be silent" }).click();
  await page.locator("#answer", { hasText: "error timeout" }).waitFor();
  assert.equal(silent.length, 1);

  await provider.emitWithAck("register_provider", { provider_id: "ANOTHER" });
  await page.getByRole("button", { name: "Follow another" }).click();
  await page.locator("#provider", { hasText: "ANOTHER online" }).waitFor();
  provider.emit("sent_to_my_clients", { provider_id: "THERMOMETER", cmd: "temperature", data: 4 });
  provider.emit("sent_to_my_clients", { provider_id: "ANOTHER", cmd: "humidity", data: 5 });
  await page.locator("#heard", { hasText: "1,2,3,5" }).waitFor();
  provider.disconnect();
  await page.locator("#provider", { hasText: "ANOTHER offline" }).waitFor();
  assert.deepEqual(page.errors, []);
});

test("a refresher fetches again, once for a burst, and input stays", async (t) => {
  rows = ["one"];
  const page = await open(t);
  await page.locator("#rows li", { hasText: "one" }).waitFor();
  await page.locator("input").fill("unsaved");
  const before = site.requests("/rows");
  const release = site.hold("/rows");
  rows = ["one", "two"];
  await app.push("*", "orders", "");
  await until("the refresh is under way", () => site.requests("/rows") === before + 1);
  rows = ["one", "two", "three"];
  for (let count = 0; count < 10; count += 1) await app.push("*", "orders", count === 9 ? "ten orders" : "");
  await toastOf(page, "ten orders").waitFor();
  release();
  await page.locator("#rows li", { hasText: "three" }).waitFor();
  assert.equal(site.requests("/rows"), before + 2);
  assert.equal(await page.locator("input").inputValue(), "unsaved");
});

test("redirects move the browser or the page's router, or are refused", async (t) => {
  const page = await open(t, { path: "/a/b" });
  await app.push("*", "redirect", "javascript:document.title=1");
  await page.locator("#refused", { hasText: "target_unknown" }).waitFor();
  await app.push("*", "redirect", "/");
  await page.waitForURL(`${site.url}/`);

  const routed = await open(t, { path: "/a/b", router: "1" });
  const socket = await routed.locator("#socket").textContent();
  await app.push("*", "redirect", "../c?x=1");
  await routed.waitForURL(`${site.url}/a/c?x=1`);
  assert.equal(await routed.locator("#socket").textContent(), socket, "the page wasn't loaded anew");
});
