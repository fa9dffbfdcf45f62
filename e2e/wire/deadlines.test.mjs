// What a client that stalls is cut after. The deadlines are the server's defaults, so each test takes as long as its deadline;
// they run side by side and mostly wait.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RawConnection, requestText } from "./raw.mjs";
import { beyondReference, connect, dial, openPolling, openPollingPeer, startServer, within } from "./support.mjs";

const server = await startServer();

const UPGRADE_MS = 10_000;
const ATTACHMENTS_MS = 10_000;
const HEAD_MS = 10_000;
const BODY_MS = 30_000;
const SLACK_MS = 5_000;

/** Has `drip` called now and then until `ended` settles. */
async function dripUntil(ended, drip, periodMs, what, deadlineMs) {
  const timer = setInterval(drip, periodMs);
  return within(ended, what, deadlineMs + SLACK_MS).finally(() => clearInterval(timer));
}

describe("a client that stalls is cut", { concurrency: true }, () => {
  it("in the middle of an upgrade, while its polling session lives on", async () => {
    const polling = await connect(server, { open: openPollingPeer });
    const ws = await dial(server, { fields: { sid: polling.handshake.sid } });
    ws.send("2probe");
    await ws.expect("3probe");
    await within(ws.inbox.closed, "the WebSocket to be closed", UPGRADE_MS + SLACK_MS);
    polling.send('42["message","alive"]');
    await polling.expect('42["message-back","alive"]');
  });

  it("before it begins an upgrade", async () => {
    const polling = await connect(server, { open: openPollingPeer });
    const ws = await dial(server, { fields: { sid: polling.handshake.sid } });
    await within(ws.inbox.closed, "the WebSocket to be closed", UPGRADE_MS + SLACK_MS);
    polling.send('42["message","alive"]');
    await polling.expect('42["message-back","alive"]');
  });

  it("when none of the announced attachments comes", beyondReference("waits forever"), async () => {
    const peer = await connect(server);
    peer.send('451-["message",{"_placeholder":true,"num":0}]');
    await within(peer.inbox.closed, "the connection to be closed", ATTACHMENTS_MS + SLACK_MS);
  });

  it("when its attachments trickle", beyondReference("waits forever"), async () => {
    const peer = await connect(server);
    peer.send('4510-["message",{"_placeholder":true,"num":0}]');
    const drip = () => peer.send(Buffer.alloc(1));
    await dripUntil(peer.inbox.closed, drip, 3_000, "the connection to be closed", ATTACHMENTS_MS);
  });

  it("when its attachments trickle before it has joined", async () => {
    const peer = await dial(server);
    peer.send('4510-["message",{"_placeholder":true,"num":0}]');
    const drip = () => peer.send(Buffer.alloc(100_000));
    await dripUntil(peer.inbox.closed, drip, 500, "the connection to be closed", ATTACHMENTS_MS);
  });

  it("when it sends nothing", beyondReference("waits for a minute"), async () => {
    const connection = new RawConnection(server);
    await connection.rest(HEAD_MS + SLACK_MS);
  });

  it("in the middle of a head", beyondReference("waits for a minute"), async () => {
    const connection = new RawConnection(server);
    connection.write(`GET ${server.path} HTTP/1.1\r\nX-Slow: `);
    const drip = () => connection.write("x");
    await dripUntil(connection.rest(HEAD_MS + SLACK_MS), drip, 500, "the server to hang up", HEAD_MS);
  });

  it("in the middle of a body", beyondReference("waits for minutes"), async () => {
    const { sid } = await openPolling(server);
    const connection = new RawConnection(server);
    connection.write(
      requestText(server, { method: "POST", fields: { sid }, headers: ["Content-Length: 1000"], body: "42[" }),
    );
    const drip = () => connection.write(" ");
    const answer = connection.head(BODY_MS + SLACK_MS).then(
      ({ status }) => status,
      () => "hung up",
    );
    const outcome = await dripUntil(answer, drip, 500, "an answer or the end", BODY_MS);
    assert.ok(outcome === "hung up" || (outcome >= 400 && outcome < 500), `outcome ${outcome}`);
  });
});
