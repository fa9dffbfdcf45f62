// Where the event `redirect` takes a browser that is at some address, read as front ends read it.

export interface Redirect {
  /** Where to, as a whole address; "back" is the one before in the browser's history. */
  to: string;
  delay_ms: number;
}

/** Reads a message of the event for a browser that is at `from`; a text says why it is refused. */
export function readRedirect(message: string, from: string): Redirect | string {
  const { target, delay_ms } = partsOf(message);
  if (!target) return "The message names no target.";
  if (target === "<=") return { to: "back", delay_ms };
  const to = destination(target, new URL(from));
  const isHttp = to?.protocol === "http:" || to?.protocol === "https:";
  return isHttp ? { to: to.href, delay_ms } : "Only http, https and relative targets are followed.";
}

function partsOf(message: string): { target: string; delay_ms: number } {
  try {
    const { redirect, ...own } = JSON.parse(message);
    const { target, delay } = redirect ?? own;
    return { target: String(target ?? "").trim(), delay_ms: Number(delay) || 0 };
  } catch {
    return { target: message.trim(), delay_ms: 0 };
  }
}

function destination(target: string, from: URL): URL | undefined {
  const segments = from.pathname.split("/").filter(Boolean);
  const ups = /^(?:\.\.\/?)+/.exec(target)?.[0];
  if (ups) {
    const left = segments.slice(0, Math.max(0, segments.length - ups.split("..").length + 1));
    return new URL(`/${[...left, target.slice(ups.length)].filter(Boolean).join("/")}`, from);
  }
  if (target.startsWith("./")) return new URL(`/${[...segments, target.slice(2)].join("/")}`, from);
  try {
    return new URL(target, from);
  } catch {
    return undefined;
  }
}
