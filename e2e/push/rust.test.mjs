// The program with the hub inside: what it reads is pushed to its user's browser, here a stock client.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { io } from "socket.io-client";

test("a push from Rust reaches its user", async (t) => {
  const program = spawn(process.env.CAMPANILE_EXAMPLE_PUSH, { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => program.kill());
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  const { url, app_id, session_id } = await next();
  const client = io(url, { transports: ["websocket"], auth: { app_id, session_id } });
  t.after(() => client.close());
  await once(client, "connect");
  for (const text of ["Ding dong", 'with "quotes" and 🔔', ""]) {
    const arrived = once(client, "message");
    program.stdin.write(`${text}\n`);
    assert.deepEqual(await arrived, [text]);
    const { matched_users, delivered, duplicate } = await next();
    assert.deepEqual({ matched_users, delivered, duplicate }, { matched_users: 1, delivered: 1, duplicate: false });
  }
  const stranger = io(url, { transports: ["websocket"], reconnection: false, auth: { app_id, session_id: "made up" } });
  t.after(() => stranger.close());
  const [error] = await once(stranger, "connect_error");
  assert.equal(error.data.code, "session_invalid");
  program.stdin.end();
  assert.deepEqual(await once(program, "exit"), [0, null]);
});
