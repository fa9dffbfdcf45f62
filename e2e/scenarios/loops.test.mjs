// Scenarios that start each other without end are cut where a limit says, and nobody else notices.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startHub } from "../push/support.mjs";
import {
  changed, created, createShop, linked, list, log, metric, only, put, run_scenario, runs, settle, show,
  start,
} from "./support.mjs";

const DEPTH_MAX = 16;

let hub, app;
before(async () => (hub = await startHub()));
beforeEach(async () => (app = await createShop(hub)));
after(() => hub?.stop());

/** Orders and notes that change each other: each change adds a letter. */
async function putPingPong() {
  const edit = (structure) => [{ type: "edit", structure, id: "{{id}}", set: { name: "{{name}}x" }, event: true }];
  await put(app, { id: "ping", trigger: changed(["name"]), steps: edit("notes") });
  await put(app, { id: "pong", trigger: changed(["name"], "notes"), steps: edit("orders") });
}

test("two scenarios that trigger each other are cut with a clear error", async () => {
  const before = await metric(hub, "runs_cut_total");
  await putPingPong();
  for (const objects of [app.orders, app.notes]) await objects.create({ id: "1" });
  await app.orders.change("1", { name: "a" });
  const all = await runs(app, "", DEPTH_MAX + 1);
  assert.deepEqual(all.map(({ depth }) => depth), Array.from({ length: DEPTH_MAX + 1 }, (_, depth) => depth));
  assert.deepEqual(all.map(({ status }) => status), [...Array(DEPTH_MAX).fill("done"), "failed"]);
  const { error, steps, scenario } = await show(app, all.at(-1).run);
  assert.deepEqual([error.code, steps, scenario], ["depth_exceeded", [], "ping"]);
  assert.match(error.message, /16 .*limits\.run_depth_max/);
  assert.equal((await metric(hub, "runs_cut_total")) - before, 1);
  await settle(app);
  assert.equal((await list(app, "status=failed")).length, 1, "it is over");
});

test("a scenario whose own change triggers it is cut", async () => {
  await put(app, { id: "self", trigger: changed(), steps: [{ type: "edit", set: { name: "{{name}}x" }, event: true }] });
  await app.orders.create({ id: "1" });
  await app.orders.change("1", { name: "a" });
  const all = await runs(app, "scenario=self", DEPTH_MAX + 1);
  assert.deepEqual([all.length, all.at(-1).error.code], [DEPTH_MAX + 1, "depth_exceeded"]);
  assert.equal((await app.orders.show("1")).name, "a" + "x".repeat(DEPTH_MAX));
});

test("a scenario that creates what triggers it is cut", async () => {
  await put(app, { id: "breed", trigger: created(), steps: [{ type: "create", structure: "orders", event: true }] });
  await app.orders.create({ id: "1" });
  const all = await runs(app, "scenario=breed", DEPTH_MAX + 1);
  assert.equal(all.filter(({ error }) => error?.code === "depth_exceeded").length, 1);
  assert.equal((await app.orders.all()).length, DEPTH_MAX + 1);
});

test("scenarios that start each other by links are cut, and the step that would go on says so", async () => {
  const before = await metric(hub, "runs_cut_total");
  await put(app, { id: "ping", trigger: linked, steps: [run_scenario("pong")] });
  await put(app, { id: "pong", trigger: linked, steps: [run_scenario("ping")] });
  await start(app, "ping");
  const all = await runs(app, "", DEPTH_MAX);
  assert.deepEqual(all.map(({ status }) => status), [...Array(DEPTH_MAX - 1).fill("done"), "failed"]);
  const { error, steps, depth } = await show(app, all.at(-1).run);
  assert.deepEqual([error.code, error.step, depth, steps[0].error.code], ["depth_exceeded", "steps[0]", DEPTH_MAX - 1, "depth_exceeded"]);
  assert.equal((await metric(hub, "runs_cut_total")) - before, 1);
});

test("links and changes count together", async () => {
  await put(app, { id: "on-change", trigger: changed(), steps: [run_scenario("link")] });
  await put(app, { id: "link", trigger: linked, steps: [{ type: "edit", set: { name: "{{name}}x" }, event: true }] });
  await app.orders.create({ id: "1" });
  await app.orders.change("1", { name: "a" });
  const all = await runs(app, "status=failed", 1);
  assert.equal(all[0].error.code, "depth_exceeded");
  assert.equal((await runs(app, "", DEPTH_MAX + 1)).length, DEPTH_MAX + 1);
});

test("other objects and other apps go on while loops turn", async () => {
  const other = await createShop(hub);
  await put(other, { id: "quiet", trigger: created(), steps: [log("{{id}}")] });
  await put(app, { id: "quiet", trigger: created("notes"), filter: "status == 'quiet'" });
  await putPingPong();
  const ids = Array.from({ length: 100 }, (_, index) => `loop-${index}`);
  for (const objects of [app.orders, app.notes]) await objects.create(ids.map((id) => ({ id })));
  await Promise.all([
    ...ids.map((id) => app.orders.change(id, { name: "a" })),
    ...Array.from({ length: 20 }, (_, index) => other.orders.create({ id: `${index}` })),
    app.notes.create({ id: "quiet", status: "quiet" }),
  ]);
  assert.deepEqual((await runs(other, "", 20)).map(({ status }) => status), Array(20).fill("done"));
  assert.equal((await only(app, "quiet")).status, "done");
  const cut = await runs(app, "status=failed", ids.length);
  assert.ok(cut.every(({ error, depth }) => error.code === "depth_exceeded" && depth === DEPTH_MAX));
});
