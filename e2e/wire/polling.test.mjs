// Long-polling: payloads in both directions, and what ends a session.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RawConnection, requestText } from "./raw.mjs";
import {
  MAX_PAYLOAD_BYTES,
  RS,
  beyondReference,
  disconnectReason,
  eventually,
  isRefused,
  memoryStaysFlat,
  openPolling,
  pollPayload,
  startServer,
  staysUp,
} from "./support.mjs";

const echo = await startServer("--engine-only");
const hub = await startServer();

async function posts(server, sid, body) {
  const response = await server.post({ sid }, body);
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "ok");
}

async function isGone(server, sid) {
  await isRefused(await server.get({ sid }), 1, "Session ID unknown");
}

/** A request whose connection is ours, sent but not answered. */
function pending(server, options) {
  const connection = new RawConnection(server);
  connection.write(requestText(server, options));
  return connection;
}

/** A session whose poll the server holds, on a connection of ours. */
async function openHeld(server) {
  const poll = pending(server);
  const { sid } = JSON.parse((await poll.response()).body.slice(1));
  if (server === hub) {
    await posts(server, sid, "40");
    poll.write(requestText(server, { fields: { sid } }));
    assert.match((await poll.response()).body, /^40\{.*42\["auth",\{\}\]$/s);
  }
  poll.write(requestText(server, { fields: { sid } }));
  // A stray pong: once it is answered, the poll that was written before it has been read too.
  await posts(server, sid, "3");
  return { sid, poll };
}

/** What a poll gives that is released because the session ends. */
async function isReleasedWith(poll, body) {
  const response = await poll.response();
  assert.equal(response.status, 200);
  assert.equal(response.body, body);
}

describe("a payload", () => {
  it("with one packet is echoed", async () => {
    const { sid } = await openPolling(echo);
    await posts(echo, sid, "4hello");
    assert.equal(await pollPayload(echo, sid), "4hello");
  });

  it("with several packets is echoed in order", async () => {
    const { sid } = await openPolling(echo);
    await posts(echo, sid, ["4test1", "4test2", "4test3"].join(RS));
    assert.equal(await pollPayload(echo, sid), ["4test1", "4test2", "4test3"].join(RS));
  });

  it("releases a poll that waits", async () => {
    const { sid } = await openPolling(echo);
    const poll = pollPayload(echo, sid);
    await posts(echo, sid, "4late");
    assert.equal(await poll, "4late");
  });

  it("carries binary as base64 without a type digit", async () => {
    const { sid } = await openPolling(echo);
    await posts(echo, sid, "bAQIDBA==");
    assert.equal(await pollPayload(echo, sid), "bAQIDBA==");
  });

  it("mixes text and binary", async () => {
    const { sid } = await openPolling(echo);
    const payload = ["4before", "bAAECAwQ=", "4after", "b/////w=="].join(RS);
    await posts(echo, sid, payload);
    assert.equal(await pollPayload(echo, sid), payload);
  });

  it("keeps every plane of Unicode and an empty message", async () => {
    const { sid } = await openPolling(echo);
    const payload = ["4€ – 日本語 – 😀 – \u0000\u2028", "4"].join(RS);
    await posts(echo, sid, payload);
    assert.equal(await pollPayload(echo, sid), payload);
  });

  it("may be as large as announced", async () => {
    const { sid } = await openPolling(echo);
    const body = "4".padEnd(MAX_PAYLOAD_BYTES, "x");
    await posts(echo, sid, body);
    assert.equal(await pollPayload(echo, sid), body);
  });

  it("too large gets 413 and the session lives", async () => {
    const { sid } = await openPolling(echo);
    assert.equal((await echo.post({ sid }, "4".padEnd(MAX_PAYLOAD_BYTES + 1, "x"))).status, 413);
    await posts(echo, sid, "4small");
    assert.equal(await pollPayload(echo, sid), "4small");
  });

  it("that never ends gets 413 early", async () => {
    const { sid } = await openPolling(echo);
    const connection = pending(echo, { method: "POST", fields: { sid }, headers: ["Transfer-Encoding: chunked"] });
    const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536, "4"), Buffer.from("\r\n")]);
    await memoryStaysFlat(echo, async () => {
      const flood = connection.flood(chunk, 1_600);
      assert.equal((await connection.head()).status, 413);
      connection.socket.destroy();
      await flood;
    });
  });

  it("of a declared length too large gets 413 without its body", beyondReference("waits for the body"), async () => {
    const { sid } = await openPolling(echo);
    const connection = pending(echo, { method: "POST", fields: { sid }, headers: ["Content-Length: 100000000"] });
    assert.equal((await connection.head()).status, 413);
  });

  it("of a hundred thousands of packets ends the session", beyondReference("has no such limit"), async () => {
    const { sid } = await openPolling(echo);
    await memoryStaysFlat(echo, async () => {
      const response = await echo.post({ sid }, `4${RS}`.repeat(400_000).slice(0, -1));
      await response.text();
      await eventually(async () => (await echo.get({ sid })).status === 400, "the session to end");
    });
  });
});

describe("a bad packet", () => {
  for (const body of ["abc", "9", "", `4fine${RS}x`, "b!!!!", RS]) {
    const beyond = body === "b!!!!" ? beyondReference("decodes what it can") : {};
    it(`is answered \`ok\` and ends the session: ${JSON.stringify(body)}`, beyond, async () => {
      const { sid } = await openPolling(echo);
      await posts(echo, sid, body);
      const response = await echo.get({ sid });
      if (response.status === 200) await isGone(echo, sid);
      else await isRefused(response, 1, "Session ID unknown");
    });
  }

  it("releases the waiting poll with `1`", async () => {
    const { sid, poll } = await openHeld(echo);
    await posts(echo, sid, "abc");
    await isReleasedWith(poll, "1");
    await isGone(echo, sid);
  });

  it("is a parse error to the hub", async () => {
    const reason = await disconnectReason(hub, async () => posts(hub, (await openHeld(hub)).sid, "abc"));
    assert.equal(reason, "parse error");
  });
});

describe("an overlapping request", () => {
  it("ends the session when it is a second poll", async () => {
    const { sid, poll } = await openHeld(echo);
    assert.equal((await echo.get({ sid })).status, 400);
    await isReleasedWith(poll, "1");
    await isGone(echo, sid);
  });

  it("is given one answer of each kind when two polls race", async () => {
    const { sid } = await openPolling(echo);
    const answers = await Promise.all([echo.get({ sid }), echo.get({ sid })]);
    const [closed, refused] = answers.sort((a, b) => a.status - b.status);
    assert.equal(closed.status, 200);
    assert.equal(await closed.text(), "1");
    assert.equal(refused.status, 400);
    await isGone(echo, sid);
  });

  it("ends the session when it is a second POST", async () => {
    const { sid } = await openPolling(echo);
    const first = pending(echo, { method: "POST", fields: { sid }, headers: ["Content-Length: 10"], body: "4he" });
    const second = await eventually(async () => {
      const response = await echo.post({ sid }, "3");
      return response.status === 400 && response;
    }, "the first POST to be read");
    assert.equal(second.status, 400);
    await isGone(echo, sid);
    first.socket.destroy();
  });

  it("is a transport error to the hub", async () => {
    const reason = await disconnectReason(hub, async () => {
      const { sid } = await openHeld(hub);
      await (await hub.get({ sid })).text();
    });
    assert.equal(reason, "transport error");
  });
});

describe("an aborted poll", () => {
  it("ends the session as a transport error", async () => {
    const reason = await disconnectReason(hub, async () => {
      const { poll } = await openHeld(hub);
      poll.socket.destroy();
    });
    assert.equal(reason, "transport error");
  });
});

describe("a POST as application/octet-stream", () => {
  const init = { headers: { "content-type": "application/octet-stream" } };

  it("gets 400 and ends the session", async () => {
    const { sid } = await openPolling(echo);
    assert.equal((await echo.post({ sid }, "4hello", init)).status, 400);
    await isGone(echo, sid);
  });

  it("leaves no open file behind", async () => {
    const abuse = async () => {
      const { sid, poll } = await openHeld(echo);
      await (await echo.post({ sid }, "4hello", init)).text();
      poll.socket.destroy();
    };
    await abuse();
    const before = echo.openFiles();
    for (let round = 0; round < 50; round++) await abuse();
    await eventually(() => echo.openFiles() <= before + 5, "the open files to be given back");
  });
});

describe("a close packet", () => {
  it("releases the waiting poll with a noop and ends the session", async () => {
    const { sid, poll } = await openHeld(echo);
    await posts(echo, sid, "1");
    await isReleasedWith(poll, "6");
    await isGone(echo, sid);
  });

  it("is a transport close to the hub", async () => {
    const reason = await disconnectReason(hub, async () => posts(hub, (await openHeld(hub)).sid, "1"));
    assert.equal(reason, "transport close");
  });
});

it("the servers are up after all this", async () => {
  await staysUp(echo);
  await staysUp(hub);
});
