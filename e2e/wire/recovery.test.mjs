// Connection state recovery: what a client gets back that lost its connection, and what nobody gets.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, describe, it } from "node:test";
import { io } from "sio484";
import {
  TRANSPORTS,
  beyondReference,
  call,
  connect,
  disconnectReason,
  openWebSocket,
  startServer,
} from "./support.mjs";

const server = await startServer("--recovery");

const emit = (peer, ...event) => peer.send(`42${JSON.stringify(event)}`);

/** Cuts the connection and waits until the server knows. */
async function loses(peer) {
  const cut = () => (peer.vanish ? peer.vanish() : peer.send("1"));
  assert.equal(await disconnectReason(server, cut), "transport close");
}

/** Waits until the server has handled what the peer has sent, whatever else arrives. */
async function isHandled(peer) {
  peer.send('428["message-with-ack"]');
  while ((await peer.next()) !== "438[]");
}

/** The next event but the greeting, its offset taken off and remembered. */
async function nextEvent(peer) {
  for (;;) {
    const packet = await peer.next();
    assert.match(packet, /^42\[/);
    const event = JSON.parse(packet.slice(2));
    peer.offset = event.pop();
    assert.equal(typeof peer.offset, "string");
    if (event[0] !== "auth") return event;
  }
}

/** Comes back with what `lost` knew, or with other credentials. */
async function returns(lost, { open = openWebSocket, namespace = "", ...credentials } = {}) {
  const peer = await open(server);
  const auth = { pid: lost.pid, offset: lost.offset, ...credentials };
  const prefix = `40${namespace && `${namespace},`}`;
  peer.send(prefix + JSON.stringify(auth));
  peer.missed = [];
  for (;;) {
    const packet = await peer.next();
    if (typeof packet === "string" && packet.startsWith(prefix))
      return Object.assign(peer, JSON.parse(packet.slice(prefix.length)));
    peer.missed.push(packet);
  }
}

/** The events among the packets that came before the CONNECT reply, without offsets and the greeting. */
const missedEvents = (peer) =>
  peer.missed.map((packet) => JSON.parse(packet.slice(2)).slice(0, -1)).filter(([name]) => name !== "auth");

function isRecovered(peer, lost) {
  assert.equal(peer.sid, lost.sid);
  assert.equal(peer.pid, lost.pid);
}

function isNew(peer, lost) {
  assert.notEqual(peer.sid, lost.sid);
  assert.notEqual(peer.pid, lost.pid);
  assert.deepEqual(peer.missed, []);
}

/** Asserts that the peer is served, be there greetings on their way. */
async function isAlive(peer) {
  emit(peer, "message", "alive");
  assert.deepEqual(await nextEvent(peer), ["message-back", "alive"]);
}

describe("a socket of a server with recovery", () => {
  it("gets a private id that nobody else has", async () => {
    const [one, other] = [await connect(server), await connect(server)];
    assert.match(one.pid, /^[A-Za-z0-9_-]{16,}$/);
    assert.equal(new Set([one.pid, other.pid, one.sid, one.handshake.sid]).size, 4);
  });

  it("gets an offset behind each event, another every time", async () => {
    const peer = await connect(server);
    const offsets = new Set([peer.offset]);
    for (let at = 0; at < 3; at++) {
      emit(peer, "message", at);
      assert.deepEqual(await nextEvent(peer), ["message-back", at]);
      offsets.add(peer.offset);
    }
    assert.equal(offsets.size, 4);
  });

  it("gets no offset behind volatile events, ack requests and acks", async () => {
    const peer = await connect(server);
    emit(peer, "volatile", "glimpse", 1);
    await peer.expect('42["glimpse",1]');
    emit(peer, "emit-with-ack", "question", 1);
    assert.match(await peer.next(), /^42\d+\["question",1\]$/);
    assert.deepEqual(JSON.parse((await peer.next()).slice(2)).slice(0, 2), ["ack-result", "timeout"]);
    assert.deepEqual(await call(peer, "message-with-ack", 1), [1]);
  });

  it("gets the offset as the last argument of binary events too", async () => {
    const peer = await connect(server);
    peer.send('451-["message",{"_placeholder":true,"num":0}]', Buffer.from([9]));
    assert.match(await peer.next(), /^451-\["message-back",\{"_placeholder":true,"num":0\},"[^"]+"\]$/);
    await peer.expect(Buffer.from([9]));
  });
});

for (const [name, open] of Object.entries(TRANSPORTS)) {
  describe(`a client that comes back over ${name}`, () => {
    it("has its id, its rooms and what it missed, in order and before the reply", async () => {
      const lost = await connect(server, { open });
      const sender = await connect(server);
      await call(lost, "join", "den");
      emit(sender, "to-room", "den", "before", 0);
      assert.deepEqual(await nextEvent(lost), ["before", 0]);
      await loses(lost);
      for (let at = 1; at <= 20; at++) emit(sender, "to-room", "den", "missed", at);
      await isHandled(sender);
      const back = await returns(lost, { open });
      isRecovered(back, lost);
      assert.deepEqual(
        missedEvents(back),
        Array.from({ length: 20 }, (_, at) => ["missed", at + 1]),
      );
      emit(sender, "to-room", "den", "after", 21);
      assert.deepEqual(await nextEvent(back), ["after", 21]);
    });

    it("gets missed binary", async () => {
      const lost = await connect(server, { open });
      const sender = await connect(server);
      await call(lost, "join", "darkroom");
      await loses(lost);
      sender.send('451-["to-room","darkroom","photo",{"_placeholder":true,"num":0}]', Buffer.from([1, 2]));
      await isHandled(sender);
      const back = await returns(lost, { open });
      isRecovered(back, lost);
      assert.match(back.missed[0], /^451-\["photo",\{"_placeholder":true,"num":0\},"[^"]+"\]$/);
      assert.deepEqual(back.missed.slice(1), [Buffer.from([1, 2])]);
    });
  });
}

describe("a client that comes back", () => {
  it("misses nothing when nothing was sent", async () => {
    const lost = await connect(server);
    await loses(lost);
    const back = await returns(lost);
    isRecovered(back, lost);
    assert.deepEqual(back.missed, []);
    await isAlive(back);
  });

  it("may come back again and again", async () => {
    const sender = await connect(server);
    let peer = await connect(server);
    const { sid } = peer;
    for (let round = 0; round < 3; round++) {
      await loses(peer);
      emit(sender, "to-room", sid, "round", round);
      await isHandled(sender);
      const back = await returns(peer);
      isRecovered(back, peer);
      assert.deepEqual(missedEvents(back), [["round", round]]);
      // The greeting may be repeated; the answer behind it brings the newest offset.
      await isAlive(back);
      peer = back;
    }
  });

  it("doesn't get what it has seen, what went to others, nor what was volatile or wants an ack", async () => {
    const lost = await connect(server);
    const sender = await connect(server);
    await call(lost, "join", "study");
    emit(sender, "to-room", "study", "seen", 1);
    assert.deepEqual(await nextEvent(lost), ["seen", 1]);
    await loses(lost);
    emit(sender, "to-room", "kitchen", "others", 1);
    emit(sender, "volatile", "glimpse", 1);
    emit(sender, "broadcast-ack", "question", 1);
    emit(sender, "to-room-except", "study", lost.sid, "excepted", 1);
    emit(sender, "to-all", "missed", 1);
    await isHandled(sender);
    const back = await returns(lost);
    isRecovered(back, lost);
    assert.deepEqual(missedEvents(back), [["missed", 1]]);
  });

  it("gets only what it missed since its offset, when some was written to a dead connection", async () => {
    const lost = await connect(server);
    const sender = await connect(server);
    emit(sender, "to-room", lost.sid, "seen", 1);
    assert.deepEqual(await nextEvent(lost), ["seen", 1]);
    const { offset } = lost;
    emit(sender, "to-room", lost.sid, "written", 2);
    assert.deepEqual(await nextEvent(lost), ["written", 2]);
    await loses(lost);
    const back = await returns(lost, { offset });
    isRecovered(back, lost);
    assert.deepEqual(missedEvents(back), [["written", 2]]);
  });

  it("shows again what the namespace asks for, and loses nothing if it forgot", beyondReference("doesn't ask"), async () => {
    const lost = await openWebSocket(server);
    lost.send('40/admission,{"token":"let-me-in"}');
    Object.assign(lost, JSON.parse((await lost.next()).slice("40/admission,".length)));
    await loses(lost);
    const forgetful = await openWebSocket(server);
    forgetful.send(`40/admission,${JSON.stringify({ pid: lost.pid })}`);
    assert.match(await forgetful.next(), /^44\/admission,/);
    isRecovered(await returns(lost, { namespace: "/admission", token: "let-me-in" }), lost);
  });

  it("recovers when it never got an event", beyondReference("needs an offset"), async () => {
    const lost = await connect(server);
    await loses(lost);
    const sender = await connect(server);
    emit(sender, "to-room", lost.sid, "missed", 1);
    await isHandled(sender);
    const back = await returns(lost, { offset: undefined });
    isRecovered(back, lost);
    assert.deepEqual(missedEvents(back), [["missed", 1]]);
  });

  // Stock clients take any trailing string for their offset once they have a private id.
  it("recovers with an offset that a volatile event has spoiled", beyondReference("loses the session"), async () => {
    const lost = await connect(server);
    const sender = await connect(server);
    emit(sender, "volatile", "glimpse", "a string");
    await lost.expect('42["glimpse","a string"]');
    await loses(lost);
    emit(sender, "to-room", lost.sid, "missed", 1);
    await isHandled(sender);
    const back = await returns(lost, { offset: "a string" });
    isRecovered(back, lost);
    assert.deepEqual(missedEvents(back), [["missed", 1]]);
  });

  it("takes over from a connection that isn't known to be dead", beyondReference("starts a new session"), async () => {
    const first = await connect(server);
    await call(first, "join", "tower");
    const back = await returns(first);
    isRecovered(back, first);
    await first.closed();
    const sender = await connect(server);
    emit(sender, "to-room", "tower", "news", 1);
    assert.deepEqual(await nextEvent(back), ["news", 1]);
  });

  it("isn't there twice when two present the same id", beyondReference("recovers both"), async () => {
    const lost = await connect(server);
    await loses(lost);
    const first = await returns(lost);
    const second = await returns(lost);
    isRecovered(first, lost);
    if (second.sid === lost.sid) await first.closed();
    else await isAlive(first);
    await isAlive(second);
  });
});

describe("a new session is given", () => {
  const credentials = {
    "an unknown private id": { pid: "unknown" },
    "an empty private id": { pid: "" },
    "a private id that is a number": { pid: 1 },
    "a private id that is an object": { pid: { toString: "x" } },
    "a private id of a megabyte's half": { pid: "x".repeat(500_000) },
    "the name of a property": { pid: "__proto__" },
  };
  for (const [name, wrong] of Object.entries(credentials)) {
    it(`to ${name}`, async () => {
      const lost = await connect(server);
      await loses(lost);
      const back = await returns(lost, wrong);
      isNew(back, lost);
      await isAlive(back);
    });
  }

  it("to the public id in place of the private one", async () => {
    const lost = await connect(server);
    await loses(lost);
    isNew(await returns(lost, { pid: lost.sid }), lost);
  });

  it("to the private id of another namespace", async () => {
    const lost = await connect(server);
    await loses(lost);
    isNew(await returns(lost, { namespace: "/custom" }), lost);
  });

  it("after a clean leave by the client", async () => {
    const left = await connect(server);
    left.send("41");
    left.send("40/fence,");
    await left.expect('44/fence,{"message":"Invalid namespace"}');
    isNew(await returns(left), left);
  });

  it("after a disconnection by the server", async () => {
    const left = await connect(server);
    emit(left, "disconnect-me", true);
    await left.closed();
    isNew(await returns(left), left);
  });
});

describe("the stock client", () => {
  it("knows that it recovered and hears what it missed", async () => {
    const client = io(`http://${server.address}`, { transports: ["websocket"], reconnection: false });
    after(() => client.close());
    const heard = [];
    client.on("news", (n) => heard.push(n));
    await once(client, "auth");
    const { id } = client;
    assert.equal(await disconnectReason(server, () => client.io.engine.close()), "transport close");
    const sender = await connect(server);
    for (const n of [1, 2, 3]) emit(sender, "to-room", id, "news", n);
    await isHandled(sender);
    client.connect();
    await once(client, "connect");
    assert.equal(client.recovered, true);
    assert.equal(client.id, id);
    client.emit("message", "alive");
    await once(client, "message-back");
    assert.deepEqual(heard, [1, 2, 3]);
  });
});
