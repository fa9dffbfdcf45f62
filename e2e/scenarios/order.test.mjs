// Which run comes before which: those about one object one after the other, those about others beside them.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { arrived, connect, startHub } from "../push/support.mjs";
import {
  allSaid, changed, created, createShop, ended, gate, list, log, only, push, put, runs, said, show, start,
  stands, through_gate, wait, waiting,
} from "./support.mjs";

let hub, app;
before(async () => (hub = await startHub()));
beforeEach(async () => (app = await createShop(hub, ["socket.io", "bridge"])));
after(() => hub?.stop());

test("pushes about one object come in the order of its changes, from whichever side these are", async (t) => {
  const socket = await connect(t, hub, { app_id: app.key });
  await put(app, { id: "ring", trigger: changed(), steps: [push("*", "order", "{{version}}")] });
  await app.orders.create({ id: "1" });
  await Promise.all(Array.from({ length: 200 }, (_, total) => app.orders.change("1", { total })));
  await arrived(socket, 200);
  assert.deepEqual(socket.arrivals, Array.from({ length: 200 }, (_, index) => ["order", `${index + 2}`]));
});

test("each of many objects has its order, while they go on beside each other", async (t) => {
  const socket = await connect(t, hub, { app_id: app.key });
  await put(app, { id: "ring", trigger: changed(), steps: [push("*", "{{id}}", "{{total}}"), push("*", "{{id}}", "{{total}} again")] });
  const ids = Array.from({ length: 20 }, (_, index) => `o${index}`);
  await app.orders.create(ids.map((id) => ({ id })));
  await Promise.all(ids.map(async (id) => {
    for (let total = 1; total <= 10; total++) await app.orders.change(id, { total });
  }));
  await arrived(socket, 400);
  const expected = Array.from({ length: 10 }, (_, index) => [`${index + 1}`, `${index + 1} again`]).flat();
  for (const id of ids) assert.deepEqual(socket.arrivals.filter(([name]) => name === id).map(([, message]) => message), expected);
});

test("a run that takes its time keeps its object's later runs waiting, and nobody else's", async (t) => {
  const { askedBy, reply } = await gate(t, hub, app);
  await put(app, { id: "slow", trigger: created(), steps: [through_gate("{{id}}"), log("{{id}}")] });
  await put(app, { id: "quick", trigger: changed(), steps: [log("{{id}}")] });
  await app.orders.create([{ id: "a" }, { id: "b" }]);
  await askedBy("a");
  await app.orders.change("a", { total: 1 });
  await app.orders.change("b", { total: 1 });
  await reply("b");
  assert.equal((await runs(app, "scenario=quick&object=orders/b", 1))[0].status, "done");
  const [quick] = await list(app, "scenario=quick&object=orders/a");
  assert.equal(quick.status, "queued");
  await reply("a");
  const [slow] = await runs(app, "scenario=slow&object=orders/a", 1);
  const after = await ended(app, quick.run);
  assert.ok(slow.ended_at_ms <= after.started_at_ms, "two scenarios, one order");
});

test("a run that waits lets later ones of its object pass, and comes back", async () => {
  await put(app, { id: "waits", trigger: created(), steps: [wait(2), log("waited")] });
  await put(app, { id: "quick", trigger: changed() });
  await app.orders.create({ id: "1" });
  const [{ run, due_at_ms }] = await waiting(app, 1);
  await app.orders.change("1", { total: 1 });
  const quick = await only(app, "quick");
  const waited = await ended(app, run);
  assert.deepEqual([quick.status, said(waited)], ["done", ["waited"]]);
  assert.ok(quick.ended_at_ms <= waited.ended_at_ms && waited.ended_at_ms >= due_at_ms);
});

test("runs that were started by hand for one object keep its order too", async (t) => {
  const { reply } = await gate(t, hub, app);
  await put(app, { id: "slow", trigger: created(), steps: [through_gate("{{id}}")] });
  await put(app, { id: "quick", trigger: created() });
  await app.orders.create({ id: "1" }, "?event=false");
  const [first, second] = [await start(app, "slow", { object_id: "1" }), await start(app, "quick", { object_id: "1" })];
  await stands(app, first, "running");
  assert.equal((await show(app, second)).status, "queued");
  await reply("1");
  assert.equal((await ended(app, second)).status, "done");
});

test("the steps of one run come one after the other, and before those of the next", async () => {
  const steps = [
    { type: "edit", structure: "notes", id: "{{id}}", set: { name: "{{total}} begins" }, event: true },
    log("between"),
    { type: "edit", structure: "notes", id: "{{id}}", set: { name: "{{total}} ends" }, event: true },
  ];
  await put(app, { id: "writer", trigger: changed(), steps });
  await put(app, { id: "reader", trigger: changed(undefined, "notes"), steps: [log("{{name}}")] });
  for (const objects of [app.orders, app.notes]) await objects.create({ id: "1" });
  for (let total = 0; total < 20; total++) await app.orders.change("1", { total });
  const expected = Array.from({ length: 20 }, (_, total) => [`${total} begins`, `${total} ends`]).flat();
  assert.deepEqual(await allSaid(app, "reader", 40), expected);
});
