// TCP connections on which every byte is ours: HTTP heads as text, WebSocket frames with any bit set wrong.
// It doesn't know Engine.IO beyond the `2` of a heartbeat, which it skips.

import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { query, within } from "./support.mjs";

export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

export const WEBSOCKET_KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const websocketAccept = (key) =>
  createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

const MASK = Buffer.from([0x5a, 0x01, 0xfe, 0x37]);

/** A client frame. `length` may lie about the payload, `lengthBytes` may take more room than the length needs. */
export function frame(opcode, payload = "", { fin = true, rsv = 0, masked = true, length, lengthBytes } = {}) {
  const bytes = Buffer.from(payload);
  const declared = BigInt(length ?? bytes.length);
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const head = Buffer.concat([Buffer.from([first]), lengthField(declared, lengthBytes)]);
  if (!masked) return Buffer.concat([head, bytes]);
  head[1] |= 0x80;
  return Buffer.concat([head, MASK, bytes.map((byte, at) => byte ^ MASK[at % 4])]);
}

function lengthField(length, lengthBytes = length < 126n ? 0 : length < 65_536n ? 2 : 8) {
  if (lengthBytes === 0) return Buffer.from([Number(length)]);
  const field = Buffer.alloc(1 + lengthBytes);
  field[0] = lengthBytes === 2 ? 126 : 127;
  if (lengthBytes === 2) field.writeUInt16BE(Number(length), 1);
  else field.writeBigUInt64BE(length, 1);
  return field;
}

export function closePayload(code, reason = "") {
  const field = Buffer.alloc(2);
  field.writeUInt16BE(code);
  return Buffer.concat([field, Buffer.from(reason)]);
}

/** A TCP connection with a buffer to read from. */
export class RawConnection {
  #buffer = Buffer.alloc(0);
  #arrived = () => {};
  #ended = false;

  constructor(server) {
    this.socket = net.connect({ host: server.host, port: Number(server.port), noDelay: true });
    this.socket.on("data", (chunk) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#arrived();
    });
    for (const end of ["end", "close", "error"]) this.socket.on(end, () => this.#markEnded());
  }

  #markEnded() {
    this.#ended = true;
    this.#arrived();
  }

  write(...chunks) {
    for (const chunk of chunks) if (!this.#ended) this.socket.write(chunk);
  }

  /** Writes as fast as the server reads, until all is sent or the server has hung up. Gives the bytes it took. */
  async flood(chunk, times) {
    for (let sent = 0; sent < times; sent++) {
      if (this.#ended) return sent * chunk.length;
      if (!this.socket.write(chunk)) await Promise.race([once(this.socket, "drain"), this.#end()]).catch(() => {});
    }
    return times * chunk.length;
  }

  async #end() {
    if (!this.#ended) await once(this.socket, "close");
  }

  async #until(probe, what, ms) {
    for (;;) {
      const found = probe(this.#buffer);
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`the server hung up before ${what}`);
      await within(new Promise((resolve) => (this.#arrived = resolve)), what, ms);
    }
  }

  async #take(length, what) {
    await this.#until((buffer) => (buffer.length >= length ? true : undefined), what);
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return taken;
  }

  /** The head of an HTTP response. */
  async head(ms) {
    const end = await this.#until(
      (buffer) => (buffer.includes("\r\n\r\n") ? buffer.indexOf("\r\n\r\n") + 4 : undefined),
      "the head of a response",
      ms,
    );
    const [statusLine, ...lines] = (await this.#take(end)).toString("latin1").trimEnd().split("\r\n");
    const headers = lines.map((line) => line.split(/:\s*/, 2)).map(([name, value]) => [name.toLowerCase(), value]);
    return { status: Number(statusLine.split(" ")[1]), headers: Object.fromEntries(headers) };
  }

  /** A whole HTTP response of known length. */
  async response(ms) {
    const { status, headers } = await this.head(ms);
    const body = await this.#take(Number(headers["content-length"]), "the body of a response");
    return { status, headers, body: body.toString() };
  }

  /** Everything until the server hangs up. */
  async rest(ms) {
    const ended = () => (this.#ended ? true : undefined);
    await this.#until(ended, "the server to hang up", ms);
    return this.#buffer;
  }

  /** The next server frame that isn't a heartbeat. */
  async frame() {
    for (;;) {
      const [first, second] = await this.#take(2, "a frame");
      if (second & 0x80) throw new Error("a server frame is masked");
      const payload = await this.#take(await this.#payloadLength(second), "a payload");
      const frame = { fin: Boolean(first & 0x80), rsv: (first >> 4) & 7, opcode: first & 0xf, payload };
      if (!(frame.opcode === TEXT && payload.toString() === "2")) return frame;
    }
  }

  async #payloadLength(second) {
    if (second < 126) return second;
    if (second === 126) return (await this.#take(2, "a length")).readUInt16BE();
    return Number((await this.#take(8, "a length")).readBigUInt64BE());
  }

  /** The code of the close frame that comes next, data before it skipped; null when it has none. */
  async closeCode() {
    for (;;) {
      const { opcode, payload } = await this.frame();
      if (opcode === CLOSE) return payload.length >= 2 ? payload.readUInt16BE() : null;
    }
  }
}

/** A request as text; header lines are written as given. */
export function requestText(server, { method = "GET", fields, headers = [], body = "" } = {}) {
  const lines = [`${method} ${server.path}?${query(fields)} HTTP/1.1`, `Host: ${server.address}`, ...headers];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

export const UPGRADE_HEADERS = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  `Sec-WebSocket-Key: ${WEBSOCKET_KEY}`,
];

/**
 * A WebSocket session whose frames the test writes and reads itself; the open packet is read. `behind` goes out in one
 * segment with the request.
 */
export async function dialRaw(server, { headers = [], behind = "" } = {}) {
  const connection = new RawConnection(server);
  const all = [...UPGRADE_HEADERS, ...headers];
  const request = requestText(server, { fields: { transport: "websocket" }, headers: all });
  connection.write(Buffer.concat([Buffer.from(request), Buffer.from(behind)]));
  connection.response = await connection.head();
  if (connection.response.status === 101) connection.open = (await connection.frame()).payload.toString();
  return connection;
}
