// What the tests of scenarios share: apps with a structure, runs that are waited for, what was pushed and counted. Knows the
// paths of the API and no rule of scenarios.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ask, connect, createApp, until } from "../push/support.mjs";

const OPEN = ["queued", "running", "waiting", "retrying"];

/** All fields that the tests need, of whatever type. */
const FIELDS = [
  { name: "name", type: "string" },
  { name: "status", type: "string" },
  { name: "total", type: "number" },
  { name: "data", type: "json" },
  { name: "owner", type: "link", structure: "WebUser" },
  { name: "friends", type: "links", structure: "WebUser" },
  { name: "parent", type: "link", structure: "orders" },
];

/** An app with the structures `orders` and `notes`, and the calls that write their objects. */
export async function createShop(hub, plugins) {
  const app = await createApp(hub, {}, plugins);
  for (const structure of ["orders", "notes"]) await app.api.put(`${app.path}/structures/${structure}`, { fields: FIELDS });
  return Object.assign(app, { orders: objectsOf(app, "orders"), notes: objectsOf(app, "notes") });
}

function objectsOf(app, structure) {
  const path = `${app.path}/structures/${structure}/objects`;
  const at = (id) => `${path}/${encodeURIComponent(id)}`;
  return {
    create: (fields, query = "") => app.api.post(path + query, fields),
    change: (id, fields, query = "") => app.api.patch(at(id) + query, fields),
    remove: (id, query = "") => app.api.delete(at(id) + query),
    show: (id) => app.api.get(at(id)),
    all: async () => (await app.api.get(`${path}?page_size=200&sort=id`)).items,
  };
}

/** Saves a scenario; without steps it has one that leaves a line in the log. */
export const put = (app, document) =>
  app.api.put(`${app.path}/scenarios/${document.id}`, { steps: [log("ran")], ...document });

export const log = (message) => ({ type: "log", message });
export const wait = (for_s) => ({ type: "wait", for_s });
export const push = (user_id, event_name, message) => ({ type: "push", user_id, event_name, message });
export const respond = (body, more = {}) => ({ type: "respond", body, ...more });
export const run_scenario = (scenario) => ({ type: "run_scenario", scenario });

/** Triggers that are used all over. */
export const created = (structure = "orders") => ({ type: "object_created", structure });
export const changed = (fields, structure = "orders") => ({ type: "object_changed", structure, ...(fields ? { fields } : {}) });
export const deleted = (structure = "orders") => ({ type: "object_deleted", structure });
export const webhook = { type: "webhook" };
export const linked = { type: "scenario" };
export const event = (event_name) => ({ type: "socket_event", event_name });

/** Starts a scenario by hand, and resolves with the number of the run. */
export const start = async (app, scenario, body) => (await app.api.post(`${app.path}/scenarios/${scenario}/run`, body)).run;

/** Runs that match, oldest first, however they stand. */
export const list = async (app, query = "") => (await app.api.get(`${app.path}/runs?limit=200&${query}`)).items.reverse();

/** One run with its steps. */
export const show = (app, run) => app.api.get(`${app.path}/runs/${run}`);

/** Waits until a run stands like that, and resolves with it and its steps. */
export async function stands(app, run, status) {
  let found;
  const stands = async () => (found = await show(app, run)).status === status;
  await until(`run ${run} to be ${status}`, stands).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(found)}`));
  return found;
}

/** Waits until so many runs of the app wait, and resolves with them, oldest first. */
export async function waiting(app, count) {
  let found = [];
  await until(`${count} runs that wait`, async () => (found = await list(app, "status=waiting")).length === count);
  return found;
}

/** Waits until a run has ended, and resolves with it and its steps. */
export async function ended(app, run) {
  let found;
  await until(`the end of run ${run}`, async () => !OPEN.includes((found = await show(app, run)).status));
  return found;
}

/** Waits until so many runs that match have ended, and resolves with them, oldest first. */
export async function runs(app, query, count) {
  let items = [];
  await until(`${count} runs with ${query}`, async () => {
    items = await list(app, query);
    return items.length >= count && items.every(({ status }) => !OPEN.includes(status));
  });
  return items;
}

/** Waits for the one run of a scenario, and resolves with it and its steps once it has ended. */
export async function only(app, scenario) {
  const all = await runs(app, `scenario=${scenario}`, 1);
  assert.equal(all.length, 1, JSON.stringify(all));
  return show(app, all[0].run);
}

/** What the steps of a run have written into its log. */
export const said = ({ steps }) => steps.filter(({ type }) => type === "log").map(({ input }) => input.message);

/** What all ended runs of a scenario have written into their logs, in the order of their triggers. */
export async function allSaid(app, scenario, count) {
  const all = await runs(app, `scenario=${scenario}`, count);
  return (await Promise.all(all.map(({ run }) => show(app, run)))).flatMap(said);
}

/** A step that asks the provider of `gate`, under a name. */
export const through_gate = (name, more) => ({ type: "request_provider", provider_id: "GATE", payload: { name }, timeout_ms: 60_000, ...more });

/** A provider that replies when it is told to: a run whose step asks it is under way for as long as a test wants. */
export async function gate(t, hub, app) {
  const socket = await connect(t, hub, { app_id: app.key });
  const asked = [];
  let isOpen = false;
  const reply = ({ request_from, request_id }, more) => socket.emit("provider_reply", { request_from, request_id, ...more });
  socket.on("new_request", (request) => (isOpen ? reply(request) : asked.push(request)));
  await ask(socket, "register_provider", { provider_id: "GATE" });
  const askedBy = (name) => until(`a request of ${name}`, () => asked.find((request) => request.name === name));
  return {
    asked: (count) => until(`${count} requests`, () => asked.length === count),
    askedBy,
    reply: async (name) => reply(await askedBy(name)),
    /** Replies to those that have asked, and to all that will. */
    open: (more) => {
      isOpen = true;
      asked.forEach((request) => reply(request, more));
    },
  };
}

let settled = 0;

/**
 * Waits until all that has changed in the app so far has been looked at: a change of an object that comes later has started
 * its run. What hasn't started by then never will.
 */
export async function settle(app) {
  const id = `settle-${++settled}`;
  await app.api.put(`${app.path}/structures/fences`, { fields: [] });
  await put(app, { id: "fence", trigger: created("fences") });
  await app.api.post(`${app.path}/structures/fences/objects`, { id });
  await runs(app, `object=fences/${id}`, 1);
}

/** What a counter or a gauge of the hub shows. */
export async function metric(hub, name) {
  const text = await (await fetch(`${hub.url}/metrics`)).text();
  const line = text.split("\n").find((line) => line.startsWith(`campanile_${name} `));
  assert.ok(line, `there is no metric ${name}`);
  return Number(line.split(" ")[1]);
}

/** Waits until a counter or a gauge shows that. */
export const counted = (hub, name, value) => until(`${name} to be ${value}`, async () => (await metric(hub, name)) === value);

/** Calls an address of the hub; a body that isn't a text goes as JSON. */
export async function call(hub, path, body, headers = {}) {
  const type = body === undefined || typeof body === "string" ? {} : { "content-type": "application/json" };
  const sent = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
  const response = await fetch(hub.url + path, { method: "POST", body: sent, headers: { ...type, ...headers } });
  const text = await response.text();
  const of = (text) => { try { return JSON.parse(text); } catch { return undefined; } };
  return { status: response.status, headers: response.headers, text, body: of(text) };
}

/** Runs SQL in the database that a hub has left, and resolves with the rows it gives. */
export function sql(dataDir, statement, ...values) {
  const script =
    "import json, sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('PRAGMA foreign_keys = ON');" +
    "rows = db.execute(sys.argv[2], json.loads(sys.argv[3])).fetchall(); db.commit(); print(json.dumps(rows))";
  const file = join(dataDir, "campanile.db");
  return JSON.parse(execFileSync("python3", ["-c", script, file, statement, JSON.stringify(values)], { encoding: "utf8" }));
}
