// Scenarios and runs over HTTP: documents that are checked when they are saved, their versions, runs by hand and dry ones, runs
// that are listed and cancelled, and who may do any of it.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apiOf, refused, startHub, until } from "../push/support.mjs";
import {
  changed, counted, created, createShop, ended, gate, linked, list, log, metric, push, put, respond, runs,
  said, show, stands, start, through_gate, wait, waiting, webhook,
} from "./support.mjs";

let hub, app;
before(async () => (hub = await startHub({ config: "[limits]\nscenario_versions_kept_max = 3\nscenarios_per_app_max = 5\n" })));
beforeEach(async () => (app = await createShop(hub, ["socket.io", "bridge"])));
after(() => hub?.stop());

const at = (scenario) => `${app.path}/scenarios/${scenario}`;
const callPut = (document, id = document.id) => app.api.call("PUT", at(id), document);
const versions = async (scenario, query = "") => (await app.api.get(`${at(scenario)}/versions?${query}`)).items;

/** What is in the audit log about a subject, oldest first. */
const audited = async (subject) =>
  (await hub.api.get(`/audit?app=${app.id}&limit=200`)).items.filter((item) => item.subject === subject).reverse();

test("a scenario is saved, shown, listed and deleted", async () => {
  const document = { id: "a", name: "The first", trigger: created(), filter: "total > 1", steps: [log("x")] };
  const saved = await put(app, document);
  assert.deepEqual([saved.id, saved.version, saved.enabled, saved.document, saved.hook_path, saved.due_at_ms], ["a", 1, true, document, null, null]);
  assert.ok(Math.abs(saved.created_at_ms - Date.now()) < 600_000 && saved.updated_at_ms === saved.created_at_ms);
  assert.deepEqual(await app.api.get(at("a")), saved);
  await put(app, { id: "c", trigger: linked });
  await put(app, { id: "b", trigger: linked });
  const { items, next } = await app.api.get(`${app.path}/scenarios?limit=2`);
  assert.deepEqual(items.map(({ id }) => id), ["a", "b"]);
  assert.deepEqual((await app.api.get(`${app.path}/scenarios?limit=2&after=${next}`)).items.map(({ id }) => id), ["c"]);
  assert.equal((await app.api.call("DELETE", at("a"))).status, 204);
  for (const method of ["GET", "DELETE"]) refused(await app.api.call(method, at("a")), 404, "scenario_not_found");
  refused(await app.api.call("GET", `${at("a")}/versions`), 404, "scenario_not_found");
});

test("each save is a version; what doesn't differ isn't one", async () => {
  const first = { id: "a", trigger: linked, steps: [log("one")] };
  await put(app, first);
  const { updated_at_ms } = await app.api.get(at("a"));
  const same = await put(app, JSON.parse('{"steps":[{"message":"one","type":"log"}],"trigger":{"type":"scenario"},"id":"a"}'));
  assert.deepEqual([same.version, same.updated_at_ms], [1, updated_at_ms]);
  assert.equal((await put(app, { ...first, steps: [log("two")] })).version, 2);
  assert.deepEqual((await versions("a")).map(({ version, document }) => [version, document.steps[0].message]), [[2, "two"], [1, "one"]]);
  assert.match((await versions("a"))[0].actor, /^key:/);
  const restored = await put(app, (await versions("a"))[1].document);
  assert.deepEqual([restored.version, restored.document.steps[0].message], [3, "one"]);
  assert.deepEqual((await versions("a", "limit=1&after=3")).map(({ version }) => version), [2]);
});

test("only so many versions are kept, and those that open runs need", async () => {
  const document = (number) => ({ id: "a", trigger: linked, steps: [wait(3600), log(`${number}`)] });
  await put(app, document(1));
  const run = await start(app, "a");
  await stands(app, run, "waiting");
  for (let number = 2; number <= 7; number++) await put(app, document(number));
  assert.deepEqual((await versions("a")).map(({ version }) => version), [7, 6, 5, 1]);
  await app.api.delete(`${app.path}/runs/${run}`);
  await put(app, document(8));
  assert.deepEqual((await versions("a")).map(({ version }) => version), [8, 7, 6]);
});

test("a scenario is turned on and off, which is a version as well", async () => {
  await put(app, { id: "a", trigger: created() });
  const off = await app.api.patch(at("a"), { enabled: false });
  assert.deepEqual([off.enabled, off.document.enabled, off.version], [false, false, 2]);
  assert.equal((await app.api.patch(at("a"), { enabled: false })).version, 2);
  const on = await app.api.patch(at("a"), { enabled: true });
  assert.deepEqual([on.enabled, on.version], [true, 3]);
  refused(await app.api.call("PATCH", at("none"), { enabled: true }), 404, "scenario_not_found");
  refused(await app.api.call("PATCH", at("a"), {}), 400, "invalid_payload");
  refused(await app.api.call("PATCH", at("a"), { enabled: true, name: "x" }), 400, "invalid_payload");
});

test("what is exported can be put back, also into another app", async () => {
  const hook = await put(app, { id: "a", trigger: webhook, steps: [respond({ a: ["{{HttpRequest.x}}", 1.50, null] })] });
  const { document } = await app.api.get(at("a"));
  assert.equal((await put(app, document)).version, 1);
  const other = await createShop(hub);
  const copy = await put(other, document);
  assert.deepEqual([copy.document, copy.version], [document, 1]);
  assert.notEqual(copy.hook_path, hook.hook_path, "an address is nobody else's");
});

test("all mistakes are told at once, each with its place", async () => {
  const answer = await callPut({
    id: "a",
    nam: "x",
    time_zone: "Mars/Olympus",
    trigger: { type: "object_changed", structure: "1x", fields: ["ok", "not ok"] },
    filter: "total >",
    steps: [
      { type: "push", event_name: "disconnect" },
      { type: "fly" },
      { type: "edit", set: { "a b": "{{#x}}" } },
      { type: "if", condition: "total", then: [{ type: "wait", for_s: 0 }], else: [log("{{"), { type: "respond", status: 99 }] },
      { type: "create", structure: "notes", as: "WebUser" },
      { type: "http", url: "ftp://x", retries: 1000 },
      "no step",
    ],
  });
  refused(answer, 400, "invalid_payload");
  const paths = answer.body.mistakes.map(({ path }) => path).sort();
  assert.deepEqual(paths, [
    "filter", "nam", "steps[0].event_name", "steps[0].user_id", "steps[1].type", "steps[2].set.a b", "steps[2].set.a b",
    "steps[3].else[0].message", "steps[3].else[1].status", "steps[3].then[0].for_s", "steps[4].as", "steps[5].retries",
    "steps[5].url", "steps[6]", "time_zone", "trigger.fields[1]", "trigger.structure",
  ]);
  assert.ok(answer.body.mistakes.every(({ message }) => message.length > 3));
  for (const { path, message } of answer.body.mistakes) assert.ok(answer.body.detail.includes(`${path}: ${message}`));
  refused(await app.api.call("GET", at("a")), 404, "scenario_not_found");
});

test("events that the hub hears itself can't be triggers", async () => {
  for (const event_name of ["authenticate", "register_provider", "connect"]) {
    const answer = await callPut({ id: "a", trigger: { type: "socket_event", event_name }, steps: [] });
    refused(answer, 400, "invalid_payload", event_name);
    assert.deepEqual(answer.body.mistakes.map(({ path }) => path), ["trigger.event_name"]);
  }
});

test("documents that aren't any are refused", async () => {
  const another = { id: "b", trigger: linked, steps: [] };
  for (const body of ["[]", '"x"', "{", "", "{}", another]) refused(await callPut(body, "a"), 400, "invalid_payload", JSON.stringify(body));
  refused(await callPut({ ...another, id: "ä" }), 400, "invalid_payload");
  const deep = `{"id":"a","trigger":{"type":"scenario"},"steps":${"[".repeat(5_000)}${"]".repeat(5_000)}}`;
  refused(await callPut(deep, "a"), 400, "invalid_payload");
  assert.deepEqual((await app.api.get(`${app.path}/scenarios`)).items, []);
});

test("what a scenario names and the app doesn't have is a warning, so that things can be saved in any order", async () => {
  const warned = await put(app, {
    id: "a",
    trigger: created("later"),
    steps: [
      { type: "create", structure: "later", as: "x" },
      { type: "if", condition: "true", then: [{ type: "run_scenario", scenario: "later" }], else: [{ type: "delete", structure: "later", id: "1" }] },
      { type: "run_scenario", scenario: "a" },
      respond("{{y.id}}"),
      { type: "create", structure: "notes", as: "y" },
    ],
  });
  const paths = warned.warnings.map(({ path }) => path).sort();
  assert.deepEqual(paths, [
    "steps[0].structure", "steps[1].else[0].structure", "steps[1].then[0].scenario", "steps[2]", "steps[3]", "steps[3].body",
    "trigger.structure",
  ]);
  assert.equal((await app.api.get(at("a"))).warnings, undefined, "only when it is saved");
  const endpoint = await put(app, { id: "b", trigger: { type: "endpoint", endpoint: "orders/none" } });
  assert.deepEqual(endpoint.warnings.map(({ path }) => path), ["trigger.endpoint"]);
});

test("an endpoint has one scenario that answers it", async () => {
  const trigger = { type: "endpoint", endpoint: "orders/form" };
  await put(app, { id: "a", trigger });
  const second = await callPut({ id: "b", trigger, steps: [] });
  refused(second, 409, "endpoint_taken");
  assert.match(second.body.detail, /"a"/);
  await put(app, { id: "b", trigger, enabled: false });
  refused(await app.api.call("PATCH", at("b"), { enabled: true }), 409, "endpoint_taken");
  await app.api.patch(at("a"), { enabled: false });
  assert.equal((await app.api.patch(at("b"), { enabled: true })).enabled, true);
});

test("an app has only so many scenarios", async () => {
  for (const id of ["a", "b", "c", "d", "e"]) await put(app, { id, trigger: linked });
  const sixth = await callPut({ id: "f", trigger: linked, steps: [] });
  refused(sixth, 429, "limit_reached");
  assert.match(sixth.body.detail, /limits\.scenarios_per_app_max/);
  assert.equal((await put(app, { id: "a", trigger: linked, name: "new" })).version, 2);
});

test("a run by hand has the object and what else it is given, whatever filter and switch say", async () => {
  await put(app, { id: "a", trigger: changed(), filter: "false", enabled: false, steps: [log("{{id}} {{name}} {{WebUser.id}} {{before.name}}")] });
  await app.orders.create({ id: "7", name: "Tea" });
  const answer = await app.api.call("POST", `${at("a")}/run`, { object_id: "7", given: { WebUser: { id: "ann" }, before: { name: "Milk" } } });
  assert.equal(answer.status, 202);
  const run = await ended(app, answer.body.run);
  assert.deepEqual([said(run), run.lane], [["7 Tea ann Milk"], "object:orders/7"]);
  assert.match(run.cause, /^by hand by key:/);
  assert.deepEqual(said(await ended(app, await start(app, "a"))), ["   "], "without anything as well");
  refused(await app.api.call("POST", `${at("a")}/run`, { object_id: "none" }), 404, "object_not_found");
  refused(await app.api.call("POST", `${at("none")}/run`, {}), 404, "scenario_not_found");
  refused(await app.api.call("POST", `${at("a")}/run`, { objekt: "7" }), 400, "invalid_payload");
  await put(app, { id: "b", trigger: webhook });
  refused(await app.api.call("POST", `${at("b")}/run`, { object_id: "7" }), 400, "invalid_payload");
});

test("a dry run shows what each step would do, and does nothing", async () => {
  const document = {
    id: "a",
    trigger: created(),
    filter: "total > 5",
    steps: [
      push("{{owner}}", "alert", "Hello {{owner.city}}"),
      { type: "create", structure: "notes", set: { name: "{{name}}" }, as: "note" },
      { type: "request_provider", provider_id: "CAR", payload: { id: "{{note.id}}" }, as: "reply" },
      wait(3600),
      respond("{{reply.result}} {{now}}"),
    ],
  };
  await put(app, document);
  const trial = {
    object: { id: "1", total: 6, owner: "ann", name: "Tea" },
    answers: { reply: { result: 42 } },
    links: { owner: { city: "Brig" } },
    now_ms: 0,
  };
  const shown = await app.api.post(`${at("a")}/test`, trial);
  assert.deepEqual([shown.is_admitted, shown.failure, shown.response.body], [true, undefined, "42 1970-01-01T01:00:00.000Z"]);
  assert.deepEqual(shown.steps.map(({ type, path }) => [type, path]), document.steps.map(({ type }, index) => [type, `steps[${index}]`]));
  assert.equal(shown.steps[0].input.message, "Hello Brig");
  assert.equal((await app.api.post(`${at("a")}/test`, { object: { total: 5 } })).is_admitted, false);
  const broken = await app.api.post(`${at("a")}/test`, { document: { ...document, filter: "name + 1" }, object: { name: "x" } });
  assert.equal(broken.failure.code, "condition_failed");
  const unsaved = await app.api.post(`${at("unsaved")}/test`, { document: { id: "unsaved", trigger: linked, steps: [log("x")] } });
  assert.equal(unsaved.steps.length, 1);
  refused(await app.api.call("POST", `${at("unsaved")}/test`, {}), 404, "scenario_not_found");
  const mistaken = await app.api.call("POST", `${at("a")}/test`, { document: { id: "a" } });
  refused(mistaken, 400, "invalid_payload");
  assert.deepEqual(mistaken.body.mistakes.map(({ path }) => path).sort(), ["steps", "trigger"]);
  assert.deepEqual([await list(app), await app.notes.all(), (await app.api.get(`${app.path}/pushes`)).items], [[], [], []]);
});

test("a waiting run is cancelled at once, and its time never comes", async () => {
  const [cancelled, open] = [await metric(hub, "runs_cancelled_total"), await metric(hub, "runs_open")];
  await put(app, { id: "a", trigger: linked, steps: [wait(1), log("never")] });
  const run = await start(app, "a");
  await stands(app, run, "waiting");
  assert.equal((await app.api.call("DELETE", `${app.path}/runs/${run}`)).status, 204);
  const { status, error, steps } = await show(app, run);
  assert.deepEqual([status, error.code, steps.length], ["cancelled", "cancelled", 1]);
  assert.match(error.message, /ended by key:/);
  await counted(hub, "runs_open", open);
  assert.equal((await metric(hub, "runs_cancelled_total")) - cancelled, 1);
  refused(await app.api.call("DELETE", `${app.path}/runs/${run}`), 409, "run_ended");
  refused(await app.api.call("DELETE", `${app.path}/runs/999999`), 404, "run_not_found");
  await ended(app, await start(app, "a"));
  assert.equal((await show(app, run)).steps.length, 1);
});

test("runs that are cancelled at the moment when they begin to wait leave nothing behind", async () => {
  const open = await metric(hub, "runs_open");
  await put(app, { id: "a", trigger: linked, steps: [wait(3600)] });
  const startAndCancel = async () => {
    const run = await start(app, "a");
    await app.api.delete(`${app.path}/runs/${run}`);
  };
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 20 }, startAndCancel));
  assert.equal((await list(app, "status=cancelled")).length, 200, "of 400");
  await counted(hub, "runs_open", open);
});

test("a run that is under way ends before its next step, a queued one before its first", async (t) => {
  const { asked, open } = await gate(t, hub, app);
  await put(app, { id: "slow", trigger: created(), steps: [through_gate(), log("never")] });
  await put(app, { id: "queued", trigger: created() });
  await app.orders.create({ id: "1" }, "?event=false");
  const openBefore = await metric(hub, "runs_open");
  const [slow, queued] = [await start(app, "slow", { object_id: "1" }), await start(app, "queued", { object_id: "1" })];
  await asked(1);
  for (const run of [queued, slow]) await app.api.delete(`${app.path}/runs/${run}`);
  open();
  await counted(hub, "runs_open", openBefore);
  assert.deepEqual([(await show(app, slow)).steps, (await show(app, queued)).steps], [[], []]);
  assert.equal((await ended(app, await start(app, "queued", { object_id: "1" }))).status, "done", "their lane is free");
});

test("a scenario takes its versions and runs with it; open ones end", async () => {
  const open = await metric(hub, "runs_open");
  await put(app, { id: "a", trigger: created(), steps: [wait(3600)] });
  await app.orders.create([{ id: "1" }, { id: "2" }]);
  const [{ run }] = await waiting(app, 2);
  await app.api.delete(at("a"));
  await counted(hub, "runs_open", open);
  refused(await app.api.call("GET", `${app.path}/runs/${run}`), 404, "run_not_found");
  assert.deepEqual(await list(app), []);
  const again = await put(app, { id: "a", trigger: created() });
  assert.deepEqual([again.version, (await versions("a")).length], [1, 1]);
});

test("an app takes its scenarios and runs with it", async (t) => {
  const counts = async () => [await metric(hub, "runs_open"), await metric(hub, "runs_running")];
  const before = await counts();
  const { asked } = await gate(t, hub, app);
  await put(app, { id: "slow", trigger: linked, steps: [through_gate("x", { timeout_ms: 1000 }), log("never")] });
  await put(app, { id: "waits", trigger: linked, steps: [wait(3600)] });
  await put(app, { id: "often", trigger: { type: "schedule", every_s: 1 } });
  await start(app, "waits");
  await start(app, "slow");
  await asked(1);
  await hub.api.delete(app.path);
  await until("its runs to be gone", async () => `${await counts()}` === `${before}`);
  const other = await createShop(hub);
  await put(other, { id: "a", trigger: linked });
  assert.equal((await ended(other, await start(other, "a"))).status, "done");
  assert.ok(!hub.lines.some((line) => line.includes(" ERROR ")), hub.lines.join("\n"));
});

test("runs that are open go on when their scenario is turned off", async () => {
  await put(app, { id: "a", trigger: created(), steps: [wait(1), log("went on")] });
  await app.orders.create({ id: "1" });
  const [{ run }] = await waiting(app, 1);
  await app.api.patch(at("a"), { enabled: false });
  assert.deepEqual(said(await ended(app, run)), ["went on"]);
});

test("runs are listed newest first, by scenario, status and object, in parts", async () => {
  await put(app, { id: "a", trigger: created() });
  await put(app, { id: "b", trigger: created(), steps: [push("{{none}}", "x")] });
  await app.orders.create(["1", "2", "a/b"].map((id) => ({ id })));
  await runs(app, "", 6);
  const get = async (query) => {
    const { items } = await app.api.get(`${app.path}/runs?${query}`);
    return items.map(({ scenario, lane }) => `${scenario} ${lane.replace("object:orders/", "")}`);
  };
  assert.deepEqual(await get(""), ["b a/b", "a a/b", "b 2", "a 2", "b 1", "a 1"]);
  assert.deepEqual(await get("scenario=a&status=done"), ["a a/b", "a 2", "a 1"]);
  assert.deepEqual(await get("status=failed&object=orders/2"), ["b 2"]);
  assert.deepEqual(await get("object=orders/a/b"), ["b a/b", "a a/b"]);
  assert.deepEqual(await get("scenario=none"), []);
  const pages = [];
  for (let after = ""; after !== null; ) {
    const { items, next } = await app.api.get(`${app.path}/runs?limit=4${after && `&after=${after}`}`);
    pages.push(items.length);
    after = next;
  }
  assert.deepEqual(pages, [4, 2]);
  for (const query of ["status=odd", "object=orders", "limit=0", "limit=x", "after=x", "odd=1"]) {
    refused(await app.api.call("GET", `${app.path}/runs?${query}`), 400, "invalid_payload", query);
  }
  refused(await app.api.call("GET", `${app.path}/runs/none`), 400, "invalid_payload");
});

test("other apps' keys, and keys of another scope, see and start nothing", async () => {
  const { hook_path } = await put(app, { id: "a", trigger: webhook });
  const run = await start(app, "a");
  await ended(app, run);
  const other = await createShop(hub);
  const { secret } = await hub.api.post(`${app.path}/secret-keys`, { name: "pusher", scopes: ["push"] });
  const calls = [
    ["GET", `${app.path}/scenarios`], ["GET", at("a")], ["PUT", at("a"), { id: "a", trigger: linked, steps: [] }],
    ["PATCH", at("a"), { enabled: false }], ["DELETE", at("a")], ["GET", `${at("a")}/versions`], ["POST", `${at("a")}/run`, {}],
    ["POST", `${at("a")}/test`, {}], ["GET", `${app.path}/runs`], ["GET", `${app.path}/runs/${run}`], ["DELETE", `${app.path}/runs/${run}`],
  ];
  for (const [method, path, body] of calls) {
    refused(await other.api.call(method, path, body), 404, "app_not_found", `${method} ${path}`);
    refused(await apiOf(hub.url, { authorization: `Bearer ${secret}` }).call(method, path, body), 403, "forbidden", `${method} ${path}`);
    refused(await apiOf(hub.url).call(method, path, body), 401, "unauthorized", `${method} ${path}`);
  }
  refused(await other.api.call("GET", `${other.path}/runs/${run}`), 404, "run_not_found", "by its number in another app");
  refused(await other.api.call("DELETE", `${other.path}/runs/${run}`), 404, "run_not_found");
  assert.deepEqual([(await app.api.get(at("a"))).hook_path, (await list(app)).length], [hook_path, 1]);
});

test("who changed, started and ended what is in the audit log", async () => {
  await put(app, { id: "a", trigger: linked, steps: [wait(3600)] });
  await put(app, { id: "a", trigger: linked, steps: [wait(3600)] });
  await app.api.patch(at("a"), { enabled: false });
  const run = await start(app, "a");
  await stands(app, run, "waiting");
  await hub.api.delete(`${app.path}/runs/${run}`);
  await hub.api.delete(at("a"));
  const of = async (subject) => (await audited(subject)).map(({ action, actor, detail }) => [action, actor.split(":")[0], detail]);
  assert.deepEqual(await of("a"), [
    ["scenario.put", "key", { enabled: true }],
    ["scenario.put", "key", { enabled: false }],
    ["scenario.run", "key", { run }],
    ["scenario.delete", "admin", {}],
  ]);
  assert.deepEqual(await of(`${run}`), [["run.cancel", "admin", { scenario: "a" }]]);
});
