// The common ground of the wire tests: starts the server under test and speaks HTTP, WebSocket and the Engine.IO heartbeat
// to it. Socket.IO packets are spelled out by the tests themselves, so that each shows what goes over the wire.
//
// CAMPANILE_CONFORMANCE is the server's executable (default: the workspace's debug build of the `conformance` example).
// WIRE_PATIENT=1 passes it a longer `--ping-timeout` where a test isn't about that, for machines that are busy.
// REFERENCE=1 skips what the reference server is known to do differently.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import http from "node:http";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";

export const PING_INTERVAL_MS = 300;
export const PING_TIMEOUT_MS = 200;
export const MAX_PAYLOAD_BYTES = 1_000_000;
export const RS = "\x1e";

/** Options of a test that the reference server is known to fail; the reason is shown when it is skipped. */
export const beyondReference = (reason) => (process.env.REFERENCE ? { skip: `the reference server ${reason}` } : {});

/** The value of `promise`, or an error that says what was waited for in vain. */
export async function within(promise, what, ms = 5_000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms in vain for ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Asks again and again until `probe` gives something truthy. */
export async function eventually(probe, what, ms = 5_000) {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    const value = await probe();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited ${ms} ms in vain for ${what}`);
}

/** `fields` as entries of a query string that opens or continues an Engine.IO 4 session; undefined leaves one out. */
export function query(fields = {}) {
  const all = { EIO: "4", transport: "polling", ...fields };
  const known = Object.entries(all).filter(([, value]) => value !== undefined);
  return new URLSearchParams(known).toString();
}

// ---- The server

const DEFAULT_EXECUTABLE = fileURLToPath(new URL("../../target/debug/examples/conformance", import.meta.url));

const PATIENCE = process.env.WIRE_PATIENT ? ["--ping-timeout", "5000"] : [];

/** The server under test, for the duration of the calling file. */
export const startServer = (...flags) => startPunctualServer(...PATIENCE, ...flags);

/** The same, with a ping timeout of PING_TIMEOUT_MS for certain. */
export async function startPunctualServer(...flags) {
  const child = spawn(process.env.CAMPANILE_CONFORMANCE ?? DEFAULT_EXECUTABLE, ["--listen", "127.0.0.1:0", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  process.once("exit", () => child.kill("SIGKILL"));
  const pathAt = flags.indexOf("--path");
  const path = pathAt < 0 ? "/socket.io/" : flags[pathAt + 1];
  return new Server(await within(listeningAddress(child), "the server to listen"), path, child.pid);
}

async function listeningAddress(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /listening on (?:http:\/\/)?(\S+)/.exec(line)?.[1];
    if (address) return address;
  }
  throw new Error("the server ended before it listened");
}

class Server {
  constructor(address, path, pid) {
    this.address = address;
    [this.host, this.port] = address.split(":");
    this.path = path;
    this.pid = pid;
  }

  url(fields, scheme = "http") {
    return `${scheme}://${this.address}${this.path}?${query(fields)}`;
  }

  get(fields, init) {
    return fetch(this.url(fields), init);
  }

  post(fields, body, init) {
    return fetch(this.url(fields), { method: "POST", body, ...init });
  }

  /** Resident memory of the server's process in bytes. */
  residentBytes() {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024;
  }

  openFiles() {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }
}

/** Asserts that `act` leaves the server's memory about where it was. */
export async function memoryStaysFlat(server, act, slackBytes = 48 << 20) {
  const before = server.residentBytes();
  await act();
  const grown = server.residentBytes() - before;
  assert.ok(grown < slackBytes, `the server grew by ${(grown / (1 << 20)).toFixed(1)} MiB`);
}

/** Asserts that the server still serves strangers. */
export async function staysUp(server) {
  assert.equal((await server.get()).status, 200);
}

// ---- HTTP

const fetchRequest = (server, fields, init) => fetch(server.url(fields), init);

/** One request on a connection of its own, as from a client without keep-alive. */
export async function requestOnce(server, fields, { method = "GET", headers, body } = {}) {
  const request = http.request(server.url(fields), { method, headers, agent: false });
  request.end(body);
  const [response] = await once(request, "response");
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const content = chunks.length > 0 ? Buffer.concat(chunks) : null;
  return new Response(content, { status: response.statusCode, headers: response.headers });
}

/** Opens a long-polling session by hand: the tests do every later request themselves. */
export async function openPolling(server) {
  const response = await server.get();
  assert.equal(response.status, 200);
  const packet = await response.text();
  assert.equal(packet[0], "0");
  return JSON.parse(packet.slice(1));
}

/** The payload of the next poll that brings more than heartbeats; those are answered. */
export async function pollPayload(server, sid, request = fetchRequest) {
  for (;;) {
    const response = await request(server, { sid });
    assert.equal(response.status, 200);
    const packets = (await response.text()).split(RS);
    const others = packets.filter((packet) => packet !== "2");
    if (others.length < packets.length) await request(server, { sid }, { method: "POST", body: "3" });
    if (others.length > 0) return others.join(RS);
  }
}

/** Asserts the HTTP error that the reference server gives. */
export async function isRefused(response, code, message, status = 400) {
  assert.equal(response.status, status);
  assert.deepEqual(await response.json(), { code, message });
}

// ---- Peers: clients that answer heartbeats and hand out every other packet in order

class Inbox {
  #packets = [];
  #readers = [];
  #end;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.close = (end) => {
        this.#end = new Error(`closed (${end.code}) while waiting for a packet`);
        for (const { reject } of this.#readers.splice(0)) reject(this.#end);
        resolve(end);
      };
    });
  }

  push(packet) {
    const reader = this.#readers.shift();
    if (reader) reader.resolve(packet);
    else this.#packets.push(packet);
  }

  next() {
    if (this.#packets.length > 0) return Promise.resolve(this.#packets.shift());
    if (this.#end) return Promise.reject(this.#end);
    return within(new Promise((resolve, reject) => this.#readers.push({ resolve, reject })), "a packet");
  }
}

class Peer {
  inbox = new Inbox();
  #answersHeartbeat;

  constructor(heartbeat = "answered") {
    this.#answersHeartbeat = heartbeat === "answered";
  }

  received(packet) {
    if (packet === "2" && this.#answersHeartbeat) this.send("3");
    else this.inbox.push(packet);
  }

  /** The next packet: a string, or a Buffer when it is binary. */
  next() {
    return this.inbox.next();
  }

  /** Asserts what the next packets are. */
  async expect(...packets) {
    for (const packet of packets) assert.deepEqual(await this.next(), packet);
  }

  /** Waits for the end of the connection and tells how it came. */
  closed() {
    return within(this.inbox.closed, "the connection to be closed");
  }
}

class WebSocketPeer extends Peer {
  constructor(ws, heartbeat) {
    super(heartbeat);
    this.ws = ws;
    ws.on("message", (data, isBinary) => this.received(isBinary ? data : data.toString()));
    ws.on("close", (code, reason) => this.inbox.close({ code, reason: reason.toString() }));
    ws.on("error", () => {});
  }

  send(...packets) {
    for (const packet of packets) this.ws.send(packet);
  }

  /** Ends the TCP connection without a close frame, as a client that loses its network. */
  vanish() {
    this.ws.terminate();
  }
}

/** A WebSocket on the server, before any packet; a refusal before the 101 rejects with `status` and `body`. */
export function dial(server, { fields, headers, heartbeat } = {}) {
  const ws = new WebSocket(server.url({ transport: "websocket", ...fields }, "ws"), {
    headers,
    perMessageDeflate: false,
  });
  const peer = new WebSocketPeer(ws, heartbeat);
  const opened = new Promise((resolve, reject) => {
    ws.once("upgrade", (response) => (peer.headers = response.headers));
    ws.once("open", () => resolve(peer));
    ws.once("error", reject);
    ws.once("unexpected-response", (_, response) => refusal(response).then(reject));
  });
  return within(opened, "the WebSocket to open");
}

async function refusal(response) {
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  return Object.assign(new Error(`refused with ${response.statusCode}: ${body}`), {
    status: response.statusCode,
    body,
  });
}

/** An Engine.IO session over WebSocket. */
export async function openWebSocket(server, options) {
  const peer = await dial(server, options);
  const packet = await peer.next();
  assert.equal(packet[0], "0");
  peer.handshake = JSON.parse(packet.slice(1));
  return peer;
}

class PollingPeer extends Peer {
  #sending = Promise.resolve();

  constructor(server, handshake, heartbeat, request) {
    super(heartbeat);
    this.handshake = handshake;
    this.fields = { sid: handshake.sid };
    this.request = (init) => request(server, this.fields, init);
    this.#poll();
  }

  async #poll() {
    for (;;) {
      const response = await this.request({}).catch((error) => ({ status: error.code, text: () => "" }));
      const payload = await response.text();
      if (response.status !== 200) return this.inbox.close({ code: response.status });
      for (const packet of payload.split(RS)) this.#take(packet);
      if (payload === "1") return this.inbox.close({ code: "1" });
    }
  }

  #take(packet) {
    if (packet === "6" || packet === "1") return;
    this.received(packet[0] === "b" ? Buffer.from(packet.slice(1), "base64") : packet);
  }

  /** Posts the packets in one payload, after those sent before. */
  send(...packets) {
    const body = packets
      .map((packet) => (typeof packet === "string" ? packet : `b${packet.toString("base64")}`))
      .join(RS);
    this.#sending = this.#sending.then(() => this.request({ method: "POST", body })).catch(() => {});
    return this.#sending;
  }
}

/** An Engine.IO session over long-polling that keeps polling by itself; `request` may be `requestOnce`. */
export async function openPollingPeer(server, { heartbeat, request = fetchRequest } = {}) {
  const packet = await (await request(server, {})).text();
  return new PollingPeer(server, JSON.parse(packet.slice(1)), heartbeat, request);
}

export const TRANSPORTS = { polling: openPollingPeer, websocket: openWebSocket };

// ---- Socket.IO

/** A socket in the main namespace: connected, its greeting read. */
export async function connect(server, { open = openWebSocket, auth, ...options } = {}) {
  const peer = await open(server, options);
  peer.send(`40${auth ? JSON.stringify(auth) : ""}`);
  const reply = await peer.next();
  assert.match(reply, /^40\{/);
  Object.assign(peer, JSON.parse(reply.slice(2)));
  const greeting = await peer.next();
  assert.match(greeting, /^42\["auth",/);
  peer.offset = JSON.parse(greeting.slice(2))[2];
  return peer;
}

/** Asserts that the peer is alive and that nothing but the answer was on its way. */
export async function isIdle(peer) {
  const token = `token ${Math.random()}`;
  peer.send(`42["message","${token}"]`);
  await peer.expect(`42["message-back","${token}"]`);
}

/** Has `peer` emit `event` and gives the arguments of its ack. */
export async function call(peer, event, ...args) {
  peer.send(`427${JSON.stringify([event, ...args])}`);
  const reply = await peer.next();
  assert.match(reply, /^437\[/);
  return JSON.parse(reply.slice(3));
}

/** Why the server says the socket of `peer` was disconnected by what `act` does. */
export async function disconnectReason(server, act) {
  const observer = await connect(server);
  const last = async () => (await call(observer, "last-disconnect"))[0];
  leave(await connect(server));
  await eventually(async () => (await last()) === BASELINE_REASON, "a known reason to start from");
  await act();
  const changed = async () => {
    const reason = await last();
    return reason !== BASELINE_REASON && reason;
  };
  return eventually(changed, "another reason").finally(() => leave(observer));
}

/** Ends a connection so that the reason to be seen is the known one. */
function leave(peer) {
  peer.send("41");
  peer.ws.close();
}

const BASELINE_REASON = "client namespace disconnect";
