// The start of a session: the open packet and its headers on both transports.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RawConnection, UPGRADE_HEADERS, WEBSOCKET_KEY, dialRaw, requestText, websocketAccept } from "./raw.mjs";
import { connect, dial, openPolling, openPollingPeer, openWebSocket, startPunctualServer } from "./support.mjs";

const server = await startPunctualServer();

const SESSION_ID = /^[A-Za-z0-9_-]{20}$/;

function isHandshake(handshake, upgrades) {
  const { sid, ...rest } = handshake;
  assert.match(sid, SESSION_ID);
  assert.deepEqual(rest, { upgrades, pingInterval: 300, pingTimeout: 200, maxPayload: 1_000_000 });
}

describe("the open packet", () => {
  it("offers WebSocket on long-polling", async () => {
    isHandshake(await openPolling(server), ["websocket"]);
  });

  it("offers nothing more on WebSocket", async () => {
    isHandshake((await openWebSocket(server)).handshake, []);
  });

  it("lists its fields in the reference's order", async () => {
    const packet = await (await server.get()).text();
    assert.match(
      packet,
      /^0\{"sid":"[^"]+","upgrades":\["websocket"\],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000\}$/,
    );
  });

  it("comes alone and first, also on WebSocket", async () => {
    const peer = await dial(server);
    assert.match(await peer.next(), /^0\{/);
  });

  it("carries another id every time", async () => {
    const handshakes = await Promise.all(Array.from({ length: 50 }, () => openPolling(server)));
    assert.equal(new Set(handshakes.map(({ sid }) => sid)).size, 50);
  });

  it("is not disturbed by a cache-busting or an unknown query field", async () => {
    assert.equal((await server.get({ t: "Oxyz123", b64: "1", foo: "bar" })).status, 200);
  });
});

describe("the engine's session id", () => {
  for (const [name, open] of Object.entries({ polling: openPollingPeer, websocket: openWebSocket })) {
    it(`differs from the socket's public id (${name})`, async () => {
      const peer = await connect(server, { open });
      assert.match(peer.sid, SESSION_ID);
      assert.notEqual(peer.sid, peer.handshake.sid);
    });
  }
});

describe("the headers of long-polling", () => {
  it("say text and no-store on GET", async () => {
    const { headers } = await server.get();
    assert.equal(headers.get("content-type"), "text/plain; charset=UTF-8");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("set-cookie"), null);
  });

  it("say HTML and no-store on POST, whose body is `ok`", async () => {
    const { sid } = await openPolling(server);
    const response = await server.post({ sid }, "40");
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/html");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(await response.text(), "ok");
  });
});

describe("the 101 of a WebSocket", () => {
  it("proves that the key was read", async () => {
    const { response } = await dialRaw(server);
    assert.equal(response.status, 101);
    assert.equal(response.headers["upgrade"].toLowerCase(), "websocket");
    assert.equal(response.headers["connection"].toLowerCase(), "upgrade");
    assert.equal(response.headers["sec-websocket-accept"], websocketAccept(WEBSOCKET_KEY));
  });

  it("takes header names and tokens in any case, among others", async () => {
    const headers = ["CONNECTION: keep-alive, UPGRADE", "uPGRADE: WebSocket", ...UPGRADE_HEADERS.slice(2)];
    const connection = new RawConnection(server);
    connection.write(requestText(server, { fields: { transport: "websocket" }, headers }));
    assert.equal((await connection.head()).status, 101);
  });
});
