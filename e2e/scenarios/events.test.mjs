// Events that stock clients emit start scenarios, and their acks say what came of it.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { ask, connect, startHub } from "../push/support.mjs";
import { makes, connect as connectPeer } from "../bridge/peers.mjs";
import { createShop, ended, event, list, log, metric, only, put, respond, runs, said, show, wait, waiting } from "./support.mjs";

let hub, app;
before(async () => (hub = await startHub({ config: "shards = 2\n[scenarios]\nanswer_timeout_ms = 500\n" })));
beforeEach(async () => (app = await createShop(hub, ["socket.io", "bridge"])));
after(() => hub?.stop());

const client = (t, more = {}) => connect(t, hub, { app_id: app.key, ...more });

test("an event starts the scenario that waits for its name, with its arguments", async (t) => {
  await put(app, { id: "hello", trigger: event("hello"), steps: [log("{{event.name}} {{event.data.a}} {{event.args}} {{event.socket_id}}")] });
  const socket = await client(t);
  socket.emit("hello", { a: 1 }, "x");
  const run = await only(app, "hello");
  assert.deepEqual(said(run), [`hello 1 [{"a":1},"x"] ${socket.id}`]);
  assert.deepEqual([run.cause, run.lane], ["socket_event hello", `socket:${socket.id}`]);
});

test("a scenario is in force as soon as the call that saves it is answered", async (t) => {
  const socket = await client(t);
  for (let round = 0; round < 20; round++) {
    await put(app, { id: "fresh", trigger: event(`fresh-${round}`) });
    assert.equal((await ask(socket, `fresh-${round}`)).ok, true);
    await app.api.delete(`${app.path}/scenarios/fresh`);
    assert.equal((await ask(socket, `fresh-${round}`)).error.code, "unknown_event");
  }
});

test("who sent it is known, or nobody", async (t) => {
  await put(app, { id: "who", trigger: event("who"), steps: [respond("{{WebUser.id}}", { content_type: "text/plain" })] });
  const session_id = await app.user("ann", { role: "cook" });
  assert.equal(await ask(await client(t, { session_id }), "who"), "ann");
  assert.equal(await ask(await client(t), "who"), "");
});

test("the ack has the numbers of the runs", async (t) => {
  for (const id of ["one", "two"]) await put(app, { id, trigger: event("both") });
  const socket = await client(t);
  const { ok, runs: numbers } = await ask(socket, "both");
  assert.equal(ok, true);
  const scenarios = await Promise.all(numbers.map(async (run) => (await ended(app, run)).scenario));
  assert.deepEqual(scenarios.sort(), ["one", "two"]);
});

test("the ack is what the first scenario with something to say responds", async (t) => {
  await put(app, { id: "a-silent", trigger: event("ask") });
  await put(app, { id: "b-says", trigger: event("ask"), steps: [respond({ double: "{{event.data}}" }), log("after")] });
  await put(app, { id: "c-late", trigger: event("ask"), steps: [respond("no")] });
  const socket = await client(t);
  assert.deepEqual(await ask(socket, "ask", 21), { double: 21 });
  assert.deepEqual((await runs(app, "", 3)).map(({ status }) => status), ["done", "done", "done"]);
});

test("a text that isn't JSON arrives as a text, an empty one as well", async (t) => {
  await put(app, { id: "text", trigger: event("text"), steps: [respond("{{event.data}}", { content_type: "text/plain" })] });
  const socket = await client(t);
  assert.equal(await ask(socket, "text", "{\"a\":1}"), "{\"a\":1}");
  assert.equal(await ask(socket, "text"), "");
  await put(app, { id: "text", trigger: event("text"), steps: [respond("not {json")] });
  assert.equal(await ask(socket, "text"), "not {json");
});

test("the ack of a run that never responds has its number, that of one that fails its code", async (t) => {
  const condition = (then) => ({ type: "if", condition: "event.data", then });
  await put(app, { id: "maybe", trigger: event("maybe"), steps: [condition([respond("yes")])] });
  const socket = await client(t);
  assert.equal(await ask(socket, "maybe", true), "yes");
  const silent = await ask(socket, "maybe", false);
  assert.deepEqual([silent.ok, (await ended(app, silent.runs[0])).scenario], [true, "maybe"]);

  const push = { type: "push", user_id: "{{event.none}}", event_name: "x" };
  await put(app, { id: "maybe", trigger: event("maybe"), steps: [push, respond("never")] });
  const { error } = await ask(socket, "maybe");
  assert.equal(error.code, "scenario_failed");
  assert.match(error.message, /user_missing/);
});

test("an ack that takes too long says so, and the run goes on", async (t) => {
  await put(app, { id: "slow", trigger: event("slow"), steps: [wait(1), respond("late")] });
  const before = await metric(hub, "answers_late_total");
  const { error } = await ask(await client(t), "slow");
  assert.equal(error.code, "scenario_timeout");
  assert.equal((await only(app, "slow")).status, "done");
  assert.equal((await metric(hub, "answers_late_total")) - before, 1);
});

test("a filter may hold it back: the ack has no runs", async (t) => {
  await put(app, { id: "picky", trigger: event("picky"), filter: "event.data > 5" });
  const socket = await client(t);
  assert.deepEqual(await ask(socket, "picky", 5), { ok: true, runs: [] });
  assert.equal((await ask(socket, "picky", 6)).runs.length, 1);
});

test("other events are as they were: unknown, or the bridge's", async (t) => {
  await put(app, { id: "hello", trigger: event("hello") });
  const socket = await client(t);
  assert.equal((await ask(socket, "hallo")).error.code, "unknown_event");
  assert.equal((await ask(socket, "register_provider", { provider_id: "P" })).ok, true);
  await app.api.patch(`${app.path}/scenarios/hello`, { enabled: false });
  assert.equal((await ask(socket, "hello")).error.code, "unknown_event");
});

test("the events of one socket keep their order, also without an ack", async (t) => {
  await put(app, { id: "count", trigger: event("count"), steps: [log("{{event.data}}")] });
  const socket = await client(t);
  for (let number = 0; number < 200; number++) socket.emit("count", number);
  const all = await runs(app, "scenario=count", 200);
  const numbers = await Promise.all(all.map(async ({ run }) => said(await show(app, run))[0]));
  assert.deepEqual(numbers, Array.from({ length: 200 }, (_, number) => `${number}`));
});

test("two apps don't hear each other's events", async (t) => {
  const other = await createShop(hub);
  await put(other, { id: "hello", trigger: event("hello") });
  assert.equal((await ask(await client(t), "hello")).error.code, "unknown_event");
  await put(app, { id: "hello", trigger: event("hello") });
  assert.equal((await ask(await client(t), "hello")).ok, true);
  assert.deepEqual([(await list(other)).length, (await list(app)).length], [0, 1]);
});

test("a client that is gone before its ack leaves the run alone", async (t) => {
  await put(app, { id: "gone", trigger: event("gone"), steps: [wait(1), respond("x")] });
  const socket = await client(t);
  socket.emit("gone", 1, () => assert.fail("nobody is there"));
  await waiting(app, 1);
  socket.close();
  assert.equal((await only(app, "gone")).status, "done");
});

for (const make of makes) {
  test(`${make} gets its ack`, async (t) => {
    const scenarios = "/apps/public/scenarios/sum";
    await hub.api.put(scenarios, { id: "sum", trigger: event("sum"), steps: [respond({ is: "{{event.data.a}}" })] });
    const peer = await connectPeer(t, hub, make);
    assert.deepEqual(await peer.ask("sum", { a: [1, "x"] }), { is: [1, "x"] });
  });
}
