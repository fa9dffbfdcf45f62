// Recovery and sessions: a dropped socket returns with what it missed, but never with what its session may no longer
// see.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CHEAP_PASSWORDS, arrived, connect, connected, createApp, fence, refusal, startHub, until } from "./support.mjs";

const CONFIG = `shards = 3\n${CHEAP_PASSWORDS}[socketio.recovery]\nenabled = true\n`;

let hub;
before(async () => (hub = await startHub({ config: CONFIG })));
after(() => hub?.stop());

/** A user's socket that has seen one push, then lost its connection, and missed another. */
async function dropped(t, settings = {}) {
  const app = await createApp(hub, settings);
  await app.user("ann");
  const session = await app.session("ann");
  const socket = await connect(t, hub, { app_id: app.key, session_id: session.token });
  await app.push("ann", "message", "seen");
  await arrived(socket, 1);
  const { id } = socket;
  socket.io.engine.close();
  await until("the hub's notice of it", async () => !(await hub.api.get(`${app.path}/users/ann`)).online);
  await app.push("ann", "message", "missed");
  socket.arrivals.length = 0;
  return { app, session, socket, id };
}

/** Another socket that presents the same recovery id and offset, with an auth of its own. */
function impostor(socket, auth) {
  socket.auth = auth;
  return connected(socket);
}

/** What a push over HTTP carries; the offset that recovery appends is the client's own affair. */
const messages = (socket) => socket.arrivals.map(([name, message]) => [name, message]);

test("a dropped socket returns as it was, with what it missed", async (t) => {
  const { app, socket, id } = await dropped(t);
  await connected(socket);
  await fence(app, [socket]);
  assert.deepEqual([socket.recovered, socket.id, messages(socket)], [true, id, [["message", "missed"]]]);
  await until("its presence", async () => (await hub.api.get(`${app.path}/users/ann`)).sockets === 1);
});

const ends = {
  "its session was revoked": async ({ app, session }) => hub.api.delete(`${app.path}/sessions/${session.id}`),
  "its user logged out": ({ session }) => fetch(`${hub.url}/good/api/v4/auth/logout?sessionID=${session.token}`),
  "its user was deleted": ({ app }) => hub.api.delete(`${app.path}/users/ann`),
};

for (const [what, end] of Object.entries(ends)) {
  test(`it neither returns nor gets anything after ${what}`, async (t) => {
    const before = await dropped(t);
    const { app, socket, id } = before;
    await end(before);
    await connected(socket).then(
      () => assert.fail("was let in"),
      (error) => assert.equal(error.code, "session_invalid"),
    );
    await impostor(socket, { app_id: app.key });
    await fence(app, [socket]);
    assert.deepEqual([socket.recovered, messages(socket)], [false, []]);
    assert.notEqual(socket.id, id);
    assert.equal((await hub.api.get(`${app.path}/sockets`)).items[0].user_id, null);
  });
}

test("it doesn't return when its session expired meanwhile", async (t) => {
  const { app, socket, session } = await dropped(t, { session_ttl_s: 2 });
  await until("its end", () => Date.now() > session.expires_at_ms + 3_000);
  await connected(socket).then(
    () => assert.fail("was let in"),
    (error) => assert.equal(error.code, "session_expired"),
  );
  await impostor(socket, { app_id: app.key });
  await fence(app, [socket]);
  assert.deepEqual([socket.recovered, messages(socket)], [false, []]);
});

const others = {
  "another user": async (app) => ({ app, session_id: await app.user("bob") }),
  nobody: async (app) => ({ app }),
  "a user of another app": async () => {
    const app = await createApp(hub);
    return { app, session_id: await app.user("ann") };
  },
};

for (const [who, other] of Object.entries(others)) {
  test(`its recovery id opens nothing for ${who}`, async (t) => {
    const { app, socket } = await dropped(t);
    const { app: where, session_id } = await other(app);
    await impostor(socket, { app_id: where.key, session_id });
    await app.push("ann", "message", "later");
    await fence(where, [socket]);
    assert.deepEqual([socket.recovered, messages(socket)], [false, []]);
  });
}

test("a deleted app keeps nothing that could be recovered", async (t) => {
  const { app, socket, session } = await dropped(t);
  await hub.api.delete(app.path);
  const error = await connected(socket).catch((error) => error);
  assert.equal(error?.code, "app_not_found");
  assert.equal((await refusal(t, hub, { app_id: app.key, session_id: session.token })).data.code, "app_not_found");
});

test("a socket that changed its session in place returns with the new one", async (t) => {
  const app = await createApp(hub);
  await app.user("ann");
  const [old, fresh] = [await app.session("ann"), await app.session("ann")];
  const socket = await connect(t, hub, { app_id: app.key, session_id: old.token });
  assert.equal((await socket.emitWithAck("authenticate", { session_id: fresh.token })).ok, true);
  await app.push("ann", "message", "seen");
  await arrived(socket, 1);
  socket.io.engine.close();
  await hub.api.delete(`${app.path}/sessions/${old.id}`);
  await app.push("ann", "message", "missed");
  socket.arrivals.length = 0;
  await impostor(socket, { app_id: app.key, session_id: fresh.token });
  await fence(app, [socket]);
  assert.deepEqual([socket.recovered, messages(socket)], [true, [["message", "missed"]]]);
});

test("sessions and what was missed outlive a restart; ended ones don't", async (t) => {
  const first = await startHub({ config: CONFIG });
  const port = new URL(first.url).host;
  const app = await createApp(first);
  await app.user("ann");
  await app.user("bob");
  const brief = await createApp(first, { session_ttl_s: 2 });
  const cats = await brief.user("cat").then(() => brief.session("cat"));
  const cat = await connect(t, first, { app_id: brief.key, session_id: cats.token });
  const [anns, bobs] = [await app.session("ann"), await app.session("bob")];
  const ann = await connect(t, first, { app_id: app.key, session_id: anns.token });
  const bob = await connect(t, first, { app_id: app.key, session_id: bobs.token });
  const gone = (of) => until("its sockets gone", async () => !(await first.api.get(`${of.path}/sockets`)).items.length);
  for (const of of [brief, app]) await of.push("*", "message", "seen");
  for (const socket of [ann, bob, cat]) await arrived(socket, 1);
  for (const socket of [ann, bob, cat]) socket.io.engine.close();
  for (const of of [brief, app]) await gone(of);
  for (const of of [brief, app]) await of.push("*", "message", "missed");
  const data = await first.leave("SIGTERM");

  await until("an end of one session", () => Date.now() > cats.expires_at_ms);
  const second = await startHub({ config: CONFIG, data, listen: port });
  t.after(() => second.stop());
  await second.api.delete(`${app.path}/sessions/${bobs.id}`);
  for (const socket of [ann, bob, cat]) socket.arrivals.length = 0;
  await connected(ann);
  const again = { ...app, push: (user_id, event_name) => second.api.post(`${app.path}/push`, { user_id, event_name }) };
  await fence(again, [ann]);
  assert.deepEqual([ann.recovered, messages(ann)], [true, [["message", "missed"]]]);
  await assert.rejects(connected(bob), { code: "session_invalid" });
  await assert.rejects(connected(cat), { code: "session_expired" });
  assert.deepEqual(messages(cat), []);
  bob.auth = { app_id: app.key };
  await connected(bob);
  await fence(again, [bob]);
  assert.deepEqual([bob.recovered, messages(bob)], [false, []]);
});
