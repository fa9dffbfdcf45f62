// Kills the hub (SIGKILL) again and again while objects change, each change with a scenario that pushes and edits another
// object. In the end every change that is in the store has had its push, in the order of its object; the other object was edited
// once for each; a client has heard a push twice only where the log of the run says that it was interrupted; no change and no
// run is left; and SQLite finds the database whole.
//
//     node e2e/scenarios/kill9.mjs --changes 10000 --kills 20

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { apiOf, CHEAP_PASSWORDS, createApp, socketOf, startHub, until } from "../push/support.mjs";
import { changed, metric, push, put, sql } from "./support.mjs";

const OBJECTS = 40;
const CONFIG = `shards = 2
${CHEAP_PASSWORDS}
[log]
level = "warn"
[limits]
pushes_kept_per_app_max = 10000000
runs_kept_per_app_max = 10000000
`;

/** Makes so many changes while the hub is killed so often, and resolves with what was counted. */
export async function run({ changes, kills }, say = () => {}) {
  const world = { hub: await startHub({ config: CONFIG }), confirmed: 0, changes };
  const closings = [];
  try {
    const app = (world.app = await prepare(world.hub));
    world.heard = listen(world.hub, app, closings);
    const workers = Array.from({ length: OBJECTS }, (_, id) => change(world, `${id}`));
    for (let kill = 1; kill <= kills; kill++) await killAt(world, Math.floor((changes * (kill - Math.random() / 2)) / (kills + 1)), say);
    const versions = await Promise.all(workers);
    await atRest(world.hub);
    return { kills, ...(await judge(world, versions)) };
  } finally {
    closings.forEach((close) => close());
    await rm(await world.hub.leave("SIGKILL"), { recursive: true, force: true });
  }
}

async function prepare(hub) {
  const app = await createApp(hub);
  for (const structure of ["orders", "notes"]) {
    await app.api.put(`${app.path}/structures/${structure}`, { fields: [{ name: "total", type: "number" }] });
    await app.api.post(`${app.path}/structures/${structure}/objects`, Array.from({ length: OBJECTS }, (_, id) => ({ id: `${id}` })));
  }
  const edit = { type: "edit", structure: "notes", id: "{{id}}", set: { total: "{{version}}" } };
  await put(app, { id: "ring", trigger: changed(), steps: [push("*", "changed", "{{id}} {{version}}"), edit] });
  return app;
}

/** A client that comes back after each kill, and how often it has heard of each change. */
function listen(hub, app, closings) {
  const socket = socketOf({ after: (close) => closings.push(close) }, hub, { app_id: app.key }, { reconnection: true, reconnectionDelayMax: 100 });
  const heard = new Map();
  socket.on("changed", (message) => heard.set(message, (heard.get(message) ?? 0) + 1));
  socket.connect();
  return heard;
}

/** Changes one object again and again, and resolves with the version that it has in the end. */
async function change(world, id) {
  const path = `${world.app.path}/structures/orders/objects/${id}`;
  let version = 1;
  for (let total = 0; world.confirmed < world.changes; total++) {
    // The hub is killed in the middle of calls: of one that fails nobody knows whether it was made.
    const answer = await callOf(world)("PATCH", path, { total }).catch(() => pause(20));
    if (answer?.status !== 200) continue;
    assert.ok(answer.body.version > version, `object ${id}: version ${answer.body.version} after ${version}`);
    version = answer.body.version;
    world.confirmed++;
  }
  const last = await until("the last version", () => callOf(world)("GET", path).catch(() => undefined));
  assert.ok(last.body.version >= version, `object ${id}: a confirmed change is gone`);
  return last.body.version;
}

const callOf = ({ hub, app }) => apiOf(hub.url, { authorization: `Bearer ${app.secret}` }).call;

/** Kills the hub when so many changes are confirmed, and starts it again at the same address. */
async function killAt(world, confirmed, say) {
  while (world.confirmed < confirmed) await pause(5);
  const listen = new URL(world.hub.url).host;
  const data = await world.hub.leave("SIGKILL");
  const [[waiting]] = sql(data, "SELECT count(*) FROM changes");
  const [[open]] = sql(data, "SELECT count(*) FROM runs WHERE ended_at_ms IS NULL");
  say(`killed after ${world.confirmed} changes: ${waiting} of them not looked at, ${open} runs open`);
  world.hub = await startHub({ config: CONFIG, data, listen });
}

/** Waits until nothing is left to do. */
async function atRest(hub) {
  for (let done = -1; ; ) {
    const now = await metric(hub, "runs_done_total");
    if (now === done && (await metric(hub, "runs_open")) === 0) return;
    done = now;
    await pause(500);
  }
}

/** Holds all that was pushed, heard and written against the versions that the objects have. */
async function judge(world, versions) {
  const pushes = await history(world);
  const committed = versions.reduce((sum, version) => sum + version - 1, 0);
  versions.forEach((version, id) => {
    const expected = Array.from({ length: version - 1 }, (_, index) => `${id} ${index + 2}`);
    assert.deepEqual(pushes.filter(({ message }) => message.startsWith(`${id} `)).map(({ message }) => message), expected, `object ${id}`);
  });
  await assertEditedOnce(world, versions);
  const data = await world.hub.leave("SIGTERM");
  const [[verdict]] = sql(data, "PRAGMA integrity_check");
  const [[left]] = sql(data, "SELECT count(*) FROM changes");
  const byStatus = sql(data, "SELECT status, count(*) FROM runs GROUP BY status");
  const interrupted = new Set(sql(data, "SELECT number FROM runs WHERE interruptions > 0").flat());
  const [[marked]] = sql(data, "SELECT count(DISTINCT run) FROM run_steps WHERE json_extract(record, '$.repeated')");
  world.hub = await startHub({ config: CONFIG, data });
  assert.deepEqual([verdict, left, byStatus], ["ok", 0, [["done", committed]]]);
  assert.equal(marked, interrupted.size, "each run that was interrupted has the step in its log");
  const runOf = new Map(pushes.map(({ message, id }) => [message, Number(id.match(/^run-(\d+):/)[1])]));
  const twice = [...world.heard].filter(([, times]) => times > 1).map(([message]) => message);
  for (const message of twice) assert.ok(interrupted.has(runOf.get(message)), `heard "${message}" twice, and its run was not interrupted`);
  const { confirmed, heard } = world;
  return { confirmed, committed, pushes: pushes.length, interrupted: interrupted.size, heard: heard.size, heardTwice: twice.length };
}

/** All pushes, oldest first. */
async function history({ hub, app }) {
  const pushes = [];
  const api = apiOf(hub.url, { authorization: `Bearer ${app.secret}` });
  for (let after = ""; after !== null; ) {
    const { items, next } = await api.get(`${app.path}/pushes?limit=200${after && `&after=${after}`}`);
    pushes.push(...items);
    after = next;
  }
  return pushes.reverse();
}

/** Each run gives the other object another value, so its version counts them. */
async function assertEditedOnce(world, versions) {
  for (const [id, version] of versions.entries()) {
    const { body } = await callOf(world)("GET", `${world.app.path}/structures/notes/objects/${id}`);
    assert.deepEqual([body.total ?? 1, body.version], [version, version], `the object beside ${id}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = { changes: { type: "string", default: "2000" }, kills: { type: "string", default: "20" } };
  const { changes, kills } = parseArgs({ options }).values;
  console.log("held:", await run({ changes: Number(changes), kills: Number(kills) }, console.log));
}
