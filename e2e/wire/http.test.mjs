// What a request gets that can't be served: the six numbered errors of Engine.IO, over plain HTTP and before the 101 of an
// upgrade, and odd requests that must not disturb the server.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RawConnection, requestText } from "./raw.mjs";
import {
  beyondReference,
  dial,
  isRefused,
  openPolling,
  openWebSocket,
  requestOnce,
  startServer,
  staysUp,
} from "./support.mjs";

const server = await startServer();

describe("a polling request", () => {
  for (const transport of [undefined, "", "abc", "websockets", "constructor", "__proto__"]) {
    it(`is refused with the transport ${transport}`, async () => {
      await isRefused(await server.get({ transport }), 0, "Transport unknown");
    });
  }

  for (const sid of ["unknown", "__proto__", "toString", "é".repeat(20), "a".repeat(5_000)]) {
    it(`is refused with the session id ${sid.slice(0, 20)}`, async () => {
      await isRefused(await server.get({ sid }), 1, "Session ID unknown");
      await isRefused(await server.post({ sid }, "4"), 1, "Session ID unknown");
    });
  }

  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    it(`is refused as a handshake with ${method}`, async () => {
      await isRefused(await requestOnce(server, {}, { method }), 2, "Bad handshake method");
    });
  }

  it("is refused when it asks for WebSocket without an upgrade", async () => {
    await isRefused(await server.get({ transport: "websocket" }), 3, "Bad request");
  });

  it("is refused when its session uses the other transport", async () => {
    const { sid } = await openPolling(server);
    await isRefused(await server.get({ sid, transport: "websocket" }), 3, "Bad request");
    const { handshake } = await openWebSocket(server);
    await isRefused(await server.get({ sid: handshake.sid }), 3, "Bad request");
    await isRefused(await server.post({ sid: handshake.sid }, "4"), 3, "Bad request");
  });

  for (const EIO of [undefined, "", "2", "3", "5", "abc"]) {
    it(`is refused with the protocol version ${EIO}`, async () => {
      await isRefused(await server.get({ EIO }), 5, "Unsupported protocol version");
    });
  }

  it("is refused when it changes the protocol version of a session", async () => {
    const { sid } = await openPolling(server);
    await isRefused(await server.get({ sid, EIO: "3" }), 3, "Bad request");
  });

  it("is refused before its body has arrived", async () => {
    const connection = new RawConnection(server);
    connection.write(
      requestText(server, { method: "POST", fields: { sid: "unknown" }, headers: ["Content-Length: 1000"] }),
    );
    assert.equal((await connection.head()).status, 400);
  });

  it("gets its error as JSON", async () => {
    const response = await server.get({ transport: "abc" });
    assert.match(response.headers.get("content-type"), /^application\/json/);
  });

  it("finds nothing beside the path", async () => {
    const response = await fetch(`http://${server.address}/elsewhere/?EIO=4&transport=polling`);
    assert.equal(response.status, 404);
  });
});

describe("an upgrade request", () => {
  const refusals = [
    ["an unknown session id", { sid: "unknown" }, "Session ID unknown"],
    ["an unknown transport", { transport: "abc" }, "Transport unknown"],
    ["no transport", { transport: undefined }, "Transport unknown"],
  ];
  for (const [name, fields, message] of refusals) {
    it(`is refused before the 101 with ${name}`, async () => {
      await assert.rejects(dial(server, { fields }), { status: 400, body: message });
    });
  }

  for (const EIO of [undefined, "3", "abc"]) {
    it(`is refused before the 101 with the protocol version ${EIO}`, beyondReference("accepts it first"), async () => {
      await assert.rejects(dial(server, { fields: { EIO } }), { status: 400, body: "Unsupported protocol version" });
    });
  }

  const withoutKey = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
  const faults = [
    ["no key", withoutKey],
    ["a key that isn't 16 bytes", [...withoutKey, "Sec-WebSocket-Key: c2hvcnQ="]],
    ["a key that isn't base64", [...withoutKey, "Sec-WebSocket-Key: ?GhlIHNhbXBsZSBub25jZQ=="]],
    [
      "an old version",
      [...withoutKey.slice(0, 2), "Sec-WebSocket-Version: 7", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
    ],
  ];
  for (const [name, headers] of faults) {
    it(`is refused with ${name}`, async () => {
      const connection = new RawConnection(server);
      connection.write(requestText(server, { fields: { transport: "websocket" }, headers }));
      const { status } = await connection.head();
      assert.ok([400, 426].includes(status), `status ${status}`);
    });
  }
});

describe("an odd request", () => {
  const targets = [
    "?",
    "?&&&==&",
    "?EIO=4&transport=polling&x=%",
    "?EIO=4&transport=polling&x=%zz&y=%FF%FE%00",
    "?EIO=4&transport=polling&transport=websocket&EIO=3&sid=&sid=x",
    "?EIO[]=4&transport[__proto__]=polling",
    "?EIO=4&transport=polling&sid=%00%0d%0aX:1",
    "?EIO=4&transport=%70olling",
    `?${"EIO=4&".repeat(500)}transport=polling`,
    "?EIO=4&transport=websocket&sid=%F0%9F%98",
    "/../../etc/passwd?EIO=4&transport=polling",
    "//evil.example?EIO=4&transport=polling",
  ];
  for (const target of targets) {
    it(`doesn't disturb others: ${target.slice(0, 60)}`, async () => {
      const connection = new RawConnection(server);
      connection.write(`GET ${server.path}${target} HTTP/1.1\r\nHost: ${server.address}\r\n\r\n`);
      const { status } = await connection.head();
      assert.ok(status >= 200 && status < 500, `status ${status}`);
      connection.socket.destroy();
      await staysUp(server);
    });
  }

  const bytes = [
    [
      "raw bytes above ASCII in its target",
      Buffer.from(`GET ${server.path}?EIO=4&transport=polling&x=\xff\xc0 HTTP/1.1\r\n\r\n`, "latin1"),
    ],
    ["no HTTP", Buffer.from("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", "latin1")],
    ["an unknown method", Buffer.from(`BREW ${server.path} HTTP/1.1\r\nHost: x\r\n\r\n`)],
    [
      "two lengths",
      Buffer.from(
        `POST ${server.path}?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n4`,
      ),
    ],
    [
      "a length that isn't a number",
      Buffer.from(`POST ${server.path}?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n4`),
    ],
    ["no host", Buffer.from(`GET ${server.path}?EIO=4&transport=abc HTTP/1.1\r\n\r\n`)],
  ];
  for (const [name, request] of bytes) {
    it(`doesn't disturb others: ${name}`, async () => {
      const connection = new RawConnection(server);
      connection.write(request);
      connection.socket.end();
      await connection.rest();
      await staysUp(server);
    });
  }
});
