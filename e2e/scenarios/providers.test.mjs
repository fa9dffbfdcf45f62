// Providers and scenarios: a provider's coming, going and broadcasts start them, and a step asks a provider for its reply.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { arrived, ask, connect, connected, startHub } from "../push/support.mjs";
import { allSaid, createShop, ended, list, linked, log, only, push, put, runs, said, start } from "./support.mjs";

const CONFIG = "shards = 2\n[bridge]\nrequest_timeout_ms = 2000\n[socketio.recovery]\nenabled = true\n";

let hub, app;
before(async () => (hub = await startHub({ config: CONFIG })));
beforeEach(async () => (app = await createShop(hub, ["socket.io", "bridge"])));
after(() => hub?.stop());

const client = (t, more = {}) => connect(t, hub, { app_id: app.key, ...more });

/** A provider that answers requests with what `reply` makes of them. */
async function provider(t, provider_id, reply) {
  const socket = await client(t);
  socket.on("new_request", (request) => {
    const answer = reply?.(request);
    if (answer) socket.emit("provider_reply", { request_from: request.request_from, request_id: request.request_id, ...answer });
  });
  assert.equal((await ask(socket, "register_provider", { provider_id })).ok, true);
  return socket;
}

const provider_event = (kind, provider_id) => ({ type: `provider_${kind}`, ...(provider_id && { provider_id }) });

async function put_all(provider_id) {
  for (const kind of ["online", "offline", "broadcast"]) {
    await put(app, { id: kind, trigger: provider_event(kind, provider_id), steps: [log(`{{provider.id}} ${kind} {{provider.payload.v}}`)] });
  }
}

test("a provider's coming, broadcasts and going start scenarios, in this order", async (t) => {
  await put_all();
  const socket = await provider(t, "CAR-1");
  socket.emit("sent_to_my_clients", { provider_id: "CAR-1", v: 1 });
  socket.emit("sent_to_my_clients", { provider_id: "CAR-1", v: { a: [2] } });
  await runs(app, "", 3);
  socket.close();
  const all = await runs(app, "", 4);
  assert.deepEqual(all.map(({ cause, lane }) => [cause, lane]), [
    ["provider_online CAR-1", "provider:CAR-1"],
    ["provider_broadcast CAR-1", "provider:CAR-1"],
    ["provider_broadcast CAR-1", "provider:CAR-1"],
    ["provider_offline CAR-1", "provider:CAR-1"],
  ]);
  assert.deepEqual(await allSaid(app, "broadcast", 2), ["CAR-1 broadcast 1", 'CAR-1 broadcast {"a":[2]}']);
});

test("with an id, only that provider counts", async (t) => {
  await put_all("CAR-1");
  const others = [await provider(t, "CAR-2"), await provider(t, "car-1")];
  others[0].emit("sent_to_my_clients", { provider_id: "CAR-2", v: 1 });
  for (const other of others) other.close();
  const mine = await provider(t, "CAR-1");
  mine.close();
  assert.deepEqual((await runs(app, "", 2)).map(({ cause }) => cause), ["provider_online CAR-1", "provider_offline CAR-1"]);
});

test("a broadcast over HTTP starts them as well", async (t) => {
  await put_all();
  await provider(t, "CAR-1");
  await hub.api.post(`${app.path}/providers/CAR-1/broadcast`, { v: "over HTTP" });
  await runs(app, "", 2);
  assert.deepEqual(await allSaid(app, "broadcast", 1), ["CAR-1 broadcast over HTTP"]);
});

test("many broadcasts of one provider keep their order", async (t) => {
  await put(app, { id: "broadcast", trigger: provider_event("broadcast"), steps: [log("{{provider.payload.v}}")] });
  const socket = await provider(t, "CAR-1");
  for (let v = 0; v < 100; v++) socket.emit("sent_to_my_clients", { provider_id: "CAR-1", v });
  assert.deepEqual(await allSaid(app, "broadcast", 100), Array.from({ length: 100 }, (_, v) => `${v}`));
});

test("a provider that takes its id over neither comes nor goes", async (t) => {
  await put_all();
  const former = await provider(t, "CAR-1");
  const next = await provider(t, "CAR-1");
  former.close();
  await ask(next, "register_provider", { provider_id: "CAR-1" });
  next.close();
  assert.deepEqual((await runs(app, "", 2)).map(({ scenario }) => scenario), ["online", "offline"]);
});

test("a provider whose connection drops is gone, and back when it recovers", async (t) => {
  await put_all();
  const socket = await provider(t, "CAR-1");
  await app.push("*", "hello");
  await arrived(socket, 1);
  socket.io.engine.close();
  await runs(app, "scenario=offline", 1);
  await connected(socket);
  assert.equal(socket.recovered, true);
  assert.deepEqual((await runs(app, "", 3)).map(({ scenario }) => scenario), ["online", "offline", "online"]);
});

test("two apps don't hear each other's providers", async (t) => {
  await put_all();
  const mine = app;
  app = await createShop(hub, ["socket.io", "bridge"]);
  await provider(t, "CAR-1");
  await put_all();
  (await provider(t, "CAR-2")).close();
  await runs(app, "", 2);
  assert.deepEqual(await list(mine), []);
});

/** Starts a scenario whose step asks the provider, and resolves with its run. */
async function asking(step, steps = []) {
  await put(app, { id: "ask", trigger: linked, steps: [{ type: "request_provider", provider_id: "CAR-1", as: "reply", ...step }, ...steps] });
  return ended(app, await start(app, "ask", { given: { event: { n: 21 } } }));
}

test("a step asks a provider and uses its reply", async (t) => {
  await provider(t, "CAR-1", ({ cmd, data }) => ({ cmd, result: data * 2 }));
  const run = await asking({ payload: { cmd: "double_me", data: "{{event.n}}" } }, [log("{{reply.cmd}} {{reply.result}}")]);
  assert.deepEqual(said(run), ["double_me 42"]);
  assert.deepEqual(run.steps[0].input.payload, { cmd: "double_me", data: 21 });
});

test("a step without a payload asks with nothing", async (t) => {
  await provider(t, "CAR-1", (request) => ({ had: Object.keys(request).sort() }));
  const run = await asking({}, [log("{{reply.had}}")]);
  assert.match(said(run)[0], /request_from.*request_id.*to_provider_id/);
});

test("a step whose provider isn't there fails, and so does one that never replies", async (t) => {
  const offline = await asking({ payload: {} });
  assert.deepEqual([offline.status, offline.error.code, offline.error.step], ["failed", "provider_offline", "steps[0]"]);
  assert.match(offline.error.message, /CAR-1/);
  await provider(t, "CAR-1", () => undefined);
  const late = await asking({ timeout_ms: 200 });
  assert.deepEqual([late.status, late.error.code], ["failed", "timeout"]);
  assert.match(late.error.message, /200 ms/);
  const patient = await asking({ timeout_ms: 60_000 });
  assert.equal(patient.error.code, "timeout", "the bridge's own time is over first");
});

test("what a template makes of an id or a payload is checked when it is known", async () => {
  const nobody = await asking({ provider_id: "{{event.none}}" });
  assert.deepEqual([nobody.status, nobody.error.code], ["failed", "invalid_payload"]);
  const text = await asking({ payload: "{{event.n}}" });
  assert.deepEqual([text.status, text.error.code], ["failed", "invalid_payload"]);
});

test("a signal of a vehicle raises a toast at its driver", async (t) => {
  const session_id = await app.user("ann");
  await put(app, {
    id: "speeding",
    trigger: provider_event("broadcast", "CAR-1"),
    filter: "provider.payload.speed > 120",
    steps: [push("ann", "alert", "{{provider.id}} drives {{provider.payload.speed}}")],
  });
  const [driver, car] = [await client(t, { session_id }), await provider(t, "CAR-1")];
  for (const speed of [100, 130]) car.emit("sent_to_my_clients", { provider_id: "CAR-1", speed });
  await arrived(driver, 1);
  // Beyond its message, an event carries the offset of recovery.
  assert.deepEqual(driver.arrivals.map(([event, message]) => [event, message]), [["alert", "CAR-1 drives 130"]]);
  assert.equal((await only(app, "speeding")).status, "done");
});
