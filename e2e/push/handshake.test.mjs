// Who is let in as whom, over both transports and three shards: each row of the handshake's table, and what becomes of
// a socket when its session, its user or its app goes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CHEAP_PASSWORDS,
  apiOf,
  arrived,
  ask,
  closed,
  compatible,
  connect,
  createApp,
  fence,
  refusal,
  refused,
  startHub,
  until,
} from "./support.mjs";

const CONFIG = `shards = 3\n${CHEAP_PASSWORDS}`;
const transports = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] };

let hub;
before(async () => (hub = await startHub({ config: CONFIG })));
after(() => hub?.stop());

for (const [name, list] of Object.entries(transports)) {
  const over = { transports: list };

  test(`${name}: a session makes a user, no session an anonymous socket`, async (t) => {
    const app = await createApp(hub);
    const token = await app.user("ann");
    const ann = await connect(t, hub, { app_id: app.key, session_id: token }, over);
    const anonymous = [];
    for (const auth of [{ app_id: app.key }, { app_id: app.key, session_id: "" }, { app_id: app.key, session_id: null }]) {
      anonymous.push(await connect(t, hub, auth, over));
    }
    await app.push("ann", "message", "1");
    await app.push("*", "message", "2");
    await fence(app, [ann, ...anonymous]);
    assert.deepEqual(ann.arrivals, [["message", "1"], ["message", "2"]]);
    for (const socket of anonymous) assert.deepEqual(socket.arrivals, [["message", "2"]]);
    const { items } = await hub.api.get(`${app.path}/sockets?user=ann`);
    assert.deepEqual(items.map(({ id, user_id }) => [id, user_id]), [[ann.id, "ann"]]);
  });

  test(`${name}: each refusal has its code and a message`, async (t) => {
    const app = await createApp(hub);
    const other = await createApp(hub);
    const bare = await createApp(hub, {}, []);
    const closedApp = await createApp(hub, { anonymous: "deny" });
    const token = await app.user("ann");
    const foreign = await other.user("ann");
    const revoked = await app.session("ann");
    await hub.api.delete(`${app.path}/sessions/${revoked.id}`);
    const rows = [
      [{ app_id: "no-such-key" }, "app_not_found"],
      [{ app_id: "" , session_id: token }, "app_not_found"],
      [{ app_id: app.id, session_id: token }, "app_not_found"],
      [{ app_id: app.secret, session_id: token }, "app_not_found"],
      [{ app_id: bare.key }, "plugin_not_installed"],
      [{ app_id: bare.key, session_id: token }, "plugin_not_installed"],
      [{ app_id: app.key, session_id: "nonsense" }, "session_invalid"],
      [{ app_id: app.key, session_id: foreign }, "session_invalid"],
      [{ app_id: app.key, session_id: revoked.token }, "session_invalid"],
      [{ app_id: app.key, session_id: `${token}x` }, "session_invalid"],
      [{ app_id: closedApp.key }, "anonymous_denied"],
      [{ app_id: closedApp.key, session_id: token }, "session_invalid"],
    ];
    for (const [auth, code] of rows) {
      const error = await refusal(t, hub, auth, over);
      assert.equal(error.data.code, code, JSON.stringify(auth));
      assert.ok(error.message.length > 5, error.message);
    }
  });
}

test("an id of a wrong type is refused and not taken for none", async (t) => {
  const app = await createApp(hub);
  for (const wrong of [1, true, {}, ["x"], { toString: "x" }]) {
    await refusal(t, hub, { app_id: wrong });
    await refusal(t, hub, { app_id: app.key, session_id: wrong });
  }
});

test("no auth at all is the app `public` with its open bridge", async (t) => {
  for (const auth of [undefined, {}]) {
    const socket = await connect(t, hub, auth);
    const answer = await socket.emitWithAck("register_provider", { provider_id: `OPEN-${Math.random()}` });
    assert.equal(answer.ok, true, JSON.stringify(answer));
  }
});

test("a removed plugin refuses and returns with the plugin", async (t) => {
  const app = await createApp(hub);
  (await connect(t, hub, { app_id: app.key })).close();
  await hub.api.delete(`${app.path}/plugins/socket.io`);
  assert.equal((await refusal(t, hub, { app_id: app.key })).data.code, "plugin_not_installed");
  await hub.api.put(`${app.path}/plugins/socket.io`, {});
  await connect(t, hub, { app_id: app.key });
});

test("a revoked API key lets nobody in; the app's other key does", async (t) => {
  const app = await createApp(hub);
  const { key } = await hub.api.post(`${app.path}/keys`, {});
  await hub.api.delete(`${app.path}/keys/${app.key}`);
  assert.equal((await refusal(t, hub, { app_id: app.key })).data.code, "app_not_found");
  await connect(t, hub, { app_id: key });
});

test("anonymous sockets are denied where the app says so, and only there", async (t) => {
  const app = await createApp(hub);
  const token = await app.user("ann");
  await hub.api.patch(app.path, { settings: { anonymous: "deny" } });
  assert.equal((await refusal(t, hub, { app_id: app.key })).data.code, "anonymous_denied");
  await connect(t, hub, { app_id: app.key, session_id: token });
  await hub.api.patch(app.path, { settings: { anonymous: "allow" } });
  await connect(t, hub, { app_id: app.key });
});

test("when a session expires its sockets are told, and it lets nobody in afterwards", async (t) => {
  const app = await createApp(hub, { session_ttl_s: 1 });
  const token = await app.user("ann");
  const socket = await connect(t, hub, { app_id: app.key, session_id: token });
  assert.equal((await closed(socket)).code, "session_expired");
  assert.equal((await refusal(t, hub, { app_id: app.key, session_id: token })).data.code, "session_expired");
});

const endings = {
  session_revoked: (app, session) => hub.api.delete(`${app.path}/sessions/${session.id}`),
  logged_out: (_, session) => fetch(`${hub.url}/good/api/v4/auth/logout?sessionID=${session.token}`),
  user_deleted: (app) => hub.api.delete(`${app.path}/users/ann`),
  app_deleted: (app) => hub.api.delete(app.path),
  disconnected_by_operator: (app, _, socket) => hub.api.delete(`${app.path}/sockets/${socket.id}`),
};

for (const [code, end] of Object.entries(endings)) {
  for (const [name, list] of Object.entries(transports)) {
    test(`${name}: a socket is told ${code} and then disconnected`, async (t) => {
      const app = await createApp(hub);
      await app.user("ann");
      const session = await app.session("ann");
      const socket = await connect(t, hub, { app_id: app.key, session_id: session.token }, { transports: list });
      await end(app, session, socket);
      const last = await closed(socket);
      assert.equal(last.code, code);
      assert.ok(last.message);
      assert.deepEqual(socket.arrivals.length, 1);
    });
  }
}

test("what ends one session leaves the user's other sockets and other users alone", async (t) => {
  const app = await createApp(hub);
  await app.user("ann");
  await app.user("bob");
  const [first, second, bobs] = [await app.session("ann"), await app.session("ann"), await app.session("bob")];
  const open = (session) => connect(t, hub, { app_id: app.key, session_id: session.token });
  const gone = await Promise.all(Array.from({ length: 6 }, () => open(first)));
  const staying = [...(await Promise.all(Array.from({ length: 6 }, () => open(second)))), await open(bobs)];
  await hub.api.delete(`${app.path}/sessions/${first.id}`);
  for (const socket of gone) assert.equal((await closed(socket)).code, "session_revoked");
  await fence(app, staying);
  for (const socket of staying) assert.deepEqual([socket.connected, socket.arrivals], [true, []]);

  assert.deepEqual(await hub.api.delete(`${app.path}/users/ann/sessions`), { revoked: 2 });
  for (const socket of staying.slice(0, 6)) assert.equal((await closed(socket)).code, "session_revoked");
  await fence(app, staying.slice(6));
});

test("a new password is the one that logs in from then on; sessions stay", async (t) => {
  const app = await createApp(hub);
  const token = await app.user("ann", { password: "the old password" });
  const socket = await connect(t, hub, { app_id: app.key, session_id: token });
  await hub.api.patch(`${app.path}/users/ann`, { password: "the new password" });
  const login = (password) => compatible(hub, "/v5/auth", { appID: app.key }, { username: "ann", password });
  assert.equal((await login("the old password")).status, 400);
  assert.equal((await login("the new password")).status, 200);
  await fence(app, [socket]);
  await connect(t, hub, { app_id: app.key, session_id: token });
});

test("all sockets of a user, on all shards, get each push once and count as theirs", async (t) => {
  const app = await createApp(hub);
  const token = await app.user("ann");
  await app.user("bob");
  const auth = { app_id: app.key, session_id: token };
  const ways = Object.values(transports);
  const sockets = await Promise.all(Array.from({ length: 30 }, (_, at) => connect(t, hub, auth, { transports: ways[at % 3] })));
  assert.ok(new Set(sockets.map(({ id }) => Buffer.from(id, "base64url")[0])).size > 1, "all on one shard");
  const { items } = await hub.api.get(`${app.path}/sockets?user=ann`);
  assert.deepEqual(new Set(items.map(({ id }) => id)), new Set(sockets.map(({ id }) => id)));
  const receipt = await app.push("ann", "message", "all of you");
  assert.deepEqual([receipt.matched_users, receipt.delivered], [1, 30]);
  await fence(app, sockets);
  for (const socket of sockets) assert.deepEqual(socket.arrivals, [["message", "all of you"]]);
});

test("presence follows the sockets", async (t) => {
  const app = await createApp(hub);
  const token = await app.user("ann");
  const presence = async () => {
    const { online, sockets } = await hub.api.get(`${app.path}/users/ann`);
    const { items } = await hub.api.get(`${app.path}/sessions?user=ann`);
    return [online, sockets, items[0].sockets];
  };
  const becomes = (...wanted) => until(`presence ${wanted}`, async () => String(await presence()) === String(wanted));
  assert.deepEqual(await presence(), [false, 0, 0]);
  const first = await connect(t, hub, { app_id: app.key, session_id: token });
  assert.deepEqual(await presence(), [true, 1, 1]);
  const second = await connect(t, hub, { app_id: app.key, session_id: token }, { transports: ["polling"] });
  assert.deepEqual(await presence(), [true, 2, 2]);
  first.close();
  await becomes(true, 1, 1);
  second.io.engine.close();
  await becomes(false, 0, 0);
});

test("a socket changes its session in place", async (t) => {
  const app = await createApp(hub);
  await app.user("ann");
  const [old, fresh] = [await app.session("ann"), await app.session("ann")];
  const socket = await connect(t, hub, { app_id: app.key, session_id: old.token });
  const answer = await ask(socket, "authenticate", { session_id: fresh.token });
  assert.deepEqual(answer, { ok: true, user_id: "ann", role: fresh.role, expires_at_ms: answer.expires_at_ms });
  assert.ok(answer.expires_at_ms > Date.now());
  await hub.api.delete(`${app.path}/sessions/${old.id}`);
  await fence(app, [socket]);
  assert.equal(socket.connected, true);
  await hub.api.delete(`${app.path}/sessions/${fresh.id}`);
  assert.equal((await closed(socket)).code, "session_revoked");
});

test("an anonymous socket becomes a user's, and gets what is theirs from then on", async (t) => {
  const app = await createApp(hub);
  const token = await app.user("ann");
  const socket = await connect(t, hub, { app_id: app.key });
  await app.push("ann", "message", "too early");
  assert.equal((await ask(socket, "authenticate", { session_id: token })).ok, true);
  await app.push("ann", "message", "in time");
  await fence(app, [socket]);
  assert.deepEqual(socket.arrivals, [["message", "in time"]]);
  assert.equal((await hub.api.get(`${app.path}/users/ann`)).sockets, 1);
});

test("a socket that authenticates with what isn't a session of its app stays who it was", async (t) => {
  const app = await createApp(hub);
  const other = await createApp(hub);
  const token = await app.user("ann");
  const foreign = await other.user("ann");
  const socket = await connect(t, hub, { app_id: app.key, session_id: token });
  for (const session_id of ["nonsense", foreign, "", null, 7, undefined]) {
    const answer = await ask(socket, "authenticate", { session_id });
    assert.equal(answer.error?.code, "session_invalid", `${session_id}: ${JSON.stringify(answer)}`);
    assert.ok(answer.error.message);
  }
  assert.equal((await ask(socket, "authenticate", "text")).error.code, "session_invalid");
  await app.push("ann", "message", "still ann");
  await fence(app, [socket]);
  assert.deepEqual(socket.arrivals, [["message", "still ann"]]);
});

test("an event without a use is answered when it asks, and reaches nobody", async (t) => {
  const app = await createApp(hub);
  const [one, two] = [await connect(t, hub, { app_id: app.key }), await connect(t, hub, { app_id: app.key })];
  one.emit("message", "to everybody?");
  const answer = await ask(one, "no_such_event", { x: 1 });
  assert.notEqual(answer, undefined);
  await fence(app, [one, two]);
  assert.deepEqual([one.arrivals, two.arrivals], [[], []]);
});

test("an app without the plugin `bridge` has no bridge", async (t) => {
  const app = await createApp(hub);
  const socket = await connect(t, hub, { app_id: app.key });
  const answer = await ask(socket, "register_provider", { provider_id: "X" });
  assert.notEqual(answer?.ok, true, JSON.stringify(answer));
});

test("a locked bridge takes providers with a provider's secret key only", async (t) => {
  const app = await createApp(hub, { bridge: "locked" }, ["socket.io", "bridge"]);
  const pushing = await hub.api.post(`${app.path}/secret-keys`, { name: "push", scopes: ["push"] });
  const { secret } = await hub.api.post(`${app.path}/secret-keys`, { name: "provider", scopes: ["provider"] });
  const register = async (auth) =>
    (await connect(t, hub, auth)).emitWithAck("register_provider", { provider_id: "LOCKED" });
  for (const auth of [{ app_id: app.key }, { app_id: app.key, session_id: await app.user("ann") }]) {
    assert.notEqual((await register(auth)).ok, true);
  }
  for (const token of ["csk_nonsense", app.key, pushing.secret]) {
    assert.equal((await refusal(t, hub, { app_id: app.key, token })).data.code, "key_not_found");
  }
  assert.equal((await register({ app_id: app.key, token: secret })).ok, true);
});

test("a revoked secret key ends its provider, and opens nothing any more", async (t) => {
  const app = await createApp(hub, { bridge: "locked" }, ["socket.io", "bridge"]);
  const { id, secret } = await hub.api.post(`${app.path}/secret-keys`, { name: "provider", scopes: ["provider"] });
  const provider = await connect(t, hub, { app_id: app.key, token: secret });
  await provider.emitWithAck("register_provider", { provider_id: "REVOKED" });
  const backend = apiOf(hub.url, { authorization: `Bearer ${secret}` });
  assert.equal((await backend.get(`${app.path}/providers`)).items.length, 1);
  await hub.api.delete(`${app.path}/secret-keys/${id}`);
  assert.equal((await closed(provider)).code, "key_revoked");
  assert.deepEqual((await hub.api.get(`${app.path}/providers`)).items, []);
  assert.equal((await refusal(t, hub, { app_id: app.key, token: secret })).data.code, "key_not_found");
  refused(await backend.call("GET", `${app.path}/providers`), 401, "unauthorized");
});

test("the version of the client doesn't matter", async (t) => {
  const app = await createApp(hub);
  const token = await app.user("ann");
  for (const make of ["sio300", "sio313", "sio400", "sio454", "sio460", "sio484"]) {
    const socket = await connect(t, hub, { app_id: app.key, session_id: token }, { make });
    await app.push("ann", "message", make);
    await arrived(socket, 1);
    assert.deepEqual(socket.arrivals, [["message", make]]);
    await hub.api.delete(`${app.path}/sockets/${socket.id}`);
    assert.equal((await closed(socket)).code, "disconnected_by_operator");
  }
  refused(await hub.api.call("DELETE", `${app.path}/sockets/AAAAAAAAAAAAAAAAAAAA`), 404, "socket_not_found");
});
