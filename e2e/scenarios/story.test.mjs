// The seed's own story, end to end: a form posts an object, a scenario on its change fires, what the form said is filled in,
// the right user's socket gets an alert, and everybody's the event of the refresher.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { arrived, connect, createApp, fence, startHub } from "../push/support.mjs";
import { ended } from "./support.mjs";

const require = createRequire(import.meta.url);
let hub, app;
before(async () => {
  hub = await startHub();
  app = await createApp(hub);
  app.ann = await app.user("ann", { profile: { name: "Ann" } });
  app.bob = await app.user("bob");
  await app.api.put(`${app.path}/structures/requests`, {
    fields: [
      { name: "name", type: "string" },
      { name: "text", type: "string" },
      { name: "status", type: "string" },
      { name: "owner", type: "link", structure: "WebUser" },
    ],
  });
  await app.api.put(`${app.path}/endpoints/requests/form`, { write: "users", read: "owner" });
});
after(() => hub?.stop());

test("a form posts an object, and the right people hear of it", async (t) => {
  await app.api.put(`${app.path}/scenarios/request-changed`, {
    id: "request-changed",
    trigger: { type: "object_changed", structure: "requests", fields: ["status"] },
    filter: "status == 'answered'",
    steps: [
      { type: "push", user_id: "{{owner}}", event_name: "alert", message: "{{name}}, your request is {{status}} ({{owner.name}})" },
      { type: "push", user_id: "*", event_name: "requests" },
    ],
  });
  const [ann, bob, guest] = [
    await connect(t, hub, { app_id: app.key, session_id: app.ann }),
    await connect(t, hub, { app_id: app.key, session_id: app.bob }),
    await connect(t, hub, { app_id: app.key }),
  ];
  const form = new (require("directual-api").default)({ appID: app.key, apiHost: hub.url }).structure("requests");
  const params = { sessionID: app.ann };
  const { result } = await form.setData("form", { name: "Ann", text: "Tea?", owner: "ann" }, params);
  const { id } = result[0];
  await form.setData("form", { id, text: "Tea, please?" }, params);
  await form.setData("form", { id, status: "answered" }, params);
  await form.setData("form", { id, status: "answered" }, params);

  await arrived(ann, 2);
  await fence(app, [ann, bob, guest]);
  assert.deepEqual(ann.arrivals, [["alert", "Ann, your request is answered (Ann)"], ["requests", ""]]);
  assert.deepEqual(bob.arrivals, [["requests", ""]]);
  assert.deepEqual(guest.arrivals, [["requests", ""]]);

  const { items } = await app.api.get(`${app.path}/runs?object=requests/${encodeURIComponent(id)}`);
  assert.equal(items.length, 1, "a change that is none, and one of another field, start nothing");
  const run = await ended(app, items[0].run);
  assert.deepEqual([run.scenario, run.status, run.version, run.depth], ["request-changed", "done", 1, 0]);
  assert.equal(run.cause, `object_changed requests/${id} by user:ann`);
  assert.deepEqual(run.steps.map(({ path, type, attempt }) => [path, type, attempt]), [["steps[0]", "push", 1], ["steps[1]", "push", 1]]);
  assert.equal(run.steps[0].input.message, "Ann, your request is answered (Ann)");
  assert.deepEqual([run.steps[0].output.delivered, run.steps[0].output.matched_users], [1, 1]);
});
