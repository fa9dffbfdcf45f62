// Stock Socket.IO clients of several makes behind one face, so that a test reads the same for all of them. A peer
// keeps everything that arrived. Knows nothing about the bridge's events.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { python, root } from "./support.mjs";

const require = createRequire(import.meta.url);
const ARRIVAL_DEADLINE_MS = 10_000;

export const javascriptMakes = ["sio300", "sio313", "sio400", "sio454", "sio460", "sio484"];
export const pythonMakes = ["python_sync", "python_async"];
export const makes = [...javascriptMakes, ...pythonMakes];
export const transports = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
};

/** Connects a peer of the given make. The peer is closed when the test `t` ends. */
export async function connect(t, hub, make = "sio484", transport = "websocket") {
  const peer = pythonMakes.includes(make)
    ? new PythonPeer(hub.url, make, transports[transport])
    : new JavascriptPeer(hub.url, make, transports[transport]);
  t.after(() => peer.close());
  await peer.connect();
  return peer;
}

/** What arrived at a peer, and who waits for more. */
class Inbox {
  #arrivals = [];
  #waiting = new Set();

  arrived(event, payload) {
    this.#arrivals.push({ event, payload, taken: false });
    for (const look of this.#waiting) look();
  }

  /** Payloads of all events of that name so far, in order of arrival. */
  seen(event) {
    return this.#arrivals.filter((each) => each.event === event).map((each) => each.payload);
  }

  /** The first payload of that event that matches and was not handed out before; waits for it. */
  next(event, matches = () => true) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.#arrivals.find((each) => !each.taken && each.event === event && matches(each.payload));
        if (!found) return;
        found.taken = true;
        clearTimeout(deadline);
        this.#waiting.delete(look);
        resolve(found.payload);
      };
      const deadline = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no such ${event} arrived; the last arrivals: ${this.#lastArrivals()}`));
      }, ARRIVAL_DEADLINE_MS);
      this.#waiting.add(look);
      look();
    });
  }

  #lastArrivals() {
    return this.#arrivals.slice(-5).map((each) => JSON.stringify(each).slice(0, 300)).join("\n");
  }

  /** The first `count` payloads of that event that were not handed out before. */
  async take(event, count) {
    const payloads = [];
    while (payloads.length < count) payloads.push(await this.next(event));
    return payloads;
  }
}

class JavascriptPeer extends Inbox {
  constructor(url, make, transports) {
    super();
    const client = require(make);
    const io = client.io ?? client;
    this.socket = io(url, { transports, forceNew: true, autoConnect: false, reconnectionDelay: 50, reconnectionDelayMax: 200 });
    this.socket.onAny((event, payload) => this.arrived(event, payload));
    this.socket.on("connect", () => this.arrived("(connect)"));
    this.socket.on("disconnect", () => this.arrived("(disconnect)"));
  }

  get id() {
    return this.socket.id;
  }

  async connect() {
    this.socket.connect();
    await this.next("(connect)");
  }

  async disconnect() {
    this.socket.disconnect();
  }

  emit(event, ...args) {
    this.socket.emit(event, ...args);
  }

  /** Emits with a callback and resolves with what it is given. */
  ask(event, ...args) {
    const answer = Promise.withResolvers?.() ?? withResolvers();
    const deadline = setTimeout(() => answer.reject(new Error(`no ack for ${event}`)), ARRIVAL_DEADLINE_MS);
    this.socket.emit(event, ...args, answer.resolve);
    return answer.promise.finally(() => clearTimeout(deadline));
  }

  /** The transport in use once a possible upgrade is over. */
  async settledTransport() {
    const { engine } = this.socket.io;
    const upgrades = engine.transports.length > 1 || engine.upgrading;
    if (upgrades && engine.transport.name === "polling") await new Promise((resolve) => engine.once("upgrade", resolve));
    return engine.transport.name;
  }

  async close() {
    this.socket.close();
  }
}

class PythonPeer extends Inbox {
  #process;
  #ended;
  #asked = 0;

  constructor(url, make, transports) {
    super();
    const script = join(root, "e2e/python", make === "python_sync" ? "peer_sync.py" : "peer_async.py");
    this.#process = spawn(python, [script, url, transports.join(",")], { stdio: ["pipe", "pipe", "inherit"] });
    this.#ended = new Promise((resolve) => this.#process.once("close", resolve));
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#reported(JSON.parse(line, bytesFromJson)));
  }

  #reported(report) {
    if (report.on === "event") return this.arrived(report.event, report.payload);
    if (report.on === "ack") return this.arrived(`(ack ${report.id})`, report.payload);
    if (report.on === "connect") Object.assign(this, { id: report.id, transport: report.transport });
    this.arrived(`(${report.on})`);
  }

  #command(command) {
    this.#process.stdin.write(JSON.stringify(command, bytesToJson) + "\n");
  }

  async connect() {
    this.#command({ op: "connect" });
    await this.next("(connect)");
  }

  async disconnect() {
    this.#command({ op: "disconnect" });
    await this.next("(disconnect)");
  }

  emit(event, payload) {
    this.#command({ op: "emit", event, payload });
  }

  ask(event, payload) {
    const id = ++this.#asked;
    this.#command({ op: "ask", id, event, payload });
    return this.next(`(ack ${id})`);
  }

  async settledTransport() {
    return this.transport;
  }

  async close() {
    this.#process.kill();
    await this.#ended;
  }
}

function withResolvers() {
  const answer = {};
  answer.promise = new Promise((resolve, reject) => Object.assign(answer, { resolve, reject }));
  return answer;
}

// A Buffer has turned itself into {type: "Buffer", data: […]} by the time a replacer sees it, hence `this`.
function bytesToJson(key, value) {
  return Buffer.isBuffer(this[key]) ? { $bytes: this[key].toString("base64") } : value;
}

function bytesFromJson(_key, value) {
  return typeof value?.$bytes === "string" ? Buffer.from(value.$bytes, "base64") : value;
}
