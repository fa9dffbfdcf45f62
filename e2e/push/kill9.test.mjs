// A hub that is killed keeps what it confirmed. Three lives here; `node e2e/push/kill9.mjs --rounds 1000` for more.

import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "./kill9.mjs";

test("what was confirmed survives SIGKILL", async () => {
  const { sessions, pushes } = await run(3);
  assert.ok(sessions > 0 && pushes > 0, `${sessions} sessions and ${pushes} pushes`);
});
