// The traffic: kinds of clients, each at its own fixed rate. An actor counts what it does under a name of its own, and what
// it didn't expect under `unexplained`, with the reason. Knows the bridge's events; measures nothing of the hub.

import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const require = createRequire(import.meta.url);
const { io } = require("sio484");
const WebSocket = require("ws");

const PROVIDERS = 4;
const FOLLOWERS = 120;
const REQUESTERS = 10;
const TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"]];

/** Starts all actors. `stop` ends them; `counts` and `unexplained` tell what happened. */
export function startActors(hub) {
  const stage = new Stage(hub);
  for (let at = 0; at < PROVIDERS; at++) provider(stage, at);
  for (let at = 0; at < FOLLOWERS; at++) follower(stage, at);
  for (let at = 0; at < REQUESTERS; at++) requester(stage, at);
  stage.every(250, () => passerBy(stage));
  stage.every(500, () => malformedFrames(stage));
  stage.every(500, () => malformedPacket(stage));
  stage.every(1_000, () => malformedHttp(stage));
  stage.every(1_000, () => halfOpen(stage));
  stage.every(2_000, () => vanishing(stage));
  stage.every(15_000, () => slowReader(stage));
  stage.every(20_000, () => flood(stage));
  stage.every(250, () => http(stage));
  return stage;
}

class Stage {
  counts = {};
  unexplained = [];
  #timers = new Set();
  #leaving = new Set();
  stopping = false;

  constructor(hub) {
    this.hub = hub;
  }

  count(name, by = 1) {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  surprise(what) {
    if (this.stopping) return;
    this.count("unexplained");
    if (this.unexplained.length < 100) this.unexplained.push(what);
  }

  every(interval_ms, act) {
    const run = async () => {
      try {
        await act();
      } catch (error) {
        this.surprise(`${act.name || "an actor"}: ${error.message}`);
      }
    };
    // Spread, so that not everything happens at once.
    const first = setTimeout(() => {
      run();
      this.#timers.add(setInterval(run, interval_ms));
    }, Math.random() * interval_ms);
    this.#timers.add(first);
  }

  /** `leave` runs once, when the actor says so by calling the answer or when everything ends. */
  onStop(leave) {
    const once = () => this.#leaving.delete(once) && leave();
    this.#leaving.add(once);
    return once;
  }

  async stop() {
    this.stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const leave of [...this.#leaving]) leave();
    await pause(500);
  }
}

const name = (at) => `soak-${at % PROVIDERS}`;

function stockClient(stage, transports) {
  const socket = io(stage.hub.url, { transports, forceNew: true, reconnectionDelayMax: 1_000 });
  const leave = stage.onStop(() => socket.disconnect());
  socket.on("connect_error", (error) => stage.surprise(`connect_error: ${error.message}`));
  return { socket, leave };
}

// ---- Those who behave

/** Broadcasts, small, large and binary; answers requests; leaves and returns. */
function provider(stage, at) {
  let run = 0;
  let number = 0;
  let client;
  const start = () => {
    run++;
    client = stockClient(stage, TRANSPORTS[at % TRANSPORTS.length]);
    const { socket } = client;
    socket.on("connect", () => socket.emit("register_provider", { provider_id: name(at), name: `Provider ${at}` }));
    socket.on("new_request", (request) => {
      stage.count("requests served");
      socket.emit("provider_reply", { ...request, result: request.data * 2 });
    });
  };
  const broadcast = (data) => {
    if (!client.socket.connected) return;
    stage.count("broadcasts");
    client.socket.emit("sent_to_my_clients", { provider_id: name(at), cmd: "tick", run, number: number++, data });
  };
  start();
  stage.every(250, () => broadcast("x".repeat(80)));
  stage.every(10_000, () => broadcast("y".repeat(200_000)));
  stage.every(5_000, () => broadcast(randomBytes(20_000)));
  stage.every(45_000, async () => {
    stage.count("provider restarts");
    if (Math.random() < 0.5) client.socket.io.engine?.close();
    client.leave();
    await pause(1_000);
    if (!stage.stopping) start();
  });
}

/** Follows a provider and checks that nothing is missing, double or out of order. */
function follower(stage, at) {
  const { socket } = stockClient(stage, TRANSPORTS[at % TRANSPORTS.length]);
  let last;
  socket.on("connect", () => {
    last = undefined;
    socket.emit("register_client", { master_provider_id: name(at) });
  });
  socket.on("message_from_provider", ({ run, number }) => {
    stage.count("messages followed");
    if (last && last.run === run && number !== last.number + 1) {
      stage.surprise(`follower ${at} got ${number} of run ${run} after ${last.number}`);
    }
    last = { run, number };
  });
  socket.on("disconnect", (reason) => stage.surprise(`follower ${at} was disconnected: ${reason}`));
}

function requester(stage, at) {
  const { socket } = stockClient(stage, TRANSPORTS[at % TRANSPORTS.length]);
  stage.every(200, async () => {
    if (!socket.connected) return;
    const data = Math.floor(Math.random() * 1_000);
    const reply = await socket.timeout(40_000).emitWithAck("request_provider", {
      to_provider_id: name(at),
      cmd: "double",
      data,
    });
    const code = reply.error?.code;
    if (code === "provider_offline" || code === "timeout") stage.count(`requests answered ${code}`);
    else if (reply.result === data * 2) stage.count("requests answered");
    else stage.surprise(`a request for ${data} got ${JSON.stringify(reply)}`);
  });
}

/** Comes, follows for a moment and goes, politely or not. */
async function passerBy(stage) {
  stage.count("passers-by");
  const { socket, leave } = stockClient(stage, TRANSPORTS[stage.counts["passers-by"] % TRANSPORTS.length]);
  socket.on("connect", () => socket.emit("register_client", { master_provider_id: name(0) }));
  await pause(200 + Math.random() * 4_000);
  if (Math.random() < 0.5) socket.io.engine?.transport?.ws?.terminate?.();
  leave();
}

const HTTP = [
  (url) => [`${url}/`, {}, 200],
  (url) => [`${url}/healthz`, {}, 200],
  (url) => [`${url}/socket.io/socket.io.min.js`, {}, 200],
  (url) => [`${url}/api/v1/apps/public/providers`, {}, 200],
  (url) => [`${url}/api/v1/apps/public/providers/nobody/request`, { cmd: "double", data: 1 }, 404, 409, 503],
  (url) => [`${url}/api/v1/apps/public/providers/soak-1/request`, { cmd: "double", data: 4 }, 200, 404, 409, 503, 504],
  (url) => [`${url}/nothing`, {}, 404],
];

async function http(stage) {
  stage.count("HTTP requests");
  const [url, body, ...expected] = HTTP[stage.counts["HTTP requests"] % HTTP.length](stage.hub.url);
  const isPost = "cmd" in body;
  const init = isPost
    ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
    : {};
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(40_000) });
  await response.arrayBuffer();
  if (!expected.includes(response.status)) stage.surprise(`${url} was answered ${response.status}`);
}

// ---- Those who don't

/** A WebSocket below Socket.IO, joined to the main namespace. */
async function rawSocket(stage) {
  const ws = new WebSocket(`${stage.hub.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
  });
  const leave = stage.onStop(() => ws.terminate());
  const closed = new Promise((resolve) => ws.once("close", resolve));
  ws.on("error", () => {});
  await new Promise((resolve) => ws.once("message", resolve));
  ws.send("40");
  await new Promise((resolve) => ws.once("message", resolve));
  return { ws, leave, closed };
}

async function isCut(stage, what, closed, within_ms) {
  const cut = await Promise.race([closed.then(() => true), pause(within_ms, false)]);
  if (!cut) stage.surprise(`${what} was not cut`);
}

const FRAMES = [
  Buffer.from([0x81, 0x05, 0x68, 0x65, 0x6c, 0x6c, 0x6f]),
  Buffer.from([0xff, 0x80, 0, 0, 0, 0]),
  Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff]),
  Buffer.from([0x80, 0x80, 0, 0, 0, 0]),
  Buffer.from([0x88, 0x81, 0, 0, 0, 0, 0]),
];

async function malformedFrames(stage) {
  stage.count("malformed frames");
  const { ws, leave, closed } = await rawSocket(stage);
  ws._socket.write(FRAMES[stage.counts["malformed frames"] % FRAMES.length]);
  await isCut(stage, "a malformed frame", closed, 10_000);
  leave();
}

const PACKETS = ["9", "", "4", "42", "42[", '42["connect"]', "450-[]", '4599-["x"]', "40[]", "41/x,", "44{}", "2", '42{"a":1}'];

async function malformedPacket(stage) {
  stage.count("malformed packets");
  const { ws, leave, closed } = await rawSocket(stage);
  ws.send(PACKETS[stage.counts["malformed packets"] % PACKETS.length]);
  await isCut(stage, `the packet ${PACKETS[stage.counts["malformed packets"] % PACKETS.length]}`, closed, 10_000);
  leave();
}

const HEADS = [
  "GET /socket.io/?EIO=4&transport=polling HTTP/9.9\r\n\r\n",
  "\u0000\u0001\u0002\r\n\r\n",
  `GET /socket.io/?EIO=4&transport=${"x".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  "GET /socket.io/?EIO=3&transport=polling HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  "POST /socket.io/?EIO=4&transport=polling&sid=nobody HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\nConnection: close\r\n\r\n",
];

async function malformedHttp(stage) {
  stage.count("malformed HTTP");
  const { socket, closed, leave } = tcp(stage);
  socket.write(HEADS[stage.counts["malformed HTTP"] % HEADS.length]);
  await isCut(stage, "a malformed request", closed, 20_000);
  leave();
}

/** Begins a request and says no more. */
async function halfOpen(stage) {
  stage.count("half-open requests");
  const { socket, closed, leave } = tcp(stage);
  socket.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n");
  await isCut(stage, "a half-open request", closed, 30_000);
  leave();
}

function tcp(stage) {
  const socket = net.connect(stage.hub.port, stage.hub.host);
  socket.on("error", () => {});
  socket.resume();
  const closed = new Promise((resolve) => socket.once("close", resolve));
  return { socket, closed, leave: stage.onStop(() => socket.destroy()) };
}

/** Opens a polling session, joins, and never comes back: only the ping timeout can end it. */
async function vanishing(stage) {
  stage.count("vanishing sessions");
  const url = `${stage.hub.url}/socket.io/?EIO=4&transport=polling`;
  const open = await (await fetch(url)).text();
  const { sid } = JSON.parse(open.slice(1));
  await (await fetch(`${url}&sid=${sid}`, { method: "POST", body: "40" })).text();
}

/** Sends itself more than its outbox may hold, and reads nothing of it. */
async function slowReader(stage) {
  stage.count("slow readers");
  const { ws, leave } = await rawSocket(stage);
  const id = `slow-${stage.counts["slow readers"]}`;
  ws.send(`42["register_provider",{"provider_id":"${id}"}]`);
  ws.send(`42["register_client",{"master_provider_id":"${id}"}]`);
  ws._socket.pause();
  for (let at = 0; at < 200; at++) {
    ws.send(`42["sent_to_my_clients",{"provider_id":"${id}","cmd":"x","data":"${"z".repeat(100_000)}"}]`);
  }
  await pause(12_000);
  leave();
}

/** More at once than anybody should send. */
async function flood(stage) {
  stage.count("floods");
  const { ws, leave, closed } = await rawSocket(stage);
  for (let at = 0; at < 50_000; at++) ws.send('42["nobody knows this event"]');
  await Promise.race([closed, pause(10_000)]);
  leave();
}
