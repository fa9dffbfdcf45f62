// The change from long-polling to WebSocket: probe, release of the poll, and what is refused during and after it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  RS,
  connect,
  dial,
  eventually,
  isIdle,
  isRefused,
  openPolling,
  openPollingPeer,
  pollPayload,
  startServer,
  staysUp,
} from "./support.mjs";

const echo = await startServer("--engine-only");
const hub = await startServer();

const answered = async (response) => (await response).text();

/** A WebSocket for the session whose probe was answered. */
async function probe(server, sid) {
  const ws = await dial(server, { fields: { sid } });
  ws.send("2probe");
  await ws.expect("3probe");
  return ws;
}

async function upgrade(server, sid) {
  const poll = pollPayload(server, sid);
  const ws = await probe(server, sid);
  assert.equal(await poll, "6");
  ws.send("5");
  return ws;
}

/** Asserts that the session goes on over long-polling. */
async function polls(sid) {
  assert.equal(await answered(echo.post({ sid }, "4polling")), "ok");
  assert.equal(await pollPayload(echo, sid), "4polling");
}

/** Asserts that the server ends a WebSocket, be it before or after its 101. */
async function isTurnedAway(server, sid) {
  const ws = await dial(server, { fields: { sid } }).catch((refusal) => assert.equal(refusal.status, 400));
  await ws?.closed();
}

describe("an upgrade", () => {
  it("moves the session to the WebSocket", async () => {
    const { sid } = await openPolling(echo);
    const ws = await upgrade(echo, sid);
    ws.send("4hello", Buffer.from([1, 2, 3]));
    await ws.expect("4hello", Buffer.from([1, 2, 3]));
  });

  it("releases the poll that waits and the one that comes during the probe", async () => {
    const { sid } = await openPolling(echo);
    const waiting = pollPayload(echo, sid);
    const ws = await probe(echo, sid);
    assert.equal(await waiting, "6");
    assert.equal(await pollPayload(echo, sid), "6");
    ws.send("5", "4done");
    await ws.expect("4done");
  });

  it("accepts POSTs while it goes on and hands their answers over", async () => {
    const { sid } = await openPolling(echo);
    const ws = await probe(echo, sid);
    assert.equal(await answered(echo.post({ sid }, `4one${RS}4two`)), "ok");
    assert.equal(await answered(echo.post({ sid }, `bAQI=${RS}4three`)), "ok");
    ws.send("5");
    await ws.expect("4one", "4two", Buffer.from([1, 2]), "4three");
  });

  it("keeps the heartbeat going", async () => {
    const { sid } = await openPolling(echo);
    const poll = pollPayload(echo, sid);
    const ws = await dial(echo, { fields: { sid }, heartbeat: "manual" });
    ws.send("2probe");
    await ws.expect("3probe");
    await poll;
    ws.send("5");
    for (let beat = 0; beat < 3; beat++) {
      await ws.expect("2");
      ws.send("3");
    }
  });

  it("keeps the socket, its id and its rooms", async () => {
    const { sid } = await openPolling(hub);
    await answered(hub.post({ sid }, "40"));
    assert.match(await pollPayload(hub, sid), /^40\{/);
    await answered(hub.post({ sid }, '421["join","cellar"]'));
    assert.equal(await pollPayload(hub, sid), "431[]");
    const ws = await upgrade(hub, sid);
    await isIdle(ws);
    const neighbour = await connect(hub);
    neighbour.send('42["to-room","cellar","knock",1]');
    await ws.expect('42["knock",1]');
  });

  it("neither loses nor reorders what is sent meanwhile", async () => {
    const polling = await connect(hub, { open: openPollingPeer });
    const sender = await connect(hub);
    const heard = [];
    const listen = async (peer) => {
      for (;;) heard.push(await peer.next());
    };
    const onPolling = listen(polling).catch(() => {});
    const ws = await dial(hub, { fields: { sid: polling.handshake.sid } });
    for (let at = 0; at < 300; at++) {
      sender.send(`42["to-all","count",${at}]`);
      if (at === 100) ws.send("2probe");
      if (at === 100) await ws.expect("3probe");
      if (at === 200) ws.send("5");
      await sender.expect(`42["count",${at}]`);
    }
    await onPolling;
    while (heard.length < 300) heard.push(await ws.next());
    assert.deepEqual(
      heard,
      Array.from({ length: 300 }, (_, at) => `42["count",${at}]`),
    );
  });
});

describe("after an upgrade", () => {
  it("polling is refused", async () => {
    const { sid } = await openPolling(echo);
    const ws = await upgrade(echo, sid);
    ws.send("4up");
    await ws.expect("4up");
    await isRefused(await echo.get({ sid }), 3, "Bad request");
    await isRefused(await echo.post({ sid }, "4x"), 3, "Bad request");
    ws.send("4alive");
    await ws.expect("4alive");
  });

  it("a second WebSocket is turned away", async () => {
    const { sid } = await openPolling(echo);
    const ws = await upgrade(echo, sid);
    ws.send("4up");
    await ws.expect("4up");
    await isTurnedAway(echo, sid);
    ws.send("4alive");
    await ws.expect("4alive");
  });

  it("the end of the WebSocket is the end of the session", async () => {
    const { sid } = await openPolling(echo);
    const ws = await upgrade(echo, sid);
    ws.send("4up");
    await ws.expect("4up");
    ws.ws.close();
    await ws.closed();
    await eventually(async () => (await (await echo.get({ sid })).json()).code === 1, "the session to be unknown");
  });
});

describe("during an upgrade", () => {
  it("a second WebSocket is turned away", async () => {
    const { sid } = await openPolling(echo);
    const ws = await probe(echo, sid);
    await isTurnedAway(echo, sid);
    ws.send("5", "4alive");
    await ws.expect("4alive");
  });

  for (const first of ["4hello", "2", "2prob", "3probe", "x", Buffer.from("2probe")]) {
    it(`a first frame of ${JSON.stringify(first.toString())} closes the WebSocket only`, async () => {
      const { sid } = await openPolling(echo);
      const ws = await dial(echo, { fields: { sid } });
      ws.send(first);
      await ws.closed();
      await polls(sid);
    });
  }

  it("a WebSocket that gives up leaves the session to polling", async () => {
    const { sid } = await openPolling(echo);
    const ws = await probe(echo, sid);
    ws.vanish();
    await ws.closed();
    assert.match(await answered(echo.post({ sid }, "4polling")), /ok/);
    // A poll may still be released for the upgrade's sake, when it overtakes the news of its end.
    let payload = await pollPayload(echo, sid);
    if (payload === "6") payload = await pollPayload(echo, sid);
    assert.equal(payload, "4polling");
  });

  it("another attempt may follow one that failed", async () => {
    const { sid } = await openPolling(echo);
    const failed = await dial(echo, { fields: { sid } });
    failed.send("4hello");
    await failed.closed();
    const ws = await upgrade(echo, sid);
    ws.send("4hello");
    await ws.expect("4hello");
  });

  it("the end of the session closes the WebSocket too", async () => {
    const { sid } = await openPolling(echo);
    const ws = await probe(echo, sid);
    await answered(echo.post({ sid }, "1"));
    await ws.closed();
    await staysUp(echo);
  });
});
