// Scenarios that start when objects are created, really changed, or deleted; and what a filter keeps from starting.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startHub } from "../push/support.mjs";
import { allSaid, changed, created, createShop, deleted, list, log, metric, only, put, settle } from "./support.mjs";

let hub, app;
before(async () => (hub = await startHub()));
beforeEach(async () => (app = await createShop(hub)));
after(() => hub?.stop());

test("an object that is created starts a scenario with what it is", async () => {
  await app.user("ann");
  await put(app, { id: "new", trigger: created(), steps: [log("{{id}} {{name}} {{version}} {{changed}} {{owner}}")] });
  await app.orders.create({ id: "7", name: "Tea", owner: "ann" });
  const run = await only(app, "new");
  assert.equal(run.steps[0].input.message, '7 Tea 1 ["name","owner"] ann');
  assert.match(run.cause, /^object_created orders\/7 by key:/);
  assert.deepEqual([run.lane, run.depth, run.interruptions, run.error], ["object:orders/7", 0, 0, null]);
});

test("only objects of the trigger's structure count, and only what happens to them that it names", async () => {
  for (const trigger of [created(), changed(), deleted()]) await put(app, { id: trigger.type, trigger });
  await app.notes.create({ id: "1" });
  await app.notes.change("1", { name: "x" });
  await app.notes.remove("1");
  await settle(app);
  assert.equal((await list(app)).length, 1, "the fence alone");
  await app.orders.create({ id: "1" });
  await app.orders.change("1", { name: "x" });
  await app.orders.remove("1");
  await settle(app);
  const causes = (await list(app, "object=orders/1")).map(({ scenario, cause }) => [scenario, cause.split(" ")[0]]);
  assert.deepEqual(causes, ["created", "changed", "deleted"].map((kind) => [`object_${kind}`, `object_${kind}`]));
});

test("a change without named fields is one of any field, with the object before and after", async () => {
  await put(app, { id: "any", trigger: changed(), steps: [log("{{before.name}}>{{name}} {{before.total}}>{{total}} {{changed}}")] });
  await app.orders.create({ id: "1", name: "a" });
  await app.orders.change("1", { name: "b" });
  await app.orders.change("1", { total: 5 });
  await app.orders.change("1", { name: null, total: 6 });
  assert.deepEqual(await allSaid(app, "any", 3), ['a>b > ["name"]', 'b>b >5 ["total"]', 'b> 5>6 ["name","total"]']);
});

test("with named fields, one of them has to be different", async () => {
  await put(app, { id: "named", trigger: changed(["status", "total"]), steps: [log("{{changed}}")] });
  await app.orders.create({ id: "1", name: "a", status: "new" });
  await app.orders.change("1", { name: "b" });
  await app.orders.change("1", { name: "c", status: "ready" });
  await app.orders.change("1", { name: "d", status: "ready" });
  await app.orders.change("1", { total: 1 });
  await settle(app);
  assert.deepEqual(await allSaid(app, "named", 2), ['["name","status"]', '["total"]']);
});

test("what really changes nothing starts nothing, nor does what is saved without an event", async () => {
  for (const trigger of [created(), changed(), deleted()]) await put(app, { id: trigger.type, trigger });
  await app.orders.create({ id: "1", total: 5, data: { a: [1] } }, "?event=false");
  await app.orders.change("1", { total: 5.0, data: { a: [1] } });
  await app.orders.change("1", {});
  await app.orders.change("1", { name: "x" }, "?event=false");
  await app.orders.remove("1", "?event=false");
  await settle(app);
  assert.deepEqual(await list(app, "object=orders/1"), []);
});

test("an object that is gone is there as it was", async () => {
  await put(app, { id: "gone", trigger: deleted(), steps: [log("{{id}} was {{name}}, {{before.name}}")] });
  await app.orders.create({ id: "1", name: "Tea" });
  await app.orders.remove("1");
  assert.deepEqual(await allSaid(app, "gone", 1), ["1 was Tea, Tea"]);
});

test("several scenarios start with one change, each with the scenario as it is then", async () => {
  for (const id of ["one", "two"]) await put(app, { id, trigger: created(), steps: [log(`${id} {{id}}`)] });
  await app.orders.create({ id: "1" });
  await settle(app);
  await put(app, { id: "two", trigger: created(), steps: [log("two again {{id}}")] });
  await app.orders.create({ id: "2" });
  assert.deepEqual(await allSaid(app, "one", 2), ["one 1", "one 2"]);
  assert.deepEqual(await allSaid(app, "two", 2), ["two 1", "two again 2"]);
});

test("many objects of one request start a run each, in their order", async () => {
  await put(app, { id: "each", trigger: created(), steps: [log("{{id}}")] });
  const ids = Array.from({ length: 150 }, (_, index) => `n${index}`);
  await app.orders.create(ids.map((id) => ({ id })));
  assert.deepEqual(await allSaid(app, "each", 150), ids);
});

test("a filter that doesn't hold starts nothing and is counted", async () => {
  const before = await metric(hub, "runs_filtered_total");
  await put(app, { id: "large", trigger: created(), filter: "total > 10 and owner.role == 'cook'", steps: [log("{{id}}")] });
  await app.user("ann", { role: "cook" });
  await app.user("bob", { role: "guest" });
  await app.orders.create([
    { id: "1", total: 5, owner: "ann" },
    { id: "2", total: 15, owner: "ann" },
    { id: "3", total: 15, owner: "bob" },
    { id: "4", owner: "ann" },
  ]);
  await settle(app);
  assert.deepEqual(await allSaid(app, "large", 1), ["2"]);
  assert.equal((await metric(hub, "runs_filtered_total")) - before, 3);
});

test("a filter without a value is a run that failed, with the reason", async () => {
  const before = await metric(hub, "runs_failed_total");
  await put(app, { id: "broken", trigger: created(), filter: "name + 1 > 2" });
  await app.orders.create({ id: "1", name: "Tea" });
  const run = await only(app, "broken");
  assert.deepEqual([run.status, run.error.code, run.steps], ["failed", "condition_failed", []]);
  assert.match(run.error.message, /numbers/);
  assert.equal((await metric(hub, "runs_failed_total")) - before, 1);
});

test("a disabled scenario isn't started, a deleted one neither", async () => {
  await put(app, { id: "off", trigger: created(), enabled: false });
  await put(app, { id: "gone", trigger: created() });
  await app.api.delete(`${app.path}/scenarios/gone`);
  await app.orders.create({ id: "1" });
  await settle(app);
  assert.deepEqual(await list(app, "object=orders/1"), []);
});

test("a change by a user comes with that user", async () => {
  const session = await app.user("ann", { role: "cook", profile: { city: "Brig" } });
  await app.api.put(`${app.path}/endpoints/orders/form`, { write: "users", read: "users" });
  await put(app, { id: "who", trigger: created(), steps: [log("{{WebUser.id}} {{WebUser.role}} {{WebUser.city}}")] });
  const path = `${hub.url}/good/api/v5/data/orders/form?appID=${app.key}`;
  await fetch(`${path}&sessionID=${session}`, { method: "POST", body: JSON.stringify({ id: "1" }) });
  await app.orders.create({ id: "2" });
  assert.deepEqual(await allSaid(app, "who", 2), ["ann cook Brig", "  "]);
});

test("two apps with the same names see nothing of each other", async () => {
  const other = await createShop(hub);
  for (const one of [app, other]) await put(one, { id: "mine", trigger: created(), steps: [log(`${one.id} {{id}}`)] });
  await app.orders.create({ id: "1" });
  await settle(other);
  assert.deepEqual(await list(other, "scenario=mine"), []);
  assert.deepEqual(await allSaid(app, "mine", 1), [`${app.id} 1`]);
});
