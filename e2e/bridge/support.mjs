// Starts and stops hubs for the tests of this folder and of `browser/`. Knows the binary's command line and its
// configuration file, nothing about events.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const python = join(root, "e2e/.venv/bin/python");

const CONDITION_DEADLINE_MS = 20_000;

/**
 * A running hub. Without a config, BRIDGE_URL names one that runs already.
 * @param {{config?: string, listen?: string | null, data?: string}} options `listen` null leaves it to the config;
 *   `data` is the data folder of a former hub
 */
export async function startHub({ config, listen = "127.0.0.1:0", data } = {}) {
  if (process.env.BRIDGE_URL && config === undefined && listen?.endsWith(":0")) {
    return hubAt(process.env.BRIDGE_URL, async () => {});
  }
  const folder = await mkdtemp(join(tmpdir(), "campanile-e2e-"));
  data ??= join(folder, "data");
  const args = ["serve", "--data-dir", data];
  if (listen !== null) args.push("--listen", listen);
  if (config !== undefined) {
    await writeFile(join(folder, "campanile.toml"), config);
    args.push("--config", join(folder, "campanile.toml"));
  }
  const hub = startProcess(binary(), args);
  // The banner's last line: everything that is listened on has been said by then.
  await hub.line(/^ +data /);
  const urls = hub.lines.map((line) => line.match(/listening on (https?:\/\/\S+)/)?.[1]).filter(Boolean);
  const stop = async () => {
    await hub.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const stopAndKeepData = async () => {
    await hub.stop();
    return data;
  };
  return { ...hubAt(urls[0], stop), urls, stopAndKeepData };
}

function hubAt(url, stop) {
  const api = (path, options) => fetch(`${url}/api/v1/apps/public/providers${path}`, options);
  return {
    url,
    stop,
    api,
    /** POSTs `body` (a string goes as it is, anything else as JSON) to the part of the API that is about providers. */
    post: (path, body) =>
      api(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    provider: async (id) => (await (await api("")).json()).items.find((item) => item.provider_id === id && item.online),
  };
}

/** A child process whose lines, of stdout and stderr, can be waited for. */
export function startProcess(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const lines = [];
  const looks = new Set();
  const look = () => looks.forEach((each) => each());
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      look();
    });
  }
  const ended = new Promise((resolve) => {
    child.once("error", (error) => {
      lines.push(String(error));
      resolve();
    });
    child.once("close", resolve);
  });
  return {
    lines,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const found = () => {
          const match = lines.map((line) => line.match(pattern)).find(Boolean);
          if (!match) return;
          looks.delete(found);
          resolve(match);
        };
        looks.add(found);
        found();
        ended.then(() => reject(new Error(`${command} ended without ${pattern}:\n${lines.join("\n")}`)));
      }),
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      await ended;
    },
  };
}

/** Asks again until the answer is truthy, for what can only be looked up and not be waited for. */
export async function until(what, condition) {
  const deadline = Date.now() + CONDITION_DEADLINE_MS;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await pause(25);
  }
}

export function binary() {
  const built = ["release", "debug"].map((profile) => join(root, "target", profile, "campanile"));
  const path = process.env.CAMPANILE_BIN ?? built.find(existsSync);
  if (!path) throw new Error("no campanile binary: run `cargo build --release`, or set CAMPANILE_BIN or BRIDGE_URL");
  return path;
}
