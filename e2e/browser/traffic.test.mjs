// The console's live traffic, in a browser against a real hub with real clients: what one sees is what flowed, in the list
// and in the picture; it can be filtered, paused and cleared, and stays bounded however much flows.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CHEAP_PASSWORDS, ask, connect, createApp, passwordOf, startHub, until } from "../push/support.mjs";
import { findings } from "./access.mjs";
import { openConsole } from "./console.mjs";
import { framesOf, heapBytesOf, pour } from "./frames.mjs";
import { launch, openPage } from "./support.mjs";


/** With one shard a broadcast is one flow, however many follow. */
const CONFIG = `shards = 1\n${CHEAP_PASSWORDS}`;

const KEPT_MAX = 50_000;
const POURED = 100_000;

/** Memory is measured roughly. If it grew with what has flowed, it would be twice as much. */
const HEAP_GROWTH_MAX = 1.5;

/** Rows that are in the page at once; the others are only numbers. */
const ROWS_MAX = 60;

let hub, browser;
before(async () => {
  [hub, browser] = await Promise.all([startHub({ config: CONFIG }), launch()]);
});
after(() => Promise.all([hub?.stop(), browser?.close()]));

/** The view, logged in and hearing. */
async function watch(t, { at = hub, scheme = "light" } = {}) {
  const page = await openConsole(t, { hub: at, browser, password: passwordOf(at) }, "/traffic", { scheme });
  await page.setViewportSize({ width: 1280, height: 800 });
  await state(page, "live");
  return page;
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const list = (page) => page.getByRole("listbox", { name: "Flows, newest last" });
const rows = (page) => list(page).getByRole("option");
const row = (page, text) => rows(page).filter({ hasText: text });
const details = (page) => page.getByRole("region", { name: "The chosen flow" });
const state = (page, word) => page.getByRole("status").getByText(word, { exact: true }).waitFor();
const shown = (page, text) => page.getByTestId("fitting").getByText(text, { exact: true }).waitFor();
const fits = (page, count) => page.getByTestId("fitting").getByText(new RegExp(`^${count} of `)).waitFor();
const picture = async (page) => (await page.getByTestId("sequence").textContent()).trim();
const number = async (page, name) => Number((await page.getByTestId(name).textContent()).replaceAll(",", ""));

/** A provider that doubles, and clients that follow it. */
async function bridge(t, id, clients) {
  const [provider, ...followers] = await Promise.all(Array.from({ length: clients + 1 }, () => connect(t, hub, {})));
  provider.on("new_request", (request) => provider.emit("provider_reply", { ...request, result: request.data * 2 }));
  await ask(provider, "register_provider", { provider_id: id });
  for (const follower of followers) await ask(follower, "register_client", { master_provider_id: id });
  return { provider, followers };
}

/** How the list and the picture call a client. */
const called = ({ id }) => `client ${id.slice(0, 6)}`;

test("shows who says what to whom, in the list and in the picture", async (t) => {
  const page = await watch(t);
  await page.getByText("Nothing flows at the moment").waitFor();
  const { provider, followers } = await bridge(t, "BELL", 2);
  followers[0].emit("request_provider", { to_provider_id: "BELL", cmd: "double_me", data: 21 });
  await row(page, `hub to ${called(followers[0])}`).filter({ hasText: "provider_reply" }).filter({ hasText: '"result":42' }).waitFor();
  provider.emit("sent_to_my_clients", { cmd: "ding", data: 1 });
  await row(page, "hub to followers of BELL").filter({ hasText: "message_from_provider" }).filter({ hasText: "×2" }).waitFor();
  await row(page, `${called(followers[0])} to hub`).filter({ hasText: "request_provider" }).waitFor();
  await row(page, "hub to BELL").filter({ hasText: "new_request" }).waitFor();
  await row(page, "BELL to hub").filter({ hasText: "sent_to_my_clients" }).waitFor();

  const words = await picture(page);
  const steps = [
    `${called(followers[0])} to hub: request_provider`,
    "hub to BELL: new_request",
    "BELL to hub: provider_reply",
    `hub to ${called(followers[0])}: provider_reply`,
    "BELL to hub: sent_to_my_clients",
    "hub to followers of BELL: message_from_provider (2 sockets)",
  ];
  const places = steps.map((step) => words.indexOf(`${step};`) + words.indexOf(`${step}.`));
  assert.ok(places.every((place) => place > 0), words);
  assert.deepEqual(places, places.toSorted((a, b) => a - b), words);
  // Who serves stands at the right of the hub, all others at its left.
  const lines = words.match(/^Lines: (.*?)\. Arrows/)[1].split(", ");
  assert.deepEqual(lines.slice(-2), ["hub", "BELL"]);
  assert.ok([called(followers[0]), "followers of BELL"].every((name) => lines.indexOf(name) < lines.indexOf("hub")), words);
  const heads = page.getByRole("group", { name: "Parties of the picture" });
  await heads.getByRole("button", { name: "BELL", exact: true }).waitFor();

  const app = await createApp(hub);
  await connect(t, hub, { app_id: app.key, session_id: await app.user("anna") });
  await app.push("anna", "alert", "Your taxi waits");
  await row(page, "hub to user anna").filter({ hasText: app.id }).filter({ hasText: "Your taxi waits" }).waitFor();
  await app.push("*", "alert", "We close");
  await row(page, "hub to everyone").filter({ hasText: "We close" }).waitFor();
  followers[1].emit("n".repeat(10_000), {});
  await row(page, `${"n".repeat(200)}…`).waitFor();
  const gone = called(followers[1]);
  followers[1].close();
  await row(page, `${gone} to hub`).filter({ hasText: "disconnect" }).filter({ hasText: "client namespace disconnect" }).waitFor();
  assert.deepEqual(page.errors, []);
});

test("the picture is drawn, as sharp as the screen is", async (t) => {
  const context = await browser.newContext({ deviceScaleFactor: 2, viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.request.post(`${hub.url}/api/v1/admin/login`, { data: { name: "admin", password: passwordOf(hub) } });
  await page.goto(`${hub.url}/console/traffic`);
  await state(page, "live");
  const { provider } = await bridge(t, "SHARP", 1);
  provider.emit("sent_to_my_clients", { cmd: "ding" });
  await row(page, "hub to followers of SHARP").filter({ hasText: "ding" }).waitFor();
  const drawn = await list(page).locator("canvas").evaluate((canvas) => {
    const ctx = canvas.getContext("2d");
    const page = getComputedStyle(document.documentElement);
    ctx.fillStyle = page.getPropertyValue("--accent").trim();
    const [r, g, b] = ctx.fillStyle.match(/\w\w/g).map((part) => parseInt(part, 16));
    const { data } = ctx.getImageData(0, 0, canvas.width, canvas.height);
    let accent = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at] === r && data[at + 1] === g && data[at + 2] === b && data[at + 3] === 255) accent += 1;
    return { pixels: canvas.width, wanted: Math.round(2 * canvas.getBoundingClientRect().width), accent };
  });
  assert.equal(drawn.pixels, drawn.wanted);
  // Arrows of what was sent are of that colour, and of more than a few pixels.
  assert.ok(drawn.accent > 200, JSON.stringify(drawn));
});

/** Twenty clients, their provider, and the room of them. */
const BUSY_PARTIES = 22;

test("the busiest have lines of their own, and all others one together", async (t) => {
  const page = await watch(t);
  const { provider, followers } = await bridge(t, "BUSY", 20);
  for (let count = 0; count < 5; count++) followers[7].emit("request_provider", { to_provider_id: "BUSY", cmd: "double_me", data: count });
  await row(page, `hub to ${called(followers[7])}`).filter({ hasText: '"result":8' }).waitFor();
  const words = await picture(page);
  const lines = words.match(/^Lines: (.*?)\. Arrows/)[1].split(", ");
  const others = lines.map((name) => name.match(/^(\d+) others$/)?.[1]).find(Boolean);
  assert.equal(lines.filter((name) => !/others|hub/.test(name)).length + Number(others), BUSY_PARTIES, words);
  assert.ok(lines.length <= 14 && lines.includes("BUSY") && lines.includes(called(followers[7])), words);
  assert.equal(await page.getByRole("group", { name: "Parties of the picture" }).getByRole("button").count(), lines.length - 2);
  const other = followers.find((follower) => !lines.includes(called(follower)));
  other.emit("greet", {});
  await row(page, `${called(other)} to hub`).filter({ hasText: "greet" }).waitFor();
  assert.match(await picture(page), new RegExp(`${others} others to hub: greet`));
  provider.emit("sent_to_my_clients", { cmd: "ding" });
  await row(page, "hub to followers of BUSY").filter({ hasText: "×20" }).waitFor();
  assert.deepEqual(page.errors, []);
});

test("filters what is kept and what comes, and the address keeps it", async (t) => {
  const page = await watch(t);
  const { provider, followers } = await bridge(t, "SIFTED", 2);
  followers[0].emit("request_provider", { to_provider_id: "SIFTED", cmd: "double_me", data: 4 });
  await row(page, "provider_reply").nth(1).waitFor();

  await page.getByLabel("Event", { exact: true }).fill("REQUEST");
  await fits(page, 2);
  await button(page, "sent").click();
  await fits(page, 1);
  await row(page, "hub to SIFTED").waitFor();
  followers[1].emit("request_provider", { to_provider_id: "SIFTED", cmd: "double_me", data: 5 });
  await fits(page, 2);
  await page.getByLabel("Text in the arguments").fill('"data":5');
  await fits(page, 1);
  assert.match(page.url(), /\?(?=.*event=REQUEST)(?=.*kind=sent)(?=.*text=)/);

  await page.reload();
  await state(page, "live");
  assert.equal(await page.getByLabel("Event", { exact: true }).inputValue(), "REQUEST");
  followers[0].emit("request_provider", { to_provider_id: "SIFTED", cmd: "double_me", data: 5 });
  await row(page, '"data":5').waitFor();
  assert.equal(await rows(page).count(), 1);

  const app = await createApp(hub);
  await page.goto(`${hub.url}/console/traffic`);
  await state(page, "live");
  provider.emit("sent_to_my_clients", { cmd: "ding" });
  followers[1].emit("request_provider", { to_provider_id: "SIFTED", cmd: "double_me", data: 6 });
  await row(page, `hub to ${called(followers[1])}`).waitFor();
  await row(page, `hub to ${called(followers[1])}`).getByText(called(followers[1]), { exact: true }).click();
  await fits(page, 2);
  await page.getByRole("group", { name: "Parties of the picture" }).getByRole("button", { name: called(followers[1]) }).click();
  assert.ok(!page.url().includes("party="));
  await page.getByRole("group", { name: "Parties of the picture" }).getByRole("button", { name: "followers of SIFTED" }).click();
  await fits(page, 1);
  await button(page, "All parties").click();

  await page.getByRole("combobox", { name: "App" }).click();
  await page.getByRole("option", { name: `App ${app.id.split("-").at(-1)}`, exact: true }).click();
  await until("the other stream", async () => (await watchers()) === 1 && page.url().includes(`app=${app.id}`));
  await state(page, "live");
  await app.push("*", "for-this-app");
  await row(page, "for-this-app").waitFor();
  assert.equal(await rows(page).count(), 1);
  assert.deepEqual(page.errors, []);
});

/** Who watches at this moment, as the hub says. */
async function watchers() {
  const metrics = await (await fetch(`${hub.url}/metrics`)).text();
  return Number(metrics.match(/^campanile_traffic_watchers (\d+)/m)[1]);
}

test("waits while one has paused, and begins anew when it is cleared", async (t) => {
  const page = await watch(t);
  const { provider } = await bridge(t, "PAUSED", 1);
  provider.emit("sent_to_my_clients", { cmd: "before" });
  await row(page, "hub to followers of PAUSED").filter({ hasText: "before" }).waitFor();
  await button(page, "Pause").click();
  await state(page, "paused");
  const before = await page.getByTestId("fitting").textContent();
  for (let count = 0; count < 20; count++) provider.emit("sent_to_my_clients", { cmd: "meanwhile", count });
  await button(page, "Go on · 40 new").waitFor();
  assert.equal(await page.getByTestId("fitting").textContent(), before);
  assert.equal(await row(page, "meanwhile").count(), 0);
  await page.getByLabel("Event", { exact: true }).fill("message_from");
  await button(page, "Go on · 20 new").click();
  await row(page, '"count":19').waitFor();
  await state(page, "live");
  await fits(page, 21);

  await button(page, "Clear").click();
  await page.getByText("Nothing flows at the moment").waitFor();
  assert.equal(await number(page, "heard"), 0);
  assert.equal(await rows(page).count(), 0);
  provider.emit("sent_to_my_clients", { cmd: "after" });
  await row(page, "after").waitFor();
  assert.equal(await rows(page).count(), 1);
  assert.deepEqual(page.errors, []);
});

test("goes without a mouse: choosing, opening, pausing, following", async (t) => {
  const page = await watch(t);
  const { provider } = await bridge(t, "KEYS", 1);
  for (let count = 0; count < 60; count++) provider.emit("sent_to_my_clients", { cmd: "count", count, more: { empty: {}, long: "x".repeat(300) } });
  await row(page, '"count":59').first().waitFor();
  const chosen = rows(page).and(page.locator("[aria-selected=true]"));
  const follows = page.getByRole("button", { name: "Follow", exact: true });
  assert.equal(await follows.getAttribute("aria-pressed"), "true");

  await list(page).focus();
  await page.keyboard.press("ArrowUp");
  await chosen.filter({ hasText: "message_from_provider" }).filter({ hasText: '"count":59' }).waitFor();
  assert.equal(await follows.getAttribute("aria-pressed"), "false");
  assert.equal(await list(page).getAttribute("aria-activedescendant"), await chosen.getAttribute("id"));
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await details(page).getByRole("heading", { name: "message_from_provider" }).waitFor();
  // Set out in lines, though the hub cuts it after 256 bytes.
  await details(page).locator("pre").filter({ hasText: '\n  "count": 58,\n  "more": {\n    "empty": {},\n    "long": "xxx' }).waitFor();
  await page.keyboard.press("ArrowDown");
  await details(page).getByRole("heading", { name: "sent_to_my_clients" }).waitFor();
  await page.keyboard.press("Escape");
  await details(page).waitFor({ state: "hidden" });
  await page.keyboard.press("Home");
  await chosen.filter({ hasText: "connect" }).waitFor();

  await page.keyboard.press(" ");
  await state(page, "paused");
  provider.emit("sent_to_my_clients", { cmd: "last" });
  await button(page, "Go on · 2 new").waitFor();
  await page.keyboard.press(" ");
  await state(page, "live");
  assert.equal(await row(page, '"last"').count(), 0);
  await page.keyboard.press("End");
  await row(page, '"last"').last().waitFor();
  assert.equal(await follows.getAttribute("aria-pressed"), "true");
  provider.emit("sent_to_my_clients", { cmd: "very last" });
  await row(page, "very last").last().waitFor();
  assert.deepEqual(page.errors, []);
});

test("stays where one has scrolled to, and follows again at the end", async (t) => {
  const page = await watch(t);
  const { provider } = await bridge(t, "SCROLLED", 1);
  const send = (from, to) => {
    for (let count = from; count < to; count++) provider.emit("sent_to_my_clients", { cmd: "n", count });
  };
  send(0, 50);
  await row(page, '"count":49').last().waitFor();
  const follows = page.getByRole("button", { name: "Follow", exact: true });
  await list(page).hover();
  await page.mouse.wheel(0, -1_000);
  await until("the end of following", async () => (await follows.getAttribute("aria-pressed")) === "false");
  const top = () => list(page).evaluate((element) => element.scrollTop);
  const before = await top();
  send(50, 80);
  await until("all", async () => (await number(page, "heard")) >= 160);
  await shown(page, `${await number(page, "heard")} flows`);
  assert.equal(await top(), before);
  await page.mouse.wheel(0, 100_000);
  await row(page, '"count":79').last().waitFor();
  await until("following", async () => (await follows.getAttribute("aria-pressed")) === "true");
  send(80, 90);
  await row(page, '"count":89').last().waitFor();

  // The arrow at the right of a row is the row's.
  const target = row(page, '"count":89').last();
  const { x, y, width, height } = await target.boundingBox();
  await page.mouse.click(x + width * 0.8, y + height / 2);
  await details(page).getByRole("heading", { name: "message_from_provider" }).waitFor();
  assert.deepEqual(page.errors, []);
});

test("the example shows life at once, and ends when it is told to", async (t) => {
  const page = await watch(t);
  await button(page, "Start an example").click();
  await row(page, "hub to followers of EXAMPLE-THERMOMETER").filter({ hasText: "temperature" }).first().waitFor();
  await row(page, "EXAMPLE-THERMOMETER to hub").filter({ hasText: "provider_reply" }).first().waitFor();
  const provider = async () => (await hub.api.get("/apps/public/providers")).items.some(({ provider_id }) => provider_id === "EXAMPLE-THERMOMETER");
  assert.ok(await provider());
  await button(page, "Stop the example").click();
  await until("its end", async () => !(await provider()));
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await until("the end of watching", async () => (await watchers()) === 0);
  assert.deepEqual(page.errors, []);
});

test("stops listening when nobody has looked for a while, and says what is missing", async (t) => {
  const page = await watch(t);
  const { provider } = await bridge(t, "UNSEEN", 1);
  await row(page, "register_client").first().waitFor();
  await page.clock.install();
  const look = (visibility) =>
    page.evaluate((visibility) => {
      Object.defineProperty(document, "visibilityState", { value: visibility, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, visibility);
  await look("hidden");
  await page.clock.runFor(59_000);
  assert.equal(await watchers(), 1);
  await page.clock.runFor(2_000);
  await until("the end of watching", async () => (await watchers()) === 0);
  provider.emit("sent_to_my_clients", { cmd: "unheard" });
  await look("visible");
  await until("watching", async () => (await watchers()) === 1);
  await page.clock.resume();
  provider.emit("sent_to_my_clients", { cmd: "heard again" });
  await row(page, "heard again").first().waitFor();
  await row(page, "flows may be missing here").waitFor();
  assert.equal(await row(page, "unheard").count(), 0);
  assert.match(await picture(page), /flows may be missing; /);
});

test("comes back after the hub was away, and shows the login when that is over", async (t) => {
  let other = await startHub({ config: CONFIG });
  t.after(() => other.stop());
  const password = passwordOf(other);
  const page = await watch(t, { at: other });
  await connect(t, other, {});
  await row(page, "connect").first().waitFor();
  const { host } = new URL(other.url);
  const data = await other.leave("SIGTERM");
  await state(page, "not connected");
  await page.getByRole("alert").filter({ hasText: "unreachable" }).waitFor();
  other = await startHub({ config: CONFIG, data, listen: host });
  await state(page, "live");
  await connect(t, other, {});
  await row(page, "flows may be missing here").waitFor();

  const answer = await page.request.post(`${other.url}/api/v1/admin/login`, { data: { name: "admin", password } });
  const { csrf_token } = await answer.json();
  await page.reload();
  await state(page, "live");
  await page.request.post(`${other.url}/api/v1/admin/logout`, { headers: { "X-CSRF-Token": csrf_token } });
  await button(page, "Log in").waitFor();
});

test("says how many it has missed, and that no more may watch", async (t) => {
  const narrow = await startHub({ config: `${CONFIG}[limits]\ntraffic_flows_waiting_max = 20\ntraffic_watchers_max = 1\n` });
  t.after(() => narrow.stop());
  const page = await watch(t, { at: narrow });
  const sockets = await Promise.all([connect(t, narrow, {}), connect(t, narrow, {})]);
  await ask(sockets[0], "register_provider", { provider_id: "FAST" });
  await ask(sockets[1], "register_client", { master_provider_id: "FAST" });
  await row(page, "register_client").first().waitFor();
  await button(page, "Clear").click();
  await pour(sockets[0], sockets[1], 2_000);
  // What is dropped is told with what comes next.
  await until("all, seen or counted", async () => {
    await ask(sockets[0], "sent_to_my_clients", { cmd: "more" });
    return (await number(page, "heard")) + (await number(page, "dropped")) >= 4_000;
  });
  const dropped = await number(page, "dropped");
  assert.ok(dropped > 0);
  await page.getByLabel("Event", { exact: true }).fill("no such event");
  const missing = await row(page, "flows are missing here").allTextContents();
  const told = missing.reduce((sum, text) => sum + Number(text.match(/^[\d,]+/)[0].replaceAll(",", "")), 0);
  assert.ok(told > 0 && told <= dropped, `${told} of ${dropped}`);

  const second = await openPage(t, browser, "about:blank");
  await second.request.post(`${narrow.url}/api/v1/admin/login`, { data: { name: "admin", password: passwordOf(narrow) } });
  await second.goto(`${narrow.url}/console/traffic`);
  await second.getByRole("alert").filter({ hasText: "limit_reached" }).filter({ hasText: "limits.traffic_watchers_max" }).waitFor();
  await page.close();
  await state(second, "live");
});

for (const scheme of ["light", "dark"]) {
  test(`is accessible with flows in it, and fits a telephone (${scheme})`, async (t) => {
    const page = await watch(t, { scheme });
    const { provider, followers } = await bridge(t, `AXE-${scheme}`, 2);
    provider.emit("sent_to_my_clients", { cmd: "ding", data: { a: [1, 2] } });
    followers[0].emit("request_provider", { to_provider_id: `AXE-${scheme}`, cmd: "x" }, () => {});
    await row(page, `hub to ${called(followers[0])}`).filter({ hasText: /acked \{"to_provider_id/ }).waitFor();
    await row(page, "message_from_provider").click();
    await details(page).waitFor();
    assert.deepEqual(await findings(page), [], "with details");
    await page.getByRole("group", { name: "Parties of the picture" }).getByRole("button", { name: `followers of AXE-${scheme}` }).click();
    await button(page, "sent").click();
    assert.deepEqual(await findings(page), [], "filtered");

    await page.setViewportSize({ width: 360, height: 740 });
    for (const part of ["List", "Picture"]) {
      await page.getByRole("radiogroup", { name: "What to show" }).getByText(part, { exact: true }).click();
      assert.deepEqual(await findings(page), [], part);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 360, `${part} is ${width} pixels wide`);
    }
    // The picture has all the width, and the list is still there for who can't see it.
    const canvas = await list(page).locator("canvas").boundingBox();
    assert.ok(canvas.width > 280, JSON.stringify(canvas));
    assert.ok((await rows(page).count()) > 0);
    assert.deepEqual(page.errors, []);
  });
}

test(`${POURED.toLocaleString("en")} live events go through it without freezing it, and it holds no more than its share of them`, { timeout: 300_000 }, async (t) => {
  const page = await watch(t);
  const { provider, followers } = await bridge(t, "FLOOD", 1);
  // What a socket keeps of what arrived isn't looked at here.
  [provider, ...followers].forEach((socket) => socket.offAny());
  await row(page, "register_client").first().waitFor();
  await button(page, "Clear").click();
  const accounted = async () => (await number(page, "heard")) + (await number(page, "dropped"));
  const tell = async (what, frames) => t.diagnostic(`${what}: ${await frames.report()}`);
  const following = await framesOf(page);

  // Of each broadcast two events are seen: the one to the hub, and the one from it.
  await pour(provider, followers[0], POURED / 4);
  await until("the first half", async () => (await accounted()) === POURED / 2);
  await tell("following", following);
  const heapBytes = { half: await heapBytesOf(page) };

  const using = await framesOf(page);
  const rest = pour(provider, followers[0], POURED / 4);
  // It answers while they come: to keys, to the mouse, and where one scrolls.
  await page.getByLabel("Event", { exact: true }).fill("message_from");
  await page.getByTestId("fitting").getByText(/ of /).waitFor();
  await button(page, "Pause").click();
  await page.getByRole("button", { name: /^Go on · [1-9][\d,]* new$/ }).click();
  await state(page, "live");
  await page.getByLabel("Event", { exact: true }).fill("");
  await page.getByTestId("fitting").getByText(/ flows$/).waitFor();
  await rest;
  await until("all of it", async () => (await accounted()) === POURED);
  await tell("typing and clicking", using);
  t.diagnostic(`${await number(page, "dropped")} of ${POURED} were dropped by the hub for this page`);

  await shown(page, `${KEPT_MAX.toLocaleString("en")} flows`);
  await row(page, `"number":${POURED / 4},`).last().waitFor();
  assert.ok((await rows(page).count()) <= ROWS_MAX);
  heapBytes.all = await heapBytesOf(page);
  t.diagnostic(`memory of scripts: ${Object.entries(heapBytes).map(([when, bytes]) => `${(bytes / 1e6).toFixed(1)} MB after ${when}`).join(", ")}`);
  assert.ok(heapBytes.all < heapBytes.half * HEAP_GROWTH_MAX, JSON.stringify(heapBytes));
  assert.deepEqual(page.errors, []);
});
