// Whom a push reaches, in what form, how often, and what its receipt says.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CHEAP_PASSWORDS, apiOf, arrived, connect, createApp, fence, refused, startHub } from "./support.mjs";

const CONFIG = `shards = 3\n${CHEAP_PASSWORDS}`;

let hub;
before(async () => (hub = await startHub({ config: CONFIG })));
after(() => hub?.stop());

/** An app with three users (two with the role `editor`), each on two sockets, and an anonymous socket. */
async function populated(t) {
  const app = await createApp(hub);
  const roles = { ann: "editor", bob: "editor", cat: "reader" };
  const sockets = {};
  for (const [user, role] of Object.entries(roles)) {
    const auth = { app_id: app.key, session_id: await app.user(user, { role }) };
    sockets[user] = await connect(t, hub, auth);
    sockets[`${user} too`] = await connect(t, hub, auth, { transports: ["polling"] });
  }
  await app.user("off", { role: "reader" });
  sockets.nobody = await connect(t, hub, { app_id: app.key });
  return { app, sockets };
}

const targets = [
  ["everybody", { user_id: "*" }, ["ann", "ann too", "bob", "bob too", "cat", "cat too", "nobody"], 4],
  ["a user", { user_id: "ann" }, ["ann", "ann too"], 1],
  ["a list", { user_id: ["ann", "cat"] }, ["ann", "ann too", "cat", "cat too"], 2],
  ["a list with a user twice", { user_id: ["ann", "ann"] }, ["ann", "ann too"], 1],
  ["a list with an unknown user", { user_id: ["bob", "who"] }, ["bob", "bob too"], 1],
  ["a list of one", { user_id: ["bob"] }, ["bob", "bob too"], 1],
  ["a role", { role: "editor" }, ["ann", "ann too", "bob", "bob too"], 2],
  ["a role with an offline user", { role: "reader" }, ["cat", "cat too"], 2],
  ["a role that nobody has", { role: "king" }, [], 0],
  ["an unknown user", { user_id: "who" }, [], 0],
  ["an offline user", { user_id: "off" }, [], 1],
];

test("each target reaches its sockets once and no others, and the receipt counts them", async (t) => {
  const { app, sockets } = await populated(t);
  for (const [what, target, reached, matched] of targets) {
    const receipt = await hub.api.post(`${app.path}/push`, { ...target, event_name: "message", message: what });
    assert.deepEqual(
      receipt,
      { message_id: receipt.message_id, matched_users: matched, delivered: reached.length, queued: 0, duplicate: false },
      what,
    );
    assert.ok(receipt.message_id.length > 10);
    await fence(app, Object.values(sockets));
    for (const [name, socket] of Object.entries(sockets)) {
      const wanted = reached.includes(name) ? [["message", what]] : [];
      assert.deepEqual(socket.arrivals.splice(0), wanted, `${what}, at ${name}`);
    }
  }
});

test("a user called like a wildcard, a room or a socket is only that user", async (t) => {
  const { app, sockets } = await populated(t);
  for (const id of [sockets.ann.id, "user:ann", "editor", "**", "an*", "ann,bob"]) {
    const { matched_users, delivered } = await app.push(id, "message", "no");
    assert.deepEqual([matched_users, delivered], [0, 0], id);
  }
  await fence(app, Object.values(sockets));
  for (const socket of Object.values(sockets)) assert.deepEqual(socket.arrivals, []);
});

test("a changed role counts for sockets that connect from then on", async (t) => {
  const { app, sockets } = await populated(t);
  await hub.api.patch(`${app.path}/users/ann`, { role: "reader" });
  const late = await connect(t, hub, { app_id: app.key, session_id: (await app.session("ann")).token });
  await app.pushToRole("reader", "message", "readers");
  await fence(app, [late, ...Object.values(sockets)]);
  const seen = [late, sockets.ann, sockets.bob, sockets.cat].map(({ arrivals }) => arrivals.length);
  assert.deepEqual(seen, [1, 0, 0, 1]);
});

test("names of events go verbatim", async (t) => {
  const app = await createApp(hub);
  const socket = await connect(t, hub, { app_id: app.key, session_id: await app.user("ann") });
  const names = [
    "with space", " edges ", "dots.and:colons/slashes", "ünïcödé 🔔", "comma,name", "*", "message", "alert", "error",
    "__proto__", "constructor", "toString", "ping", "open", "close", "0", '"quoted"', "back\\slash", "new\nline", "Connect",
    "session-closed", "authenticate", "x".repeat(200),
  ];
  for (const name of names) await app.push("ann", name, `as ${name}`);
  await arrived(socket, names.length);
  assert.deepEqual(socket.arrivals, names.map((name) => [name, `as ${name}`]));
});

test("names that Socket.IO keeps for itself are refused", async (t) => {
  const app = await createApp(hub);
  const socket = await connect(t, hub, { app_id: app.key });
  for (const event_name of ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]) {
    const answer = await hub.api.call("POST", `${app.path}/push`, { user_id: "*", event_name, message: "x" });
    refused(answer, 400, "invalid_payload", event_name);
    assert.match(answer.body.detail, new RegExp(event_name));
  }
  await fence(app, [socket]);
  assert.deepEqual(socket.arrivals, []);
});

test("a message is a string unless it is to be JSON", async (t) => {
  const app = await createApp(hub);
  const socket = await connect(t, hub, { app_id: app.key, session_id: await app.user("ann") });
  const values = [null, true, 0, -1.5, "text", "", [], {}, [1, [2, { a: null }]], { a: { b: ["🔔"] } }];
  await app.push("ann", "message", "text", { mode: "string" });
  for (const value of values) await app.push("ann", "message", value, { mode: "json" });
  await arrived(socket, values.length + 1);
  assert.deepEqual(socket.arrivals, ["text", ...values].map((value) => ["message", value]));

  for (const value of values.filter((value) => typeof value !== "string" && value !== null)) {
    const body = { user_id: "ann", event_name: "message", message: value };
    refused(await hub.api.call("POST", `${app.path}/push`, body), 400, "invalid_payload", JSON.stringify(value));
    refused(await hub.api.call("POST", `${app.path}/push`, { ...body, mode: "string" }), 400, "invalid_payload");
  }
});

test("JSON keeps its values, its keys and `__proto__`", async (t) => {
  const app = await createApp(hub);
  const socket = await connect(t, hub, { app_id: app.key, session_id: await app.user("ann") });
  const texts = [
    '{"n":9007199254740993,"z":-12345678901234567890123,"f":0.1,"e":1.5e300}',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"x":1}}}',
    '{"message":"<img src=x onerror=alert(1)>","parameters":{"__proto__":{"x":1}}}',
    '{"b":1,"a":2,"_placeholder":true,"num":0}',
  ];
  for (const text of texts) {
    const body = `{"user_id":"ann","event_name":"alert","mode":"json","message":${text}}`;
    const answer = await hub.api.call("POST", `${app.path}/push`, body);
    assert.equal(answer.status, 200, answer.text);
    await app.push("ann", "alert", text);
  }
  await arrived(socket, texts.length * 2);
  assert.deepEqual(socket.arrivals, texts.flatMap((text) => [["alert", JSON.parse(text)], ["alert", text]]));
  assert.ok(Object.hasOwn(socket.arrivals[2][1], "__proto__"));
  assert.equal({}.polluted, undefined);
});

test("a push with an id that was seen is answered as before and not sent again", async (t) => {
  const app = await createApp(hub);
  const socket = await connect(t, hub, { app_id: app.key, session_id: await app.user("ann") });
  const first = await app.push("ann", "message", "once", { id: "order 17/ü" });
  assert.deepEqual([first.duplicate, first.delivered], [false, 1]);
  for (let again = 0; again < 3; again++) {
    const receipt = await app.push("ann", "message", "once", { id: "order 17/ü" });
    assert.deepEqual(receipt, { ...first, duplicate: true });
  }
  const other = await app.push("ann", "message", "another", { id: "order 18" });
  assert.equal(other.duplicate, false);
  await fence(app, [socket]);
  assert.deepEqual(socket.arrivals, [["message", "once"], ["message", "another"]]);
});

test("of twenty at once with one id, one is sent", async (t) => {
  const app = await createApp(hub);
  const socket = await connect(t, hub, { app_id: app.key, session_id: await app.user("ann") });
  for (let round = 0; round < 5; round++) {
    const all = Array.from({ length: 20 }, () => app.push("ann", "message", `round ${round}`, { id: `id ${round}` }));
    const receipts = await Promise.all(all);
    assert.equal(receipts.filter(({ duplicate }) => !duplicate).length, 1);
    assert.equal(new Set(receipts.map(({ message_id }) => message_id)).size, 1);
  }
  await fence(app, [socket]);
  assert.deepEqual(socket.arrivals, Array.from({ length: 5 }, (_, round) => ["message", `round ${round}`]));
});

test("the same id in another app is another push", async () => {
  const [one, two] = [await createApp(hub), await createApp(hub)];
  assert.equal((await one.push("*", "message", "1", { id: "same" })).duplicate, false);
  assert.equal((await two.push("*", "message", "2", { id: "same" })).duplicate, false);
});

test("the history lists pushes, newest first, page by page", async () => {
  const app = await createApp(hub);
  for (let at = 0; at < 7; at++) await app.push("*", `event ${at}`, `message ${at}`, { id: `id ${at}` });
  const names = [];
  let after = "";
  do {
    const page = await hub.api.get(`${app.path}/pushes?limit=3${after && `&after=${encodeURIComponent(after)}`}`);
    assert.ok(page.items.length <= 3);
    names.push(...page.items.map(({ event_name }) => event_name));
    after = page.next;
  } while (after);
  assert.deepEqual(names, [6, 5, 4, 3, 2, 1, 0].map((at) => `event ${at}`));
});

test("a batch answers each push on its own, in order", async (t) => {
  const app = await createApp(hub);
  const socket = await connect(t, hub, { app_id: app.key, session_id: await app.user("ann") });
  const pushes = [
    { user_id: "ann", event_name: "message", message: "1", id: "batch" },
    { user_id: "ann", event_name: "connect", message: "reserved" },
    { user_id: "ann", event_name: "message", message: "1", id: "batch" },
    { user_id: "who", event_name: "message", message: "2" },
    { user_id: "ann", event_name: "message", message: 3 },
    { user_id: "ann", event_name: "message", message: { n: 4 }, mode: "json" },
  ];
  const { results } = await hub.api.post(`${app.path}/push/batch`, { pushes });
  const outline = results.map(({ code, duplicate, delivered }) => code ?? [duplicate, delivered]);
  assert.deepEqual(outline, [[false, 1], "invalid_payload", [true, 1], [false, 0], "invalid_payload", [false, 1]]);
  for (const { code, detail } of results) assert.equal(Boolean(code), Boolean(detail));
  await fence(app, [socket]);
  assert.deepEqual(socket.arrivals, [["message", "1"], ["message", { n: 4 }]]);
});

test("a batch of a thousand arrives in order; of more it is refused whole", async (t) => {
  const app = await createApp(hub);
  const socket = await connect(t, hub, { app_id: app.key, session_id: await app.user("ann") });
  const batch = (count) => Array.from({ length: count }, (_, at) => ({ user_id: "ann", event_name: "message", message: `${at}` }));
  const { results } = await hub.api.post(`${app.path}/push/batch`, { pushes: batch(1000) });
  assert.equal(results.length, 1000);
  await arrived(socket, 1000);
  assert.deepEqual(socket.arrivals.splice(0), batch(1000).map(({ message }) => ["message", message]));

  refused(await hub.api.call("POST", `${app.path}/push/batch`, { pushes: batch(1001) }), 400, "invalid_payload");
  await fence(app, [socket]);
  assert.deepEqual(socket.arrivals, []);
});

test("pushes of one caller arrive in the order they were answered, across shards", async (t) => {
  const app = await createApp(hub);
  const auth = { app_id: app.key, session_id: await app.user("ann") };
  const sockets = await Promise.all(Array.from({ length: 9 }, () => connect(t, hub, auth)));
  for (let at = 0; at < 60; at++) await app.push(at % 2 ? "*" : "ann", "message", `${at}`);
  const wanted = Array.from({ length: 60 }, (_, at) => ["message", `${at}`]);
  for (const socket of sockets) {
    await arrived(socket, 60);
    assert.deepEqual(socket.arrivals, wanted);
  }
});

test("what a push needs is said when it is missing", async () => {
  const app = await createApp(hub);
  const whole = { user_id: "ann", event_name: "message", message: "x" };
  const wrong = {
    "no target": { event_name: "message" },
    "two targets": { ...whole, role: "editor" },
    "no event": { user_id: "ann", message: "x" },
    "a numeric target": { ...whole, user_id: 5 },
    "a list of numbers": { ...whole, user_id: [1] },
    "an unknown field": { ...whole, usr_id: "ann" },
    "an unknown mode": { ...whole, mode: "xml" },
    "an id that isn't text": { ...whole, id: 7 },
  };
  for (const [what, body] of Object.entries(wrong)) {
    refused(await hub.api.call("POST", `${app.path}/push`, body), 400, "invalid_payload", what);
  }
  refused(await hub.api.call("POST", `${app.path}/push`, { ...whole, store: true }), 400, "not_supported");
  assert.equal((await hub.api.post(`${app.path}/push`, { ...whole, store: false })).queued, 0);
  refused(await hub.api.call("POST", "/apps/nope/push", whole), 404, "app_not_found");
});

test("a caller that asks too often is told to wait; others aren't", async (t) => {
  const strict = await startHub({ config: `${CONFIG}[limits]\nrequests_per_key_per_s = 5\nrequests_per_key_burst = 5\n` });
  t.after(() => strict.stop());
  const app = await createApp(strict);
  const { secret } = await strict.api.post(`${app.path}/secret-keys`, { name: "other", scopes: ["push"] });
  const body = { user_id: "*", event_name: "message", message: "x" };
  const answers = await Promise.all(Array.from({ length: 60 }, () => app.api.call("POST", `${app.path}/push`, body)));
  const late = answers.filter(({ status }) => status === 429);
  assert.ok(late.length > 0 && late.length < 60, `${late.length} refused`);
  for (const answer of late) {
    refused(answer, 429, "limit_reached");
    assert.match(answer.headers.get("retry-after"), /^[1-9]\d*$/);
  }
  const other = apiOf(strict.url, { authorization: `Bearer ${secret}` });
  assert.equal((await other.post(`${app.path}/push`, body)).duplicate, false);
});
