// Emits to rooms and namespaces, who hears them and who doesn't, broadcasts that ask for acks, and readers that are slow.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TEXT, dialRaw, frame } from "./raw.mjs";
import {
  TRANSPORTS,
  beyondReference,
  call,
  connect,
  eventually,
  isIdle,
  memoryStaysFlat,
  openWebSocket,
  startServer,
} from "./support.mjs";

const server = await startServer();

/** Sockets on alternating transports that are alone on the server's rooms of this name. */
async function audience(count, ...rooms) {
  const opens = Object.values(TRANSPORTS);
  const peers = await Promise.all(Array.from({ length: count }, (_, at) => connect(server, { open: opens[at % 2] })));
  for (const peer of peers) for (const room of rooms) await call(peer, "join", room);
  return peers;
}

const emit = (peer, ...event) => peer.send(`42${JSON.stringify(event)}`);

describe("an emit to a room", () => {
  it("reaches its members on both transports, except the sender", async () => {
    const [sender, ...others] = await audience(5, "attic");
    const [stranger] = await audience(1);
    emit(sender, "to-room", "attic", "news", { n: 1 });
    for (const other of others) await other.expect('42["news",{"n":1}]');
    for (const peer of [sender, stranger, ...others]) await isIdle(peer);
  });

  it("may come from outside the room", async () => {
    const [member] = await audience(1, "shed");
    const sender = await connect(server);
    emit(sender, "to-room", "shed", "news", 1);
    await member.expect('42["news",1]');
  });

  it("no longer reaches who left", async () => {
    const [stays, leaves, sender] = await audience(3, "garden");
    assert.deepEqual(await call(leaves, "leave", "garden"), []);
    emit(sender, "to-room", "garden", "news", 1);
    await stays.expect('42["news",1]');
    await isIdle(leaves);
  });

  it("reaches who joined twice once", async () => {
    const [member, sender] = await audience(2, "porch", "porch");
    emit(sender, "to-room", "porch", "news", 1);
    await member.expect('42["news",1]');
    await isIdle(member);
  });

  it("spares the members of the room excepted", async () => {
    const inBoth = await audience(2, "hall", "stairs");
    const [member, sender] = await audience(2, "hall");
    emit(sender, "to-room-except", "hall", "stairs", "news", 1);
    await member.expect('42["news",1]');
    for (const peer of inBoth) await isIdle(peer);
  });

  it("reaches a socket by its id as a room", async () => {
    const [sender, receiver] = await audience(2);
    emit(sender, "to-room", receiver.sid, "whisper", 1);
    await receiver.expect('42["whisper",1]');
  });

  for (const room of ["", "__proto__", "é 😀", "x".repeat(1_000)]) {
    it(`works for the room ${JSON.stringify(room.slice(0, 20))}`, async () => {
      const [member, sender] = await audience(2, room);
      emit(sender, "to-room", room, "news", 1);
      await member.expect('42["news",1]');
    });
  }

  it("to a room without members is nothing", async () => {
    const sender = await connect(server);
    emit(sender, "to-room", "nobody", "news", 1);
    await isIdle(sender);
  });

  it("carries binary to both transports", async () => {
    const [sender, ...others] = await audience(3, "lab");
    sender.send('451-["to-room","lab","blob",{"_placeholder":true,"num":0}]', Buffer.from([7, 8]));
    for (const other of others) await other.expect('451-["blob",{"_placeholder":true,"num":0}]', Buffer.from([7, 8]));
  });

  it("keeps the order of one sender", async () => {
    const [sender, ...others] = await audience(5, "stage");
    sender.send(...Array.from({ length: 300 }, (_, at) => `42["to-room","stage","line",${at}]`));
    for (const other of others) for (let at = 0; at < 300; at++) await other.expect(`42["line",${at}]`);
  });
});

describe("an emit to all", () => {
  it("reaches the namespace, the sender included, and no other namespace", async () => {
    const [sender, ...others] = await audience(4);
    const elsewhere = await openWebSocket(server);
    elsewhere.send("40/custom,");
    await elsewhere.next();
    await elsewhere.next();
    emit(sender, "to-all", "flood", 1);
    for (const peer of [sender, ...others]) await peer.expect('42["flood",1]');
    elsewhere.send("40/fence,");
    await elsewhere.expect('44/fence,{"message":"Invalid namespace"}');
  });

  it("doesn't reach a socket that left the namespace", async () => {
    const left = await connect(server);
    left.send("41", "40/fence,");
    await left.expect('44/fence,{"message":"Invalid namespace"}');
    const sender = await connect(server);
    emit(sender, "to-all", "gone", 1);
    await sender.expect('42["gone",1]');
    left.send("40/fence,");
    await left.expect('44/fence,{"message":"Invalid namespace"}');
  });

  it("that is volatile reaches who is ready to read", async () => {
    const [sender, other] = await Promise.all([connect(server), connect(server)]);
    emit(sender, "volatile", "glimpse", 1);
    await sender.expect('42["glimpse",1]');
    await other.expect('42["glimpse",1]');
  });
});

describe("a broadcast that asks for acks", () => {
  // It goes to everybody else, so each of these has a server to itself.
  const alone = async (count) => {
    const own = await startServer();
    const opens = Object.values(TRANSPORTS);
    return Promise.all(Array.from({ length: count }, (_, at) => connect(own, { open: opens[at % 2] })));
  };

  const question = async (peer) => {
    const [, id] = /^42(\d+)\["question",1\]$/.exec(await peer.next());
    return id;
  };

  const result = async (peer) => {
    const packet = await peer.next();
    const [event, error, replies] = JSON.parse(packet.slice(2));
    assert.equal(event, "broadcast-ack-result");
    return { error, replies: replies.sort() };
  };

  it("collects every answer", async () => {
    const [sender, ...others] = await alone(5);
    emit(sender, "broadcast-ack", "question", 1);
    for (const [at, other] of others.entries()) other.send(`43${await question(other)}[${at}]`);
    assert.deepEqual(await result(sender), { error: null, replies: [0, 1, 2, 3] });
  });

  it("gives the answers it has when the time is up", async () => {
    const [sender, answers, silent] = await alone(3);
    emit(sender, "broadcast-ack", "question", 1);
    answers.send(`43${await question(answers)}["here"]`);
    const id = await question(silent);
    const { error, replies } = await result(sender);
    assert.notEqual(error, null);
    assert.deepEqual(replies, ["here"]);
    silent.send(`43${id}["late"]`);
    await isIdle(silent);
    await isIdle(sender);
  });

  it("with nobody to ask is answered with nothing", async () => {
    const [sender] = await alone(1);
    emit(sender, "broadcast-ack", "question", 1);
    assert.deepEqual(await result(sender), { error: null, replies: [] });
  });

  it("takes an id that no other open request of the socket has", async () => {
    const [sender, other] = await alone(2);
    emit(other, "emit-with-ack", "question", 1);
    const own = await question(other);
    emit(sender, "broadcast-ack", "question", 1);
    const shared = await question(other);
    assert.notEqual(own, shared);
    other.send(`43${shared}["shared"]`, `43${own}["own"]`);
    await other.expect('42["ack-result",null,"own"]');
    assert.deepEqual(await result(sender), { error: null, replies: ["shared"] });
  });

  it("takes each answer from who was asked, once", async () => {
    const [sender, honest, greedy] = await alone(3);
    emit(sender, "broadcast-ack", "question", 1);
    const id = await question(greedy);
    greedy.send(`43${id}["one"]`, `43${id}["two"]`);
    await isIdle(greedy);
    honest.send(`43${await question(honest)}["three"]`);
    assert.deepEqual((await result(sender)).replies, ["one", "three"]);
  });
});

describe("a subscriber that stops reading", beyondReference("buffers without limit"), () => {
  it("is cut, whatever it still sends, and costs no memory", async () => {
    const deaf = await dialRaw(server);
    deaf.write(frame(TEXT, "40"), frame(TEXT, '421["join","theatre"]'));
    while ((await deaf.frame()).payload.toString() !== "431[]");
    deaf.socket.pause();
    const [sender, listener] = await Promise.all([connect(server), connect(server)]);
    await call(listener, "join", "theatre");
    const line = "x".repeat(400_000);
    const lines = 200;
    await memoryStaysFlat(server, async () => {
      for (let at = 0; at < lines; at++) {
        deaf.write(frame(TEXT, "3"));
        emit(sender, "to-room", "theatre", "line", line);
        await listener.expect(`42["line","${line}"]`);
      }
    });
    deaf.socket.resume();
    assert.ok((await deaf.rest()).length < (lines / 2) * line.length);
  });
});

it("a socket that is gone is forgotten by its rooms", async () => {
  const [gone, sender, member] = await audience(3, "ruin");
  const closed = gone.closed();
  gone.send("42[]");
  await closed;
  emit(sender, "to-room", "ruin", "news", 1);
  await member.expect('42["news",1]');
  await eventually(async () => (await call(sender, "last-disconnect"))[0] === "forced close", "the disconnection");
});
