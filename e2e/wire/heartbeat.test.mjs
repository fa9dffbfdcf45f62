// The server pings, the client pongs; who doesn't is gone after pingInterval + pingTimeout.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { describe, it } from "node:test";
import {
  PING_INTERVAL_MS,
  PING_TIMEOUT_MS,
  TRANSPORTS,
  beyondReference,
  connect,
  disconnectReason,
  isRefused,
  openPolling,
  openWebSocket,
  startPunctualServer,
} from "./support.mjs";

const echo = await startPunctualServer("--engine-only");
const hub = await startPunctualServer();

for (const [name, open] of Object.entries(TRANSPORTS)) {
  describe(`the heartbeat over ${name}`, () => {
    it("keeps a session alive that answers", async () => {
      const peer = await open(echo, { heartbeat: "manual" });
      for (let beat = 0; beat < 4; beat++) {
        await peer.expect("2");
        peer.send("3");
      }
      peer.send("4still here");
      await peer.expect("4still here");
    });

    it("goes on while messages flow", async () => {
      const peer = await open(echo, { heartbeat: "manual" });
      let pings = 0;
      for (let sent = 0; pings < 3; sent++) {
        peer.send(`4${sent}`);
        let packet = await peer.next();
        for (; packet === "2"; packet = await peer.next()) {
          pings++;
          peer.send("3");
        }
        assert.equal(packet, `4${sent}`);
      }
    });

    it("ends a session that doesn't answer", async () => {
      const peer = await open(echo, { heartbeat: "manual" });
      await peer.expect("2");
      await peer.closed();
    });

    it("gives `ping timeout` as the reason", async () => {
      const reason = await disconnectReason(hub, async () => {
        const peer = await connect(hub, { open, heartbeat: "manual" });
        await peer.closed();
      });
      assert.equal(reason, "ping timeout");
    });

    it("ends a session that sends a ping itself", async () => {
      const reason = await disconnectReason(hub, async () => {
        const peer = await connect(hub, { open });
        peer.send("2");
        await peer.closed();
      });
      assert.equal(reason, "transport error");
    });

    for (const stray of ["3", "5", "6", "0", "3probe", '0{"sid":"x"}']) {
      it(`is not disturbed by a stray ${stray}`, async () => {
        const peer = await open(echo);
        peer.send(stray);
        peer.send("4fine");
        await peer.expect("4fine");
      });
    }
  });
}

describe("the ping timeout", () => {
  // The official suite of Engine.IO sleeps for exactly as long; so the server's timers may not be coarse.
  it("has ended a polling session by the time it should", async () => {
    const { sid } = await openPolling(echo);
    await pause(PING_INTERVAL_MS + PING_TIMEOUT_MS);
    await isRefused(await echo.get({ sid }), 1, "Session ID unknown");
  });

  it("waits for a poll to carry the ping", async () => {
    const { sid } = await openPolling(echo);
    await pause(PING_INTERVAL_MS);
    const response = await echo.get({ sid });
    assert.equal(await response.text(), "2");
    assert.equal((await echo.post({ sid }, "3")).status, 200);
  });
});

describe("a close packet over WebSocket", beyondReference("ignores it until the ping timeout"), () => {
  it("ends the session", async () => {
    const peer = await openWebSocket(echo);
    peer.send("1");
    await peer.closed();
  });

  it("is a transport close to the hub", async () => {
    const reason = await disconnectReason(hub, async () => (await connect(hub)).send("1"));
    assert.equal(reason, "transport close");
  });
});
