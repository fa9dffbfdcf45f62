// The hub's HTTP calls that a page makes, with the app's key and the visitor's session. The browser's cookies stay at home: an
// administrator who looks at a page does nothing as an administrator there.

import type { PageDocument } from "./document.ts";
import type { Scope } from "./template.ts";

const READ_TIMEOUT_MS = 30_000;
/** Longer than the hub waits for a scenario's answer by default. */
const WRITE_TIMEOUT_MS = 45_000;
const MESSAGE_CHARACTERS_MAX = 500;

/** Why a call didn't do what it should. `status` is 0 if nobody knows whether it arrived. */
export class HubError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Part {
  items: Scope[];
  page: number;
  pages: number;
  total: number;
}

export interface Query {
  page?: number | undefined;
  page_size?: number | null | undefined;
  sort?: string | null | undefined;
}

export interface User {
  id: string;
  role: string;
}

/** What came back from a write: the object, or whatever a scenario has said. */
export type Written = { object: Scope } | { said: string };

/** Parameters of the page's address that are not for endpoints. */
const OWN = ["preview", "appID", "sessionID", "page", "pageSize", "sort", "format"];

export class Hub {
  readonly app: string;
  readonly key: string;
  session: string | undefined;
  /** Parameters of the page's address: endpoints get them as `{{HttpRequest.x}}`, templates too. */
  readonly parameters: Record<string, string>;

  constructor(app: string, key: string) {
    this.app = app;
    this.key = key;
    this.parameters = Object.fromEntries([...new URLSearchParams(location.search)].filter(([name]) => !OWN.includes(name)));
  }

  /** The document of a page, for whoever this is. */
  async page(page: string): Promise<PageDocument> {
    const headers: Record<string, string> = this.session ? { authorization: `Bearer ${this.session}` } : {};
    const path = `/p/${encodeURIComponent(this.app)}/${encodeURIComponent(page)}/document`;
    const { document } = await json(path, { headers }, READ_TIMEOUT_MS);
    return document;
  }

  async read(endpoint: string, { page = 0, page_size, sort }: Query = {}): Promise<Part> {
    const query = this.#query({ page: String(page), ...(page_size && { pageSize: String(page_size) }), ...(sort && { sort }) });
    const { payload, pageInfo } = await json(`${pathOf(endpoint)}?${query}`, {}, READ_TIMEOUT_MS);
    return { items: payload, page: pageInfo.page, pages: Math.max(pageInfo.totalPages, 1), total: pageInfo.tableSize };
  }

  /** The first object that an endpoint shows, if there is one. */
  async first(endpoint: string): Promise<Scope | undefined> {
    return (await this.read(endpoint, { page_size: 1 })).items[0];
  }

  async write(endpoint: string, object: Scope): Promise<Written> {
    const body = JSON.stringify(object);
    const headers = { "content-type": "application/json" };
    const response = await send(`${pathOf(endpoint)}?${this.#query({})}`, { method: "POST", headers, body }, WRITE_TIMEOUT_MS);
    const text = await response.text();
    const answer = parsed(text);
    if (Array.isArray(answer?.result)) return { object: answer.result[0] ?? {} };
    return answer && typeof answer === "object" && !Array.isArray(answer) ? { object: answer } : { said: text };
  }

  async logIn(username: string, password: string): Promise<{ token: string; user: User }> {
    const body = JSON.stringify({ provider: "rest", appID: this.key, username, password });
    const headers = { "content-type": "application/json" };
    const { result } = await json("/good/api/v5/auth", { method: "POST", headers, body }, READ_TIMEOUT_MS);
    return { token: result.token, user: { id: result.username, role: result.role } };
  }

  /** Whose session this is; nobody's if it is over. */
  async check(session: string): Promise<User | undefined> {
    const { result } = await json(`/good/api/v4/auth/check?${this.#query({}, session)}`, {}, READ_TIMEOUT_MS);
    return result.result ? { id: result.username, role: result.role } : undefined;
  }

  async logOut(session: string): Promise<void> {
    await json(`/good/api/v4/auth/logout?${this.#query({}, session)}`, {}, READ_TIMEOUT_MS);
  }

  #query(more: Record<string, string>, session = this.session): URLSearchParams {
    return new URLSearchParams({ ...this.parameters, ...more, appID: this.key, ...(session && { sessionID: session }) });
  }
}

function pathOf(endpoint: string): string {
  return `/good/api/v5/data/${String(endpoint).split("/").map(encodeURIComponent).join("/")}`;
}

// The calls above say what they expect.
type Answer = any;

async function json(path: string, init: RequestInit, timeoutMs: number): Promise<Answer> {
  const response = await send(path, init, timeoutMs);
  return response.json();
}

async function send(path: string, init: RequestInit, timeoutMs: number): Promise<Response> {
  const signal = AbortSignal.timeout(timeoutMs);
  const failed = (error: unknown) => {
    const isLate = (error as Error).name === "TimeoutError";
    throw new HubError(0, isLate ? "The hub took too long to answer." : "The hub can't be reached.");
  };
  const response = await fetch(path, { ...init, signal, cache: "no-store", credentials: "omit" }).catch(failed);
  if (!response.ok) throw new HubError(response.status, messageOf(response.status, await response.text()));
  return response;
}

/** The hub's own errors have a message; a scenario may have answered anything. */
function messageOf(status: number, text: string): string {
  const { msg, detail, message } = (parsed(text) ?? {}) as Record<string, unknown>;
  const said = [msg, detail, message].find((each) => typeof each === "string" && each) ?? (parsed(text) ? "" : text);
  return String(said).slice(0, MESSAGE_CHARACTERS_MAX) || `The hub answered with an error (${status}).`;
}

function parsed(text: string): Answer {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
