// Bursts: how many runs signals become, at every moment they may come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Burst } from "campanile-sdk";

/** Gates that open one by one: each call waits at a gate of its own. */
function gates() {
  const open = [];
  let came = () => {};
  const gate = () =>
    new Promise((resolve, reject) => {
      open.push({ resolve, reject });
      came();
    });
  const count = async (wanted) => {
    while (open.length < wanted) await new Promise((resolve) => (came = resolve));
    return open[wanted - 1];
  };
  return { gate, count, get length() { return open.length; } };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("signals that come together are one run", async () => {
  const [waits, runs] = [gates(), gates()];
  const burst = new Burst(waits.gate, runs.gate);
  for (let signal = 0; signal < 20; signal += 1) burst.signal();
  (await waits.count(1)).resolve();
  (await runs.count(1)).resolve();
  await settled();
  assert.deepEqual([waits.length, runs.length], [1, 1]);
});

test("signals during a run are one more, which begins after it", async () => {
  const [waits, runs] = [gates(), gates()];
  const burst = new Burst(waits.gate, runs.gate);
  burst.signal();
  (await waits.count(1)).resolve();
  const first = await runs.count(1);
  for (let signal = 0; signal < 20; signal += 1) burst.signal();
  await settled();
  assert.deepEqual([waits.length, runs.length], [1, 1]);
  first.resolve();
  const wait = await waits.count(2);
  for (let signal = 0; signal < 20; signal += 1) burst.signal();
  wait.resolve();
  (await runs.count(2)).resolve();
  await settled();
  assert.deepEqual([waits.length, runs.length], [2, 2]);
  burst.signal();
  (await waits.count(3)).resolve();
  await runs.count(3);
});

test("a run that fails is reported, and the next signal runs again", async () => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  const [waits, runs] = [gates(), gates()];
  const burst = new Burst(waits.gate, runs.gate);
  burst.signal();
  (await waits.count(1)).resolve();
  (await runs.count(1)).reject(new Error("no"));
  await settled();
  assert.deepEqual(reported, ["no"]);
  burst.signal();
  (await waits.count(2)).resolve();
  await runs.count(2);
});

test("after it was stopped nothing runs", async () => {
  const [waits, runs] = [gates(), gates()];
  const burst = new Burst(waits.gate, runs.gate);
  burst.signal();
  const wait = await waits.count(1);
  burst.stop();
  wait.resolve();
  burst.signal();
  await settled();
  assert.deepEqual([waits.length, runs.length], [1, 0]);
});
