// A hub that is killed loses no change and no run. Three kills here; `node e2e/scenarios/kill9.mjs --changes 10000` for more.

import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "./kill9.mjs";

test("every change has its push, in order, through SIGKILL", async () => {
  const { confirmed, committed, pushes, kills } = await run({ changes: 400, kills: 3 });
  assert.ok(kills === 3 && confirmed >= 400 && committed >= confirmed && pushes === committed);
});
