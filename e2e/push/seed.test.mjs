// The scene that the front ends of the platform play, with its own published client and the stock socket client: log
// in, connect with app and session, see pushes, log out.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { arrived, closed, compatible, connected, createApp, fence, socketOf, startHub } from "./support.mjs";

const require = createRequire(import.meta.url);
const PASSWORD = "correct horse battery staple ü";
const WRONG = {
  msg: "User or password incorrect",
  code: 108,
  httpCode: 400,
  typeError: "ERROR",
  errorVariables: {},
  payload: null,
  status: "ERROR",
};

let hub, app;
before(async () => {
  hub = await startHub({ config: "shards = 3\n" });
  app = await createApp(hub);
  await app.user("testUser", { role: "editor", password: PASSWORD });
});
after(() => hub?.stop());

/** A socket as the documentation makes it: no option but `autoConnect`. */
function documentedSocket(t, app_id, session_id) {
  return socketOf(t, hub, { app_id, session_id }, { transports: ["polling", "websocket"] });
}

for (const make of ["directual140", "directual-api"]) {
  const { version } = require(`${make}/package.json`);
  const clientOf = (appID) => new (require(make).default)({ appID, apiHost: hub.url });

  test(`client ${version} logs in, checks and logs out`, async () => {
    const client = clientOf(app.key);
    const { sessionID, username, role } = await client.auth.login("testUser", PASSWORD);
    assert.deepEqual([username, role], ["testUser", "editor"]);
    assert.ok(sessionID.length >= 22, sessionID);

    const identity = { username: "testUser", role: "editor" };
    const token = { token: sessionID, sessionID, ...identity };
    assert.deepEqual(await client.auth.check(sessionID), { result: true, ...identity, token });
    const seen = await new Promise((resolve) => client.auth.isAuthorize(sessionID, (...all) => resolve(all)));
    assert.deepEqual(seen, [true, token]);

    await client.auth.logout(sessionID);
    assert.deepEqual(await client.auth.check(sessionID), { result: false });
    await client.auth.logout(sessionID);
    await client.auth.logout("");
  });

  test(`client ${version} is told the same of a wrong password and of an unknown user`, async () => {
    const client = clientOf(app.key);
    for (const [user, password] of [["testUser", "wrong"], ["nobody", PASSWORD], ["testUser", ""]]) {
      const error = await client.auth.login(user, password).catch((error) => error);
      assert.deepEqual([error.response?.status, error.response?.data], [400, WRONG], user);
    }
  });

  test(`client ${version} sees that no session, or nonsense, is no session`, async () => {
    for (const session of ["", "null", "undefined", null, undefined, "x".repeat(5000), "ü/?&="]) {
      assert.deepEqual(await clientOf(app.key).auth.check(session), { result: false });
    }
  });

  test(`a page with client ${version} sees pushes until it logs out`, async (t) => {
    const client = clientOf(app.key);
    const { sessionID } = await client.auth.login("testUser", PASSWORD);
    const socket = documentedSocket(t, app.key, sessionID);
    const messages = [];
    socket.on("message", (...all) => messages.push(all));
    await connected(socket);

    await app.push("testUser", "message", "Hello, testUser");
    await app.push("*", "refresh");
    await arrived(socket, 2);
    assert.deepEqual(socket.arrivals, [["message", "Hello, testUser"], ["refresh", ""]]);
    assert.deepEqual(messages, [["Hello, testUser"]]);

    await client.auth.logout(sessionID);
    assert.equal((await closed(socket)).code, "logged_out");
  });
}

test("the answer to a login has the documented form, wherever the app's key stands", async () => {
  const body = { provider: "rest", username: "testUser", password: PASSWORD };
  const attempts = [
    [{ appID: app.key }, body],
    [{}, { ...body, appID: app.key }],
    [{ appID: app.key, apiHost: "/", anything: "else", appid: "x" }, { ...body, appID: app.key, unknown: [1] }],
    [{ appID: app.key }, { username: "testUser", password: PASSWORD }],
  ];
  for (const [query, sent] of attempts) {
    const answer = await compatible(hub, "/v5/auth", query, sent);
    assert.equal(answer.status, 200, answer.text);
    const { token, nid } = answer.body.result;
    assert.deepEqual(answer.body, { result: { token, username: "testUser", role: "editor", nid }, status: "ok" });
    assert.ok(Number.isInteger(nid));
  }
});

test("a login to an unknown app, and one that isn't JSON, answer with the envelope of errors", async () => {
  const unknown = await compatible(hub, "/v5/auth", { appID: "nope" }, { username: "testUser", password: PASSWORD });
  assert.equal(unknown.status, 400);
  const { msg, httpCode, typeError, status } = unknown.body;
  assert.deepEqual({ httpCode, typeError, status }, { httpCode: 400, typeError: "ERROR", status: "ERROR" });
  assert.notEqual(msg, WRONG.msg);
  for (const body of ["{", "[]", '"text"', '{"username":1,"password":2}', ""]) {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${hub.url}/good/api/v5/auth?appID=${app.key}`, { method: "POST", headers, body });
    assert.equal(response.status, 400, body);
    assert.equal((await response.json()).status, "ERROR", body);
  }
});

test("repeated query parameters are tolerated", async () => {
  const { token } = await app.session("testUser");
  const response = await fetch(`${hub.url}/good/api/v4/auth/check?appID=a&appID=b&sessionID=${token}&sessionID=${token}`);
  assert.equal(response.status, 200);
  assert.equal((await response.json()).result.result, true);
});

test("a page of any origin may call, with the headers that the client sends", async () => {
  for (const [path, method] of [["/v5/auth", "POST"], ["/v4/auth/check", "GET"], ["/v4/auth/logout", "GET"]]) {
    const wanted = "access-control-allow-origin,content-type,x-whatever";
    const preflight = await fetch(`${hub.url}/good/api${path}`, {
      method: "OPTIONS",
      headers: {
        origin: "https://page.example",
        "access-control-request-method": method,
        "access-control-request-headers": wanted,
      },
    });
    assert.ok(preflight.status < 300, `${path} ${preflight.status}`);
    const header = (name) => preflight.headers.get(`access-control-allow-${name}`);
    assert.ok(["*", "https://page.example"].includes(header("origin")));
    assert.equal(header("credentials"), null);
    assert.match(header("methods"), new RegExp(method));
    const allowed = header("headers").toLowerCase().split(/, */);
    for (const name of wanted.split(",")) assert.ok(allowed.includes(name), `${path}: ${name} in ${allowed}`);
    const answer = await fetch(`${hub.url}/good/api/v4/auth/check`, { headers: { origin: "https://page.example" } });
    assert.ok(["*", "https://page.example"].includes(answer.headers.get("access-control-allow-origin")));
  }
});

test("what arrives is what was sent, to the byte", async (t) => {
  const token = await app.user("bytes");
  const socket = socketOf(t, hub, { app_id: app.key, session_id: token });
  await connected(socket);
  const packets = [];
  socket.io.engine.on("packet", ({ type, data }) => type === "message" && packets.push(data));
  const texts = ["", " ", "text", "ünï 🔔\u2028\u0000\u001f\"\\/", '{"a":1.0}', "<b>&amp;</b>", "{{field}}", "x".repeat(100_000)];
  for (const text of texts) await app.push("bytes", "message", text);
  await app.push("bytes", "message");
  await arrived(socket, texts.length + 1);
  assert.deepEqual(packets, [...texts, ""].map((text) => `2${JSON.stringify(["message", text])}`));
});

test("neither the other app's sockets nor other users' see what isn't theirs", async (t) => {
  const other = await createApp(hub);
  const named = (name, where, session_id) => ({ name, where, socket: socketOf(t, hub, { app_id: where.key, session_id }) });
  const all = [
    named("ann", app, await app.user("ann")),
    named("ann too", app, (await app.session("ann")).token),
    named("bob", app, await app.user("bob")),
    named("nobody", app, undefined),
    named("the other app's ann", other, await other.user("ann")),
    named("the other app's nobody", other, undefined),
  ];
  for (const { socket } of all) await connected(socket);
  await app.push("ann", "message", "for ann");
  await app.push("*", "message", "for all");
  await fence(app, all.filter(({ where }) => where === app).map(({ socket }) => socket));
  await fence(other, all.filter(({ where }) => where === other).map(({ socket }) => socket));
  const seen = Object.fromEntries(all.map(({ name, socket }) => [name, socket.arrivals.map(([, message]) => message)]));
  assert.deepEqual(seen, {
    ann: ["for ann", "for all"],
    "ann too": ["for ann", "for all"],
    bob: ["for all"],
    nobody: ["for all"],
    "the other app's ann": [],
    "the other app's nobody": [],
  });
});
