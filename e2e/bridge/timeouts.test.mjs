// Providers that don't answer in time.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect } from "./peers.mjs";
import { startHub } from "./support.mjs";

const id = "SLOW";

let hub;
before(async () => {
  hub = await startHub({ config: "[bridge]\nrequest_timeout_ms = 300\n" });
});
after(() => hub?.stop());

test("the ack says so, and a late reply still arrives as an event", async (t) => {
  const [provider, client] = await Promise.all([connect(t, hub), connect(t, hub)]);
  await provider.ask("register_provider", { provider_id: id });
  const answer = await client.ask("request_provider", { to_provider_id: id, cmd: "think" });
  assert.equal(answer.error.code, "timeout");
  assert.equal(typeof answer.error.message, "string");

  provider.emit("provider_reply", { ...(await provider.next("new_request")), result: 42 });
  assert.equal((await client.next("provider_reply")).result, 42);
});

test("a request over HTTP gets 504, and a late reply is harmless", async (t) => {
  const provider = await connect(t, hub);
  await provider.ask("register_provider", { provider_id: id });
  const response = await hub.post(`/${id}/request`, { cmd: "think" });
  assert.equal(response.status, 504);
  assert.equal((await response.json()).code, "timeout");

  await provider.ask("provider_reply", { ...(await provider.next("new_request")), result: 42 });
  const answer = hub.post(`/${id}/request`, { cmd: "think again" });
  provider.emit("provider_reply", { ...(await provider.next("new_request")), result: 43 });
  assert.equal((await (await answer).json()).result, 43);
});
