// The HTTP API, typed by its own description. Knows how a page proves who it is and what refusals look like; no rule
// of apps or users, and nothing of React.

import createClient from "openapi-fetch";
import type { Finding, Problem as Details, paths } from "../../types/api";

export type * from "../../types/api";

/** Of the API, and one for what never reached it. */
export type Code = Details["code"] | "unreachable";

/** How a call failed. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly code: Code,
    readonly detail: string,
    readonly status = 0,
    /** After how many seconds to try again, if the hub says so. */
    readonly retryAfterS?: number,
    /** All that is wrong with a scenario, each with its place. */
    readonly mistakes: Finding[] = [],
  ) {
    super(`${code}: ${detail}`);
  }

  /** The field that it is about, if the detail begins with one, and what is wrong with it. */
  get field(): { name: string; problem: string } | undefined {
    const [, name, problem] = /^([a-z_]+): (.+)$/s.exec(this.detail) ?? [];
    return this.code === "invalid_payload" && name && problem ? { name, problem } : undefined;
  }
}

let csrfToken = "";

/** From now on calls that change something show this token, which came with the login. */
export function showCsrfToken(token: string) {
  csrfToken = token;
}

export const hub = createClient<paths>({ baseUrl: location.origin });

hub.use({
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
  },
  onError({ error }) {
    return error instanceof Problem ? error : new Problem("unreachable", "the hub doesn't answer");
  },
});

/** What an answer that is a refusal says. */
export async function problemOf(response: Response): Promise<Problem> {
  const retryAfterS = Number(response.headers.get("Retry-After")) || undefined;
  const details: Partial<Details> = await response.json().catch(() => ({}));
  // What isn't problem details comes from something between the hub and here.
  const { code = "unreachable", detail = `something between here and the hub answered ${response.status}`, mistakes } = details;
  return new Problem(code, detail, response.status, retryAfterS, mistakes);
}

/** What a call answers. Refusals have become a thrown `Problem` by then. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}
