// The core of the kit in Node, with the stock client that it finds installed, against a hub: connections and their ends,
// pushes, refreshes, and the bridge.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createApp, fence, socketOf, connected, startHub, until } from "../push/support.mjs";
import { io } from "socket.io-client";
import { App, CampanileError, connect } from "../../sdk/dist/index.js";

let hub, app;
before(async () => {
  hub = await startHub();
  app = await createApp(hub, {}, ["socket.io", "bridge"]);
});
after(() => hub?.stop());

const FAST = { reconnectionDelay: 20, reconnectionDelayMax: 100, transports: ["websocket"] };

/** An app of the kit on the page `/shop/orders`, which is closed when the test ends. */
function open(t, options = {}) {
  const here = () => "https://site.example/shop/orders";
  const opened = connect({ host: hub.url, appId: app.key, here, socket: FAST, ...options });
  t.after(() => opened.close());
  return opened;
}

const is = (app, state, code) =>
  until(`${state} ${code}; it is ${JSON.stringify(app.status)}`, () => app.status.state === state && app.status.code === code);

async function online(t, options) {
  const opened = open(t, options);
  await is(opened, "online");
  return opened;
}

/** Waits until the kit has what was pushed before. */
async function passed(opened) {
  const name = `passed-${Math.random()}`;
  let hasCome = false;
  const forget = opened.on(name, () => (hasCome = true));
  await app.push("*", name);
  await until("the fence", () => hasCome);
  forget();
}

async function provide(t, ...ids) {
  const provider = socketOf(t, hub, { app_id: app.key });
  await connected(provider);
  for (const id of ids) await provider.emitWithAck("register_provider", { provider_id: id });
  return provider;
}

const rejects = (promise, code) =>
  assert.rejects(promise, (error) => error instanceof CampanileError && error.code === code && error.message.length > 5 && error.name === "CampanileError");

test("pushes come by name and all together, with the messages as they were sent", async (t) => {
  const opened = await online(t);
  const [named, all] = [[], []];
  opened.on("order", (message) => named.push(message));
  const forget = opened.onPush((name, message) => all.push([name, message]));
  await app.push("*", "order", "one");
  await app.push("*", "order", { number: 2 }, { mode: "json" });
  await app.push("*", "other");
  await passed(opened);
  assert.deepEqual(named, ["one", { number: 2 }]);
  assert.deepEqual(all.slice(0, 3), [["order", "one"], ["order", { number: 2 }], ["other", ""]]);
  forget();
  await app.push("*", "order", "three");
  await passed(opened);
  assert.deepEqual(named, ["one", { number: 2 }, "three"]);
  assert.equal(all.length, 4, "the fourth is the first fence");
});

test("a listener that throws keeps nobody else from hearing", async (t) => {
  const opened = await online(t);
  const [thrown, heard] = [[], []];
  // What browsers have, and Node hasn't.
  globalThis.reportError = ({ message }) => thrown.push(message);
  t.after(() => delete globalThis.reportError);
  opened.on("order", () => {
    throw new Error("mine");
  });
  opened.on("order", (message) => heard.push(message));
  await app.push("*", "order", "one");
  await passed(opened);
  assert.deepEqual([thrown, heard], [["mine"], ["one"]]);
});

test("alerts are those for this page", async (t) => {
  const opened = await online(t);
  const alerts = [];
  opened.onAlert(({ text }) => alerts.push(text));
  for (const page of ["shop", "shop/orders", "shop/orders/42", "home", ""]) {
    await app.push("*", "alert", JSON.stringify({ message: page || "everywhere", page }));
  }
  await app.push("*", "alert", "plain");
  await app.push("*", "alert", "");
  await passed(opened);
  assert.deepEqual(alerts, ["shop", "shop/orders", "everywhere", "plain"]);
});

test("a refresh tells everybody who asked, and is an alert once if it says something", async (t) => {
  const opened = await online(t);
  const [refreshes, alerts] = [[], []];
  opened.onAlert(({ text }) => alerts.push(text));
  const forgets = ["a", "b"].map((who) => opened.onRefresh("orders", (message) => refreshes.push(`${who} ${message}`)));
  await app.push("*", "orders", "");
  await app.push("*", "orders", "new");
  await app.push("*", "unrelated", "text");
  await passed(opened);
  assert.deepEqual([refreshes, alerts], [["a ", "b ", "a new", "b new"], ["new"]]);
  for (const forget of forgets) forget();
  await app.push("*", "orders", "nobody refreshes");
  await passed(opened);
  assert.equal(alerts.length, 1);
});

test("refusals have the hub's code, and pass with another session", async (t) => {
  const session = await app.user("ida");
  const opened = open(t, { sessionId: "no such session" });
  await is(opened, "refused", "session_invalid");
  await rejects(opened.request("ANY", "x"), "session_invalid");
  await opened.setSession(session);
  await is(opened, "online");
  await is(open(t, { appId: "no such app" }), "refused", "app_not_found");
});

test("a session that is renewed keeps the connection, one that ends closes it", async (t) => {
  const [first, second] = [await app.user("ben"), (await app.session("ben")).token];
  const opened = await online(t, { sessionId: first });
  const { id } = opened.socket;
  await opened.setSession(second);
  assert.equal(opened.socket.id, id);
  await hub.api.delete(`${app.path}/users/ben/sessions`);
  await is(opened, "closed", "session_revoked");
  await opened.setSession(undefined);
  await is(opened, "online");
  assert.notEqual(opened.socket.id, id);
  await opened.setSession("no such session");
  await is(opened, "refused", "session_invalid");
});

test("statuses are told in order, and nothing after it was closed", async (t) => {
  const opened = open(t);
  const states = [];
  opened.onStatus(({ state }) => states.push(state));
  await is(opened, "online");
  opened.socket.io.engine.close();
  await until("back", () => states.length === 3);
  opened.close();
  assert.deepEqual(states, ["online", "offline", "online", "closed"]);
  await opened.setSession("another");
  assert.equal(opened.socket.connected, false);
  await rejects(opened.request("ANY", "x"), "disconnected");
});

test("what was closed before the client was loaded never connects", async (t) => {
  let loaded;
  const late = new App(new Promise((resolve) => (loaded = resolve)), { host: hub.url, here: () => "https://x.example/" });
  assert.deepEqual(late.status, { state: "connecting" });
  late.close();
  loaded(io);
  await until("the client is there", () => late.socket);
  t.after(() => late.socket.disconnect());
  assert.equal(late.socket.active, false);
});

test("after a connection loss refreshers are told, unless the hub has made up for it", async (t) => {
  const recovering = await startHub({ config: "[socketio.recovery]\nenabled = true\n" });
  t.after(() => recovering.stop());
  for (const [each, expected] of [[hub, 1], [recovering, 0]]) {
    const other = await createApp(each);
    const opened = open(t, { host: each.url, appId: other.key });
    await is(opened, "online");
    const refreshes = [];
    opened.onRefresh("orders", () => refreshes.push("refresh"));
    let hasCome = false;
    opened.on("mark", () => (hasCome = true));
    await other.push("*", "mark");
    await until("the mark", () => hasCome);
    const ups = [];
    opened.onStatus(({ state }) => state === "online" && ups.push(state));
    opened.socket.io.engine.close();
    await until("back", () => ups.length === 1);
    assert.equal(Boolean(opened.socket.recovered), expected === 0);
    assert.equal(refreshes.length, expected);
  }
});

test("a provider: its status, broadcasts, replies and requests", async (t) => {
  const opened = await online(t);
  const thermometer = opened.provider("THERMOMETER");
  const [statuses, messages, replies] = [[], [], []];
  thermometer.onStatus((status) => statuses.push(status));
  thermometer.onMessage((message) => messages.push(message));
  thermometer.onReply(({ result }) => replies.push(result));
  await until("it is offline", () => thermometer.status === "offline");
  await rejects(thermometer.request("read"), "provider_offline");

  const provider = await provide(t, "THERMOMETER");
  provider.on("new_request", (request) => {
    for (const result of [request.data, "again"]) provider.emit("provider_reply", { ...request, result, error: { code: "its own" } });
  });
  await until("it is online", () => thermometer.status === "online");
  provider.emit("sent_to_my_clients", { cmd: "temperature", data: 21, unit: "°C" });
  const reply = await thermometer.request("echo", { deep: [1, null] }, { fields: { extra: true } });
  assert.deepEqual(reply.result, { deep: [1, null] });
  assert.deepEqual([reply.extra, reply.cmd, reply.error], [true, "echo", { code: "its own" }]);
  await until("both replies", () => replies.length === 2);
  assert.deepEqual(replies, [{ deep: [1, null] }, "again"]);
  assert.deepEqual(messages, [{ cmd: "temperature", data: 21, unit: "°C" }]);
  provider.disconnect();
  await until("it is offline again", () => thermometer.status === "offline");
  assert.deepEqual(statuses, ["offline", "online", "offline"]);
});

test("what comes right behind the hub's agreement to follow is heard", async (t) => {
  const provider = await provide(t, "FLOOD");
  let isFlooding = true;
  const flood = (async () => {
    while (isFlooding) {
      await provider.emitWithAck("sent_to_my_clients", { provider_id: "FLOOD", cmd: "x", data: "y" });
      await provider.emitWithAck("register_provider", { provider_id: "FLOOD" });
    }
  })();
  for (let round = 0; round < 20; round += 1) {
    const opened = await online(t);
    const arrived = [];
    opened.socket.onAny((event) => event === "message_from_provider" && arrived.push(event));
    const followed = opened.provider("FLOOD");
    const heard = [];
    followed.onMessage((message) => heard.push(message));
    await until("messages", () => arrived.length >= 3);
    assert.equal(heard.length, arrived.length);
    opened.close();
  }
  isFlooding = false;
  await flood;
});

test("two providers don't mix, and each is followed once however many look", async (t) => {
  const opened = await online(t);
  const provider = await provide(t, "ONE", "TWO");
  const heard = { one: [], another: [], two: [] };
  const [one, another, two] = [opened.provider("ONE"), opened.provider("ONE"), opened.provider("TWO")];
  for (const [name, each] of Object.entries({ one, another, two })) each.onMessage(({ data }) => heard[name].push(data));
  await until("all online", () => [one, another, two].every(({ status }) => status === "online"));
  const followers = async (id) => (await hub.api.get(`${app.path}/providers`)).items.find((item) => item.provider_id === id).followers;
  assert.deepEqual([await followers("ONE"), await followers("TWO")], [1, 1]);
  const say = (id, data) => provider.emitWithAck("sent_to_my_clients", { provider_id: id, cmd: "x", data });
  await say("ONE", 1);
  await say("TWO", 2);
  await until("both", () => heard.another.length && heard.two.length);
  one.close();
  one.close();
  await say("ONE", 3);
  await until("the third", () => heard.another.length === 2);
  assert.deepEqual(heard, { one: [1], another: [1, 3], two: [2] });

  another.close();
  two.close();
  const three = opened.provider("THREE");
  const four = [];
  three.onMessage((message) => four.push(message));
  await say("ONE", 4);
  await until("its own socket is gone", async () => (await followers("TWO")) === 0);
  await until("the app's socket follows another one", async () => (await followers("ONE")) === 0);
  assert.deepEqual(four, []);
});

test("requests: late, lost, refused by the bridge, and before the connection is there", async (t) => {
  const provider = await provide(t, "SILENT");
  const asked = [];
  provider.on("new_request", (request) => asked.push(request.cmd));
  const opened = open(t);
  const early = opened.request("SILENT", "early", null, { timeoutMs: 60 });
  await rejects(early, "timeout");
  const lost = opened.request("SILENT", "lost");
  await until("it was asked", () => asked.includes("lost"));
  opened.socket.io.engine.close();
  await rejects(lost, "disconnected");

  const bare = await createApp(hub, {}, ["socket.io"]);
  const other = await online(t, { appId: bare.key });
  await rejects(other.request("SILENT", "x"), "plugin_not_installed");
  assert.equal(other.provider("SILENT").status, "unknown");
});

test("providers are followed again after the hub was away", async (t) => {
  const first = await startHub();
  const { port } = new URL(first.url);
  const opened = connect({ host: first.url, socket: FAST, here: () => "https://x.example/" });
  t.after(() => opened.close());
  const provider = socketOf(t, first, {}, { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100 });
  provider.on("connect", () => provider.emit("register_provider", { provider_id: "BACK" }));
  await connected(provider);
  const followed = opened.provider("BACK");
  const statuses = [];
  followed.onStatus((status) => statuses.push(status));
  await until("online", () => followed.status === "online");
  await first.stop();
  await until("away", () => followed.status === "unknown");
  const second = await startHub({ listen: `127.0.0.1:${port}` });
  t.after(() => second.stop());
  await until("online again", () => followed.status === "online");
  const messages = [];
  followed.onMessage(({ data }) => messages.push(data));
  provider.emit("sent_to_my_clients", { cmd: "x", data: 5 });
  await until("heard", () => messages.length === 1);
  assert.ok(statuses.includes("unknown"));
});

test("a host may be written in several ways", async (t) => {
  const { host } = new URL(hub.url);
  await online(t, { host: `${hub.url}/some/path?x` });
  await online(t, { host: `http://${host}` });
});
