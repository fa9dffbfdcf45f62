// What a hostile client sends over plain HTTP and in random frames: each is refused or cut, and the server stays up, small
// and responsive. Attacks that belong to one topic are tested there (fragments, attachments, bodies); slow ones in
// deadlines.test.mjs.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import {
  BINARY,
  CONTINUATION,
  RawConnection,
  TEXT,
  UPGRADE_HEADERS,
  dialRaw,
  frame,
  requestText,
} from "./raw.mjs";
import {
  TRANSPORTS,
  beyondReference,
  connect,
  eventually,
  isIdle,
  memoryStaysFlat,
  openPolling,
  startServer,
  staysUp,
} from "./support.mjs";

const TOO_BIG = 1009;

const server = await startServer();

const head = (extra) => `GET ${server.path}?EIO=4&transport=polling HTTP/1.1\r\nHost: ${server.address}\r\n${extra}`;
const headerLines = (count) => Array.from({ length: count }, (_, at) => `X-Header-${at}: ${at}\r\n`).join("");

/** Asserts that a request is refused with a client error or by hanging up. */
async function isRejected(request) {
  const connection = new RawConnection(server);
  connection.write(request);
  const status = await connection.head().then(
    ({ status }) => status,
    () => undefined,
  );
  assert.ok(status === undefined || (status >= 400 && status < 500), `status ${status}`);
  connection.socket.destroy();
  await staysUp(server);
}

describe("a head of a request is refused", () => {
  it("with five thousand fields", beyondReference("ignores those above its limit"), () =>
    isRejected(`${head(headerLines(5_000))}\r\n`),
  );

  it("with five thousand fields, before it is complete", () => isRejected(head(headerLines(5_000))));

  it("with one field of 4 MB", () => isRejected(head(`X-Large: ${"x".repeat(4 << 20)}\r\n\r\n`)));

  it("with a target of 100 KB", () =>
    isRejected(`GET ${server.path}?${"x".repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`));

  it("with five thousand fields in an upgrade", beyondReference("ignores those above its limit"), async () => {
    const fields = { transport: "websocket" };
    const headers = [...UPGRADE_HEADERS, ...headerLines(5_000).trimEnd().split("\r\n")];
    await isRejected(requestText(server, { fields, headers }));
  });

  it("that never ends, without memory", async () => {
    await memoryStaysFlat(server, async () => {
      const connection = new RawConnection(server);
      connection.write(head("X-Endless: "));
      await connection.flood(Buffer.alloc(65_536, "x"), 1_600);
      connection.socket.destroy();
    });
    await staysUp(server);
  });
});

describe("connections that are dropped", () => {
  it("leave no open file behind", async () => {
    await staysUp(server);
    const before = server.openFiles();
    const connections = Array.from({ length: 200 }, () => new RawConnection(server));
    for (const [at, connection] of connections.entries()) connection.write(head("").slice(0, at));
    await eventually(() => server.openFiles() >= before + 150, "the connections to be accepted");
    for (const connection of connections) connection.socket.destroy();
    await eventually(() => server.openFiles() <= before + 5, "the open files to be given back");
  });

  it("in the middle of a POST end their session only", async () => {
    const { sid } = await openPolling(server);
    const connection = new RawConnection(server);
    connection.write(
      requestText(server, { method: "POST", fields: { sid }, headers: ["Content-Length: 1000"], body: "42[" }),
    );
    connection.socket.end();
    await eventually(async () => (await server.get({ sid })).status === 400, "the session to end");
    await staysUp(server);
  });

  it("in the middle of a frame are forgotten", async () => {
    const before = server.openFiles();
    for (const cut of [1, 2, 5, 6, 20]) {
      const connection = await dialRaw(server);
      connection.write(frame(BINARY, "x".repeat(200)).subarray(0, cut));
      connection.socket.destroy();
    }
    await eventually(() => server.openFiles() <= before + 2, "the open files to be given back");
  });
});

describe("a handler that panics", beyondReference("has no such event"), () => {
  for (const [name, open] of Object.entries(TRANSPORTS)) {
    it(`ends its own connection only (${name})`, async () => {
      const [victim, bystander] = [await connect(server, { open }), await connect(server)];
      victim.send('42["panic"]');
      await victim.closed();
      await isIdle(bystander);
      await isIdle(await connect(server, { open }));
    });
  }
});

describe("a compressed message that is a bomb", beyondReference("compresses nothing here"), () => {
  it("is cut at the cap, as one frame and as many", async () => {
    const deflating = await startServer("--deflate");
    const bomb = deflateRawSync(Buffer.alloc(64 << 20), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const half = bomb.length >> 1;
    const whole = [frame(BINARY, bomb, { rsv: 4 })];
    const halves = [
      frame(BINARY, bomb.subarray(0, half), { rsv: 4, fin: false }),
      frame(CONTINUATION, bomb.subarray(half)),
    ];
    await memoryStaysFlat(deflating, async () => {
      for (const frames of [whole, halves, whole, halves]) {
        const headers = ["Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover"];
        const connection = await dialRaw(deflating, { headers });
        assert.match(connection.response.headers["sec-websocket-extensions"], /^permessage-deflate/);
        for (const each of frames) connection.write(each);
        assert.equal(await connection.closeCode(), TOO_BIG);
        connection.socket.destroy();
      }
    });
    await staysUp(deflating);
  });
});

describe("random input", () => {
  // A small generator with a fixed seed: a failure can be repeated.
  let seed = 20_240_229;
  const random = (below) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const bytes = (length) => Buffer.from(Array.from({ length }, () => random(256)));
  const alphabet = '0123456-/,[]{}"\\:_placeholdernum \u0000é😀';
  const text = (length) => Array.from({ length }, () => [...alphabet][random([...alphabet].length)]).join("");

  /** Feeds one connection after the other, while a bystander must be served all along. */
  async function survives(rounds, feed) {
    const bystander = await connect(server);
    for (let round = 0; round < rounds; round++) {
      const connection = await feed();
      connection.socket.destroy();
      if (round % 20 === 0) await isIdle(bystander);
    }
    await isIdle(bystander);
  }

  it("as bytes on a new connection", () =>
    survives(200, () => {
      const connection = new RawConnection(server);
      connection.write(bytes(random(300)));
      return connection;
    }));

  it("as bytes on a WebSocket", () =>
    survives(200, async () => {
      const connection = await dialRaw(server);
      connection.write(bytes(random(300)));
      return connection;
    }));

  it("as Engine.IO and Socket.IO packets", () =>
    survives(200, async () => {
      const connection = await dialRaw(server);
      connection.write(frame(TEXT, "40"));
      for (let sent = 0; sent < 5; sent++) connection.write(frame(TEXT, `4${random(8)}${text(random(40))}`));
      connection.write(frame(BINARY, bytes(random(20))), frame(TEXT, text(random(40))));
      return connection;
    }));

  it("as polling payloads", async () => {
    for (let round = 0; round < 100; round++) {
      const { sid } = await openPolling(server);
      const body = random(2) === 0 ? bytes(random(200)) : `40\x1e${text(random(60))}\x1eb${text(random(20))}`;
      await (await server.post({ sid }, body)).text();
    }
    await staysUp(server);
  });
});
