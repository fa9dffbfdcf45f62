// Addresses that start a scenario: what it sees of the call, what the caller gets, and who is turned away.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { refused, startHub } from "../push/support.mjs";
import {
  call, createShop, ended, list, log, metric, only, put, respond, said, stands, wait, waiting, webhook,
} from "./support.mjs";

const CONFIG = `[scenarios]
answer_timeout_ms = 500
[limits]
requests_per_hook_per_s = 1
requests_per_hook_burst = 20
`;

let hub, app;
before(async () => (hub = await startHub({ config: CONFIG })));
beforeEach(async () => (app = await createShop(hub)));
after(() => hub?.stop());

/** Saves a scenario with an address, and resolves with that. */
async function hook(document) {
  const { hook_path } = await put(app, { id: "hook", trigger: webhook, ...document });
  assert.match(hook_path, /^\/hooks\/[\w-]{22}$/);
  return hook_path;
}

/** What a scenario sees of a call. */
async function seen(body, { query = "", headers } = {}) {
  const steps = [log("{{HttpRequest.method}} {{HttpRequest.a}} {{HttpRequest.body}} {{HttpRequest.body.text}}")];
  const answer = await call(hub, (await hook({ steps })) + query, body, headers);
  assert.equal(answer.status, 202, answer.text);
  return said(await ended(app, answer.body.run))[0];
}

test("it sees the method, the query, and the body as JSON or as a text", async () => {
  assert.equal(await seen({ text: "Tea" }), 'POST  {"text":"Tea"} Tea');
  assert.equal(await seen([1, 2]), "POST  [1,2] ");
  assert.equal(await seen('{"text":1}', { headers: { "content-type": "text/plain" } }), 'POST  {"text":1} ');
  assert.equal(await seen('{"text":1}', { headers: { "content-type": "Application/Vnd.Shop+JSON; charset=utf-8" } }), 'POST  {"text":1} 1');
  assert.equal(await seen("hello", { query: "?a=1%202&b=x" }), "POST 1 2 hello ");
  assert.equal(await seen(undefined, { query: "?a=1&method=GET&body=mine" }), "POST 1  ", "the hub's own words win");
});

test("a body that says that it is JSON has to be", async () => {
  const path = await hook();
  const type = { "content-type": "application/json" };
  refused(await call(hub, path, "{", type), 400, "invalid_payload");
  refused(await call(hub, path, "[".repeat(10_000), type), 400, "invalid_payload");
  assert.deepEqual(await list(app), []);
});

test("without an answer of the scenario the caller gets the number of its run", async () => {
  const path = await hook({ steps: [wait(3600)] });
  const { status, body } = await call(hub, path);
  const run = await stands(app, body.run, "waiting");
  assert.deepEqual([status, run.cause, run.depth], [202, "webhook", 0]);
});

test("with one it gets that: status, kind of body, body", async () => {
  const path = await hook({
    steps: [respond("<b>{{HttpRequest.a}}</b>", { status: 418, content_type: "text/html" }), log("after"), respond("twice")],
  });
  const answer = await call(hub, `${path}?a=<x>`);
  assert.deepEqual([answer.status, answer.text], [418, "<b><x></b>"]);
  assert.equal(answer.headers.get("content-type"), "text/html");
  assert.match(answer.headers.get("content-security-policy"), /sandbox/);
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  const run = await only(app, "hook");
  assert.deepEqual([run.status, run.steps.map(({ output }) => output?.sent)], ["done", [true, undefined, false]]);
});

test("an answer may be a value with its types, or nothing at all", async () => {
  const value = await call(hub, await hook({ steps: [respond({ is: "{{HttpRequest.body.n}}", list: [1, "{{HttpRequest.a}}"] })] }), { n: 1.5 });
  assert.deepEqual([value.body, value.headers.get("content-type")], [{ is: 1.5, list: [1, null] }, "application/json"]);
  const nothing = await call(hub, await hook({ steps: [{ type: "respond", status: 204 }] }));
  assert.deepEqual([nothing.status, nothing.text], [204, ""]);
});

test("a scenario that could answer and doesn't is answered by the number of its run", async () => {
  const maybe = { type: "if", condition: "HttpRequest.a == 'yes'", then: [respond("yes")] };
  const path = await hook({ steps: [maybe] });
  assert.equal((await call(hub, `${path}?a=yes`)).text, "yes");
  const { status, body } = await call(hub, path);
  assert.deepEqual([status, (await ended(app, body.run)).status], [202, "done"]);
});

test("a filter may hold it back", async () => {
  const before = await metric(hub, "runs_filtered_total");
  const path = await hook({ filter: "HttpRequest.body.amount > 5", steps: [respond("bought")] });
  const { status, body } = await call(hub, path, { amount: 5 });
  assert.deepEqual([status, body], [202, { run: null }]);
  assert.equal((await call(hub, path, { amount: 6 })).text, "bought");
  assert.equal((await metric(hub, "runs_filtered_total")) - before, 1);
  assert.equal((await list(app)).length, 1);
});

test("a filter that fails is a run that failed, and the caller learns the code", async () => {
  const path = await hook({ filter: "HttpRequest.body + 1" });
  const answer = await call(hub, path, "text");
  refused(answer, 500, "scenario_failed");
  assert.match(answer.body.detail, /condition_failed/);
  const run = await only(app, "hook");
  assert.deepEqual([run.status, run.error.code, run.cause], ["failed", "condition_failed", "webhook"]);
});

test("a step that fails gives 500 with its code and nothing from inside", async () => {
  const push = { type: "push", user_id: "{{HttpRequest.none}}", event_name: "x" };
  const answer = await call(hub, await hook({ steps: [push, respond("never")] }));
  refused(answer, 500, "scenario_failed");
  assert.match(answer.body.detail, /user_missing/);
  assert.doesNotMatch(answer.text, /nobody/);
  assert.match((await only(app, "hook")).error.message, /nobody/);
});

test("who waits too long gets 504, and the run goes on", async () => {
  const before = await metric(hub, "answers_late_total");
  const answer = await call(hub, await hook({ steps: [wait(1), respond("late"), log("end")] }));
  refused(answer, 504, "scenario_timeout");
  assert.deepEqual(said(await only(app, "hook")), ["end"]);
  assert.equal((await metric(hub, "answers_late_total")) - before, 1);
});

test("a run that is cancelled can't answer any more", async () => {
  const path = await hook({ steps: [wait(3600), respond("never")] });
  const answer = call(hub, path);
  const [{ run }] = await waiting(app, 1);
  await app.api.delete(`${app.path}/runs/${run}`);
  refused(await answer, 500, "scenario_failed");
});

test("the address of a scenario that is off, deleted, or started by something else leads nowhere", async () => {
  const path = await hook();
  assert.equal((await call(hub, path)).status, 202);
  await app.api.patch(`${app.path}/scenarios/hook`, { enabled: false });
  refused(await call(hub, path), 404, "hook_not_found");
  assert.equal(await hook(), path, "it keeps its address");
  const { hook_path } = await put(app, { id: "hook", trigger: { type: "scenario" } });
  assert.equal(hook_path, null);
  refused(await call(hub, path), 404, "hook_not_found");
  assert.equal(await hook(), path);
  await app.api.delete(`${app.path}/scenarios/hook`);
  refused(await call(hub, path), 404, "hook_not_found");
  assert.notEqual(await hook(), path, "a new one has an address of its own");
  refused(await call(hub, "/hooks/none"), 404, "hook_not_found");
});

test("each address has its rate, however fast another is called", async () => {
  const paths = [await hook(), (await put(app, { id: "other", trigger: webhook })).hook_path];
  const answers = await Promise.all(Array.from({ length: 40 }, () => call(hub, paths[0])));
  const over = answers.filter(({ status }) => status === 429);
  assert.ok(over.length > 0 && answers.length - over.length >= 20, `${over.length} of 40`);
  refused(over[0], 429, "limit_reached");
  assert.match(over[0].body.detail, /limits\.requests_per_hook_per_s/);
  assert.equal(over[0].headers.get("retry-after"), "1");
  assert.equal((await call(hub, paths[1])).status, 202);
});

test("it is called by POST alone", async () => {
  const path = await hook();
  for (const method of ["GET", "PUT", "DELETE"]) assert.equal((await fetch(hub.url + path, { method })).status, 405, method);
  assert.deepEqual(await list(app), []);
});
