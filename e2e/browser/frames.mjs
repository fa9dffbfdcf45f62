// How a page keeps up: how long its frames take while much happens, and how much memory it holds. Judges nothing.

/** Begins to measure the frames of a page. `report` tells what there was since. */
export async function framesOf(page) {
  await page.evaluate(() => {
    const frames_ms = [];
    const tasks_ms = [];
    let last;
    const look = (now) => {
      if (last !== undefined) frames_ms.push(now - last);
      last = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    new PerformanceObserver((list) => tasks_ms.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
    window.measured = { frames_ms, tasks_ms };
  });
  const began_ms = Date.now();
  return {
    report: async () => {
      const { frames_ms, tasks_ms } = await page.evaluate(() => window.measured);
      const s = ((Date.now() - began_ms) / 1000).toFixed(1);
      const sorted = frames_ms.toSorted((a, b) => a - b);
      const part = (share) => `${sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1)} ms`;
      return (
        `${sorted.length} frames in ${s} s: median ${part(0.5)}, 95 % ${part(0.95)}, 99 % ${part(0.99)}, longest ${part(1)}; ` +
        `${tasks_ms.length} tasks of 50 ms or more${tasks_ms.length > 0 ? `, longest ${Math.max(...tasks_ms).toFixed(0)} ms` : ""}`
      );
    },
  };
}

/** What scripts hold on to. */
export async function heapBytesOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

/** So many broadcasts may be on their way: a hub that isn't optimised sets the pace. */
const UNDER_WAY_MAX = 500;

/** A provider broadcasts so often to a follower, as fast as that hears it. */
export async function pour(provider, follower, count) {
  let [sent, heard] = [0, 0];
  await new Promise((resolve) => {
    const send = () => {
      while (sent < count && sent - heard < UNDER_WAY_MAX) provider.emit("sent_to_my_clients", { cmd: "position", data: { number: (sent += 1), lat: 48.137154, lon: 11.576124, speed: 88.5 } });
    };
    const hear = () => {
      heard += 1;
      if (heard === count) {
        follower.off("message_from_provider", hear);
        resolve();
      } else if (sent - heard < UNDER_WAY_MAX / 2) send();
    };
    follower.on("message_from_provider", hear);
    send();
  });
}
