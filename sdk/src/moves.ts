// Follows the redirects that an app pushes: waits as long as they say, then moves the browser. The last one counts.

import type { App } from "./app.ts";
import type { Redirect } from "./redirect.ts";
import { parseRedirect } from "./redirect.ts";

export interface MoveOptions {
  /** Goes to an absolute http(s) address. For pages that have a router of their own. */
  navigate?: ((url: string) => void) | undefined;
  /** Sees each redirect first, also a refused one; `false` stops it. */
  onRedirect?: ((redirect: Redirect) => boolean | void) | undefined;
}

export function followRedirects<Pushes extends object>(app: App<Pushes>, { navigate = assign, onRedirect }: MoveOptions = {}): () => void {
  let pending: ReturnType<typeof setTimeout> | undefined;
  const forget = app.onPush((name: string, message: unknown) => {
    if (name !== "redirect") return;
    const redirect = parseRedirect(message, app.here);
    if (onRedirect?.(redirect) === false || "refusal" in redirect) return;
    clearTimeout(pending);
    pending = setTimeout(() => move(redirect, navigate), redirect.delayMs);
  });
  return () => {
    forget();
    clearTimeout(pending);
  };
}

function move(redirect: Redirect, navigate: (url: string) => void): void {
  if ("back" in redirect) history.back();
  else if ("url" in redirect) navigate(redirect.url);
}

const assign = (url: string): void => location.assign(url);
