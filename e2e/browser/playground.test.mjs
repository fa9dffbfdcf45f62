// The playground, in a browser against a real hub: plugins as they are written for the original service run unchanged, and
// reach nothing of the hub's or the console's that isn't everybody's.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { root } from "../bridge/support.mjs";
import { passwordOf, startHub, until } from "../push/support.mjs";
import { findings } from "./access.mjs";
import { openConsole, tabTo } from "./console.mjs";
import { launch, openPage, serveFiles, startPythonProvider } from "./support.mjs";


let hub, browser, password;
before(async () => {
  [hub, browser] = await Promise.all([startHub(), launch()]);
  password = passwordOf(hub);
});
after(() => Promise.all([hub?.stop(), browser?.close()]));

const button = (within, name) => within.getByRole("button", { name, exact: true });
const board = (page) => page.getByTestId("board");
const said = (page) => page.getByRole("log").getByRole("listitem");
const hostOf = (page) => page.frames().find((frame) => frame.url().startsWith("data:"));
const host = (page) => page.frameLocator("iframe[title='Running widgets']").frameLocator("iframe");
const widget = (page, name) => host(page).frameLocator(`iframe[title='${name}']`);

/** The playground, of somebody who is logged in as the administrator. */
const open = (t) => openConsole(t, { hub, browser, password }, "/playground");

/** Imports a dashboard as a file. A plugin that is a text is a source. */
async function importInto(page, { name = "Tried", dashboard, plugins, signals = {} }) {
  const listed = Object.entries(plugins).map(([plugin, of]) => ({ name: plugin, ...(typeof of === "string" ? { source: of } : of) }));
  const document = JSON.stringify({ campanile_playground: 1, name, dashboard, plugins: listed, signals });
  await page.getByLabel("Import", { exact: true }).setInputFiles({ name: "tried.json", mimeType: "application/json", buffer: Buffer.from(document) });
  await page.getByRole("heading", { level: 2, name }).waitFor();
}

async function run(page) {
  await button(board(page).locator("xpath=.."), "Run").click();
  await page.locator("[data-testid=board][data-stage=running]").waitFor();
}

async function openWith(t, content) {
  const page = await open(t);
  await importInto(page, content);
  await run(page);
  return page;
}

/** Runs a function of a plugin, and resolves with what it shows. */
async function call(page, name, args = "") {
  await page.getByLabel(`Arguments of ${name}`).fill(args);
  await button(page, `Run ${name}`).click();
  return page.getByTestId("plugins").locator("form", { hasText: name }).locator("output").textContent();
}

const item = (boxes, plugin, widgetName) => ({ boxes, plugin, widget: widgetName });

/** A plugin with this widget. */
const plugin = (body, name = "Tried") => `export default ({ widgets, simulator, vehicle }) => {
  widgets.register(${JSON.stringify(name)}, async (box) => { ${body} });
};`;

test("a plugin of the original service runs unchanged, with the hub's client in place of the CDN's", async (t) => {
  await startPythonProvider(t, hub, "PYTHON-CLIENT-SAMPLE");
  const source = (await readFile(`${root}/e2e/browser/playground-plugin.js`, "utf8")).replace("https://bridge.example", hub.url);
  const page = await open(t);
  const asked = [];
  await page.route("https://cdn.socket.io/**", (route) => asked.push(route.request().url()) && route.abort());
  await importInto(page, { dashboard: [item([1, 2], "SocketIO", "Client")], plugins: { SocketIO: source } });
  assert.equal(page.frames().length, 1, "nothing runs before somebody says so");
  await run(page);
  const client = widget(page, "Client of SocketIO");
  await said(page).filter({ hasText: "SocketIO log" }).filter({ hasText: "Io connected" }).waitFor();
  await button(client, "Double").click();
  await client.getByText("double_me: 42").waitFor();
  await button(client, "Start").click();
  await client.locator("#speed", { hasText: /^[1-9]$/ }).waitFor();
  assert.deepEqual(asked, []);
  assert.deepEqual(page.errors, []);

  await page.getByLabel("Use the hub's own Socket.IO client").uncheck({ force: true });
  await said(page).filter({ hasText: "did not load https://cdn.socket.io/4.6.0/socket.io.min.js" }).waitFor();
  assert.equal(asked.length, 1);
});

test("the client is replaced however a script tag asks for it, and nothing else is", async (t) => {
  const page = await open(t);
  await page.route(/cdn|unpkg/, (route) => route.fulfill({ contentType: "text/javascript", body: "window.foreign = true" }));
  const tags = [
    "https://cdn.socket.io/socket.io-3.1.3.min.js",
    "https://cdn.jsdelivr.net/npm/socket.io-client@4",
    "https://unpkg.com/socket.io-client@4.7.5/dist/socket.io.js",
    "https://cdnjs.cloudflare.com/ajax/libs/socket.io/4.5.0/socket.io.min.js",
  ];
  const body = `
    for (const address of ${JSON.stringify(tags)}) {
      box.injectHTML('<script src="' + address + '" integrity="sha384-AAAA" crossorigin="anonymous" onload="parent.count = (parent.count ?? 0) + 1"></' + 'script>');
    }
    const other = box.window.document.createElement("script");
    other.setAttribute("src", "https://cdn.jsdelivr.net/npm/socket.io-stream@1/index.js");
    box.window.document.head.append(other);`;
  await importInto(page, { dashboard: [item([1], "P", "Tried")], plugins: { P: plugin(body) } });
  await run(page);
  await until("all of them", () => hostOf(page)?.evaluate(() => window.count === 4));
  const frame = hostOf(page).childFrames()[0];
  await until("the other one", () => frame.evaluate(() => window.foreign));
  assert.equal(await frame.evaluate(() => typeof window.io), "function");
});

test("the hub's client is used wherever the hub has it", async (t) => {
  const other = await startHub({ config: '[socketio]\npath = "/bell/"\n' });
  t.after(() => other.stop());
  const page = await openPage(t, browser, `${other.url}/console/playground`);
  await page.getByRole("button", { name: /^Follow a provider/ }).click();
  await run(page);
  await widget(page, "Client of SocketIO").getByText("offline: start the provider").waitFor();
});

test("plugins come from files, by drag and drop, from URLs, and from the editor", async (t) => {
  const site = await serveFiles({ "/Far.js": "e2e/browser/playground-far.js", "/near.js": "e2e/browser/playground-near.js" });
  t.after(() => site.stop());
  const page = await open(t);
  await button(page, "Empty dashboard").click();
  const file = (name, source) => ({ name, mimeType: "text/javascript", buffer: Buffer.from(source) });
  await page.getByLabel("From a file").setInputFiles([
    file("Module.js", `export const helper = 1; export function plugin({ widgets }) { widgets.register("W", (box) => box.injectHTML("a module")); }`),
    file("Declared.mjs", `const plugin = ({ widgets }) => { widgets.register("W", (box) => box.injectHTML("a declaration")); };`),
    file("Global.js", `helper = 1; window.makePlugin = function ({ widgets }) { widgets.register("W", (box) => box.injectHTML("a global")); };`),
    file("Async.js", `export default async ({ widgets }) => { await null; widgets.register("W", (box) => box.injectHTML("a promise")); };`),
    file("50%.js", `export default ({ widgets }) => widgets.register("W", (box) => box.injectHTML("half"));`),
    file("notes.txt", "no plugin"),
  ]);
  await page.getByTestId("plugins").getByText("50%", { exact: true }).waitFor();
  await page.getByRole("alert").filter({ hasText: "notes.txt is no plugin" }).waitFor();
  await page.getByTestId("plugins").evaluate((target) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([`export default ({ widgets }) => widgets.register("W", (box) => box.injectHTML("dropped"));`], "Dropped.js"));
    for (const type of ["dragover", "drop"]) target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  });
  await button(page, "From a URL").click();
  await page.getByLabel("URL of the plugin").fill("ftp://nowhere/x.js");
  await button(page, "Add").first().click();
  await page.getByText("An address begins with https://").waitFor();
  await page.getByLabel("URL of the plugin").fill(`${site.url}/Far.js`);
  await button(page, "Add").first().click();

  await button(page, "Write one").click();
  await page.getByLabel("Name", { exact: true }).fill("Mine");
  const code = page.getByRole("textbox", { name: /^Source of/ });
  await code.press("Control+a");
  await page.keyboard.type(`export default ({ widgets }) => {\nwidgets.register("W", (box) => box.injectHTML("written"));\n};`);
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Tab");
  await page.getByText("Not saved yet.").waitFor();
  await button(page, "Close").click();
  await page.getByTestId("plugins").getByText("not saved", { exact: true }).waitFor();
  await button(page, "Edit Mine").click();
  await code.getByText("written").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await code.evaluate((element) => element.getRootNode().activeElement), null, "the editor can be left by keyboard");
  await button(page, "Save").click();

  const names = ["Module", "Declared", "Global", "Async", "Dropped", "Far", "Mine"];
  const text = JSON.stringify(names.map((name, index) => item([index + 1], name, "W")));
  await page.getByRole("textbox", { name: "Dashboard as JSON" }).fill(text);
  await run(page);
  const texts = ["a module", "a declaration", "a global", "a promise", "dropped", "from afar, with its neighbour", "written"];
  for (const [index, name] of names.entries()) await widget(page, `W of ${name}`).getByText(texts[index], { exact: true }).waitFor();
  assert.deepEqual(page.errors, []);
});

test("a widget is taken down when it is removed and when the dashboard is stopped", async (t) => {
  const source = plugin(`
    box.injectHTML("<p>here</p><script>console.log('ran in ' + document.querySelector('p').textContent)</" + "script>");
    return () => console.log("taken down with", box.window.document.body.textContent.slice(0, 4));`);
  const page = await openWith(t, { dashboard: [item([1], "P", "Tried"), item([6], "P", "Tried")], plugins: { P: source } });
  await said(page).filter({ hasText: "ran in here" }).nth(1).waitFor();
  await said(page).filter({ hasText: "P · Tried log" }).nth(1).waitFor();
  await button(page, "Arrange").click();
  await button(page, "Remove Tried of P").first().click();
  await said(page).filter({ hasText: "taken down with here" }).waitFor();
  assert.equal(await said(page).filter({ hasText: "taken down" }).count(), 1);
  await button(page, "Stop").click();
  await said(page).filter({ hasText: "taken down with here" }).nth(1).waitFor();
  await board(page).and(page.locator("[data-stage=stopped]")).waitFor();
  assert.equal(page.frames().length, 1);
});

test("boxes are filled by clicking them and as JSON, and show what is wrong where it is", async (t) => {
  const source = plugin(`box.injectHTML("<p>fine</p>")`);
  const page = await openWith(t, { dashboard: [], plugins: { P: source } });
  await button(page, "Add to box 4").click();
  await button(page, "Box 5").click();
  await button(page, "Box 8").click();
  await page.getByText("Boxes of a widget form a rectangle.").waitFor();
  await button(page, "Box 8").click();
  assert.equal(await page.getByRole("combobox", { name: "Widget" }).inputValue(), "Tried");
  await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
  const fine = widget(page, "Tried of P").getByText("fine");
  await fine.waitFor();
  const json = page.getByRole("textbox", { name: "Dashboard as JSON" });
  assert.deepEqual(JSON.parse(await json.inputValue()), [item([4, 5], "P", "Tried")]);

  const wrong = [item([4, 5], "P", "Tried"), item([1], "Gone", "W"), item([2], "P", "Missing"), item([6, 8], "P", "Tried"), item([5, 10], "P", "Tried"), item([11], "P", "Tried"), { boxes: [3] }, 7];
  await json.fill(JSON.stringify(wrong));
  const tile = (boxes) => page.getByRole("region", { name: `Box ${boxes}:` });
  await tile(1).getByText("There is no plugin Gone.").waitFor();
  await tile(2).getByText("P has no widget Missing. It has Tried.").waitFor();
  await tile(6).getByText("Boxes 6, 8 aren't a rectangle.").waitFor();
  await tile(10).getByText("Box 5 is taken by P · Tried.").waitFor();
  await tile(3).getByText("plugin and widget are texts").waitFor();
  await page.getByRole("alert").filter({ hasText: "Item 6 is in no box. Boxes are numbered from 1 to 10: 11 is none." }).waitFor();
  await page.getByRole("alert").filter({ hasText: "Item 8 is in no box." }).waitFor();
  assert.equal(await page.getByRole("list", { name: "Mistakes in the dashboard" }).getByRole("listitem").count(), 7);
  await fine.waitFor();
  const area = await host(page).locator("#grid > iframe").evaluate((frame) => frame.style.gridArea);
  assert.equal(area, "1 / 4 / span 1 / span 2");

  await json.fill("[{");
  await page.getByText(/JSON at position|Expected property name/).first().waitFor();
  await fine.waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  await until("one column", () => host(page).locator("#grid > iframe").evaluate((frame) => frame.style.gridArea.endsWith("/ 1") || frame.style.gridColumn === "1"));
});

test("signals go both ways, and a plugin may simulate them", async (t) => {
  const source = `export default ({ widgets, simulator, vehicle }) => {
    let simulated = 5;
    simulator("Vehicle.Doors.Count", "get", async () => simulated);
    simulator("Vehicle.Doors.Count", "set", async ({ args }) => { simulated = args[0] * 2; });
    widgets.register("Speed", async (box) => {
      box.injectHTML("<p></p><button>Faster</button>");
      const show = (speed) => (box.window.document.querySelector("p").textContent = "at " + speed);
      show(await vehicle.Speed.get());
      box.window.document.querySelector("button").onclick = async () => vehicle.Speed.set((await vehicle.Speed.get()) + 10);
      return vehicle.Speed.subscribe(show);
    });
    return {
      read: (path) => vehicle[path].get(),
      write: async (path, value) => { await vehicle[path].set(value); return vehicle[path].get(); },
      fill: async () => { for (let i = 0; i < 2000; i++) await vehicle["Many.S" + i].set(i); },
    };
  };`;
  const page = await openWith(t, { dashboard: [item([1], "P", "Speed")], plugins: { P: source }, signals: { Speed: 30 } });
  const shows = (text) => page.getByTestId("plugins").locator("output", { hasText: text }).waitFor();
  const speed = widget(page, "Speed of P");
  await speed.getByText("at 30").waitFor();
  await button(speed, "Faster").click();
  await speed.getByText("at 40").waitFor();
  const value = page.getByLabel("Value of Speed");
  await until("the panel's value", async () => (await value.inputValue()) === "40");
  await value.fill("fast");
  await page.getByText("That isn't a number.").waitFor();
  await value.fill("55");
  await value.press("Enter");
  await speed.getByText("at 55").waitFor();

  await page.getByLabel("Path").fill("Body.Trunk.IsOpen");
  await page.getByLabel("Type", { exact: true }).selectOption("boolean");
  await page.getByLabel("Value", { exact: true }).fill("true");
  await button(page, "Add").click();
  assert.equal(await call(page, "read", '"Vehicle.Body.Trunk.IsOpen"'), "true");
  await page.getByLabel("Value of Body.Trunk.IsOpen").uncheck({ force: true });
  await call(page, "read", '"Body.Trunk.IsOpen"');
  await shows("false");
  assert.equal(await call(page, "write", '"Cabin.Seats", {"rows": [1, 2]}'), '{"rows":[1,2]}');
  await page.getByLabel("Value of Cabin.Seats").and(page.locator('[value=\'{"rows":[1,2]}\']')).waitFor();
  await call(page, "write", '"Doors.Count", 4');
  await shows("8");

  await button(page, "Run fill").click();
  await page.getByTestId("plugins").getByRole("alert").filter({ hasText: "There are 1,000 signals" }).waitFor();
  const listed = page.getByRole("list", { name: "Vehicle signals" }).getByRole("listitem");
  await until("a list that isn't endless", async () => (await listed.count()) === 100);
  await page.getByLabel("Filter").fill("many.s77");
  await until("what is filtered", async () => (await listed.count()) === 11);
  await page.reload();
  await until("what was set in the panel", async () => (await page.getByLabel("Value of Speed").inputValue()) === "55");
  assert.equal(await listed.count(), 2);
});

test("a popup lies over the dashboard until Escape", async (t) => {
  const source = plugin(`
    box.injectHTML("<button>Open</button>");
    box.window.document.querySelector("button").onclick = () => {
      const node = document.createElement("p");
      node.textContent = "over everything";
      box.triggerPopup(node);
    };`);
  const page = await openWith(t, { dashboard: [item([1], "P", "Tried")], plugins: { P: source } });
  const opener = button(widget(page, "Tried of P"), "Open");
  const popup = host(page).getByRole("dialog").getByText("over everything");
  await opener.click();
  await popup.waitFor();
  await page.keyboard.press("Escape");
  await popup.waitFor({ state: "detached" });
  await opener.click();
  await popup.waitFor();
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("Escape");
  await popup.waitFor({ state: "detached" });
  await opener.click();
  await button(host(page).getByRole("dialog"), "Close").click();
  await popup.waitFor({ state: "detached" });
});

/** Tries what a plugin must not be able to do, and says how each attempt ended. */
const HOSTILE = `export default ({ widgets }) => {
  const attempts = (window) => ({
    "the cookies": () => window.document.cookie,
    "the hub's storage": () => window.localStorage.length,
    "a database": () => window.indexedDB.open("x"),
    "a service worker": () => window.navigator.serviceWorker.register("HUB/playground/host.js"),
    "the stage": () => window.top.frames[0].document.body,
    "the console": () => window.top.document.body.textContent,
    "the stage's storage": () => window.top.frames[0].localStorage.length,
    "the apps": async () => (await window.fetch("HUB/api/v1/apps", { credentials: "include" })).status,
    "the address of the page": () => { window.top.location = "HUB/gone"; return "no error"; },
    "the address of the stage": () => { window.top.frames[0].location = "HUB/gone"; return "no error"; },
    "the address of the page, by a popup": () => { window.open("about:blank").opener.top.location = "HUB/gone"; return "no error"; },
    "the console in a frame": () => inFrame(window, "HUB/console"),
    "the stage in a frame": () => inFrame(window, "HUB/playground/stage"),
  });
  const inFrame = async (window, src) => {
    const frame = window.document.createElement("iframe");
    const loaded = new Promise((resolve) => (frame.onload = resolve));
    frame.src = src;
    window.document.body.append(frame);
    await loaded;
    return frame.contentDocument.body.textContent;
  };
  const outcomes = async (window) => {
    const found = {};
    for (const [what, attempt] of Object.entries(attempts(window))) {
      try { found[what] = "GOT " + await attempt(); } catch (error) { found[what] = error.name; }
    }
    return found;
  };
  let box;
  widgets.register("Hostile", (its) => {
    box = its;
    box.injectHTML('<p>innocent</p><a href="HUB/gone" target="_top">Go</a><form action="HUB/gone" target="_top"><button>Send</button></form>');
  });
  return {
    fromHost: async () => JSON.stringify(await outcomes(window)),
    fromWidget: async () => JSON.stringify(await outcomes(box.window)),
    blind: async () => {
      for (const [method, path] of [["GET", "apps"], ["POST", "apps"], ["POST", "admin/logout"]]) {
        await fetch("HUB/api/v1/" + path, { method, mode: "no-cors", credentials: "include", body: method === "POST" ? "{}" : undefined }).catch(() => {});
      }
      return "done";
    },
  };
};`;

test("a hostile plugin reaches nothing of the hub's, the console's or the browser's", async (t) => {
  const page = await open(t);
  const asked = [];
  page.on("request", (request) => asked.push(request.allHeaders().then(({ cookie }) => ({ path: new URL(request.url()).pathname, hasCookie: cookie !== undefined, isOfFrame: request.frame() !== page.mainFrame() }), () => undefined)));
  const source = HOSTILE.replaceAll("HUB", hub.url);
  await importInto(page, { dashboard: [item([1, 2], "P", "Hostile")], plugins: { P: source } });
  await run(page);
  const hostile = widget(page, "Hostile of P");
  await hostile.getByText("innocent").waitFor();
  const address = page.url();
  for (const from of ["fromHost", "fromWidget"]) {
    const outcomes = JSON.parse(await call(page, from));
    assert.equal(Object.keys(outcomes).length, 13);
    for (const [what, outcome] of Object.entries(outcomes)) assert.match(outcome, /^(SecurityError|TypeError)$/, `${from}: ${what}`);
  }
  const answered = page.waitForResponse((answer) => answer.url().endsWith("/admin/logout"));
  await button(page, "Run blind").click();
  assert.equal((await answered).status(), 401, "nothing that it asks is asked by the administrator");
  // With the activation of a click, which lets other frames navigate the page.
  await hostile.getByText("Go").click();
  await button(hostile, "Send").click();
  await hostile.getByText("innocent").click();
  assert.equal(page.url(), address);
  const ofFrames = (await Promise.all(asked)).filter((request) => request?.isOfFrame);
  const isStage = ({ path }) => /^\/playground\/stage/.test(path);
  assert.ok(ofFrames.some((request) => isStage(request) && request.hasCookie), "cookies are seen where there are some");
  assert.ok(ofFrames.some(({ path }) => path === "/api/v1/apps"));
  assert.deepEqual(ofFrames.filter((request) => !isStage(request) && request.hasCookie), []);
  assert.ok((await page.request.get(`${hub.url}/api/v1/apps`)).ok(), "the administrator is logged in as before");
});

test("a plugin that lies to the console is taken for a stranger", async (t) => {
  const source = `export default () => {
    const { postMessage } = MessagePort.prototype;
    MessagePort.prototype.postMessage = function (message) {
      MessagePort.prototype.postMessage = postMessage;
      for (const lie of [null, 7, "x", [], {}, { type: "nothing" }, { type: "log", lines: [null, { text: {} }] }, { type: "plugin", name: "constructor", widgets: 7 },
        { type: "result", id: 99 }, { type: "set", id: 1, path: "__proto__", value: { polluted: true } }, { type: "set", id: 2, path: "no path!", value: 1 }, { type: "set", id: 3, path: "Big", value: 10n }, { type: "widget", key: {} }]) postMessage.call(this, lie);
      postMessage.call(this, { type: "log", lines: [{ level: "error", source: "<b>x</b>", text: "<img src=x onerror=alert(1)>" }] });
      postMessage.call(this, message);
    };
  };`;
  const page = await openWith(t, { dashboard: [], plugins: { P: source } });
  await said(page).filter({ hasText: "<img src=x onerror=alert(1)>" }).waitFor();
  await page.getByTestId("plugins").getByText("runs", { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => ({}).polluted), undefined);
  assert.deepEqual(page.errors, []);
});

test("a shared link runs nothing before somebody says so", async (t) => {
  const sender = await open(t);
  await importInto(sender, { name: "Shared by me", dashboard: [item([1], "P", "Tried")], plugins: { P: plugin(`box.injectHTML("it runs"); console.log("it runs");`) }, signals: { Speed: 7 } });
  await button(sender, "Share").click();
  const link = await sender.getByRole("dialog").locator("pre").textContent();
  assert.ok(link.startsWith(`${hub.url}/console/playground#share=`), link);

  // Somebody else, who has no password.
  const receiver = await openPage(t, browser, link);
  await receiver.getByRole("heading", { name: "Somebody shares a dashboard: Shared by me" }).waitFor();
  await receiver.getByText(/^P, \d+ characters/).click();
  await receiver.getByText('console.log("it runs")').waitFor();
  assert.equal(receiver.url(), `${hub.url}/console/playground`);
  await button(receiver, "Discard it").click();
  await button(receiver, "Empty dashboard").waitFor();
  await receiver.evaluate((fragment) => (location.hash = fragment), new URL(link).hash);
  await button(receiver, "Keep it in this browser").click();
  await receiver.getByRole("heading", { level: 2, name: "Shared by me" }).waitFor();
  assert.equal(receiver.frames().length, 1);
  assert.equal(await receiver.getByLabel("Value of Speed").inputValue(), "7");
  await run(receiver);
  await widget(receiver, "Tried of P").getByText("it runs").waitFor();

  const damaged = await openPage(t, browser, link.slice(0, -20));
  await damaged.getByRole("alert").filter({ hasText: "The link is damaged" }).waitFor();
});

test("dashboards are kept, renamed, exported, imported and deleted", async (t) => {
  const page = await open(t);
  await page.getByRole("button", { name: /^Vehicle signals/ }).click();
  await run(page);
  await widget(page, "Speed of Vehicle").getByText("30 km/h").waitFor();
  await button(widget(page, "Trunk of Vehicle"), "All signals of this widget").click();
  await host(page).getByRole("dialog").getByText("the trunk is closed").waitFor();
  assert.equal(await call(page, "accelerate", "20"), "It drives at 20 km/h.");
  await button(page, "Rename").click();
  await page.getByRole("dialog").getByLabel("Name").fill("My car");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByRole("heading", { level: 2, name: "My car" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 2, name: "My car" }).waitFor();

  const downloading = page.waitForEvent("download");
  await button(page, "Export").click();
  const download = await downloading;
  assert.equal(download.suggestedFilename(), "my-car.playground.json");
  await page.getByLabel("Import", { exact: true }).setInputFiles(await download.path());
  await page.getByRole("heading", { level: 2, name: "My car 2" }).waitFor();
  assert.equal(await page.getByLabel("Dashboard", { exact: true }).locator("option").count(), 2);
  for (let left = 2; left > 0; left--) {
    await button(page, "Delete").click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await page.getByText("Begin with a dashboard").waitFor();
  await page.getByLabel("Import", { exact: true }).setInputFiles({ name: "other.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await page.getByRole("alert").filter({ hasText: "other.json: It isn't a dashboard of the playground" }).waitFor();
  assert.deepEqual(page.errors, []);
});

test("mistakes in plugins are shown with whose they are, and others go on", async (t) => {
  const plugins = {
    Syntax: "export default () => {\n  const = 7;\n};",
    Classic: "var plugin = function () {\n  return 1 +;\n};",
    Nothing: "export const answer = 42;",
    Throws: `export default () => { throw new Error("no factory today"); };`,
    Afar: { url: `${hub.url}/no/such/plugin.js` },
    Late: `export default ({ widgets, simulator, vehicle }) => {
      widgets.register("Broken", async () => { throw new Error("broken widget"); });
      widgets.register("Later", (box) => {
        box.injectHTML("<button onclick='missing()'>Press</button>");
        box.window.document.querySelector("button").addEventListener("click", () => Promise.reject(new Error("not awaited")));
      });
      return { fails: () => { throw new Error("called in vain"); }, add: (a, b) => a + b, number: 7 };
    };`,
  };
  const dashboard = [item([1], "Late", "Broken"), item([2], "Late", "Later"), item([3], "Throws", "W")];
  const page = await openWith(t, { dashboard, plugins });
  const listed = (name) => page.getByTestId("plugins").getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });
  await listed("Syntax").getByRole("alert").filter({ hasText: /SyntaxError.*\(line 2\)/ }).waitFor();
  await listed("Classic").getByRole("alert").filter({ hasText: /SyntaxError.*\(line 2\)/ }).waitFor();
  await listed("Nothing").getByRole("alert").filter({ hasText: "it has no factory" }).waitFor();
  await listed("Throws").getByRole("alert").filter({ hasText: "no factory today" }).waitFor();
  await listed("Afar").getByRole("alert").filter({ hasText: "plugin.js" }).waitFor();
  await page.getByRole("region", { name: "Box 1:" }).getByText("broken widget").waitFor();
  await page.getByRole("region", { name: "Box 3:" }).getByText("The plugin Throws failed").waitFor();
  await said(page).filter({ hasText: "Late · Broken error" }).filter({ hasText: "broken widget" }).waitFor();

  await button(widget(page, "Later of Late"), "Press").click();
  await said(page).filter({ hasText: "Late · Later error" }).filter({ hasText: "missing is not defined" }).waitFor();
  await said(page).filter({ hasText: /Late error/ }).filter({ hasText: "not awaited" }).waitFor();
  assert.equal(await call(page, "add", "40, 2"), "42");
  await button(page, "Run fails").click();
  await page.getByRole("alert").filter({ hasText: "called in vain" }).waitFor();
  await page.getByLabel("Arguments of add").fill("40,");
  assert.ok(await button(page, "Run add").isDisabled());
  assert.equal(await button(page, "Run number").count(), 0);
});

test("what plugins say is bounded and can be cleared", async (t) => {
  const source = `export default () => {
    for (let i = 0; i < 190; i++) console.log("line " + i);
    return { more: () => { for (let i = 0; i < 10_000; i++) console.warn("more " + i + "x".repeat(5_000)); } };
  };`;
  const page = await openWith(t, { dashboard: [], plugins: { P: source } });
  await said(page).filter({ hasText: "line 189" }).waitFor();
  for (let times = 1; times <= 2; times++) {
    await button(page, "Run more").click();
    await until("the lines", async () => (await said(page).count()) >= Math.min(500, 190 + 200 * times));
  }
  assert.equal(await said(page).count(), 500);
  await page.getByText(/The last 500 lines; 19,\d+ went before them/).waitFor();
  assert.ok((await said(page).last().locator("code").textContent()).length <= 2_000);
  await button(page, "Clear").click();
  await page.getByText("Nothing said yet").waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`it is accessible and fits a telephone (${colorScheme})`, async (t) => {
    const page = await open(t);
    await page.emulateMedia({ colorScheme });
    await page.getByRole("button", { name: /^Follow a provider/ }).click();
    const looked = async (what) => {
      assert.deepEqual(await findings(page), [], what);
    };
    await looked("stopped");
    await button(page, "Edit SocketIO").click();
    await page.getByRole("textbox", { name: "Source of SocketIO" }).waitFor();
    await looked("the editor");
    await run(page);
    await widget(page, "Client of SocketIO").getByText("offline: start the provider").waitFor();
    await page.getByRole("textbox", { name: "Dashboard as JSON" }).fill('[{"boxes": [1], "plugin": "SocketIO", "widget": "Client"}, {"boxes": [2], "plugin": "X", "widget": "Y"}, 7]');
    await page.getByLabel("Path").fill("Speed");
    await button(page, "Add").click();
    await looked("running, with mistakes");
    assert.deepEqual(await findings(hostOf(page)), [], "the host");
    await button(page, "Arrange").click();
    await looked("being arranged");
    await page.setViewportSize({ width: 360, height: 740 });
    await until("that it fits", () => page.evaluate(() => document.documentElement.scrollWidth <= 360));
    await button(page, "Change Client of SocketIO").click();
    await page.getByRole("dialog").waitFor();
    await looked("the dialog");
    assert.deepEqual(page.errors, []);
  });
}

/** Goes on with the Tab key until this has the focus. */

test("it goes without a mouse and without a password, and the rest of the console doesn't", async (t) => {
  const page = await openPage(t, browser, `${hub.url}/console/playground`);
  await tabTo(page, page.getByRole("button", { name: /^Vehicle signals/ }));
  await page.keyboard.press("Enter");
  await tabTo(page, button(page, "Run"));
  await page.keyboard.press("Enter");
  const range = widget(page, "Speed of Vehicle").getByRole("slider");
  await range.waitFor();
  await tabTo(page, page.getByLabel("Value of Speed"));
  await page.keyboard.press("Control+a");
  await page.keyboard.type("90");
  await page.keyboard.press("Enter");
  await widget(page, "Speed of Vehicle").getByText("90 km/h").waitFor();
  await range.focus();
  await page.keyboard.press("ArrowRight");
  await until("the widget's value", async () => (await page.getByLabel("Value of Speed").inputValue()) === "91");

  await page.getByRole("link", { name: "Log in" }).click();
  await button(page, "Log in").waitFor();
  await page.goto(`${hub.url}/console/apps`);
  await button(page, "Log in").waitFor();
});
