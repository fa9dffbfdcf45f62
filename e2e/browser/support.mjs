// A browser, and a web server whose pages are of another origin than the hub's.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { python, root, startProcess } from "../bridge/support.mjs";

const APPEARANCE_DEADLINE_MS = 15_000;
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });

/** A page in a context of its own. What goes wrong in it is kept in `page.errors`. */
export async function openPage(t, browser, url) {
  const page = await browser.newPage();
  t.after(() => page.close());
  page.setDefaultTimeout(APPEARANCE_DEADLINE_MS);
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  await page.goto(url);
  return page;
}

const TYPES = { js: "text/javascript", css: "text/css", svg: "image/svg+xml", png: "image/png" };

/** Serves the given files under the given paths, on an origin of its own, to pages of all others too. */
export async function serveFiles(files) {
  const server = createServer(async (request, response) => {
    const file = files[new URL(request.url, "http://localhost").pathname];
    if (!file) return response.writeHead(404).end();
    const type = TYPES[file.split(".").at(-1)] ?? "text/html; charset=utf-8";
    response.writeHead(200, { "content-type": type, "access-control-allow-origin": "*" }).end(await readFile(join(root, file)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The example provider in Python, registered at the hub under `id`. */
export async function startPythonProvider(t, hub, id) {
  const provider = startProcess(python, [join(root, "examples/python/provider.py"), "--hub", hub.url, "--id", id]);
  t.after(() => provider.stop());
  await provider.line(/^serving /);
}
