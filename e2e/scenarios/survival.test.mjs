// Runs and a hub that stops, in order or not: they go on where they were, nothing in the store is done twice, and the log says
// what may have been.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { apiOf, ask, connect, startHub, until } from "../push/support.mjs";
import {
  call, changed, created, createShop, ended, event, gate, linked, list, log, metric, only, push, put,
  respond, run_scenario, runs, said, show, start, through_gate, wait, waiting,
} from "./support.mjs";

let hub;
afterEach(async () => {
  await hub?.stop();
  hub = undefined;
});

async function startShop(config = "[limits]\nruns_at_once_per_app_max = 4\n") {
  hub = await startHub({ config });
  return createShop(hub, ["socket.io", "bridge"]);
}

/** Ends the hub by this signal and starts it again on its data. */
async function restart(app, signal, config = "") {
  const dataDir = await hub.leave(signal);
  hub = await startHub({ config, data: dataDir });
  const api = apiOf(hub.url, { authorization: `Bearer ${app.secret}` });
  for (const method of Object.keys(api)) app.api[method] = api[method];
}

for (const signal of ["SIGTERM", "SIGKILL"]) {
  test(`${signal}: runs that wait go on at their step when it is time, also if that was meanwhile`, async () => {
    const app = await startShop();
    const steps = (seconds) => [log("before {{name}}"), { type: "edit", set: { status: "waits" } }, wait(seconds), log("after {{name}} {{status}}")];
    await put(app, { id: "short", trigger: created(), steps: steps(1) });
    await put(app, { id: "long", trigger: created(), steps: steps(3600) });
    await app.orders.create({ id: "1", name: "Tea" });
    const all = await waiting(app, 2);
    await restart(app, signal);
    const short = await only(app, "short");
    assert.deepEqual([short.status, said(short), short.interruptions], ["done", ["before Tea", "after Tea waits"], 0]);
    const long = all.find(({ scenario }) => scenario === "long");
    const still = await show(app, long.run);
    assert.deepEqual([still.status, still.due_at_ms], ["waiting", long.due_at_ms]);
  });

  test(`${signal}: queued runs are taken up in their order`, async (t) => {
    const app = await startShop();
    const { asked } = await gate(t, hub, app);
    await put(app, { id: "slow", trigger: created(), steps: [through_gate("slow", { timeout_ms: 1000 })] });
    await put(app, { id: "queued", trigger: changed(), steps: [log("{{total}}")] });
    await app.orders.create({ id: "1" });
    await asked(1);
    for (let total = 0; total < 5; total++) await app.orders.change("1", { total });
    await until("them to be queued", async () => (await list(app, "status=queued")).length === 5);
    await restart(app, signal);
    const queued = await runs(app, "scenario=queued", 5);
    assert.deepEqual((await Promise.all(queued.map(async ({ run }) => said(await show(app, run))[0]))), ["0", "1", "2", "3", "4"]);
    const starts = queued.map(({ started_at_ms }) => started_at_ms);
    assert.deepEqual(starts, starts.toSorted());
    assert.deepEqual(queued.map(({ interruptions }) => interruptions), [0, 0, 0, 0, 0]);
  });
}

test("SIGTERM lets a step that is under way come to its end, and goes on with the next in the next life", async (t) => {
  const app = await startShop();
  const { asked, open } = await gate(t, hub, app);
  await put(app, { id: "steps", trigger: linked, steps: [through_gate("x", { as: "reply" }), push("*", "{{reply.v}}")] });
  const run = await start(app, "steps");
  await asked(1);
  const { lines } = hub;
  const restarted = restart(app, "SIGTERM");
  await until("the stop", () => lines.some((line) => line.includes("stopping")));
  open({ v: "after" });
  await restarted;
  const { status, interruptions, steps } = await ended(app, run);
  assert.deepEqual([status, interruptions, steps.map(({ repeated }) => repeated)], ["done", 0, [undefined, undefined]]);
  assert.equal(steps[1].input.event_name, "after");
});

test("SIGKILL in the middle of a step: it is done again, and the log says so", async (t) => {
  const app = await startShop();
  const { asked } = await gate(t, hub, app);
  await put(app, { id: "steps", trigger: linked, steps: [push("*", "one"), log("two"), through_gate("three"), log("four")] });
  const run = await start(app, "steps");
  await asked(1);
  await restart(app, "SIGKILL");
  // Its provider hasn't come back by then.
  const { status, error, interruptions, steps } = await ended(app, run);
  assert.deepEqual([status, error.code, error.step, interruptions], ["failed", "provider_offline", "steps[2]", 1]);
  assert.deepEqual(steps.map(({ path, repeated }) => [path, repeated]), [["steps[0]", undefined], ["steps[1]", true], ["steps[2]", true]]);
  assert.deepEqual([await metric(hub, "runs_interrupted_total"), await metric(hub, "run_steps_repeated_total")], [1, 2]);
  assert.equal((await app.api.get(`${app.path}/pushes`)).items.length, 1, "what was noted isn't done again");
});

test("SIGKILL: a caller's run goes on without its caller", async (t) => {
  const app = await startShop();
  await app.api.put(`${app.path}/endpoints/orders/form`, { write: "anyone" });
  await put(app, {
    id: "answer",
    trigger: { type: "endpoint", endpoint: "orders/form" },
    filter: "total > 5",
    steps: [wait(2), respond("x"), { type: "edit", set: { status: "done" } }],
  });
  await put(app, { id: "hello", trigger: event("hello"), steps: [wait(2), respond("x"), log("end")] });
  const calls = [5, 6].map((total) => call(hub, `/good/api/v5/data/orders/form?appID=${app.key}`, { id: `${total}`, total }).catch(() => "cut"));
  (await connect(t, hub, { app_id: app.key })).emit("hello", 1, () => assert.fail("nobody is there"));
  await waiting(app, 2);
  await restart(app, "SIGKILL");
  assert.equal((await Promise.all(calls))[1], "cut");
  assert.deepEqual((await runs(app, "", 2)).map(({ status }) => status), ["done", "done"]);
  assert.equal((await app.orders.show("6")).status, "done");
});

test("SIGKILL at any moment: what a run changes in the store happens once", async () => {
  const app = await startShop();
  const other = { type: "edit", structure: "notes", id: "{{id}}" };
  await put(app, {
    id: "writes",
    trigger: created(),
    steps: [
      { type: "create", structure: "notes", set: { name: "drawn for {{id}}" }, as: "drawn" },
      { type: "create", structure: "notes", id: "{{id}}", set: { name: "a" } },
      { ...other, set: { name: "{{drawn.id}}" } },
      { ...other, set: { total: 1 } },
      { ...other, set: { total: 2 } },
      { type: "delete", structure: "notes", id: "{{drawn.id}}" },
      run_scenario("linked"),
    ],
  });
  await put(app, { id: "linked", trigger: linked, steps: [log("{{id}}")] });
  const ids = Array.from({ length: 120 }, (_, index) => `${index}`.padStart(3, "0"));
  for (let life = 0; life < 3; life++) {
    const some = ids.slice(life * 40, life * 40 + 40);
    await app.orders.create(some.map((id) => ({ id })));
    await until("some of it", async () => (await list(app, "scenario=writes&status=done")).length > life * 40 + 3);
    await restart(app, "SIGKILL", "[limits]\nruns_at_once_per_app_max = 4\n");
  }
  const writes = await runs(app, "scenario=writes", 120);
  assert.deepEqual(writes.filter(({ status }) => status !== "done"), []);
  assert.deepEqual((await runs(app, "scenario=linked", 120)).length, 120, "each was started once");
  const notes = await app.notes.all();
  assert.deepEqual(notes.map(({ id, total, version }) => [id, total, version]), ids.map((id) => [id, 2, 4]), "each was written once");
  assert.equal(new Set(notes.map(({ name }) => name)).size, 120);
});

test("changes that nobody has looked at, and apps whose scenarios have gone meanwhile, are found after a start", async () => {
  const app = await startShop("[limits]\nruns_open_per_app_max = 1\nchanges_waiting_max = 100\n");
  await put(app, { id: "waits", trigger: created(), steps: [wait(3600)] });
  await app.orders.create({ id: "first" });
  await waiting(app, 1);
  await app.orders.create([{ id: "second" }, { id: "third" }]);
  await restart(app, "SIGKILL");
  await waiting(app, 3);
  await app.api.delete(`${app.path}/scenarios/waits`);
  await restart(app, "SIGTERM");
  assert.deepEqual([await list(app), await metric(hub, "runs_open")], [[], 0]);
});

test("what a hub of a former life left is counted, and comes down to nothing", async () => {
  const app = await startShop();
  await put(app, { id: "waits", trigger: linked, steps: [wait(3600)] });
  for (let run = 0; run < 3; run++) await start(app, "waits");
  const all = await waiting(app, 3);
  await restart(app, "SIGKILL");
  assert.equal(await metric(hub, "runs_open"), 3);
  for (const { run } of all) await app.api.delete(`${app.path}/runs/${run}`);
  await until("none to be open", async () => (await metric(hub, "runs_open")) === 0);
});

test("the first socket after a start finds the scenarios in force", async (t) => {
  const app = await startShop();
  await put(app, { id: "hello", trigger: event("hello") });
  const socket = await connect(t, hub, { app_id: app.key });
  assert.equal((await ask(socket, "hello")).ok, true);
  await restart(app, "SIGKILL");
  const again = await connect(t, hub, { app_id: app.key });
  assert.equal((await ask(again, "hello")).ok, true);
});
