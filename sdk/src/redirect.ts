// Where a message of the event `redirect` leads. A target is one of the few forms that are documented, and whatever
// could be read in two ways is refused. Moves nothing: see `moves.ts`.

import { fieldsOf, numberOf, textOf } from "./fields.ts";

const TARGET_CHARACTERS_MAX = 2_000;
const DELAY_MS_MAX = 600_000;

/** Why a target is refused: nothing is there, characters that no address has, or a form that isn't one of ours. */
export type Refusal = "target_missing" | "target_characters" | "target_unknown";

export type Redirect = { delayMs: number; target: string } & (
  | { back: true }
  | { url: string }
  | { refusal: Refusal }
);

/** Reads a message on the page with the address `here`. `url` is absolute, and http or https. */
export function parseRedirect(message: unknown, here: string): Redirect {
  const { target, delayMs } = askedBy(message);
  if (target === "<=") return { target, delayMs, back: true };
  const found = resolve(target, new URL(here));
  return { target, delayMs, ...(found instanceof URL ? { url: found.href } : { refusal: found }) };
}

/** The target, and how long to wait, in each of the forms that a message may have. */
function askedBy(message: unknown): { target: string; delayMs: number } {
  const outer = fieldsOf(message);
  const inner = outer?.("redirect");
  const fields = fieldsOf(inner) ?? outer;
  const target = textOf(fields ? (fields("target") ?? inner) : message);
  const delay = numberOf(fields?.("delay")) ?? numberOf(outer?.("delay")) ?? 0;
  return { target, delayMs: Math.min(Math.max(delay, 0), DELAY_MS_MAX) };
}

function resolve(target: string, here: URL): URL | Refusal {
  if (target === "") return "target_missing";
  // Browsers drop some of these and turn a backslash into a slash, so that what is checked isn't where one goes.
  if (/[\s\\\p{C}]/u.test(target) || target.length > TARGET_CHARACTERS_MAX) return "target_characters";
  if (/^https?:\/\/[^/]/i.test(target)) return away(target);
  if (/^\/(?!\/)/.test(target)) return from(here, target);
  if (/^\.{1,2}\//.test(target)) return from(here, walked(here.pathname, target));
  return "target_unknown";
}

/** Names and passwords in an address have no use but to make it look like another one. */
function away(target: string): URL | Refusal {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  return url && !url.username && !url.password ? url : "target_unknown";
}

/** A path that begins with one slash stays on its site; a page without an origin has none. */
const from = (here: URL, path: string): URL | Refusal =>
  URL.canParse(path, here.origin) ? new URL(path, here.origin) : "target_unknown";

/** Walks from a path, of which every segment is a level: `../` goes one up, `./` stays, a name goes down. */
function walked(path: string, target: string): string {
  const [, steps = "", rest = ""] = /^([^?#]*)(.*)$/.exec(target) ?? [];
  const levels = path.split("/").filter(Boolean);
  for (const step of steps.split("/")) {
    if (step === "..") levels.pop();
    else if (step !== "" && step !== ".") levels.push(step);
  }
  return `/${levels.join("/")}${rest}`;
}
