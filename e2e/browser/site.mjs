// A web site of a test's own: pages that the test writes and rewrites, requests that it counts and may hold back, and
// what a page heard from the kit.

import { createServer } from "node:http";

/**
 * Pages by path: a text, or a function of the request that gives one or `{status, headers, body}`.
 * @returns {Promise<{url: string, pages: object, requests: (path: string) => number, hold: (path: string) => () => void,
 *   stop: () => Promise<void>}>} `hold` keeps answers for a path back until the function that it returns is called
 */
export async function startSite(pages = {}) {
  const counts = new Map();
  const held = new Map();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    counts.set(pathname, (counts.get(pathname) ?? 0) + 1);
    const page = pages[pathname];
    const given = (typeof page === "function" ? page(request) : page) ?? { status: 404 };
    const { status = 200, headers = {}, body = "" } = typeof given === "string" ? { body: given } : given;
    // What is answered was true when the request came, whenever it arrives.
    await held.get(pathname)?.promise;
    response.writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", ...headers }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    pages,
    requests: (path) => counts.get(path) ?? 0,
    hold(path) {
      let release;
      const promise = new Promise((resolve) => (release = resolve));
      held.set(path, { promise });
      return () => {
        held.delete(path);
        release();
      };
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A page with the kit from the hub, connected to an app, that keeps what it hears in `heard`. Toasts stay, however slow the test is. */
export function pageWith(hub, app, body, { head = "", toaster = 'duration-ms="Infinity"' } = {}) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A page</title>
<link rel="icon" href="data:,">
<script src="${hub.url}/sdk/campanile.js"></script>
<script>
  window.heard = [];
  for (const name of ["push", "refresh", "refreshed", "refresh-failed", "redirect", "redirect-refused"]) {
    document.addEventListener("campanile-" + name, ({ detail }) => heard.push({ event: name, ...detail }));
  }
</script>
${head}
<body>
<campanile-app app-id="${app.key}"></campanile-app>
<campanile-status></campanile-status>
<campanile-toaster ${toaster}></campanile-toaster>
<campanile-redirect></campanile-redirect>
${body}
</body>
</html>`;
}

export const live = (page) => page.locator("campanile-status[state=online]").waitFor();

/** Waits until the page has heard `count` events of this name, and resolves with them. */
export async function heard(page, event, count = 1) {
  await page.waitForFunction(
    ([event, count]) => window.heard?.filter((each) => each.event === event).length >= count,
    [event, count],
  );
  return page.evaluate((event) => window.heard.filter((each) => each.event === event), event);
}

let fences = 0;

/** Waits until the page has everything that was pushed before. */
export async function fence(app, page) {
  const name = `fence-${(fences += 1)}`;
  await app.push("*", name);
  await page.waitForFunction((name) => window.heard.some((each) => each.name === name), name);
}
