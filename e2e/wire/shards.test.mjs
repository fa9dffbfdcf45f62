// Two shards behind one port: a request may land on either, and nothing that a client sees may depend on it. Every polling
// request here takes a connection of its own, and every test so many that some are bound to land on the wrong shard.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  beyondReference,
  call,
  connect,
  dial,
  disconnectReason,
  isIdle,
  isRefused,
  openPollingPeer,
  openWebSocket,
  pollPayload,
  requestOnce,
  startServer,
} from "./support.mjs";

const server = await startServer("--shards", "2");

const polling = (on) => openPollingPeer(on, { request: requestOnce });

const times = (count, make) => Promise.all(Array.from({ length: count }, (_, at) => make(at)));

/** Sockets that are spread over both shards and both transports. */
const spread = (count, on = server) =>
  times(count, (at) => connect(on, { open: at % 2 === 0 ? polling : openWebSocket }));

const emit = (peer, ...event) => peer.send(`42${JSON.stringify(event)}`);

describe("a polling session", () => {
  it("is served wherever its requests land", async () => {
    await times(16, async (at) => {
      const peer = await connect(server, { open: polling });
      for (let round = 0; round < 10; round++) {
        peer.send(`42["message",${at},${round}]`);
        await peer.expect(`42["message-back",${at},${round}]`);
      }
      peer.send(`451-["message",{"_placeholder":true,"num":0}]`, Buffer.alloc(70_000, at));
      await peer.expect(`451-["message-back",{"_placeholder":true,"num":0}]`, Buffer.alloc(70_000, at));
    });
  });

  it("is ended by an overlapping poll wherever it lands", async () => {
    await times(16, async () => {
      let sid, answers;
      // On a busy machine a ping may answer the first poll before the second one comes: then they didn't overlap.
      for (let attempt = 0; attempt < 10; attempt++) {
        ({ sid } = JSON.parse((await (await requestOnce(server, {})).text()).slice(1)));
        answers = await Promise.all([requestOnce(server, { sid }), requestOnce(server, { sid })]);
        if (answers.some(({ status }) => status !== 200)) break;
      }
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
      await isRefused(await requestOnce(server, { sid }), 1, "Session ID unknown");
    });
  });

  it("is unknown to both shards when its id is made up", async () => {
    await times(16, async () => {
      const { sid } = JSON.parse((await (await requestOnce(server, {})).text()).slice(1));
      const forged = [...sid].reverse().join("");
      await isRefused(await requestOnce(server, { sid: forged }), 1, "Session ID unknown");
      await isRefused(
        await requestOnce(server, { sid: forged }, { method: "POST", body: "40" }),
        1,
        "Session ID unknown",
      );
    });
  });

  it("upgrades wherever the WebSocket lands", async () => {
    await times(16, async (at) => {
      const { sid } = JSON.parse((await (await requestOnce(server, {})).text()).slice(1));
      await requestOnce(server, { sid }, { method: "POST", body: "40" });
      assert.match(await pollPayload(server, sid, requestOnce), /^40\{/);
      const waiting = pollPayload(server, sid, requestOnce);
      const ws = await dial(server, { fields: { sid } });
      ws.send("2probe");
      await ws.expect("3probe");
      assert.equal(await waiting, "6");
      await requestOnce(server, { sid }, { method: "POST", body: `42["message","posted",${at}]` });
      ws.send("5");
      await ws.expect(`42["message-back","posted",${at}]`);
      await isIdle(ws);
      await isRefused(await requestOnce(server, { sid }), 3, "Bad request");
    });
  });
});

describe("an emit", () => {
  it("to all reaches both shards, in the order of its sender", async () => {
    const own = await startServer("--shards", "2");
    const peers = await spread(12, own);
    for (let at = 0; at < 100; at++) emit(peers[1], "to-all", "count", at);
    for (const peer of peers) for (let at = 0; at < 100; at++) await peer.expect(`42["count",${at}]`);
  });

  it("to a room reaches its members on both shards and nobody else", async () => {
    const members = await spread(12);
    const strangers = await spread(4);
    const excepted = await spread(4);
    await Promise.all(members.map((peer) => call(peer, "join", "square")));
    await Promise.all(
      excepted.map(async (peer) => [await call(peer, "join", "square"), await call(peer, "join", "tower")]),
    );
    const [sender, ...others] = members;
    emit(sender, "to-room-except", "square", "tower", "news", 1);
    for (const peer of others) await peer.expect('42["news",1]');
    for (const peer of [sender, ...strangers, ...excepted]) await isIdle(peer);
  });

  it("to a socket's id reaches it on either shard", async () => {
    const [sender, ...others] = await spread(12);
    for (const peer of others) emit(sender, "to-room", peer.sid, "whisper", peer.sid);
    for (const peer of others) await peer.expect(`42["whisper","${peer.sid}"]`);
  });

  it("that asks for acks gathers them from both shards", async () => {
    const own = await startServer("--shards", "2");
    const [sender, ...others] = await times(13, () => connect(own));
    emit(sender, "broadcast-ack", "question", 1);
    await Promise.all(
      others.map(async (peer, at) => {
        const [, id] = /^42(\d+)\["question",1\]$/.exec(await peer.next());
        peer.send(`43${id}[${at}]`);
      }),
    );
    const [event, error, replies] = JSON.parse((await sender.next()).slice(2));
    assert.deepEqual([event, error], ["broadcast-ack-result", null]);
    assert.deepEqual(
      replies.sort((a, b) => a - b),
      others.map((_, at) => at),
    );
  });
});

describe("recovery", () => {
  it("works on whichever shard the client comes back to", async () => {
    const own = await startServer("--shards", "2", "--recovery");
    const lost = await times(12, () => connect(own));
    const sender = await connect(own);
    await Promise.all(lost.map((peer) => call(peer, "join", "den")));
    await disconnectReason(own, () => lost[0].vanish());
    for (const peer of lost.slice(1)) peer.vanish();
    for (const at of [1, 2, 3]) emit(sender, "to-room", "den", "missed", at);
    await call(sender, "message-with-ack");
    for (const peer of lost) await isBack(own, peer);
  });

  it("takes over from a connection on the other shard", beyondReference("starts a new session"), async () => {
    const own = await startServer("--shards", "2", "--recovery");
    const first = await times(12, () => connect(own));
    for (const peer of first) {
      await isBack(own, peer, []);
      await peer.closed();
    }
  });

  /** Comes back as `lost` and asserts that it is the same socket and got what it missed. */
  async function isBack(
    own,
    lost,
    expected = [
      ["missed", 1],
      ["missed", 2],
      ["missed", 3],
    ],
  ) {
    const peer = await openWebSocket(own);
    peer.send(`40${JSON.stringify({ pid: lost.pid, offset: lost.offset })}`);
    const missed = [];
    let packet = await peer.next();
    for (; packet.startsWith("42"); packet = await peer.next()) missed.push(JSON.parse(packet.slice(2)).slice(0, -1));
    assert.deepEqual(missed, expected);
    assert.deepEqual(JSON.parse(packet.slice(2)), { sid: lost.sid, pid: lost.pid });
  }
});
