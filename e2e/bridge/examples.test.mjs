// The example providers as their readers run them.

import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect } from "./peers.mjs";
import { python, root, startHub, startProcess } from "./support.mjs";

let hub;
before(async () => {
  hub = await startHub();
});
after(() => hub?.stop());

const examples = join(root, "examples");

async function startPythonProvider(t, url, id) {
  const provider = startProcess(python, [join(examples, "python/provider.py"), "--hub", url, "--id", id]);
  t.after(() => provider.stop());
  await provider.line(/^serving /);
  return provider;
}

test("the Python provider", async (t) => {
  const id = "PYTHON-CLIENT-SAMPLE";
  await startPythonProvider(t, hub.url, id);
  const [client, follower] = await Promise.all([connect(t, hub, "sio460"), connect(t, hub)]);
  for (const peer of [client, follower]) await peer.ask("register_client", { master_provider_id: id });
  const ask = async (cmd, data) => (await client.ask("request_provider", { to_provider_id: id, cmd, data })).result;

  assert.equal(await ask("double_me", 21), 42);
  assert.equal(await ask("double_me", -0.5), -1);
  assert.equal(await ask("fly", null), "cmd fly is not supported");

  client.emit("request_provider", { to_provider_id: id, data: "no cmd" });
  assert.equal(typeof (await ask("Start", 1)), "string");
  const speeds = (await follower.take("message_from_provider", 3)).map(({ cmd, data }) => [cmd, data]);
  assert.deepEqual(speeds, [["showSpeed", 0], ["showSpeed", 1], ["showSpeed", 2]]);
  assert.deepEqual(client.seen("provider_reply").map(({ cmd }) => cmd), ["double_me", "double_me", "fly", "Start"]);
  assert.deepEqual(follower.seen("provider_reply"), []);
});

test("the JavaScript provider", async (t) => {
  const folder = await installJavascriptExample(t);
  const provider = startProcess(process.execPath, [join(folder, "provider.mjs"), hub.url]);
  t.after(() => provider.stop());
  await provider.line(/^serving JAVASCRIPT-CLIENT-SAMPLE /);
  const client = await connect(t, hub);
  const request = (cmd, data) => client.emit("request_provider", { to_provider_id: "JAVASCRIPT-CLIENT-SAMPLE", cmd, data });

  request("countdown", 3);
  assert.deepEqual((await client.take("provider_reply", 4)).map(({ result }) => result), [3, 2, 1, 0]);
  request("echo", Buffer.from("bytes"));
  assert.deepEqual((await client.next("provider_reply")).result, Buffer.from("bytes"));
  request("fly");
  assert.equal((await client.next("provider_reply")).result, "cmd fly is not supported");
});

/** A copy of the example beside a `node_modules` that holds the client of these tests, as `npm install` would make it. */
async function installJavascriptExample(t) {
  const folder = await mkdtemp(join(tmpdir(), "campanile-example-"));
  t.after(() => rm(folder, { recursive: true }));
  await cp(join(examples, "javascript/provider.mjs"), join(folder, "provider.mjs"));
  await mkdir(join(folder, "node_modules"));
  await symlink(join(root, "e2e/node_modules/sio484"), join(folder, "node_modules/socket.io-client"));
  return folder;
}

test("providers and clients come back to a hub that was restarted", async (t) => {
  const first = await startHub({ config: "" });
  const address = new URL(first.url).host;
  let current = first;
  t.after(() => current?.stop());
  const provider = await startPythonProvider(t, first.url, "RETURNING");
  const client = await connect(t, first);

  // As a page would do it: registering on each connection.
  client.socket.on("connect", () => client.emit("register_client", { master_provider_id: "RETURNING" }));
  await client.ask("register_client", { master_provider_id: "RETURNING" });
  await first.stop();
  current = undefined;
  await provider.line(/^connection lost/);
  await client.next("(disconnect)");

  current = await startHub({ config: "", listen: address });
  await client.next("(connect)");
  await client.next("provider_status", ({ online }) => online);
  client.emit("request_provider", { to_provider_id: "RETURNING", cmd: "Start", data: 1 });
  assert.equal((await client.next("message_from_provider")).data, 0);
});
