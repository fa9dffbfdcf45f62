// Fetches pages of this site. Fetches of one address that began after everybody who asks had a reason are shared.

import { CampanileError } from "../errors.ts";

const FETCH_TIMEOUT_MS = 30_000;

const fetches = new Map<string, { startedAt: number; page: Promise<Document> }>();

/** The page at an address as it is now: fetched not before `since`, of `performance.now`. */
export async function pageAt(url: URL, since: number): Promise<Document> {
  if (url.origin !== location.origin) throw new CampanileError("origin_refused", `${url.origin} is another origin`);
  const known = fetches.get(url.href);
  if (known && known.startedAt >= since) return known.page;
  const fetching = { startedAt: performance.now(), page: load(url) };
  fetches.set(url.href, fetching);
  const forget = (): void => {
    if (fetches.get(url.href) === fetching) fetches.delete(url.href);
  };
  fetching.page.then(forget, forget);
  return fetching.page;
}

async function load(url: URL): Promise<Document> {
  // Past the browser's cache, in which requests for one address wait for each other.
  const asked = { headers: { accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) } as const;
  const response = await fetch(url, asked).catch((error: Error) => {
    throw new CampanileError("fetch_failed", `${url.href}: ${error.message}`);
  });
  if (!response.ok) throw new CampanileError("status_refused", `${url.href}: ${response.status}`);
  // Where a session is over, sites send to their login page. That isn't what this page shows.
  if (response.redirected && placeOf(response.url) !== placeOf(url.href)) {
    throw new CampanileError("redirected", `${url.href} leads to ${response.url}`);
  }
  const type = response.headers.get("content-type");
  if (!/^text\/html\b/i.test(type ?? "")) throw new CampanileError("not_html", `${url.href} is ${type}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** An address without query and closing slash. */
const placeOf = (address: string): string => address.replace(/\/?([?#].*)?$/, "");
