// Scenarios that start others: with the same object and user, whether the other one is on or off, and each with its own log.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startHub } from "../push/support.mjs";
import {
  call, created, createShop, linked, list, log, metric, only, put, run_scenario, said, settle, webhook,
} from "./support.mjs";

let hub, app;
before(async () => (hub = await startHub()));
beforeEach(async () => (app = await createShop(hub)));
after(() => hub?.stop());

test("the other one gets the object and the user, and is noted as a run of its own", async () => {
  const before = await metric(hub, "runs_started_total");
  const edit = { type: "edit", set: { status: "seen" } };
  await put(app, { id: "other", trigger: linked, steps: [log("{{id}} {{name}} {{WebUser.id}} {{changed}}"), edit] });
  await put(app, { id: "first", trigger: created(), steps: [run_scenario("other"), log("went on")] });
  await app.api.put(`${app.path}/endpoints/orders/form`, { write: "users" });
  const sessionID = await app.user("ann");
  const query = new URLSearchParams({ appID: app.key, sessionID });
  await call(hub, `/good/api/v5/data/orders/form?${query}`, { id: "7", name: "Tea" });
  const [first, other] = [await only(app, "first"), await only(app, "other")];
  assert.deepEqual(said(first), ["went on"]);
  assert.deepEqual(said(other), ['7 Tea ann ["name"]']);
  assert.deepEqual([other.cause, other.depth, first.steps[0].output.run], ["scenario first", 1, other.run]);
  assert.equal((await app.orders.show("7")).status, "seen");
  assert.equal((await metric(hub, "runs_started_total")) - before, 2);
});

test("what steps left and what was edited isn't handed on, but the object is as it is by then", async () => {
  await put(app, { id: "other", trigger: linked, steps: [log("{{status}} {{note.id}}")] });
  await put(app, {
    id: "first",
    trigger: created(),
    steps: [
      { type: "create", structure: "notes", id: "n1", as: "note" },
      { type: "edit", set: { status: "edited" } },
      run_scenario("other"),
    ],
  });
  await app.orders.create({ id: "1" });
  assert.deepEqual(said(await only(app, "other")), ["edited "]);
});

test("also one that is off is started, and one of any trigger", async () => {
  await put(app, { id: "off", trigger: linked, enabled: false });
  await put(app, { id: "hook", trigger: webhook });
  await put(app, { id: "first", trigger: created(), steps: [run_scenario("off"), run_scenario("hook")] });
  await app.orders.create({ id: "1" });
  assert.equal((await only(app, "off")).status, "done");
  assert.equal((await only(app, "hook")).cause, "scenario first");
});

test("its filter is asked", async () => {
  const before = await metric(hub, "runs_filtered_total");
  await put(app, { id: "large", trigger: linked, filter: "total > 5" });
  await put(app, { id: "broken", trigger: linked, filter: "name + 1" });
  await put(app, { id: "first", trigger: created(), steps: [run_scenario("large"), run_scenario("broken")] });
  await app.orders.create({ id: "1", total: 5, name: "x" });
  const broken = await only(app, "broken");
  assert.deepEqual([broken.status, broken.error.code], ["failed", "condition_failed"]);
  await app.orders.create({ id: "2", total: 6, name: "x" });
  assert.equal((await only(app, "large")).status, "done");
  assert.equal((await metric(hub, "runs_filtered_total")) - before, 1);
});

test("one that isn't there fails the step, with its name", async () => {
  await put(app, { id: "first", trigger: created(), steps: [run_scenario("none")] });
  await app.orders.create({ id: "1" });
  const { status, error } = await only(app, "first");
  assert.deepEqual([status, error.code, error.step], ["failed", "scenario_not_found", "steps[0]"]);
  assert.match(error.message, /none/);
});

test("one with only a link for a trigger isn't started by anything else", async () => {
  await put(app, { id: "other", trigger: linked });
  await app.orders.create({ id: "1" });
  await settle(app);
  assert.deepEqual(await list(app, "scenario=other"), []);
});
