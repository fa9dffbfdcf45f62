// What steps do: pushes in all their forms, objects edited, created and deleted, branches, waits, the log; and what a step that
// can't do its work leaves behind.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { arrived, connect, fence, startHub } from "../push/support.mjs";
import {
  changed, created, createShop, deleted, ended, event, linked, list, log, only, push, put, respond, runs,
  said, settle, show, stands, start, wait,
} from "./support.mjs";

let hub, app;
before(async () => (hub = await startHub()));
beforeEach(async () => (app = await createShop(hub)));
after(() => hub?.stop());

/** Runs steps with an order that is there, and resolves with the run. */
async function perform(steps, fields = {}, given = {}) {
  await app.orders.create({ id: "1", ...fields }, "?event=false");
  await put(app, { id: "perform", trigger: created(), steps });
  return ended(app, await start(app, "perform", { object_id: "1", given }));
}

/** Runs one step and resolves with the error that it ends with. */
async function failure(step, ...more) {
  const run = await perform([step, log("never")], ...more);
  assert.deepEqual([run.status, run.steps.length, run.error.step], ["failed", 1, "steps[0]"], JSON.stringify(run));
  assert.equal(run.steps[0].error.code, run.error.code);
  return run.error;
}

const users = async (t) => {
  const sockets = {};
  for (const [user, role] of [["ann", "cook"], ["bob", "cook"], ["eve", "guest"]]) {
    sockets[user] = await connect(t, hub, { app_id: app.key, session_id: await app.user(user, { role }) });
  }
  sockets.nobody = await connect(t, hub, { app_id: app.key });
  return sockets;
};

const heard = (sockets) => Object.keys(sockets).filter((name) => sockets[name].arrivals.length > 0).join(" ");

for (const [what, recipients, expected] of [
  ["one user", { user_id: "ann" }, "ann"],
  ["a user of a field", { user_id: "{{owner}}" }, "bob"],
  ["several between commas", { user_id: "ann, {{owner}},," }, "ann bob"],
  ["a list", { user_id: ["ann", "{{name}}"] }, "ann eve"],
  ["all links of a field", { user_id: ["{{friends}}", "bob"] }, "ann bob eve"],
  ["a field with links alone", { user_id: "{{friends}}" }, "ann eve"],
  ["a role", { role: "{{status}}" }, "ann bob"],
  ["everyone", { user_id: "*" }, "ann bob eve nobody"],
]) {
  test(`a push reaches ${what} and nobody else`, async (t) => {
    const sockets = await users(t);
    const fields = { owner: "bob", name: "eve", friends: ["ann", "eve"], status: "cook" };
    const run = await perform([{ type: "push", ...recipients, event_name: "hey" }], fields);
    assert.equal(run.status, "done", JSON.stringify(run.error));
    await fence(app, Object.values(sockets));
    assert.equal(heard(sockets), expected);
  });
}

test("a message is a text with values in it; in the mode json it is a value", async (t) => {
  const { ann } = await users(t);
  const data = { list: [1, { a: null }], text: "\"é\u0000\"" };
  const json = { type: "push", user_id: "ann", event_name: "json", mode: "json" };
  await perform([
    push("ann", "text {{name}}", "{{name}} & {{data.list}} {{{total}}} {{none}}{{#data.list}}<{{.}}>{{/data.list}}"),
    push("ann", "no message"),
    { ...json, message: { whole: "{{data}}", part: "n = {{total}}", n: "{{total}}", none: "{{none}}", plain: [true, 1.5] } },
    { ...json, message: "{{data.text}}" },
    { ...json, message: null },
    json,
  ], { name: "<Tea>", total: 1.5, data });
  await arrived(ann, 6);
  assert.deepEqual(ann.arrivals, [
    ["text <Tea>", '<Tea> & [1,{"a":null}] 1.5 <1><{"a":null}>'],
    ["no message", ""],
    ["json", { whole: data, part: "n = 1.5", n: 1.5, none: null, plain: [true, 1.5] }],
    ["json", data.text],
    ["json", null],
    ["json", null],
  ]);
});

test("a push that names nobody, or an event that can't be, fails", async () => {
  assert.equal((await failure(push("{{none}}", "hey"))).code, "user_missing");
  await app.orders.remove("1");
  assert.equal((await failure(push("ann", "{{name}}"), { name: "disconnect" })).code, "invalid_payload");
});

test("a push is in the history with the run for its id", async () => {
  const run = await perform([push("ann", "hey", "x")]);
  const { items } = await app.api.get(`${app.path}/pushes`);
  assert.deepEqual([items.length, items[0].id, items[0].actor], [1, `run-${run.run}:steps[0]`, "scenario:perform"]);
});

test("an edit changes the run's object, and later steps see it", async () => {
  const edit = { type: "edit", set: { status: "seen by {{name}}", total: "{{data.n}}", name: null, data: { n: [1] } } };
  const run = await perform([edit, log("{{status}}|{{total}}|{{name}}|{{data}}|{{version}}")], { name: "Tea", data: { n: 5 } });
  assert.deepEqual(said(run), ['seen by Tea|5||{"n":[1]}|2']);
  const { status, total, name, data, version } = await app.orders.show("1");
  assert.deepEqual([status, total, name, data, version], ["seen by Tea", 5, undefined, { n: [1] }, 2]);
  const set = { status: "seen by Tea", total: 5, name: null, data: { n: [1] } };
  assert.deepEqual(run.steps[0].input, { structure: "orders", id: "1", set, event: false });
});

test("an edit of another object leaves the run's own alone", async () => {
  await app.notes.create({ id: "1", name: "note" });
  const other = { type: "edit", structure: "notes", id: "{{id}}", set: { name: "edited" } };
  const parent = { type: "edit", structure: "orders", id: "{{parent}}", set: { name: "edited too" } };
  await app.orders.create({ id: "0" });
  const run = await perform([other, parent, log("{{name}}")], { name: "order", parent: "0" });
  assert.deepEqual(said(run), ["order"]);
  assert.deepEqual([(await app.notes.show("1")).name, (await app.orders.show("0")).name], ["edited", "edited too"]);
});

test("what a step writes starts scenarios only if it says so", async () => {
  for (const structure of ["orders", "notes"]) {
    for (const trigger of [created(structure), changed(undefined, structure), deleted(structure)]) {
      await put(app, { id: `${structure}-${trigger.type}`, trigger, steps: [log("{{id}}")] });
    }
  }
  const writes = (id, event) => [
    { type: "create", structure: "notes", id, event },
    { type: "edit", structure: "notes", id, set: { name: "x" }, event },
    { type: "delete", structure: "notes", id, event },
  ];
  await perform([...writes("silent", false), ...writes("loud", true)].map(({ event, ...step }) => (event ? { ...step, event } : step)));
  await settle(app);
  assert.deepEqual(await list(app, "object=notes/silent"), []);
  const loud = await runs(app, "object=notes/loud", 3);
  assert.deepEqual(loud.map(({ scenario, depth }) => `${scenario} ${depth}`), [
    "notes-object_created 1",
    "notes-object_changed 1",
    "notes-object_deleted 1",
  ]);
  assert.match(loud[0].cause, /^object_created notes\/loud by scenario:perform$/);
});

test("an edit that really changes nothing starts nothing either", async () => {
  await put(app, { id: "again", trigger: changed() });
  await perform([{ type: "edit", set: { total: 5 }, event: true }], { total: 5 });
  await settle(app);
  assert.deepEqual(await list(app, "scenario=again"), []);
});

test("a created object is there by its name, and its links lead on", async () => {
  await app.user("ann", { role: "cook", profile: { city: "Brig" } });
  const run = await perform([
    { type: "create", structure: "notes", set: { name: "for {{id}}", owner: "ann" }, as: "note" },
    log("{{note.id}} {{note.name}} {{note.owner}} {{note.owner.city}} {{note.owner.role}}"),
    { type: "edit", set: { name: "{{note.id}}" } },
  ]);
  const [note] = await app.notes.all();
  assert.match(note.id, /^[\w-]{22}$/);
  assert.deepEqual(said(run), [`${note.id} for 1 ann Brig cook`]);
  assert.equal((await app.orders.show("1")).name, note.id);
});

test("links are followed, three deep, from the object as it was before as well", async () => {
  await app.user("ann", { profile: { city: "Brig" } });
  for (const [id, parent] of [["a", null], ["b", "a"], ["c", "b"], ["d", "c"]]) {
    await app.orders.create({ id, name: `I am ${id}`, parent, owner: "ann" });
  }
  const text = "{{parent}} {{parent.name}} {{parent.parent.parent.name}} {{before.parent.name}} {{owner.city}}";
  await put(app, { id: "deep", trigger: changed(), steps: [log(text)] });
  await app.orders.change("d", { parent: "c", name: "x" });
  assert.deepEqual(said(await only(app, "deep")), ["c I am c I am a I am c Brig"]);
});

test("a delete takes the run's object away, or another; what it was is still known", async () => {
  await app.notes.create({ id: "n" });
  const run = await perform([{ type: "delete" }, { type: "delete", structure: "notes", id: "n" }, log("{{name}}")], { name: "Tea" });
  assert.deepEqual([run.status, said(run)], ["done", ["Tea"]]);
  assert.deepEqual([await app.orders.all(), await app.notes.all()], [[], []]);
});

for (const [what, step, code] of [
  ["an edit of what isn't there", { type: "edit", structure: "notes", id: "none", set: { name: "x" } }, "object_not_found"],
  ["an edit of a structure that isn't there", { type: "edit", structure: "none", id: "1", set: { name: "x" } }, "structure_not_found"],
  ["an edit of a field that isn't there", { type: "edit", set: { none: "x" } }, "invalid_payload"],
  ["an edit with a value of another type", { type: "edit", set: { total: "much" } }, "invalid_payload"],
  ["an edit without an id", { type: "edit", structure: "notes", id: "{{none}}", set: { name: "x" } }, "object_missing"],
  ["a create with an id that is taken", { type: "create", structure: "orders", id: "1" }, "object_exists"],
  ["a create in a structure that isn't there", { type: "create", structure: "none" }, "structure_not_found"],
  ["a create with an id that can't be one", { type: "create", structure: "notes", id: ".." }, "invalid_payload"],
  ["a delete of what isn't there", { type: "delete", structure: "notes", id: "none" }, "object_not_found"],
  ["a link to what isn't there", { type: "run_scenario", scenario: "none" }, "scenario_not_found"],
  ["an HTTP request where none may leave", { type: "http", url: "http://127.0.0.1:9/" }, /./],
]) {
  test(`${what} fails the run, and says why`, async () => {
    const error = await failure(step);
    if (code instanceof RegExp) assert.match(error.code, code);
    else assert.equal(error.code, code);
    assert.ok(error.message.length > 5, error.message);
  });
}

test("branches: the one that holds is taken, at every depth", async () => {
  const when = (condition, then, otherwise) => ({ type: "if", condition, then, ...(otherwise && { else: otherwise }) });
  const run = await perform([
    when("total > 10", [log("much")], [when("total > 5", [log("some"), when("name", [log("named")])], [log("little")]), log("end of else")]),
    when("none", [log("never")]),
    log("end"),
  ], { total: 7, name: "x" });
  assert.deepEqual(said(run), ["some", "named", "end of else", "end"]);
  const paths = run.steps.map(({ path, type, output }) => (type === "if" ? `${path} ${output}` : path));
  assert.deepEqual(paths, [
    "steps[0] false",
    "steps[0].else[0] true",
    "steps[0].else[0].then[0]",
    "steps[0].else[0].then[1] true",
    "steps[0].else[0].then[1].then[0]",
    "steps[0].else[1]",
    "steps[1] false",
    "steps[2]",
  ]);
});

test("a condition without a value fails the run", async () => {
  const error = await failure({ type: "if", condition: "name - 1 > 2", then: [log("x")] }, { name: "text" });
  assert.equal(error.code, "condition_failed");
});

test("a wait takes its time, and the log says when", async () => {
  await app.orders.create({ id: "1" });
  await put(app, { id: "waits", trigger: created(), steps: [log("{{now}}"), wait(1), log("{{now}}")] });
  const number = await start(app, "waits", { object_id: "1" });
  const waiting = await stands(app, number, "waiting");
  assert.ok(waiting.due_at_ms >= waiting.created_at_ms + 1_000);
  const run = await ended(app, number);
  const [before, after] = said(run).map(Date.parse);
  assert.ok(after - before >= 1_000, `${after - before} ms`);
  assert.deepEqual([run.due_at_ms, run.interruptions, run.steps.map(({ repeated }) => repeated)], [null, 0, Array(3).fill(undefined)]);
});

test("after a wait the run's object is the one that it began with; what it reads by links is as it is then", async () => {
  await app.orders.create({ id: "0", name: "before" });
  await app.orders.create({ id: "1", name: "before", parent: "0" });
  await put(app, { id: "waits", trigger: created(), steps: [wait(1), log("{{name}} {{parent.name}}")] });
  const run = await start(app, "waits", { object_id: "1" });
  await stands(app, run, "waiting");
  for (const id of ["0", "1"]) await app.orders.change(id, { name: "after" });
  assert.deepEqual(said(await ended(app, run)), ["before after"]);
});

test("a run keeps to the version that it began with", async () => {
  await put(app, { id: "waits", trigger: linked, steps: [wait(1), log("first")] });
  const run = await start(app, "waits");
  await stands(app, run, "waiting");
  await put(app, { id: "waits", trigger: linked, steps: [log("second")] });
  const first = await ended(app, run);
  assert.deepEqual([first.version, said(first)], [1, ["first"]]);
  assert.deepEqual(said(await ended(app, await start(app, "waits"))), ["second"]);
});

test("a respond with nobody who waits does no harm", async () => {
  const run = await perform([respond("x"), log("end")]);
  assert.deepEqual([run.status, said(run)], ["done", ["end"]]);
});

test("steps have names, inputs, outputs and durations in the log", async () => {
  const run = await perform([{ ...log("x"), name: "say x" }, push("ann", "hey")]);
  const [first, second] = run.steps;
  assert.deepEqual([first.name, first.input, first.output, first.attempt], ["say x", { message: "x" }, null, 1]);
  assert.ok(Math.abs(first.at_ms - run.started_at_ms) < 60_000 && first.duration_ms >= 0);
  assert.deepEqual([second.name, second.input.event_name, second.output.matched_users, second.output.delivered], [undefined, "hey", 0, 0]);
  assert.ok(run.created_at_ms <= run.started_at_ms && run.started_at_ms <= run.ended_at_ms);
});

test("an event's own user may be pushed to", async (t) => {
  const { ann } = await users(t);
  await put(app, { id: "echo", trigger: event("echo"), steps: [push("{{WebUser.id}}", "echo", "{{event.data}}")] });
  ann.emit("echo", "hello");
  await arrived(ann, 1);
  assert.deepEqual(ann.arrivals, [["echo", "hello"]]);
  assert.equal((await show(app, (await runs(app, "", 1))[0].run)).steps[0].output.delivered, 1);
});
