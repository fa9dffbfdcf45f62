// The one script `campanile.js` and its sister `campanile.esm.js`: the elements and the rest of the kit for pages
// without a build step. The stock client is the page's own, or is loaded from the hub.

import type { AppOptions } from "./app.ts";
import { App } from "./app.ts";
import { AppElement, define } from "./elements/define.ts";
import type { Io } from "./connection.ts";
import { originOf } from "./connection.ts";

export { parseAlert } from "./alert.ts";
export { Burst } from "./burst.ts";
export { merge, remember } from "./elements/merge.ts";
export { CampanileError } from "./errors.ts";
export { followRedirects } from "./moves.ts";
export { isOnPage } from "./page.ts";
export { parseRedirect } from "./redirect.ts";

const RETRY_DELAY_MS = 5_000;
const DEFAULT_PATH = "/socket.io/";

/** Where this script came from, which is a hub more often than not. */
const here = (document.currentScript as HTMLScriptElement | null)?.src || import.meta.url;

const loading = new Map<string, Promise<Io>>();

/** Connects to an app of the hub; by default of the one that this script came from. */
export function connect<Pushes extends object = Record<string, string>>(options: AppOptions = {}): App<Pushes> {
  const host = options.host ?? AppElement.host;
  return new App<Pushes>(clientFor(host, options.path), { ...options, host });
}

function clientFor(host: string | undefined, path = DEFAULT_PATH): Io | Promise<Io> {
  const own = ownClient();
  if (own) return own;
  const url = `${originOf(host)}${path.replace(/\/?$/, "/")}socket.io.min.js`;
  const known = loading.get(url) ?? load(url);
  loading.set(url, known);
  return known;
}

const ownClient = (): Io | undefined => (globalThis as { io?: Io }).io;

/** Loads the client, and tries again for as long as the hub can't be reached. */
async function load(url: string): Promise<Io> {
  for (;;) {
    await new Promise<unknown>((settled) => {
      const script = document.createElement("script");
      script.addEventListener("load", settled);
      script.addEventListener("error", settled);
      script.src = url;
      document.head.append(script);
    });
    const own = ownClient();
    if (own) return own;
    console.warn(`campanile: ${url} didn't load; it is tried again`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
  }
}

AppElement.io = clientFor;
AppElement.host = here ? originOf(here) : undefined;
define();
