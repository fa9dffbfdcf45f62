// What the tests of this folder share: a hub with an operator's token, apps with users, sockets that keep what arrives.
// Knows the paths of the HTTP API and the form of its errors; no rule of apps, sessions or pushes.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, startProcess, until } from "../bridge/support.mjs";

export { until };

const require = createRequire(import.meta.url);
const ARRIVAL_DEADLINE_MS = 10_000;

/** Logging in costs what it costs in earnest, except where a test is about something else. */
export const CHEAP_PASSWORDS = "[accounts]\npassword_memory_kib = 256\npassword_passes = 1\n";

/**
 * A hub of its own, with a client of its API that may do everything.
 * @param {{config?: string, data?: string, listen?: string, env?: Record<string, string>}} options `data` is the data
 *   folder that a former hub left
 */
export async function startHub({ config = CHEAP_PASSWORDS, data, listen = "127.0.0.1:0", env = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "campanile-push-"));
  const dataDir = data ?? (await mkdtemp(join(tmpdir(), "campanile-data-")));
  await writeFile(join(folder, "campanile.toml"), config);
  const args = ["serve", "--data-dir", dataDir, "--listen", listen, "--config", join(folder, "campanile.toml")];
  const child = startProcess(binary(), args, { env: { ...process.env, ...env } });
  // The banner's last line: everything that is listened on has been said by then.
  await child.line(/^ +data /);
  const url = child.lines.map((line) => line.match(/listening on (https?:\/\/\S+)/)?.[1]).find(Boolean);
  const token = (await readFile(join(dataDir, "cli.token"), "utf8")).trim();
  /** Ends it by this signal and leaves its data folder. */
  const leave = async (signal) => {
    await child.stop(signal);
    await rm(folder, { recursive: true, force: true });
    return dataDir;
  };
  return {
    url,
    dataDir,
    token,
    lines: child.lines,
    api: apiOf(url, { authorization: `Bearer ${token}` }),
    leave,
    stop: async () => rm(await leave("SIGTERM"), { recursive: true, force: true }),
  };
}

/** The administrator's first password, as the hub has printed it. */
export const passwordOf = (hub) => hub.lines.map((line) => line.match(/admin \/ (\S+)/)?.[1]).find(Boolean);

/** A client of the HTTP API below `/api/v1`. The verbs resolve with the body of a success, `call` with any answer. */
export function apiOf(url, headers = {}) {
  const call = async (method, path, body, more = {}) => {
    const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const response = await fetch(`${url}/api/v1${path}`, { method, ...sent, headers: { ...type, ...headers, ...more } });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
  const must = (method) => async (path, body) => {
    const answer = await call(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  return { call, get: must("GET"), post: must("POST"), put: must("PUT"), patch: must("PATCH"), delete: must("DELETE") };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Asserts that an answer is problem details with this status and code. */
export function refused(answer, status, code, about = "") {
  assert.deepEqual([answer.status, answer.body?.code], [status, code], `${about} ${answer.text}`);
  assert.match(answer.headers.get("content-type"), /^application\/problem\+json/);
  assert.equal(answer.body.status, status);
  assert.ok(answer.body.title && answer.body.detail, answer.text);
}

let apps = 0;

/**
 * A new app with these plugins and no others, an API key, and a secret key that may do everything in the app.
 * `user` creates one and its `session`; `push` sends one.
 */
export async function createApp(hub, settings = {}, plugins = ["socket.io"]) {
  const id = `app-${process.pid}-${++apps}`;
  const path = `/apps/${id}`;
  await hub.api.post("/apps", { id, name: `App ${apps}`, settings });
  for (const { name } of (await hub.api.get(`${path}/plugins`)).items) {
    if (!plugins.includes(name)) await hub.api.delete(`${path}/plugins/${name}`);
  }
  const { key } = await hub.api.post(`${path}/keys`, { name: "front end" });
  const { secret } = await hub.api.post(`${path}/secret-keys`, { name: "back end", scopes: ["push", "manage"] });
  const session = (user) => hub.api.post(`${path}/sessions`, { user_id: user });
  return {
    id,
    path,
    key,
    secret,
    api: apiOf(hub.url, { authorization: `Bearer ${secret}` }),
    session,
    /** Creates a user and resolves with the token of a session of theirs. */
    user: async (user, more = {}) => {
      await hub.api.post(`${path}/users`, { id: user, ...more });
      return (await session(user)).token;
    },
    push: (user_id, event_name, message, more = {}) =>
      hub.api.post(`${path}/push`, { user_id, event_name, message, ...more }),
    pushToRole: (role, event_name, message) => hub.api.post(`${path}/push`, { role, event_name, message }),
  };
}

/** A stock socket that isn't connected yet. It keeps all events in `arrivals`, each `[name, ...arguments]`. */
export function socketOf(t, hub, auth, { make = "sio484", ...options } = {}) {
  const client = require(make);
  const socket = (client.io ?? client)(hub.url, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    autoConnect: false,
    ...options,
  });
  socket.auth = auth;
  socket.arrivals = [];
  socket.onAny((...event) => socket.arrivals.push(event));
  socket.endings = [];
  socket.on("disconnect", (reason) => socket.endings.push(reason));
  t.after(() => socket.close());
  return socket;
}

/** Connects a socket, which fails when it is refused. */
export async function connect(t, hub, auth, options) {
  const socket = socketOf(t, hub, auth, options);
  await connected(socket);
  return socket;
}

export function connected(socket) {
  const answer = new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", (error) => reject(Object.assign(error, { code: error.data?.code })));
  });
  socket.connect();
  return inTime(answer, "an answer to the handshake");
}

/** Connects, expects to be refused, and resolves with the `connect_error`. */
export async function refusal(t, hub, auth, options) {
  const socket = socketOf(t, hub, auth, options);
  return connected(socket).then(
    () => assert.fail(`was let in with ${JSON.stringify(auth)}`),
    (error) => (error.data ? error : Promise.reject(error)),
  );
}

/** Waits until the socket has `count` events. */
export const arrived = (socket, count) =>
  until(`${count} events; there are ${JSON.stringify(socket.arrivals)}`, () => socket.arrivals.length >= count);

/** Waits until the hub has ended the socket, and resolves with the payload of the `session_closed` before it. */
export async function closed(socket) {
  await until("the socket's end", () => socket.endings.length > 0);
  assert.deepEqual(socket.endings, ["io server disconnect"]);
  const [name, payload] = socket.arrivals.at(-1) ?? [];
  assert.equal(name, "session_closed");
  return payload;
}

let fences = 0;

/**
 * Broadcasts in the app and waits until each of these sockets has it. What was pushed before has arrived by then, so
 * what isn't in `arrivals` was never sent.
 */
export async function fence(app, sockets) {
  const name = `fence-${++fences}`;
  await app.push("*", name);
  const passed = (socket) => socket.arrivals.findIndex(([event]) => event === name);
  for (const socket of sockets) {
    await until(`${name} at ${JSON.stringify(socket.arrivals)}`, () => passed(socket) >= 0);
    socket.arrivals.splice(passed(socket), 1);
  }
}

/** Emits with an ack and resolves with its answer. */
export const ask = (socket, event, payload) =>
  inTime(new Promise((resolve) => socket.emit(event, payload, resolve)), `an ack for ${event}`);

export function inTime(promise, what) {
  let deadline;
  const late = new Promise((_, reject) => {
    deadline = setTimeout(() => reject(new Error(`in vain: ${what}`)), ARRIVAL_DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(deadline));
}

/** The compatible part of the API: GET with a query, or POST when there is a body. */
export async function compatible(hub, path, query = {}, body, headers = {}) {
  const post = body && { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
  const response = await fetch(`${hub.url}/good/api${path}?${new URLSearchParams(query)}`, post ?? { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}
