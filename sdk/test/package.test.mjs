// The package as it is shipped: its size, its entries, and its documentation.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const SCRIPT_BYTES_MAX = 12 * 1_024;

const read = (path) => readFile(new URL(`../${path}`, import.meta.url), "utf8");
const all = (text, pattern) => [...new Set([...text.matchAll(pattern)].map(([, found]) => found))];

test("the script is small, and has no copy of the stock client", async () => {
  for (const script of ["campanile.js", "campanile.esm.js"]) {
    const text = await read(`dist/${script}`);
    const size = gzipSync(text, { level: 9 }).length;
    assert.ok(size <= SCRIPT_BYTES_MAX, `${script}: ${size} bytes`);
    assert.ok(!/engine\.io|EIO=/.test(text), script);
  }
});

test("what the application installs isn't in the modules", async () => {
  const { peerDependencies } = JSON.parse(await read("package.json"));
  const react = await read("dist/react.js");
  for (const name of ["react", "react-hot-toast"]) assert.match(react, new RegExp(`from "${name}"`));
  const index = `${await read("dist/index.js")}${react}`;
  assert.ok(!/createElementNS|engine\.io/.test(index));
  assert.deepEqual(Object.keys(peerDependencies).sort(), ["react", "react-hot-toast", "socket.io-client"]);
});

test("everything that is exported is documented", async () => {
  const docs = await read("../docs/sdk.md");
  const named = new Set(all(docs, /([A-Za-z][\w-]*)/g));
  const entries = ["src/core.ts", "src/index.ts", "src/react.tsx", "src/elements/define.ts"];
  const sources = (await Promise.all(entries.map(read))).join("\n");
  const lists = all(sources, /export (?:type )?\{([^}]+)\}/g).flatMap((list) => list.split(",").map((name) => name.trim()));
  const exported = [...lists, ...all(sources, /export (?:interface|function|const|type) (\w+)/g)].filter(Boolean);
  assert.ok(exported.length > 30, exported.join());
  assert.deepEqual(exported.filter((name) => !named.has(name)), []);
});

test("every attribute, event, property and code is documented", async () => {
  const docs = await read("../docs/sdk.md");
  const elements = ["app", "part", "status", "toaster", "refresher", "redirect", "merge", "content"];
  const sources = (await Promise.all([...elements.map((name) => `src/elements/${name}.ts`), "src/errors.ts", "src/redirect.ts"].map(read))).join("\n");
  const attributes = [...all(sources, /(?:getAttribute|numberIn|#attribute)\((?:this, )?"([\w-]+)"/g), ...all(sources, /"(data-[\w-]+)"/g)];
  const events = all(sources, /announce\(this, "([\w-]+)"/g).map((name) => `campanile-${name}`);
  const codes = [...all(await read("src/errors.ts"), /"([a-z]+_[a-z_]+)"/g), ...all(await read("src/redirect.ts"), /"(target_\w+)"/g)];
  assert.ok(attributes.length >= 9 && events.length >= 6 && codes.length > 20, `${attributes} ${events} ${codes}`);
  assert.deepEqual([...attributes, ...events, ...codes].filter((name) => !docs.includes(`\`${name}\``)), []);
});
