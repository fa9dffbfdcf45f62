// Two apps with the same names in them: whatever one has or knows opens nothing in the other.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { apiOf, compatible, connect, createApp, fence, refusal, refused, startHub } from "./support.mjs";

let hub, mine, theirs;
before(async () => {
  hub = await startHub();
  [mine, theirs] = [await createApp(hub, {}, ["socket.io", "bridge"]), await createApp(hub, {}, ["socket.io", "bridge"])];
  for (const app of [mine, theirs]) {
    app.token = await app.user("ann", { role: "editor", password: `password of ${app.id}`, profile: { of: app.id } });
  }
});
after(() => hub?.stop());

const keyWith = async (app, ...scopes) => {
  const { secret } = await hub.api.post(`${app.path}/secret-keys`, { name: String(scopes), scopes });
  return apiOf(hub.url, { authorization: `Bearer ${secret}` });
};

/** Every call about an app, with a body that would be accepted. */
const calls = [
  ["GET", ""],
  ["PATCH", "", { name: "taken over" }],
  ["DELETE", ""],
  ["GET", "/keys"],
  ["POST", "/keys", {}],
  ["DELETE", "/keys/any"],
  ["GET", "/secret-keys"],
  ["POST", "/secret-keys", { scopes: ["manage"] }],
  ["DELETE", "/secret-keys/any"],
  ["GET", "/plugins"],
  ["PUT", "/plugins/bridge", {}],
  ["DELETE", "/plugins/bridge"],
  ["GET", "/users"],
  ["POST", "/users", { id: "intruder" }],
  ["GET", "/users/ann"],
  ["PATCH", "/users/ann", { role: "admin" }],
  ["DELETE", "/users/ann"],
  ["DELETE", "/users/ann/sessions"],
  ["GET", "/sessions"],
  ["POST", "/sessions", { user_id: "ann" }],
  ["DELETE", "/sessions/1"],
  ["POST", "/push", { user_id: "*", event_name: "message" }],
  ["POST", "/push/batch", { pushes: [{ user_id: "*", event_name: "message" }] }],
  ["GET", "/pushes"],
  ["GET", "/sockets"],
  ["DELETE", "/sockets/any"],
  ["GET", "/providers"],
  ["POST", "/providers/X/request", {}],
  ["POST", "/providers/X/broadcast", {}],
];

test("a secret key of one app finds the other app as little as one that doesn't exist", async () => {
  const key = await keyWith(mine, "push", "manage", "provider");
  for (const [method, path, body] of calls) {
    const [there, nowhere] = [await key.call(method, theirs.path + path, body), await key.call(method, `/apps/nowhere${path}`, body)];
    refused(there, 404, "app_not_found", `${method} ${path}`);
    assert.equal(there.text.replaceAll(theirs.id, "nowhere"), nowhere.text, `${method} ${path}`);
  }
  assert.equal((await hub.api.get(theirs.path)).id, theirs.id);
  assert.equal((await hub.api.get(`${theirs.path}/users/ann`)).role, "editor");
});

test("nothing but a secret key or an operator's token is a bearer", async () => {
  const nobody = [undefined, "", "csk_nonsense", mine.token, mine.key, mine.id, `${mine.secret}x`, mine.secret.slice(0, -1)];
  for (const token of nobody) {
    const api = apiOf(hub.url, token === undefined ? {} : { authorization: `Bearer ${token}` });
    for (const [method, path, body] of calls.filter(([, path]) => !path.startsWith("/providers"))) {
      const answer = await api.call(method, mine.path + path, body);
      refused(answer, 401, "unauthorized", `${method} ${path} with ${token}`);
      assert.match(answer.headers.get("www-authenticate"), /^Bearer/);
    }
  }
  for (const header of [`Basic ${mine.secret}`, mine.secret, `bearer: ${mine.secret}`]) {
    refused(await apiOf(hub.url, { authorization: header }).call("GET", mine.path), 401, "unauthorized", header);
  }
});

test("a key does what its scopes say", async () => {
  const reading = [["GET", "/users"], ["GET", "/users/ann"], ["GET", "/sockets"], ["GET", "/pushes"]];
  const pushing = [["POST", "/push", { user_id: "*", event_name: "scoped" }]];
  const managing = [["POST", "/users", { id: "made-by-key" }], ["DELETE", "/users/made-by-key"], ["GET", "/keys"], ["GET", "/sessions"]];
  const table = [
    ["push", [...reading, ...pushing], managing],
    ["manage", [...reading, ...managing], [["DELETE", ""]]],
    ["provider", [["GET", "/providers"]], [...pushing, ...managing]],
  ];
  for (const [scope, may, mayNot] of table) {
    const key = await keyWith(mine, scope);
    for (const [method, path, body] of may) {
      const { status, text } = await key.call(method, mine.path + path, body);
      assert.ok(status < 300, `${scope}: ${method} ${path}: ${status} ${text}`);
    }
    for (const [method, path, body] of mayNot) {
      refused(await key.call(method, mine.path + path, body), 403, "forbidden", `${scope}: ${method} ${path}`);
    }
    refused(await key.call("POST", "/apps", { id: "new-app" }), 403, "forbidden", scope);
    refused(await key.call("GET", "/audit"), 403, "forbidden", scope);
  }
});

test("a key can't give away more than an app's", async () => {
  const key = await keyWith(mine, "manage");
  const made = await key.post(`${mine.path}/secret-keys`, { name: "child", scopes: ["push", "manage", "provider"] });
  const child = apiOf(hub.url, { authorization: `Bearer ${made.secret}` });
  refused(await child.call("GET", theirs.path), 404, "app_not_found");
  refused(await child.call("DELETE", mine.path), 403, "forbidden");
});

test("ids of sessions, sockets, keys and users lead nowhere in another app", async (t) => {
  const socket = await connect(t, hub, { app_id: theirs.key, session_id: theirs.token });
  const session = await theirs.session("ann");
  const [secret] = (await hub.api.get(`${theirs.path}/secret-keys`)).items;
  await theirs.user("only-theirs");
  const key = await keyWith(mine, "manage", "push");
  const rows = [
    [`/sessions/${session.id}`, "session_not_found"],
    [`/sockets/${socket.id}`, "socket_not_found"],
    [`/keys/${theirs.key}`, "key_not_found"],
    [`/secret-keys/${secret.id}`, "key_not_found"],
    [`/users/only-theirs`, "user_not_found"],
  ];
  for (const [path, code] of rows) refused(await key.call("DELETE", mine.path + path), 404, code, path);
  await fence(theirs, [socket]);
  assert.equal(socket.connected, true);
  assert.equal((await hub.api.get(`${theirs.path}/users/only-theirs`)).id, "only-theirs");
  assert.equal((await compatible(hub, "/v4/auth/check", { sessionID: session.token })).body.result.result, true);
});

test("sessions and keys of one app don't fit the other's handshake", async (t) => {
  const rows = [
    [{ app_id: mine.key, session_id: theirs.token }, "session_invalid"],
    [{ app_id: theirs.key, session_id: mine.token }, "session_invalid"],
    [{ session_id: mine.token }, undefined],
  ];
  for (const [auth, code] of rows) {
    const error = await refusal(t, hub, auth);
    if (code) assert.equal(error.data.code, code, JSON.stringify(auth));
  }
  const { secret } = await hub.api.post(`${theirs.path}/secret-keys`, { name: "p", scopes: ["provider"] });
  await refusal(t, hub, { app_id: mine.key, token: secret });
});

test("a password of one app logs in there only", async () => {
  const login = (app, password) => compatible(hub, "/v5/auth", { appID: app.key }, { username: "ann", password });
  assert.equal((await login(mine, `password of ${mine.id}`)).status, 200);
  assert.equal((await login(mine, `password of ${theirs.id}`)).status, 400);
  assert.equal((await login({ key: mine.id }, `password of ${mine.id}`)).status, 400);
});

test("rooms of the same name, a provider of the same id and a role of the same name stay apart", async (t) => {
  const open = (app) => connect(t, hub, { app_id: app.key, session_id: app.token });
  const [one, two] = [await open(mine), await open(theirs)];
  await mine.push("ann", "message", "mine");
  await mine.pushToRole("editor", "message", "mine, by role");
  await mine.push("*", "message", "mine, to all");
  for (const [app, socket] of [[mine, one], [theirs, two]]) {
    const answer = await socket.emitWithAck("register_provider", { provider_id: "SAME" });
    assert.equal(answer.ok, true, `${app.id} ${JSON.stringify(answer)}`);
    assert.equal((await hub.api.get(`${app.path}/providers`)).items.length, 1);
  }
  const follower = await connect(t, hub, { app_id: theirs.key });
  await follower.emitWithAck("register_client", { master_provider_id: "SAME" });
  await one.emitWithAck("sent_to_my_clients", { cmd: "mine" });
  await fence(mine, [one]);
  await fence(theirs, [two, follower]);
  assert.deepEqual(one.arrivals.map(([, message]) => message), ["mine", "mine, by role", "mine, to all"]);
  const strangers = [two, follower].flatMap(({ arrivals }) => arrivals).filter(([name]) => !/provider/.test(name));
  assert.deepEqual(strangers, []);
  assert.ok(!JSON.stringify(follower.arrivals).includes("mine"));
});

test("a deleted app takes everything with it, and its id starts empty", async (t) => {
  const app = await createApp(hub);
  const token = await app.user("ann", { password: "to be forgotten" });
  await app.push("*", "message", "x", { id: "once" });
  await hub.api.delete(app.path);
  refused(await hub.api.call("GET", app.path), 404, "app_not_found");
  refused(await app.api.call("GET", app.path), 401, "unauthorized");
  assert.equal((await refusal(t, hub, { app_id: app.key, session_id: token })).data.code, "app_not_found");
  assert.deepEqual((await compatible(hub, "/v4/auth/check", { sessionID: token })).body, { result: { result: false } });

  await hub.api.post("/apps", { id: app.id });
  for (const list of ["users", "sessions", "keys", "secret-keys", "pushes", "sockets"]) {
    assert.deepEqual((await hub.api.get(`${app.path}/${list}`)).items, [], list);
  }
  await hub.api.put(`${app.path}/plugins/socket.io`, {});
  assert.equal((await refusal(t, hub, { app_id: app.key })).data.code, "app_not_found");
});

test("ids and secrets can't be guessed", async () => {
  const made = [];
  for (let at = 0; at < 20; at++) {
    const { token } = await mine.session("ann");
    const { key } = await hub.api.post(`${mine.path}/keys`, {});
    const { secret } = await hub.api.post(`${mine.path}/secret-keys`, { scopes: ["push"] });
    made.push([token, key, secret]);
  }
  for (const kind of [0, 1, 2]) {
    const values = made.map((each) => each[kind]);
    assert.equal(new Set(values).size, values.length);
    assert.equal(new Set(values.map((value) => value.slice(0, 8))).size, values.length, "a common start");
    for (const value of values) assert.ok(value.length >= 22, `${value} has less than 128 bits`);
  }
});
