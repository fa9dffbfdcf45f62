// A hub under mixed traffic of a fixed load for as long as you like: memory, open files and threads must stay flat after
// a warm-up, and everything that goes wrong must be something that was provoked.
//
//   node e2e/soak/soak.mjs [--minutes 30] [--binary target/release/campanile] [--port 4650] [--summary FILE.md]
//
// `actors.mjs` is the traffic, `watch.mjs` what is measured and how it is judged. The exit code is the verdict.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startActors } from "./actors.mjs";
import { Watch } from "./watch.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    binary: { type: "string", default: join(root, "target/release/campanile") },
    port: { type: "string", default: "4650" },
    summary: { type: "string" },
  },
});

const SAMPLE_INTERVAL_MS = 10_000;
/** Half-open requests are cut after 10 s, silent sessions after 45 s; both add up once more for a session that just began. */
const EMPTY_DEADLINE_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), "campanile-soak-"));
const listen = `127.0.0.1:${options.port}`;
const child = spawn(options.binary, ["serve", "--listen", listen, "--data-dir", join(folder, "data")], {
  stdio: ["ignore", "pipe", "pipe"],
});
process.once("exit", () => {
  child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const log = [];
createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
for await (const line of createInterface({ input: child.stdout })) {
  if (/^ +data /.test(line)) break;
}

const hub = { url: `http://${listen}`, host: "127.0.0.1", port: Number(options.port), pid: child.pid };
const watch = new Watch(hub);
await watch.sample();
const [idle] = watch.samples;
const actors = startActors(hub);

const end = Date.now() + Number(options.minutes) * 60_000;
while (Date.now() < end && child.exitCode === null) {
  await pause(Math.min(SAMPLE_INTERVAL_MS, Math.max(0, end - Date.now())));
  console.log(Watch.line(await watch.sample()));
}
await actors.stop();

const emptyBy = Date.now() + EMPTY_DEADLINE_MS;
while (child.exitCode === null && Date.now() < emptyBy && !Watch.isEmpty(await watch.sample(), idle)) await pause(2_000);

const verdict = watch.judge({ idle, counts: actors.counts, log, exitCode: child.exitCode });
const machine = `${cpus().length} × ${cpus()[0].model}, Linux ${release()}, Node ${process.version}`;
const summary = watch.summary({ verdict, counts: actors.counts, minutes: options.minutes, machine });
console.log(summary);
for (const line of [...actors.unexplained, ...log]) console.log(line);
if (options.summary) writeFileSync(options.summary, summary);
process.exit(verdict.every(({ ok }) => ok) ? 0 : 1);
