// Kills the hub (SIGKILL) at random moments while users log in and pushes with ids are sent, starts it again on the same
// data, and looks for whatever it had confirmed: sessions that are still valid, pushes that are in the history and not
// sent twice, and a database that SQLite finds whole.
//
//     node e2e/push/kill9.mjs --rounds 1000

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compatible, createApp, apiOf, startHub, CHEAP_PASSWORDS } from "./support.mjs";

const LIFE_MS = { least: 150, most: 800 };
const WORKERS = { logins: 2, sessions: 4, pushes: 6, batches: 1 };
const CONFIG = `shards = 2
${CHEAP_PASSWORDS}
[log]
level = "warn"
[limits]
sessions_per_user_max = 1000000
pushes_kept_per_app_max = 10000000
`;
const PASSWORD = "a password that survives";

/** Runs `rounds` lives of one hub and resolves with how much was confirmed in them, and kept. */
export async function run(rounds, say = () => {}) {
  let hub = await startHub({ config: CONFIG });
  try {
    const app = await createApp(hub);
    await app.user("ann", { password: PASSWORD });
    const confirmed = { sessions: [], pushes: [] };
    for (let round = 1; round <= rounds; round++) {
      const life = await live(hub, app, round);
      await assertWhole(hub.dataDir);
      hub = await startHub({ config: CONFIG, data: hub.dataDir });
      await assertKept(hub, app, life);
      await assertKept(hub, app, sample(confirmed));
      confirmed.sessions.push(...life.sessions);
      confirmed.pushes.push(...life.pushes);
      say(`round ${round}: ${life.sessions.length} sessions and ${life.pushes.length} pushes kept`);
    }
    return { sessions: confirmed.sessions.length, pushes: confirmed.pushes.length };
  } finally {
    await hub.stop();
  }
}

/** Puts load on the hub for a random time, and kills it under that load. Only what was confirmed is noted. */
async function live(hub, app, round) {
  const life = { sessions: [], pushes: [] };
  let killed = false;
  let made = 0;
  const api = apiOf(hub.url, { authorization: `Bearer ${app.secret}` });
  const work = {
    logins: async () => {
      const { status, body } = await compatible(hub, "/v5/auth", { appID: app.key }, { username: "ann", password: PASSWORD });
      if (status === 200) life.sessions.push(body.result.token);
    },
    sessions: async () => life.sessions.push((await api.post(`${app.path}/sessions`, { user_id: "ann" })).token),
    pushes: async () => {
      const push = pushNumber(`${round}-${++made}`);
      const { message_id } = await api.post(`${app.path}/push`, push);
      life.pushes.push({ ...push, message_id });
    },
    batches: async () => {
      const pushes = Array.from({ length: 20 }, () => pushNumber(`${round}-${++made}`));
      const { results } = await api.post(`${app.path}/push/batch`, { pushes });
      results.forEach(({ message_id }, at) => message_id && life.pushes.push({ ...pushes[at], message_id }));
    },
  };
  const repeat = async (act) => {
    // The hub is killed in the middle of calls: one that fails confirmed nothing.
    while (!killed) await act().catch(() => pause(5));
  };
  const workers = Object.entries(WORKERS).flatMap(([kind, count]) => Array.from({ length: count }, () => repeat(work[kind])));
  await pause(LIFE_MS.least + Math.random() * (LIFE_MS.most - LIFE_MS.least));
  await hub.leave("SIGKILL");
  killed = true;
  await Promise.all(workers);
  return life;
}

const pushNumber = (id) => ({ user_id: "ann", event_name: "message", message: `push ${id}`, id });

/** A few of what was confirmed in earlier lives. */
function sample({ sessions, pushes }) {
  const some = (all) => Array.from({ length: Math.min(all.length, 20) }, () => all[Math.floor(Math.random() * all.length)]);
  return { sessions: some(sessions), pushes: some(pushes) };
}

/** Looks at a copy, so that the hub itself has to recover what the kill left behind. */
async function assertWhole(data) {
  const copy = await mkdtemp(join(tmpdir(), "campanile-look-"));
  await cp(data, copy, { recursive: true });
  const script = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchall())";
  const verdict = execFileSync("python3", ["-c", script, join(copy, "campanile.db")], { encoding: "utf8" });
  await rm(copy, { recursive: true });
  assert.equal(verdict.trim(), "[('ok',)]");
}

async function assertKept(hub, app, { sessions, pushes }) {
  const api = apiOf(hub.url, { authorization: `Bearer ${hub.token}` });
  await inBatches(sessions, async (sessionID) => {
    const { body } = await compatible(hub, "/v4/auth/check", { sessionID });
    assert.equal(body.result.result, true, `a confirmed session is gone: ${sessionID}`);
  });
  await inBatches(pushes, async ({ message_id, ...push }) => {
    const again = await api.post(`${app.path}/push`, push);
    assert.deepEqual([again.message_id, again.duplicate], [message_id, true], `push ${push.id} was forgotten`);
  });
}

async function inBatches(all, look) {
  for (let at = 0; at < all.length; at += 16) await Promise.all(all.slice(at, at + 16).map(look));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "20" } } });
  console.log("kept:", await run(Number(values.rounds), console.log));
}
