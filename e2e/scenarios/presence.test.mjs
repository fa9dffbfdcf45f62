// Scenarios that start when users come and go: with their first socket and their last one, whatever happens in between.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { ask, closed, connect, connected, startHub, until } from "../push/support.mjs";
import { allSaid, createShop, list, log, put, runs } from "./support.mjs";

// Two shards: a user's sockets are often on different ones.
const CONFIG = "shards = 2\n[socketio.recovery]\nenabled = true\n";

let hub, app;
before(async () => (hub = await startHub({ config: CONFIG })));
beforeEach(async () => {
  app = await createShop(hub);
  const steps = (what) => [log(`${what} {{WebUser.id}} {{WebUser.role}} {{WebUser.city}}`)];
  await put(app, { id: "come", trigger: { type: "user_online" }, steps: steps("come") });
  await put(app, { id: "gone", trigger: { type: "user_offline" }, steps: steps("gone") });
});
after(() => hub?.stop());

const client = (t, session_id, more) => connect(t, hub, { app_id: app.key, ...(session_id && { session_id }) }, more);

/** Waits for so many comings and goings of a user, and resolves with them in their order. */
async function moves(user, count) {
  const all = await runs(app, "", count);
  return all.filter(({ lane }) => lane === `user:${user}`).map(({ scenario }) => scenario);
}

test("the first socket of a user is their coming, the last one their going", async (t) => {
  const session = await app.user("ann", { role: "cook", profile: { city: "Brig" } });
  const sockets = [await client(t, session)];
  for (let more = 0; more < 8; more++) sockets.push(await client(t, session));
  for (const socket of sockets) socket.close();
  assert.deepEqual(await allSaid(app, "gone", 1), ["gone ann cook Brig"]);
  assert.deepEqual(await allSaid(app, "come", 1), ["come ann cook Brig"]);
  const again = await client(t, session);
  assert.deepEqual(await moves("ann", 3), ["come", "gone", "come"]);
  again.close();
  const [run] = await runs(app, "scenario=gone", 2);
  assert.deepEqual([run.cause, run.lane], ["user_offline ann", "user:ann"]);
});

test("those whom nobody knows come and go unnoticed", async (t) => {
  (await client(t)).close();
  const session = await app.user("ann");
  await client(t, session);
  assert.deepEqual(await moves("ann", 1), ["come"]);
  assert.equal((await list(app)).length, 1);
});

test("a socket that proves once more who it is changes nothing", async (t) => {
  const session = await app.user("ann");
  const socket = await client(t, session);
  for (let round = 0; round < 3; round++) {
    assert.equal((await ask(socket, "authenticate", { session_id: await tokenOf("ann") })).ok, true);
  }
  socket.close();
  assert.deepEqual(await moves("ann", 2), ["come", "gone"]);
});

test("a socket that becomes another user is one's going and the other's coming", async (t) => {
  const socket = await client(t, await app.user("ann"));
  await app.user("bob");
  await ask(socket, "authenticate", { session_id: await tokenOf("bob") });
  await runs(app, "", 3);
  assert.deepEqual([await moves("ann", 3), await moves("bob", 3)], [["come", "gone"], ["come"]]);
  const guest = await client(t);
  await ask(guest, "authenticate", { session_id: await tokenOf("ann") });
  assert.deepEqual(await moves("ann", 4), ["come", "gone", "come"]);
});

test("a session that ends takes its user with it", async (t) => {
  await app.user("ann");
  const { id, token } = await app.session("ann");
  const socket = await client(t, token);
  await runs(app, "scenario=come", 1);
  await app.api.delete(`${app.path}/sessions/${id}`);
  await closed(socket);
  assert.deepEqual(await moves("ann", 2), ["come", "gone"]);
});

test("a user whose connection drops is gone, and back when it recovers", async (t) => {
  const socket = await client(t, await app.user("ann"));
  await app.push("ann", "hello");
  await until("an event with an offset", () => socket.arrivals.length === 1);
  for (let round = 1; round <= 3; round++) {
    socket.io.engine.close();
    assert.equal((await moves("ann", 2 * round)).at(-1), "gone");
    await connected(socket);
    assert.equal(socket.recovered, true);
    assert.equal((await moves("ann", 2 * round + 1)).at(-1), "come");
  }
  socket.close();
  assert.deepEqual(await moves("ann", 8), Array(4).fill(["come", "gone"]).flat());
});

test("a user who has another socket isn't gone when one drops", async (t) => {
  const session = await app.user("ann");
  const [stays, drops] = [await client(t, session), await client(t, session)];
  await app.push("ann", "hello");
  await until("an event with an offset", () => drops.arrivals.length === 1);
  drops.io.engine.close();
  await until("the hub's notice of it", async () => (await app.api.get(`${app.path}/users/ann`)).sockets === 1);
  await connected(drops);
  stays.close();
  drops.close();
  assert.deepEqual(await moves("ann", 2), ["come", "gone"]);
});

test("many who come and go at once are all told, each in the right order", async (t) => {
  const users = Array.from({ length: 10 }, (_, index) => `user-${index}`);
  const comeAndGo = async (user) => {
    const session = await app.user(user);
    for (let round = 0; round < 5; round++) {
      const sockets = await Promise.all([client(t, session), client(t, session)]);
      for (const socket of sockets) socket.close();
      await until("the hub's notice of it", async () => (await app.api.get(`${app.path}/users/${user}`)).sockets === 0);
    }
  };
  await Promise.all(users.map(comeAndGo));
  const expected = Array(5).fill(["come", "gone"]).flat();
  for (const user of users) assert.deepEqual(await moves(user, 100), expected, user);
});

const tokenOf = async (user) => (await app.session(user)).token;
