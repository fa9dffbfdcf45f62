// Endpoints that a scenario answers: the caller waits for the objects as they are then, or for what the scenario says; and
// learns in the usual envelope when it fails or takes too long.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, beforeEach, test } from "node:test";
import { startHub, until } from "../push/support.mjs";
import {
  call, changed, created, createShop, ended, list, log, metric, only, put, respond, runs, said, settle, wait,
  waiting,
} from "./support.mjs";

const require = createRequire(import.meta.url);
const CONFIG = "[scenarios]\nanswer_timeout_ms = 1500\n";

let hub, app;
before(async () => (hub = await startHub({ config: CONFIG })));
beforeEach(async () => {
  app = await createShop(hub);
  await app.api.put(`${app.path}/endpoints/orders/form`, { write: "anyone", read: "anyone" });
});
after(() => hub?.stop());

/** Saves the scenario that answers the endpoint. */
const answer = (steps, more = {}) => put(app, { id: "answer", trigger: { type: "endpoint", endpoint: "orders/form" }, steps, ...more });

/** Posts through the endpoint. */
const post = (body, query = {}, headers) =>
  call(hub, `/good/api/v5/data/orders/form?${new URLSearchParams({ appID: app.key, ...query })}`, body, headers);

/** The envelope of the other platform; resolves with its `msg`. */
function envelope({ status, body, text, headers }, httpCode) {
  assert.deepEqual([status, body?.httpCode, body?.status, body?.payload], [httpCode, httpCode, "ERROR", null], text);
  assert.match(headers.get("content-type"), /^application\/json/);
  return body.msg;
}

test("the caller gets the object as it is after the scenario", async () => {
  await answer([{ type: "edit", set: { status: "seen {{name}} {{HttpRequest.from}}", total: 5 } }, log("seen")]);
  const { status, body } = await post({ id: "1", name: "Tea" }, { from: "web" });
  assert.deepEqual([status, body.status, body.result.length], [200, "ok", 1]);
  assert.deepEqual([body.result[0].status, body.result[0].total, body.result[0].version], ["seen Tea web", 5, 2]);
  const run = await only(app, "answer");
  assert.deepEqual([run.cause, run.lane, run.status], ["endpoint orders/form", "object:orders/1", "done"]);
  const again = await post({ id: "1", name: "Coffee" });
  assert.equal(again.body.result[0].status, "seen Coffee ");
});

test("what an endpoint doesn't show stays hidden, whatever the scenario does", async () => {
  await app.api.put(`${app.path}/endpoints/orders/form`, { write: "anyone", read: "anyone", fields: ["name"] });
  await answer([{ type: "edit", set: { status: "secret", name: "shown" } }]);
  assert.deepEqual((await post({ id: "1", name: "x" })).body.result, [{ id: "1", name: "shown" }]);
});

test("a response has its status, its kind of body, and its body", async () => {
  await answer([respond("Hello, {{name}}", { status: 201, content_type: "text/plain; charset=utf-8" }), log("after")]);
  const { status, headers, text } = await post({ name: "Ann" }, {}, { origin: "https://shop.example" });
  assert.deepEqual([status, headers.get("content-type"), text], [201, "text/plain; charset=utf-8", "Hello, Ann"]);
  assert.ok(headers.get("access-control-allow-origin"), "a page of another origin may read it");
  assert.deepEqual(said(await only(app, "answer")), ["after"]);
  await answer([respond({ ok: true, id: "{{id}}", total: "{{total}}" })]);
  assert.deepEqual((await post({ id: "7", total: 5 })).body, { ok: true, id: "7", total: 5 });
});

test("the scenario knows the user who calls", async () => {
  const sessionID = await app.user("ann", { role: "cook" });
  await answer([respond("{{WebUser.id}} {{WebUser.role}}", { content_type: "text/plain" })]);
  assert.equal((await post({}, { sessionID })).text, "ann cook");
  assert.equal((await post({})).text, " ");
});

test("several objects are answered as objects, each after its run", async () => {
  await answer([{ type: "edit", set: { status: "{{name}} seen" } }, respond("not for several")]);
  const { body } = await post([{ name: "a" }, { name: "b" }, { name: "c" }]);
  assert.deepEqual(body.result.map(({ status }) => status), ["a seen", "b seen", "c seen"]);
  assert.equal((await list(app)).length, 3);
});

test("one object twice in a list is dealt with twice, in order", async () => {
  await answer([{ type: "edit", set: { status: "{{status}}+{{name}}" } }]);
  const { body } = await post([{ id: "1", name: "a" }, { id: "1", name: "b" }]);
  assert.deepEqual(body.result.map(({ id }) => id), ["1", "1"]);
  assert.equal(body.result[0].status, body.result[1].status, "both as they are in the end");
  assert.deepEqual((await runs(app, "", 2)).map(({ status }) => status), ["done", "done"]);
});

test("a filter that doesn't hold leaves the object as it was saved", async () => {
  const before = await metric(hub, "runs_filtered_total");
  await answer([respond("never")], { filter: "total > 5" });
  const { status, body } = await post({ id: "1", total: 5 });
  assert.deepEqual([status, body.result[0].total], [200, 5]);
  assert.deepEqual([await list(app), (await metric(hub, "runs_filtered_total")) - before], [[], 1]);
  assert.equal((await post({ id: "1", total: 6 })).text, "never");
});

test("a filter or a step that fails is 500 in the envelope, without what is inside", async () => {
  await answer([respond("never")], { filter: "name - 1" });
  assert.match(envelope(await post({ id: "1", name: "x" }), 500), /condition_failed/);
  await answer([{ type: "edit", structure: "notes", id: "secret-id", set: { name: "x" } }]);
  const failed = await post({ id: "2" });
  assert.match(envelope(failed, 500), /object_not_found/);
  assert.doesNotMatch(failed.text, /secret-id|notes/);
  assert.deepEqual((await runs(app, "", 2)).map(({ error }) => error.code), ["condition_failed", "object_not_found"]);
  assert.match((await runs(app, "", 2))[1].error.message, /secret-id/);
  assert.equal((await app.orders.show("2")).version, 1, "what was saved stays saved");
});

test("who has the answer doesn't learn of a later failure", async () => {
  await answer([respond("fine"), { type: "edit", structure: "notes", id: "none", set: { name: "x" } }]);
  assert.equal((await post({ id: "1" })).text, "fine");
  assert.equal((await only(app, "answer")).status, "failed");
});

test("beyond the time limit it is 504 in the envelope, and the run goes on to its end", async () => {
  const before = await metric(hub, "answers_late_total");
  await answer([wait(2), { type: "edit", set: { status: "late" } }, respond("late")]);
  const late = await post({ id: "1" });
  assert.match(envelope(late, 504), /1500 ms.*scenarios\.answer_timeout_ms/);
  assert.equal((await only(app, "answer")).status, "done");
  assert.deepEqual([(await app.orders.show("1")).status, (await metric(hub, "answers_late_total")) - before], ["late", 1]);
});

test("a scenario may delete the object that it answers", async () => {
  await answer([{ type: "delete" }]);
  assert.deepEqual((await post({ id: "1" })).body, { result: [], status: "ok" });
  assert.deepEqual((await post([{ id: "1" }, { id: "2" }])).body.result, []);
  assert.deepEqual(await app.orders.all(), []);
});

test("what the call changes starts other scenarios as well, with its user", async () => {
  await put(app, { id: "also", trigger: created(), steps: [log("{{WebUser.id}} {{name}}")] });
  await put(app, { id: "then", trigger: changed(["status"]), steps: [log("{{before.status}}>{{status}}")] });
  await answer([{ type: "edit", set: { status: "loud" }, event: true }]);
  const sessionID = await app.user("ann");
  await post({ id: "1", name: "Tea" }, { sessionID });
  assert.deepEqual(said(await only(app, "also")), ["ann Tea"]);
  assert.deepEqual(said(await only(app, "then")), [">loud"]);
});

test("the rules of the endpoint come first: who may not write starts nothing", async () => {
  await app.api.put(`${app.path}/endpoints/orders/form`, { write: "users", read: "anyone", fields: ["name"] });
  await answer([respond("never")]);
  envelope(await post({}), 403);
  const sessionID = await app.user("ann");
  envelope(await post({ total: 5 }, { sessionID }), 400);
  envelope(await post([{ name: "x" }, { name: 5 }], { sessionID }), 400);
  assert.deepEqual([await list(app), await app.orders.all()], [[], []], "all or none");
});

test("a scenario that is off, or for another endpoint, lets the call through", async () => {
  await answer([respond("never")], { enabled: false });
  assert.equal((await post({ id: "1" })).body.result[0].id, "1");
  await put(app, { id: "answer", trigger: { type: "endpoint", endpoint: "orders/other" }, steps: [respond("never")] });
  assert.equal((await post({ id: "1" })).body.result[0].id, "1");
  await settle(app);
  assert.deepEqual(await list(app, "scenario=answer"), []);
});

test("a run that is cancelled while somebody waits is told at once", async () => {
  await answer([wait(3600)]);
  const answered = post({ id: "1" });
  const [{ run }] = await waiting(app, 1);
  await app.api.delete(`${app.path}/runs/${run}`);
  envelope(await answered, 500);
  assert.equal((await ended(app, run)).status, "cancelled");
});

test("a scenario that is deleted while somebody waits tells them at once", async () => {
  await answer([wait(3600)]);
  const answered = post({ id: "1" });
  await waiting(app, 1);
  await app.api.delete(`${app.path}/scenarios/answer`);
  assert.match(envelope(await answered, 500), /ended before it could answer/);
});

test("callers that are gone before the answer leave their runs to go on", async () => {
  await answer([wait(1), { type: "edit", set: { status: "dealt with" } }]);
  const gone = new AbortController();
  const path = `${hub.url}/good/api/v5/data/orders/form?appID=${app.key}`;
  const calls = Array.from({ length: 10 }, () => fetch(path, { method: "POST", body: "{}", signal: gone.signal }));
  const ends = Promise.allSettled(calls);
  await until("all runs", async () => (await list(app)).length === 10);
  gone.abort();
  assert.ok((await ends).every(({ status }) => status === "rejected"));
  assert.deepEqual((await runs(app, "", 10)).map(({ status }) => status), Array(10).fill("done"));
  assert.ok((await app.orders.all()).every(({ status }) => status === "dealt with"));
});

for (const make of ["directual140", "directual-api"]) {
  const { version } = require(`${make}/package.json`);
  test(`client ${version} gets what scenarios answer`, async () => {
    const orders = new (require(make).default)({ appID: app.key, apiHost: hub.url }).structure("orders");
    const failure = (promise) => promise.then(
      (answer) => assert.fail(JSON.stringify(answer)),
      ({ response }) => [response?.status, response?.data?.httpCode, response?.data?.status],
    );
    await answer([{ type: "edit", set: { status: "seen" } }]);
    const { result, status } = await orders.setData("form", { name: "Tea" });
    assert.deepEqual([status, result[0].name, result[0].status], ["ok", "Tea", "seen"]);
    await answer([respond({ hello: "{{name}}" }, { status: 202 })]);
    assert.deepEqual(await orders.setData("form", { name: "Ann" }), { hello: "Ann" });
    await answer([respond({ msg: "no" }, { status: 422 })]);
    assert.deepEqual((await failure(orders.setData("form", {})))[0], 422);
    await answer([{ type: "delete" }, { type: "delete" }]);
    assert.deepEqual(await failure(orders.setData("form", {})), [500, 500, "ERROR"]);
    await answer([wait(3600)]);
    assert.deepEqual(await failure(orders.setData("form", {})), [504, 504, "ERROR"]);
  });
}
