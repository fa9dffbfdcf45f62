// What the tests of scenarios share: runs that are waited for, and what was pushed. Knows the paths of the API and no rule
// of scenarios.

import { until } from "../push/support.mjs";

const OPEN = ["queued", "running", "waiting", "retrying"];

/** Waits until a run has ended, and resolves with it and its steps. */
export async function ended(app, run) {
  let found;
  await until(`the end of run ${run}`, async () => {
    found = await app.api.get(`${app.path}/runs/${run}`);
    return !OPEN.includes(found.status);
  });
  return found;
}

/** Waits until so many runs that match have ended, and resolves with them, oldest first. */
export async function runs(app, query, count) {
  let items = [];
  await until(`${count} runs with ${query}`, async () => {
    ({ items } = await app.api.get(`${app.path}/runs?limit=200&${query}`));
    return items.length >= count && items.every(({ status }) => !OPEN.includes(status));
  });
  return items.reverse();
}

/** Saves a scenario. */
export const put = (app, document) => app.api.put(`${app.path}/scenarios/${document.id}`, document);
