// RFC 6455 byte by byte: what a client may send, what it may not, and the close code that it gets.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, closePayload, dialRaw, frame } from "./raw.mjs";
import {
  MAX_PAYLOAD_BYTES,
  beyondReference,
  disconnectReason,
  memoryStaysFlat,
  startServer,
  staysUp,
} from "./support.mjs";

const server = await startServer("--engine-only");
const hub = await startServer();

const PROTOCOL_ERROR = 1002;
const INVALID_DATA = 1007;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;

/** Asserts that the next message is `payload`. */
async function hears(connection, payload, opcode = TEXT) {
  const answer = await connection.frame();
  assert.deepEqual(answer, { fin: true, rsv: 0, opcode, payload: Buffer.from(payload) });
}

/** Asserts that the connection is closed with one of `codes` and then hung up. */
async function isClosedWith(connection, ...codes) {
  const code = await connection.closeCode();
  assert.ok(codes.includes(code), `closed with ${code}`);
  connection.write(frame(CLOSE, closePayload(code)));
  await connection.rest();
}

describe("a message", () => {
  it("is echoed as text and as binary", async () => {
    const connection = await dialRaw(server);
    connection.write(frame(TEXT, "4héllo 😀"));
    await hears(connection, "4héllo 😀");
    connection.write(frame(BINARY, [0, 1, 254, 255]));
    await hears(connection, [0, 1, 254, 255], BINARY);
    connection.write(frame(BINARY, ""));
    await hears(connection, "", BINARY);
  });

  for (const length of [1, 124, 125, 126, 127, 65_535, 65_536, MAX_PAYLOAD_BYTES]) {
    it(`of ${length} bytes is echoed`, async () => {
      const connection = await dialRaw(server);
      const payload = "4".padEnd(length, "x");
      connection.write(frame(TEXT, payload));
      await hears(connection, payload);
    });
  }

  it("arrives whole when its bytes come one by one", async () => {
    const connection = await dialRaw(server);
    for (const byte of frame(TEXT, "4slowly, slowly".padEnd(130, "."))) connection.write(Buffer.from([byte]));
    await hears(connection, "4slowly, slowly".padEnd(130, "."));
  });

  it("arrives with others in one segment", async () => {
    const connection = await dialRaw(server);
    const payloads = Array.from({ length: 200 }, (_, at) => `4${at}`);
    connection.write(Buffer.concat(payloads.map((payload) => frame(TEXT, payload))));
    for (const payload of payloads) await hears(connection, payload);
  });

  it("may come right behind the upgrade request", beyondReference("loses it"), async () => {
    const connection = await dialRaw(server, { behind: frame(TEXT, "4early") });
    await hears(connection, "4early");
  });
});

describe("fragments", () => {
  it("are put together", async () => {
    const connection = await dialRaw(server);
    connection.write(
      frame(TEXT, "4fir", { fin: false }),
      frame(CONTINUATION, "st, ", { fin: false }),
      frame(CONTINUATION, "last"),
    );
    await hears(connection, "4first, last");
  });

  it("may be empty", async () => {
    const connection = await dialRaw(server);
    connection.write(
      frame(TEXT, "", { fin: false }),
      frame(CONTINUATION, "4x", { fin: false }),
      frame(CONTINUATION, ""),
    );
    await hears(connection, "4x");
  });

  it("may cut a character in two", async () => {
    const connection = await dialRaw(server);
    const bytes = Buffer.from("4€😀");
    connection.write(
      ...[...bytes].map((byte, at) => frame(at === 0 ? TEXT : CONTINUATION, [byte], { fin: at === bytes.length - 1 })),
    );
    await hears(connection, "4€😀");
  });

  it("let control frames through in between", async () => {
    const connection = await dialRaw(server);
    connection.write(frame(TEXT, "4a", { fin: false }), frame(PING, "now"), frame(CONTINUATION, "b"));
    await hears(connection, "now", PONG);
    await hears(connection, "4ab");
  });

  it("without end are cut off", async () => {
    const connection = await dialRaw(server);
    connection.write(frame(TEXT, "4", { fin: false }));
    const flood = Buffer.concat(Array.from({ length: 10_000 }, () => frame(CONTINUATION, "x", { fin: false })));
    await memoryStaysFlat(server, async () => {
      const flooded = connection.flood(flood, 90);
      await isClosedWith(connection, POLICY_VIOLATION, TOO_BIG);
      await flooded;
    });
    await staysUp(server);
  });

  it("without content and end are cut off", async () => {
    const connection = await dialRaw(server);
    connection.write(frame(BINARY, "", { fin: false }));
    const flood = Buffer.concat(Array.from({ length: 10_000 }, () => frame(CONTINUATION, "", { fin: false })));
    await memoryStaysFlat(server, async () => {
      const flooded = connection.flood(flood, 90);
      await isClosedWith(connection, POLICY_VIOLATION, TOO_BIG);
      await flooded;
    });
  });
});

describe("control frames", () => {
  for (const payload of ["", "hello", "x".repeat(125)]) {
    it(`a ping of ${payload.length} bytes is answered with the same`, async () => {
      const connection = await dialRaw(server);
      connection.write(frame(PING, payload));
      await hears(connection, payload, PONG);
    });
  }

  it("an unasked pong is ignored", async () => {
    const connection = await dialRaw(server);
    connection.write(frame(PONG, "nobody asked"), frame(TEXT, "4fine"));
    await hears(connection, "4fine");
  });

  for (const [code, reason] of [
    [1000, ""],
    [1001, "leaving"],
    [3000, "ours"],
    [4999, "é".repeat(61)],
  ]) {
    it(`a close with ${code} is echoed and the connection hung up`, async () => {
      const connection = await dialRaw(server);
      connection.write(frame(CLOSE, closePayload(code, reason)));
      assert.equal(await connection.closeCode(), code);
      await connection.rest();
    });
  }

  it("a close without a code is answered and the connection hung up", async () => {
    const connection = await dialRaw(server);
    connection.write(frame(CLOSE));
    assert.ok([null, 1000, 1005].includes(await connection.closeCode()));
    await connection.rest();
  });

  it("a close is a transport close to the hub", async () => {
    const reason = await disconnectReason(hub, async () => {
      const connection = await dialRaw(hub);
      connection.write(frame(TEXT, "40"));
      assert.match((await connection.frame()).payload.toString(), /^40/);
      connection.write(frame(CLOSE, closePayload(1000)));
    });
    assert.equal(reason, "transport close");
  });

  it("what follows a close is ignored", async () => {
    const connection = await dialRaw(server);
    connection.write(Buffer.concat([frame(CLOSE, closePayload(1000)), frame(TEXT, "4late")]));
    const answer = await connection.frame();
    assert.equal(answer.opcode, CLOSE);
    assert.equal((await connection.rest()).length, 0);
  });
});

describe("a violation of the protocol", () => {
  const faults = [
    ["an unmasked frame", frame(TEXT, "4x", { masked: false })],
    ["reserved bit 1", frame(TEXT, "4x", { rsv: 4 })],
    ["reserved bit 2", frame(TEXT, "4x", { rsv: 2 })],
    ["reserved bit 3", frame(TEXT, "4x", { rsv: 1 })],
    ["a reserved bit on a ping", frame(PING, "", { rsv: 4 })],
    ...[3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf].map((opcode) => [`opcode ${opcode}`, frame(opcode, "4x")]),
    ["a fragmented ping", frame(PING, "x", { fin: false })],
    ["a ping of 126 bytes", frame(PING, "x".repeat(126))],
    ["a close of 126 bytes", frame(CLOSE, closePayload(1000, "x".repeat(124)))],
    ["a continuation of nothing", frame(CONTINUATION, "4x")],
    ["a new message among fragments", Buffer.concat([frame(TEXT, "4x", { fin: false }), frame(TEXT, "4y")])],
    ["a close of one byte", frame(CLOSE, "x")],
    ...[0, 999, 1004, 1005, 1006, 1016, 2999, 5000].map((code) => [
      `close code ${code}`,
      frame(CLOSE, closePayload(code)),
    ]),
  ];
  for (const [name, bytes] of faults) {
    it(`closes with ${PROTOCOL_ERROR}: ${name}`, async () => {
      const connection = await dialRaw(server);
      connection.write(bytes);
      await isClosedWith(connection, PROTOCOL_ERROR);
    });
  }

  for (const [lengthBytes, length] of [
    [2, 5],
    [8, 5],
    [8, 60_000],
  ]) {
    const name = `closes with ${PROTOCOL_ERROR}: ${length} bytes declared in ${lengthBytes} bytes`;
    it(name, beyondReference("takes lengths that aren't minimal"), async () => {
      const connection = await dialRaw(server);
      connection.write(frame(TEXT, "4".repeat(length), { lengthBytes }));
      await isClosedWith(connection, PROTOCOL_ERROR);
    });
  }

  it("is a transport error or a parse error to the hub", async () => {
    const reason = await disconnectReason(hub, async () => {
      const connection = await dialRaw(hub);
      connection.write(frame(TEXT, "40"));
      assert.match((await connection.frame()).payload.toString(), /^40/);
      connection.write(frame(3, ""));
    });
    assert.match(reason, /^(transport|parse) error$/);
  });
});

describe("text that isn't UTF-8", () => {
  const samples = {
    "a stray continuation byte": [0x34, 0x80],
    "an overlong slash": [0x34, 0xc0, 0xaf],
    "a surrogate": [0x34, 0xed, 0xa0, 0x80],
    "a code point beyond Unicode": [0x34, 0xf4, 0x90, 0x80, 0x80],
    "a cut character": [0x34, 0xe2, 0x82],
    "byte FF": [0x34, 0xff],
  };
  for (const [name, bytes] of Object.entries(samples)) {
    it(`closes with ${INVALID_DATA}: ${name}`, async () => {
      const connection = await dialRaw(server);
      connection.write(frame(TEXT, bytes));
      await isClosedWith(connection, INVALID_DATA);
    });
  }

  it(`closes with ${INVALID_DATA} in fragments`, async () => {
    const connection = await dialRaw(server);
    connection.write(frame(TEXT, [0x34, 0xe2], { fin: false }), frame(CONTINUATION, [0x28, 0xa1]));
    await isClosedWith(connection, INVALID_DATA);
  });

  it(`closes with ${INVALID_DATA} in the reason of a close`, async () => {
    const connection = await dialRaw(server);
    connection.write(frame(CLOSE, Buffer.from([0x03, 0xe8, 0xc0, 0xaf])));
    await isClosedWith(connection, INVALID_DATA);
  });

  it("is welcome in a binary message", async () => {
    const connection = await dialRaw(server);
    connection.write(frame(BINARY, [0xff, 0xc0, 0x80]));
    await hears(connection, [0xff, 0xc0, 0x80], BINARY);
  });
});

describe("a message too large", () => {
  it(`closes with ${TOO_BIG} by its header alone`, async () => {
    const connection = await dialRaw(server);
    connection.write(frame(TEXT, "", { length: MAX_PAYLOAD_BYTES + 1 }));
    await isClosedWith(connection, TOO_BIG);
  });

  it(`closes with ${TOO_BIG} as the sum of its fragments`, async () => {
    const connection = await dialRaw(server);
    const half = "4".padEnd(MAX_PAYLOAD_BYTES / 2, "x");
    connection.write(
      frame(TEXT, half, { fin: false }),
      frame(CONTINUATION, half, { fin: false }),
      frame(CONTINUATION, "x"),
    );
    await isClosedWith(connection, TOO_BIG);
  });

  for (const exponent of [31n, 32n, 53n, 62n, 63n]) {
    it(`closes without memory for a declared 2^${exponent} bytes`, async () => {
      await memoryStaysFlat(server, async () => {
        for (let round = 0; round < 20; round++) {
          const connection = await dialRaw(server);
          connection.write(frame(BINARY, "x", { length: 1n << exponent }));
          await isClosedWith(connection, TOO_BIG, PROTOCOL_ERROR);
        }
      });
    });
  }
});

describe("a WebSocket that isn't Engine.IO", () => {
  for (const packet of ["", "x", "9", "hello"]) {
    it(`is closed after the packet ${JSON.stringify(packet)}`, async () => {
      const connection = await dialRaw(server);
      connection.write(frame(TEXT, packet));
      await connection.closeCode();
    });
  }

  it("is a parse error to the hub", async () => {
    const reason = await disconnectReason(hub, async () => {
      const connection = await dialRaw(hub);
      connection.write(frame(TEXT, "40"));
      assert.match((await connection.frame()).payload.toString(), /^40/);
      connection.write(frame(TEXT, "x"));
    });
    assert.equal(reason, "parse error");
  });
});

it("the server is up after all this", () => staysUp(server));
