// Scenarios that time starts: again and again, at the times of a clock in a zone, once for what was missed, and never while
// they are off.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apiOf, startHub, until } from "../push/support.mjs";
import { createShop, list, log, only, put, runs, settle, sql } from "./support.mjs";

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];
const every = (every_s) => ({ type: "schedule", every_s });

let hub, app;
before(async () => (hub = await startHub()));
beforeEach(async () => (app = await createShop(hub)));
after(() => hub?.stop());

/** Stops the hub, moves the time at which a scenario is due, and starts the hub again. */
async function whileDown(scenario, moved_ms) {
  const dataDir = await hub.leave("SIGTERM");
  sql(dataDir, "UPDATE scenarios SET due_at_ms = due_at_ms + ? WHERE id = ?", moved_ms, scenario);
  hub = await startHub({ data: dataDir });
  app.api = apiOf(hub.url, { authorization: `Bearer ${app.secret}` });
}

test("an interval starts it again and again", async () => {
  await put(app, { id: "often", trigger: every(1), steps: [log("{{now}}")] });
  const [first, second, third] = await runs(app, "scenario=often", 3);
  assert.deepEqual([first.cause, first.lane, first.depth], ["schedule", "scenario:often", 0]);
  const seconds = [first, second, third].map(({ created_at_ms }) => Math.floor(created_at_ms / 1000));
  assert.equal(new Set(seconds).size, 3, `${seconds}: once a second`);
  await put(app, { id: "often", trigger: every(1), enabled: false });
});

test("it is due at the times of a clock in its zone", async () => {
  const due = async (trigger, time_zone) => {
    const saved = await put(app, { id: "clock", time_zone, trigger: { type: "schedule", ...trigger } });
    assert.ok(saved.due_at_ms > Date.now() - 1_000, JSON.stringify(saved));
    return saved.due_at_ms;
  };
  assert.equal((await due({ cron: "*/5 * * * *" })) % (5 * MINUTE_MS), 0);
  assert.ok((await due({ cron: "*/5 * * * *" })) - Date.now() <= 5 * MINUTE_MS);
  assert.equal((await due({ daily: "09:30" }, "Asia/Kolkata")) % DAY_MS, 4 * HOUR_MS);
  assert.equal(new Date(await due({ weekly: { day: "sunday", at: "12:00" } })).getUTCDay(), 0);
  assert.equal(new Date(await due({ monthly: { day: 2, at: "12:00" } })).getUTCDate(), 2);
});

test("a cron whose minute comes starts it once, and is due again", async () => {
  await put(app, { id: "minute", trigger: { type: "schedule", cron: "0 0 1 1 *" } });
  const { due_at_ms } = await app.api.get(`${app.path}/scenarios/minute`);
  // In the next life it is due in a few seconds, not in a year.
  await whileDown("minute", Date.now() + 4_000 - due_at_ms);
  await only(app, "minute");
  const again = await app.api.get(`${app.path}/scenarios/minute`);
  assert.deepEqual([again.due_at_ms, again.version], [due_at_ms, 1], "at the next new year");
});

test("what was missed while the hub was down is made up for once", async () => {
  await put(app, { id: "hourly", trigger: every(3600) });
  const { due_at_ms } = await app.api.get(`${app.path}/scenarios/hourly`);
  await whileDown("hourly", -10 * HOUR_MS);
  await only(app, "hourly");
  await settle(app);
  assert.equal((await list(app, "scenario=hourly")).length, 1);
  const again = await app.api.get(`${app.path}/scenarios/hourly`);
  assert.ok([due_at_ms, due_at_ms + HOUR_MS].includes(again.due_at_ms), `${due_at_ms} ${again.due_at_ms}`);
});

test("while it is off it is never due, and turned on it is due in the future", async () => {
  await put(app, { id: "off", trigger: every(1), enabled: false });
  const off = await app.api.get(`${app.path}/scenarios/off`);
  assert.equal(off.due_at_ms, null);
  await put(app, { id: "other", trigger: every(1) });
  await runs(app, "scenario=other", 2);
  assert.deepEqual(await list(app, "scenario=off"), []);
  const on = await app.api.patch(`${app.path}/scenarios/off`, { enabled: true });
  assert.ok(on.due_at_ms >= Date.now() - 1_000);
  await runs(app, "scenario=off", 1);
  await app.api.patch(`${app.path}/scenarios/off`, { enabled: false });
  await until("its last due time to be forgotten", async () => (await app.api.get(`${app.path}/scenarios/off`)).due_at_ms === null);
});

test("a filter is asked each time", async () => {
  await put(app, { id: "never", trigger: every(1), filter: "now == 'never'" });
  await put(app, { id: "other", trigger: every(1) });
  await runs(app, "scenario=other", 2);
  assert.deepEqual(await list(app, "scenario=never"), []);
});

test("scenarios that are deleted when they are due leave the others alone", async () => {
  const ids = Array.from({ length: 400 }, (_, index) => `due-${index}`);
  await Promise.all(ids.map((id) => put(app, { id, trigger: every(1) })));
  await runs(app, "scenario=due-0", 1);
  for (const id of ids) await app.api.delete(`${app.path}/scenarios/${id}`);
  await settle(app);
  assert.ok(!hub.lines.some((line) => line.includes("the store fails")), hub.lines.join("\n"));
});
