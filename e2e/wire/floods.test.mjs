// Who opens too much, opens too fast or sends too fast: the hub turns it away or makes it wait, and others don't notice.
// Limits are low here so that few connections reach them. Loopback has many addresses, which play the others.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, describe, it } from "node:test";
import { PING, PONG, RawConnection, TEXT, UPGRADE_HEADERS, frame, requestText } from "./raw.mjs";
import {
  RS,
  beyondReference,
  connect,
  eventually,
  isIdle,
  memoryStaysFlat,
  openPollingPeer,
  query,
  startPunctualServer,
  startServer,
  within,
} from "./support.mjs";

const MAX = 50;
const OTHER_ADDRESS = "127.0.0.2";

/** A request with an agent of its own: `agent` decides about connections, `localAddress` about who it comes from. */
async function request(server, { agent, localAddress, fields, method = "GET", body } = {}) {
  const path = `${server.path}?${query(fields)}`;
  const sent = http.request({ host: server.host, port: server.port, path, method, agent, localAddress });
  sent.end(body);
  const [response] = await once(sent, "response");
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text, sid: /"sid":"([^"]+)"/.exec(text)?.[1] };
}

/** All requests over one connection. */
function oneConnection() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  after(() => agent.destroy());
  return agent;
}

/** Whether a request on a connection of its own is answered. */
const isServed = (server, options) =>
  request(server, { agent: false, ...options }).then(
    ({ status }) => status === 200,
    () => false,
  );

describe("an address that opens too many connections", beyondReference("has no such limit"), () => {
  it("is turned away while others are served, until it closes some", async () => {
    const server = await startServer("--connections-per-address", String(MAX));
    const open = Array.from({ length: MAX }, () => new RawConnection(server));
    await eventually(() => server.openFiles() >= MAX, "the connections to be accepted");
    assert.equal(await isServed(server), false);
    assert.equal(await isServed(server, { localAddress: OTHER_ADDRESS }), true);
    for (const connection of open.splice(0, MAX / 2)) connection.socket.destroy();
    await eventually(() => isServed(server), "room for another connection");
    for (const connection of open) connection.socket.destroy();
  });

  it("costs neither memory nor open files with thousands that say nothing", async () => {
    const server = await startServer("--connections-per-address", String(MAX));
    const before = server.openFiles();
    await memoryStaysFlat(
      server,
      async () => {
        for (let round = 0; round < 20; round++) {
          const open = Array.from({ length: 200 }, () => new RawConnection(server));
          for (const connection of open) connection.write("GET / HTTP/1.1\r\n");
          await eventually(() => isServed(server, { localAddress: OTHER_ADDRESS }), "an answer for another address");
          assert.ok(server.openFiles() <= before + MAX + 5);
          for (const connection of open) connection.socket.destroy();
        }
      },
      16 << 20,
    );
  });

  it("counts sessions that outlive their connection", async () => {
    const server = await startServer("--connections-per-address", String(MAX));
    const agent = oneConnection();
    const sids = [];
    for (let at = 1; at < MAX; at++) sids.push((await request(server, { agent })).sid);
    const refused = await request(server, { agent });
    assert.equal(refused.status, 429);
    assert.deepEqual(JSON.parse(refused.text), { code: 3, message: "Too many connections from this address" });
    assert.equal((await request(server, { agent, fields: { sid: sids[0] }, method: "POST", body: "1" })).status, 200);
    await eventually(async () => (await request(server, { agent })).status === 200, "room for another session");
  });

  it("counts a session that upgrades by its WebSocket only", async () => {
    const server = await startServer("--connections-per-address", "4");
    const agent = oneConnection();
    await upgrade(server, agent);
    await upgrade(server, agent);
    assert.equal((await request(server, { agent })).status, 200);
    assert.equal((await request(server, { agent })).status, 429);
  });
});

/** Opens a session over the connection of `agent` and moves it to a WebSocket. */
async function upgrade(server, agent) {
  const { sid } = await request(server, { agent });
  const connection = new RawConnection(server);
  connection.write(requestText(server, { fields: { transport: "websocket", sid }, headers: UPGRADE_HEADERS }));
  assert.equal((await connection.head()).status, 101);
  connection.write(frame(TEXT, "2probe"));
  assert.equal((await connection.frame()).payload.toString(), "3probe");
  connection.write(frame(TEXT, "5"));
  connection.write(frame(PING));
  assert.equal((await connection.frame()).opcode, PONG, "the upgrade is complete");
}

describe("an address that opens connections too fast", beyondReference("has no such limit"), () => {
  it("is turned away and let in again later, while others are served", async () => {
    const server = await startServer("--connects-per-s", "10");
    const agent = oneConnection();
    const answers = [];
    for (let at = 0; at < 40; at++) answers.push((await request(server, { agent })).status);
    const letIn = answers.filter((status) => status === 200).length;
    assert.ok(letIn >= 9 && letIn < 40, `${letIn} of 40 were let in`);
    assert.deepEqual([...new Set(answers)].sort(), [200, 429]);
    assert.equal(await isServed(server, { localAddress: OTHER_ADDRESS }), true);
    await eventually(async () => (await request(server, { agent })).status === 200, "another token");
  });
});

describe("a client that sends too fast", beyondReference("has no such limit"), () => {
  const event = (at) => `42["message",${at}]`;

  it("is made to wait while others are served", async () => {
    const server = await startPunctualServer("--messages-per-s", "100", "--ping-timeout", "60000");
    const flooder = await connect(server);
    const bystander = await connect(server);
    let echoed = 0;
    flooder.ws.on("message", () => echoed++);
    const count = 40_000;
    for (let at = 0; at < count; at++) flooder.ws.send(event(at));
    await eventually(() => echoed > 0, "the first echo");
    for (let round = 0; round < 50; round++) await isIdle(bystander);
    assert.ok(echoed < count / 2, `${echoed} of ${count} were taken`);
    flooder.vanish();
    await isIdle(bystander);
  });

  for (const [name, open] of [
    ["WebSocket", undefined],
    ["long-polling", openPollingPeer],
  ]) {
    it(`loses nothing by it over ${name}`, async () => {
      const server = await startPunctualServer("--messages-per-s", "1000", "--ping-timeout", "60000");
      const flooder = await connect(server, { open });
      const count = 2_500;
      for (let from = 0; from < count; from += 100) {
        flooder.send(...Array.from({ length: 100 }, (_, at) => event(from + at)));
      }
      const all = async () => {
        for (let at = 0; at < count; at++) await flooder.expect(`42["message-back",${at}]`);
      };
      await within(all(), "all echoes", 20_000);
    });
  }

  it("is made to wait over long-polling by its POST", async () => {
    const server = await startPunctualServer("--messages-per-s", "100", "--ping-timeout", "60000");
    const flooder = await connect(server, { open: openPollingPeer });
    const { sid } = flooder.handshake;
    const post = (count) =>
      server.post({ sid }, Array.from({ length: count }, (_, at) => event(at)).join(RS));
    await post(2_000);
    const first = await Promise.race([post(1), post(1)]);
    assert.equal(first.status, 400, "the answer to one POST must still be waited for when the other arrives");
  });
});
