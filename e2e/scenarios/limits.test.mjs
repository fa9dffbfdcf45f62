// What scenarios may take, each limit with its consequence for whoever causes it, and for nobody else.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { ask, connect, refused, startHub, until } from "../push/support.mjs";
import {
  call, changed, counted, created, createShop, ended, event, gate, linked, list, log, metric, only, put,
  respond, run_scenario, runs, said, show, start, stands, through_gate, wait, waiting, webhook,
} from "./support.mjs";

let hub;
const stop = async () => {
  await hub?.stop();
  hub = undefined;
};
afterEach(stop);

/** A hub with these limits, and an app on it. */
async function limited(limits, more = "shards = 1\n") {
  hub = await startHub({ config: `${more}[limits]\n${Object.entries(limits).map(([key, value]) => `${key} = ${value}`).join("\n")}\n` });
  return createShop(hub, ["socket.io", "bridge"]);
}

test("runs_open_per_app_max: changes wait until there is room, and none is lost", async (t) => {
  const app = await limited({ runs_open_per_app_max: 3 });
  const { asked, open } = await gate(t, hub, app);
  await put(app, { id: "slow", trigger: created(), steps: [through_gate(), log("{{id}}")] });
  await app.orders.create(Array.from({ length: 3 }, (_, index) => ({ id: `a${index}` })));
  await asked(3);
  await app.orders.create(Array.from({ length: 3 }, (_, index) => ({ id: `b${index}` })));
  // The office has looked at the app since: it learned of another scenario.
  await put(app, { id: "other", trigger: linked });
  assert.deepEqual([(await list(app)).length, await metric(hub, "runs_open")], [3, 3]);
  open();
  const all = await runs(app, "", 6);
  assert.deepEqual(all.map(({ status, lane }) => `${status} ${lane}`), ["a0", "a1", "a2", "b0", "b1", "b2"].map((id) => `done object:orders/${id}`));
});

test("runs_open_per_app_max: callers are refused meanwhile, and let in again; other apps always", async (t) => {
  const app = await limited({ runs_open_per_app_max: 2 });
  const other = await createShop(hub);
  const { hook_path } = await put(app, { id: "hook", trigger: webhook });
  await put(app, { id: "hello", trigger: event("hello") });
  await app.api.put(`${app.path}/endpoints/orders/form`, { write: "anyone", read: "anyone" });
  await put(app, { id: "answer", trigger: { type: "endpoint", endpoint: "orders/form" } });
  await put(app, { id: "waits", trigger: linked, steps: [wait(3600)] });
  const socket = await connect(t, hub, { app_id: app.key });
  for (let open = 0; open < 2; open++) await start(app, "waits");
  await waiting(app, 2);
  const dropped = await metric(hub, "occurrences_dropped_total");

  const answer = await call(hub, hook_path);
  refused(answer, 503, "overloaded");
  assert.match(answer.body.detail, /limits\.runs_open_per_app_max/);
  assert.equal(answer.headers.get("retry-after"), "1");
  refused(await app.api.call("POST", `${app.path}/scenarios/hook/run`, {}), 503, "overloaded");
  assert.equal((await ask(socket, "hello")).error.code, "overloaded");
  assert.equal((await metric(hub, "occurrences_dropped_total")) - dropped, 1);
  const form = `/good/api/v5/data/orders/form?appID=${app.key}`;
  assert.equal((await call(hub, form, { id: "1" })).body.httpCode, 503);
  assert.deepEqual(await app.orders.all(), [], "nothing was saved");
  await put(other, { id: "hook", trigger: linked });
  assert.equal((await ended(other, await start(other, "hook"))).status, "done");

  for (const { run } of await list(app)) await app.api.delete(`${app.path}/runs/${run}`);
  // Each that is let in takes room until its run is done.
  await until("room", async () => (await call(hub, hook_path)).status === 202);
  await until("room for an event", async () => (await ask(socket, "hello")).ok === true);
  await until("room for a form", async () => (await call(hub, form, { id: "1" })).status === 200);
  assert.deepEqual((await app.orders.all()).map(({ id }) => id), ["1"]);
});

test("runs_open_per_app_max: an app that is full can still be told to stop", async () => {
  const app = await limited({ runs_open_per_app_max: 3 });
  await put(app, { id: "often", trigger: { type: "schedule", every_s: 1 }, steps: [wait(3600)] });
  await waiting(app, 3);
  await put(app, { id: "other", trigger: { type: "schedule", every_s: 1 } });
  const { due_at_ms } = await app.api.get(`${app.path}/scenarios/other`);
  await until("its time to have come", () => Date.now() > due_at_ms + 1_000);
  assert.equal((await list(app)).length, 3, "schedules wait for room as well");
  await app.api.patch(`${app.path}/scenarios/often`, { enabled: false });
  for (const { run } of await list(app)) await app.api.delete(`${app.path}/runs/${run}`);
  const made_up = await runs(app, "scenario=other", 1);
  assert.ok(made_up.length >= 1);
  assert.equal((await list(app, "scenario=often")).length, 3);
});

test("runs_open_per_app_max: a run that starts many others waits for room between them", async () => {
  const app = await limited({ runs_open_per_app_max: 10 });
  await put(app, { id: "sleeper", trigger: linked, steps: [wait(3600)] });
  await put(app, { id: "fan", trigger: linked, steps: Array(40).fill(run_scenario("sleeper")) });
  const fan = await start(app, "fan");
  let most = 0;
  await until("the end of the fan", async () => {
    const { status } = await show(app, fan);
    const sleepers = await list(app, "status=waiting");
    most = Math.max(most, sleepers.length);
    if (sleepers.length >= 9) await Promise.all(sleepers.map(({ run }) => app.api.delete(`${app.path}/runs/${run}`)));
    return status === "done";
  });
  assert.ok(most >= 9 && most < 20, `${most} were open at once`);
  assert.equal((await list(app, "scenario=sleeper")).length, 40, "all were started in the end");
});

test("runs_at_once_per_app_max: more runs are queued, of one app alone", async (t) => {
  const app = await limited({ runs_at_once_per_app_max: 2 });
  const other = await createShop(hub);
  const { asked, open } = await gate(t, hub, app);
  await put(app, { id: "slow", trigger: created(), steps: [through_gate()] });
  await app.orders.create(Array.from({ length: 5 }, (_, index) => ({ id: `${index}` })));
  await asked(2);
  await put(other, { id: "quick", trigger: linked });
  assert.equal((await ended(other, await start(other, "quick"))).status, "done");
  const statuses = (await list(app)).map(({ status }) => status);
  assert.deepEqual(statuses, ["running", "running", "queued", "queued", "queued"]);
  assert.equal(await metric(hub, "runs_running"), 2);
  open();
  await runs(app, "status=done", 5);
});

test("changes_waiting_max: writes that raise an event are refused, silent ones go on", async (t) => {
  const app = await limited({ runs_open_per_app_max: 1, changes_waiting_max: 2 });
  const { asked, open } = await gate(t, hub, app);
  await put(app, { id: "slow", trigger: created(), steps: [through_gate()] });
  await app.orders.create({ id: "running" });
  await asked(1);
  for (const id of ["w1", "w2"]) await app.orders.create({ id });
  const path = `${app.path}/structures/orders/objects`;
  const full = await app.api.call("POST", path, { id: "refused" });
  refused(full, 503, "overloaded");
  assert.match(full.body.detail, /limits\.changes_waiting_max/);
  await app.orders.create({ id: "silent" }, "?event=false");
  await app.notes.create({ id: "nobody waits for it" });
  open();
  await runs(app, "status=done", 3);
  await app.orders.create({ id: "later" });
  await runs(app, "status=done", 4);
  assert.deepEqual((await app.orders.all()).map(({ id }) => id), ["later", "running", "silent", "w1", "w2"]);
});

test("occurrences_waiting_max: what is too much is dropped and counted, and a client that asks is told", async (t) => {
  const app = await limited({ occurrences_waiting_max: 1 });
  await put(app, { id: "flood", trigger: event("flood"), steps: [log("{{event.data}}")] });
  const socket = await connect(t, hub, { app_id: app.key });
  const acks = await Promise.all(Array.from({ length: 500 }, (_, number) => new Promise((resolve) => socket.emit("flood", number, resolve))));
  const refusals = acks.filter(({ error }) => error);
  assert.ok(refusals.length > 0, "500 at once are more than one");
  assert.equal(refusals[0].error.code, "overloaded");
  assert.match(refusals[0].error.message, /limits\.occurrences_waiting_max/);
  assert.equal(await metric(hub, "occurrences_dropped_total"), refusals.length);
  const taken = acks.filter(({ ok }) => ok).map(({ runs }) => runs[0]);
  assert.equal(taken.length + refusals.length, 500);
  for (const run of taken) assert.equal((await ended(app, run)).status, "done");
  assert.equal((await list(app)).length, Math.min(taken.length, 200));
});

test("run_log_value_bytes_max: the log has the beginning of what is larger", async () => {
  const app = await limited({ run_log_value_bytes_max: 100 });
  const steps = [log("{{HttpRequest.body}}"), respond("{{HttpRequest.body}}", { content_type: "text/plain" })];
  const { hook_path } = await put(app, { id: "talk", trigger: webhook, steps });
  const text = "é".repeat(500);
  assert.equal((await call(hub, hook_path, text)).text, text, "only the log is short");
  const [logged, responded] = (await only(app, "talk")).steps;
  const whole = JSON.stringify({ message: text });
  assert.equal(logged.input.bytes, Buffer.byteLength(whole));
  assert.ok(whole.startsWith(logged.input.beginning) && Buffer.byteLength(logged.input.beginning) <= 100 && logged.input.beginning.length > 40);
  assert.ok(responded.input.bytes > 1000 && responded.output.sent, JSON.stringify(responded));
});

test("runs_kept_per_app_max: the oldest ended runs are forgotten, open ones never", async () => {
  const app = await limited({ runs_kept_per_app_max: 10 });
  await put(app, { id: "waits", trigger: linked, steps: [wait(3600)] });
  const open = await start(app, "waits");
  await put(app, { id: "quick", trigger: created() });
  for (let batch = 0; batch < 2; batch++) await app.orders.create(Array.from({ length: 1000 }, () => ({})));
  await counted(hub, "runs_done_total", 2000);
  assert.ok((await countRuns(app)) < 10 + 500, "a few more than are kept, and no two thousand");
  assert.equal((await show(app, open)).status, "waiting");
});

test("runs_kept_per_app_max: runs that fail before they begin are forgotten too", async () => {
  const app = await limited({ runs_kept_per_app_max: 10 });
  await put(app, { id: "broken", trigger: created(), filter: "id + 1" });
  for (let batch = 0; batch < 2; batch++) await app.orders.create(Array.from({ length: 1000 }, () => ({})));
  await counted(hub, "runs_failed_total", 2000);
  assert.ok((await countRuns(app)) < 10 + 500);
});

test("runs_kept_per_app_max: in every app, whatever the rhythm in which they take turns", async () => {
  const apps = [await limited({ runs_kept_per_app_max: 10 }), await createShop(hub)];
  for (const app of apps) await put(app, { id: "quick", trigger: linked });
  for (let round = 0; round < 700; round++) for (const app of apps) await start(app, "quick");
  await counted(hub, "runs_done_total", 1400);
  for (const app of apps) assert.ok((await countRuns(app)) < 600, "of each there were 700");
});

async function countRuns(app) {
  let count = 0;
  for (let after = ""; after !== null; ) {
    const { items, next } = await app.api.get(`${app.path}/runs?limit=200${after && `&after=${after}`}`);
    count += items.length;
    after = next;
  }
  return count;
}

test("run_depth_max: runs that follow from each other are cut there", async () => {
  const app = await limited({ run_depth_max: 3 });
  await put(app, { id: "self", trigger: changed(), steps: [{ type: "edit", set: { name: "{{name}}x" }, event: true }] });
  await app.orders.create({ id: "1" });
  await app.orders.change("1", { name: "a" });
  const all = await runs(app, "", 4);
  assert.deepEqual(all.map(({ error }) => error?.code), [undefined, undefined, undefined, "depth_exceeded"]);
  assert.equal((await app.orders.show("1")).name, "axxx");
});

test("run_context_bytes_max: a run that remembers too much fails at that step", async () => {
  const app = await limited({ run_context_bytes_max: 2000 });
  const create = (as) => ({ type: "create", structure: "notes", set: { name: "{{HttpRequest.body}}" }, as });
  const { hook_path } = await put(app, { id: "greedy", trigger: webhook, steps: [create("a"), create("b"), create("c")] });
  const { body } = await call(hub, hook_path, "x".repeat(700));
  const run = await ended(app, body.run);
  assert.deepEqual([run.status, run.error.code, run.error.step, run.steps.length], ["failed", "context_too_large", "steps[2]", 3]);
  assert.match(run.error.message, /2000/);
});

for (const [limit, value, message] of [["template_steps_max", 1000, /more than 1000 steps/], ["template_bytes_max", 1000, /more than 1000 bytes/]]) {
  test(`${limit}: a template that explodes fails its step`, async () => {
    const app = await limited({ [limit]: value });
    const inner = (depth) => (depth ? `{{#HttpRequest.body}}${inner(depth - 1)}{{/HttpRequest.body}}` : "xxxxxxxxxx");
    const { hook_path } = await put(app, { id: "bomb", trigger: webhook, steps: [log(inner(6))] });
    const { body } = await call(hub, hook_path, Array.from({ length: 20 }, (_, index) => index));
    const run = await ended(app, body.run);
    assert.deepEqual([run.status, run.error.code], ["failed", "template_failed"]);
    assert.match(run.error.message, message);
    assert.deepEqual(said(await ended(app, (await call(hub, hook_path, [1])).body.run)), ["xxxxxxxxxx"]);
  });
}

test("a filter over large values fails rather than take long", async () => {
  const app = await limited({});
  const same = Array(12).fill("HttpRequest.body == HttpRequest.body").join(" and ");
  const { hook_path } = await put(app, { id: "heavy", trigger: webhook, filter: same });
  refused(await call(hub, hook_path, "x".repeat(900_000)), 500, "scenario_failed");
  assert.equal((await only(app, "heavy")).error.code, "condition_failed");
});

for (const [limit, value, document, path] of [
  ["scenario_bytes_max", 1000, { steps: [log("x".repeat(2000))] }, ""],
  ["scenario_steps_max", 3, { steps: [log("1"), { type: "if", condition: "a", then: [log("2"), log("3")] }] }, "steps"],
  ["scenario_wait_s_max", 60, { steps: [wait(61)] }, "steps[0].for_s"],
  ["scenario_timeout_ms_max", 500, { steps: [through_gate("x", { timeout_ms: 501 })] }, "steps[0].timeout_ms"],
  ["scenario_retries_max", 1, { steps: [{ type: "http", url: "https://example.com", timeout_ms: 100, retries: 2 }] }, "steps[0].retries"],
]) {
  test(`${limit}: a document beyond it is refused`, async () => {
    const app = await limited({ [limit]: value });
    const answer = await app.api.call("PUT", `${app.path}/scenarios/a`, { id: "a", trigger: linked, ...document });
    refused(answer, 400, "invalid_payload");
    assert.deepEqual(answer.body.mistakes.map((mistake) => mistake.path), [path]);
    assert.match(answer.body.mistakes[0].message, new RegExp(`${value}`));
  });
}

test("a limit that is lowered leaves what is saved, which can be turned off but not saved again", async () => {
  const app = await limited({});
  await put(app, { id: "long", trigger: linked, steps: [wait(2), log("waited")] });
  const dataDir = await hub.leave("SIGTERM");
  hub = await startHub({ data: dataDir, config: "[limits]\nscenario_wait_s_max = 1\n" });
  const again = { ...app, api: hub.api };
  const run = await start(again, "long");
  await stands(again, run, "waiting");
  assert.deepEqual(said(await ended(again, run)), ["waited"]);
  const { document, enabled } = await again.api.patch(`${app.path}/scenarios/long`, { enabled: false });
  assert.equal(enabled, false);
  refused(await again.api.call("PUT", `${app.path}/scenarios/long`, document), 400, "invalid_payload");
});
