// Socket.IO packets: connecting to namespaces, events, acks, binary, and every packet that ends the connection.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  TRANSPORTS,
  beyondReference,
  call,
  connect,
  disconnectReason,
  eventually,
  isIdle,
  memoryStaysFlat,
  openWebSocket,
  startServer,
  staysUp,
} from "./support.mjs";

const server = await startServer();

const BYTES = Buffer.from([1, 2, 3, 255]);
const placeholder = (num) => `{"_placeholder":true,"num":${num}}`;

/** Asserts a CONNECT reply and gives the socket's id. */
async function isJoined(peer, namespace = "") {
  const packet = await peer.next();
  const prefix = `40${namespace && `${namespace},`}`;
  assert.ok(packet.startsWith(`${prefix}{`), packet);
  const reply = JSON.parse(packet.slice(prefix.length));
  assert.deepEqual(Object.keys(reply), ["sid"]);
  return reply.sid;
}

/** Waits until the server has handled what was sent before. */
async function isHandled(peer) {
  peer.send("40/fence,");
  await peer.expect('44/fence,{"message":"Invalid namespace"}');
}

for (const [name, open] of Object.entries(TRANSPORTS)) {
  describe(`CONNECT over ${name}`, () => {
    const packets = [
      ["the main namespace", "40", "", "{}"],
      ["the main namespace with auth", '40{"token":"123"}', "", '{"token":"123"}'],
      ["the main namespace by name", "40/,", "", "{}"],
      ["a namespace", "40/custom,", "/custom", "{}"],
      ["a namespace without comma", "40/custom", "/custom", "{}"],
      [
        "a namespace with auth",
        '40/custom,{"token":"abc","deep":{"a":[1,null]}}',
        "/custom",
        '{"token":"abc","deep":{"a":[1,null]}}',
      ],
    ];
    for (const [what, packet, namespace, auth] of packets) {
      it(`joins ${what}`, async () => {
        const peer = await open(server);
        peer.send(packet);
        await isJoined(peer, namespace);
        await peer.expect(`42${namespace && `${namespace},`}["auth",${auth}]`);
      });
    }

    it("is refused for an unknown namespace", async () => {
      const peer = await open(server);
      peer.send("40/random");
      await peer.expect('44/random,{"message":"Invalid namespace"}');
      peer.send("40");
      await isJoined(peer);
    });

    it("is refused with message and data by the namespace", async () => {
      const peer = await open(server);
      peer.send('40/admission,{"token":"wrong"}');
      const packet = await peer.next();
      assert.match(packet, /^44\/admission,\{/);
      assert.deepEqual(JSON.parse(packet.slice(13)), { message: "not allowed", data: { code: "denied" } });
    });

    it("is let in by the namespace with the right token", async () => {
      const peer = await open(server);
      peer.send('40/admission,{"token":"let-me-in"}');
      await isJoined(peer, "/admission");
    });
  });

  describe(`events over ${name}`, () => {
    const events = [
      '["message"]',
      '["message",1,"2",{"3":[true]}]',
      '["message",null,-1.5,"\\n\\" 😀"]',
      '["message",{"__proto__":{"admin":true}}]',
    ];
    for (const event of events) {
      it(`echoes ${event}`, async () => {
        const peer = await connect(server, { open });
        peer.send(`42${event}`);
        await peer.expect(`42${event.replace("message", "message-back")}`);
      });
    }

    for (const id of ["0", "456", "9007199254740991"]) {
      it(`acks id ${id}`, async () => {
        const peer = await connect(server, { open });
        peer.send(`42${id}["message-with-ack",1,"2",{"3":[false]}]`);
        await peer.expect(`43${id}[1,"2",{"3":[false]}]`);
      });
    }

    it("acks without arguments", async () => {
      const peer = await connect(server, { open });
      peer.send('421["message-with-ack"]');
      await peer.expect("431[]");
    });

    it("echoes binary", async () => {
      const peer = await connect(server, { open });
      peer.send(`452-["message",${placeholder(0)},"and",{"deep":[${placeholder(1)}]}]`, BYTES, Buffer.alloc(0));
      await peer.expect(
        `452-["message-back",${placeholder(0)},"and",{"deep":[${placeholder(1)}]}]`,
        BYTES,
        Buffer.alloc(0),
      );
    });

    it("acks with binary", async () => {
      const peer = await connect(server, { open });
      peer.send(`452-789["message-with-ack",${placeholder(0)},${placeholder(1)}]`, BYTES, Buffer.from([4]));
      await peer.expect(`462-789[${placeholder(0)},${placeholder(1)}]`, BYTES, Buffer.from([4]));
    });

    it("takes ten attachments", async () => {
      const peer = await connect(server, { open });
      const places = Array.from({ length: 10 }, (_, at) => placeholder(at)).join();
      const attachments = Array.from({ length: 10 }, (_, at) => Buffer.from([at]));
      peer.send(`4510-["message",${places}]`, ...attachments);
      await peer.expect(`4510-["message-back",${places}]`, ...attachments);
    });

    it("keep their order when they are pipelined", async () => {
      const peer = await connect(server, { open });
      const count = 500;
      peer.send(...Array.from({ length: count }, (_, at) => `42["message",${at}]`));
      for (let at = 0; at < count; at++) await peer.expect(`42["message-back",${at}]`);
    });
  });

  describe(`the server's ack request over ${name}`, () => {
    it("is answered", async () => {
      const peer = await connect(server, { open });
      peer.send('42["emit-with-ack","question",{"a":1}]');
      const id = ackId(await peer.next(), '["question",{"a":1}]');
      peer.send(`43${id}["answer",42]`);
      await peer.expect('42["ack-result",null,"answer",42]');
    });

    it("is answered with binary", async () => {
      const peer = await connect(server, { open });
      peer.send('42["emit-with-ack","question",1]');
      const id = ackId(await peer.next(), '["question",1]');
      peer.send(`461-${id}[${placeholder(0)}]`, BYTES);
      await peer.expect(`451-["ack-result",null,${placeholder(0)}]`, BYTES);
    });

    it("may carry binary", async () => {
      const peer = await connect(server, { open });
      peer.send(`451-["emit-with-ack","question",${placeholder(0)}]`, BYTES);
      const [, id] = /^451-(\d+)\["question",/.exec(await peer.next());
      await peer.expect(BYTES);
      peer.send(`43${id}[]`);
      await peer.expect('42["ack-result",null]');
    });

    it("times out, and the late answer is ignored", async () => {
      const peer = await connect(server, { open });
      peer.send('42["emit-with-ack","question",1]');
      const id = ackId(await peer.next(), '["question",1]');
      await peer.expect('42["ack-result","timeout"]');
      peer.send(`43${id}["late"]`);
      await isIdle(peer);
    });
  });
}

function ackId(packet, event) {
  const [, id, rest] = /^42(\d+)(.*)$/s.exec(packet);
  assert.equal(rest, event);
  return id;
}

describe("ack ids", () => {
  it("don't collide while several are open", async () => {
    const peer = await connect(server);
    peer.send('42["emit-with-ack","first",1]', '42["emit-with-ack","second",2]');
    const first = ackId(await peer.next(), '["first",1]');
    const second = ackId(await peer.next(), '["second",2]');
    assert.notEqual(first, second);
    peer.send(`43${second}["b"]`, `43${first}["a"]`);
    await peer.expect('42["ack-result",null,"b"]', '42["ack-result",null,"a"]');
  });

  it("are answered once", async () => {
    const peer = await connect(server);
    peer.send('42["emit-with-ack","question",1]');
    const id = ackId(await peer.next(), '["question",1]');
    peer.send(`43${id}["a"]`, `43${id}["b"]`);
    await peer.expect('42["ack-result",null,"a"]');
    await isIdle(peer);
  });
});

describe("several namespaces on one connection", () => {
  it("have ids of their own", async () => {
    const peer = await openWebSocket(server);
    peer.send("40", "40/custom,");
    const ids = [];
    for (let packet; ids.length < 2;) {
      packet = await peer.next();
      const [, sid] = /^40.*\{"sid":"([^"]+)"\}$/.exec(packet) ?? [];
      if (sid) ids.push(sid);
    }
    assert.notEqual(ids[0], ids[1]);
  });

  it("are left one by one", async () => {
    const peer = await connect(server);
    peer.send("40/custom,");
    await isJoined(peer, "/custom");
    await peer.expect('42/custom,["auth",{}]');
    peer.send("41/custom,");
    await isIdle(peer);
    peer.send("40/custom,");
    await isJoined(peer, "/custom");
  });

  it("outlive the main namespace", async () => {
    const peer = await connect(server);
    peer.send("40/custom,");
    await isJoined(peer, "/custom");
    await peer.expect('42/custom,["auth",{}]');
    peer.send("41");
    await isHandled(peer);
    peer.send("40");
    await isJoined(peer);
    await peer.expect('42["auth",{}]');
    peer.send("41/custom,");
    await isIdle(peer);
  });
});

describe("the connect timeout", () => {
  it("closes a connection that joins nothing", async () => {
    const peer = await openWebSocket(server);
    await peer.closed();
  });

  it("closes a connection that was refused", async () => {
    const peer = await openWebSocket(server);
    peer.send("40/random,", "40/admission,");
    await peer.expect('44/random,{"message":"Invalid namespace"}');
    assert.match(await peer.next(), /^44\/admission,/);
    await peer.closed();
  });

  it("closes a polling session that joins nothing", async () => {
    const peer = await TRANSPORTS.polling(server);
    await peer.closed();
  });

  it("spares a connection that has joined, even when it left again", async () => {
    const early = await connect(server);
    const left = await connect(server);
    left.send("41");
    await isHandled(left);
    const idle = await openWebSocket(server);
    await idle.closed();
    await isIdle(early);
    left.send("40");
    await isJoined(left);
  });
});

describe("DISCONNECT", () => {
  for (const packet of ["41", "41/,"]) {
    it(`${packet} leaves the namespace and not the connection`, async () => {
      const peer = await connect(server);
      peer.send(packet);
      await isHandled(peer);
      peer.send("40");
      await isJoined(peer);
      await peer.expect('42["auth",{}]');
      await isIdle(peer);
    });
  }

  it("may be followed by a CONNECT at once", beyondReference("handles the CONNECT first"), async () => {
    const peer = await connect(server);
    peer.send("41", "40");
    await isJoined(peer);
  });

  it("by the client has a reason of its own", async () => {
    const observer = await connect(server);
    (await connect(server)).send("41");
    const reason = async () => (await call(observer, "last-disconnect"))[0];
    await eventually(async () => (await reason()) === "client namespace disconnect", "the reason");
  });

  it("by the server leaves the connection open", async () => {
    const reason = await disconnectReason(server, async () => {
      const peer = await connect(server);
      peer.send('42["disconnect-me",false]');
      await peer.expect("41");
      peer.send("40");
      await isJoined(peer);
    });
    assert.equal(reason, "server namespace disconnect");
  });

  it("by the server with close ends every namespace and the connection", async () => {
    const reason = await disconnectReason(server, async () => {
      const peer = await connect(server);
      peer.send("40/custom,");
      await isJoined(peer, "/custom");
      await peer.expect('42/custom,["auth",{}]');
      peer.send('42["disconnect-me",true]');
      const packets = [await peer.next(), await peer.next()];
      assert.deepEqual(packets.sort(), ["41", "41/custom,"]);
      await peer.closed();
    });
    assert.equal(reason, "server namespace disconnect");
  });

  it("without a word is a transport close", async () => {
    const reason = await disconnectReason(server, async () => (await connect(server)).vanish());
    assert.equal(reason, "transport close");
  });
});

describe("a CONNECT that ends the connection", () => {
  const payloads = [
    "[]",
    "[1]",
    '"x"',
    "null",
    "true",
    "{",
    "{}x",
    "{}{}",
    '{"a":1}]',
    "{'a':1}",
    "{a:1}",
    "undefined",
  ];
  for (const payload of payloads) {
    it(`with the payload ${payload}`, async () => {
      const peer = await openWebSocket(server);
      peer.send(`40/custom,${payload}`);
      await peer.closed();
    });
  }
});

describe("a packet that ends the connection as `forced close`", () => {
  const attached = (declared, body) => `45${declared}-["message",${body}]`;
  const packets = {
    "a second CONNECT": ["40"],
    "an event for a namespace not joined": ['42/custom,["message"]'],
    "an ack for a namespace not joined": ["43/custom,1[]"],
    "a DISCONNECT of a namespace not joined": ["41/custom,"],
    "a CONNECT_ERROR": ["44{}"],
    "a CONNECT_ERROR for a namespace": ['44/custom,{"message":"x"}'],
    ...Object.fromEntries(
      ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"].map((event) => [
        `the reserved event ${event}`,
        [`42["${event}"]`],
      ]),
    ),
    "a reserved event in escapes": ['42["\\u0063onnect"]'],
    "an event without a name": ["42[]"],
    "an event whose name is an object": ['42[{"toString":"x"}]'],
    "an event whose name is null": ["42[null]"],
    "an event whose name is a boolean": ["42[true]"],
    "an event whose name is an array": ['42[["message"]]'],
    "an event that is an object": ["42{}"],
    "an event that is a string": ['42"message"'],
    "an event that isn't JSON": ["42abc"],
    "an event cut short": ['42["message"'],
    "a control character in a string": ['42["message","\u0001"]'],
    "a comma too many": ['42["message",]'],
    "trailing garbage": ['42["message"]x'],
    "a second array behind the first": ['42["message"][]'],
    "an ack that is an object": ["431{}"],
    "an ack that isn't JSON": ["431["],
    "a DISCONNECT with a payload": ["41{}"],
    "an unknown packet type": ["47[]"],
    "no packet type": ["4abc"],
    "a packet type of two digits": ["4/custom,"],
    "no number of attachments": ['45-["message"]'],
    "no attachments": ['450-["message"]'],
    "a number of attachments without dash": ['451["message"]'],
    "half an attachment": ['451.5-["message"]'],
    "minus one attachment": ['45-1-["message"]'],
    "eleven attachments": [attached(11, placeholder(0))],
    "a thousand million attachments": [attached(1_000_000_000, placeholder(0))],
    "more attachments than a number holds": [attached("9".repeat(400), placeholder(0))],
    "an ack with no attachments": ["460-1[]"],
    "text in the middle of attachments": [attached(1, placeholder(0)), '42["message"]'],
    "binary that nobody announced": [BYTES],
    "one attachment too many": [`451-["x",${placeholder(0)}]`, BYTES, BYTES],
    "a placeholder beyond the attachments": [attached(1, placeholder(1)), BYTES],
    "a placeholder below them": [attached(1, placeholder(-1)), BYTES],
    "a placeholder that is a method": [attached(1, placeholder('"splice"')), BYTES],
    "a placeholder that is a string of digits": [attached(1, placeholder('"0"')), BYTES],
    "a placeholder without a number": [attached(1, '{"_placeholder":true}'), BYTES],
  };
  for (const [name, sent] of Object.entries(packets)) {
    it(name, async () => {
      const reason = await disconnectReason(server, async () => {
        const peer = await connect(server);
        peer.send(...sent);
        await peer.closed();
      });
      assert.equal(reason, "forced close");
    });
  }

  it("a placeholder between two attachments", beyondReference("takes it for undefined"), async () => {
    const peer = await connect(server);
    peer.send(attached(2, placeholder(0.5)), BYTES, BYTES);
    await peer.closed();
  });

  it("does so over polling too", async () => {
    const peer = await connect(server, { open: TRANSPORTS.polling });
    peer.send('42["connect"]');
    await peer.closed();
  });
});

describe("a packet that is tolerated", () => {
  const packets = {
    "a numeric event name": '42[1,"x"]',
    "an event called error": '42["error","x"]',
    "an event nobody listens to": '42["constructor",{"toString":1}]',
    "an event with an empty name": '42[""]',
    "an unknown ack id": "4399[]",
    "an ack without id": "43[]",
    "an event that wants an ack and gets none": '425["unheard"]',
    "whitespace in JSON": '42 [ "unheard" , 1 ] ',
  };
  for (const [name, packet] of Object.entries(packets)) {
    it(name, async () => {
      const peer = await connect(server);
      peer.send(packet);
      await isIdle(peer);
    });
  }
});

describe("an attack by packets", () => {
  it("that declares attachments over and over costs no memory", async () => {
    await memoryStaysFlat(server, async () => {
      for (let round = 0; round < 100; round++) {
        const peer = await openWebSocket(server);
        peer.send('451000000000-["message"]');
        await peer.closed();
      }
    });
  });

  it("that knocks at thousands of namespaces costs no memory", async () => {
    await memoryStaysFlat(server, async () => {
      const peer = await openWebSocket(server);
      for (let at = 0; at < 5_000; at++) peer.send(`40/nowhere-${at},`);
      for (let at = 0; at < 5_000; at++) await peer.expect(`44/nowhere-${at},{"message":"Invalid namespace"}`);
    });
  });

  it("that nests JSON very deep is survived", beyondReference("overflows its stack"), async () => {
    const peer = await connect(server);
    peer.send(`42["message",${"[".repeat(100_000)}${"]".repeat(100_000)}]`);
    await peer.closed();
    await staysUp(server);
  });

  it("that uses odd names is survived", async () => {
    for (const nsp of ["/__proto__", "/constructor", `/${"x".repeat(10_000)}`, "/é😀", "/../custom"]) {
      const peer = await openWebSocket(server);
      peer.send(`40${nsp},`);
      await peer.expect(`44${nsp},{"message":"Invalid namespace"}`);
    }
  });
});
