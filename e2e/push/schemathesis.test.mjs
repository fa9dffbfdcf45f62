// Schemathesis calls the API with what its description allows and with what it doesn't, and holds every answer against
// it. With SCHEMATHESIS_EXAMPLES=200 and more it looks longer than a test run has time for.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../bridge/support.mjs";
import { createApp, startHub } from "./support.mjs";

const EXAMPLES = process.env.SCHEMATHESIS_EXAMPLES ?? "15";

/**
 * Ids that exist, so that calls get further than to a 404; calls that would end the run's own access, or last for ever; and those whose
 * refusals are a 400 where a schema can't say why: of a wrong password, as front ends of the other platform expect, of
 * a time zone that nobody knows, of what doesn't fit the fields of a structure, or an endpoint that needs one, and of
 * what is written in a scenario or a page in a language of its own, or twice.
 */
const settings = (app) => `
[parameters]
"path.app" = "${app.id}"
"path.structure" = "orders"
"path.method" = "list"
"path.scenario" = "told"
"path.hook" = "${app.hook}"

[[operations]]
include-operation-id = ["logOut", "deleteApp", "watchTraffic"]
enabled = false

[[operations]]
include-operation-id = [
  "compatibleLogIn", "compatibleRead", "compatibleWrite", "createApp", "updateApp", "putStructure", "putEndpoint",
  "listObjects", "createObjects", "updateObject", "replaceObject", "putScenario", "testScenario", "runScenario",
  "putPage", "checkPage",
]
checks.positive_data_acceptance.enabled = false
`;

test("Schemathesis finds no answer that the description doesn't know", async (t) => {
  const hub = await startHub();
  t.after(() => hub.stop());
  const app = await createApp(hub, {}, ["socket.io", "bridge"]);
  await app.user("ann", { role: "editor" });
  await app.push("ann", "message", "text");
  await app.api.put(`${app.path}/structures/orders`, { fields: [{ name: "total", type: "number" }, { name: "extra", type: "json" }] });
  await app.api.put(`${app.path}/endpoints/orders/list`, { read: "anyone", write: "anyone" });
  const told = { id: "told", trigger: { type: "webhook" }, steps: [{ type: "log", message: "{{HttpRequest.body}}" }] };
  app.hook = (await app.api.put(`${app.path}/scenarios/told`, told)).hook_path.split("/").at(-1);
  const folder = await mkdtemp(join(tmpdir(), "campanile-schemathesis-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "schemathesis.toml"), settings(app));

  const run = spawn(join(root, "e2e/.venv/bin/st"), [
    ...["--config-file", join(folder, "schemathesis.toml"), "run", `${hub.url}/api/v1/openapi.json`],
    ...["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", "4100"],
    ...["--header", `Authorization: Bearer ${hub.token}`, "--request-timeout", "10", "--continue-on-failure"],
    ...["--generation-database", "none"],
  ], { cwd: folder });
  let text = "";
  for (const stream of [run.stdout, run.stderr]) stream.on("data", (data) => (text += data));
  const [code] = await once(run, "close");
  assert.equal(code, 0, text);
  assert.equal((await hub.api.get(app.path)).id, app.id, "the hub lives on");
});
