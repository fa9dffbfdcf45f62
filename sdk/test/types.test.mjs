// The types as they are shipped, seen by a consumer.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

test("a consumer compiles", () => {
  const options = "--noEmit --strict --target es2022 --module esnext --moduleResolution bundler --jsx react-jsx --skipLibCheck false --lib es2022,dom,dom.iterable --types react";
  const folder = fileURLToPath(new URL("..", import.meta.url));
  const tsc = spawnSync("node_modules/.bin/tsc", ["--ignoreConfig", ...options.split(" "), "test/consumer.tsx"], { cwd: folder, encoding: "utf8" });
  const ours = `${tsc.stdout}${tsc.stderr}`.split("\n").filter((line) => line && !line.startsWith("node_modules/"));
  assert.deepEqual(ours, []);
});
