// What makes a page hard or impossible to use for somebody, as axe-core finds it.

import { createRequire } from "node:module";

const axe = createRequire(import.meta.url)("axe-core");

const LOOKS_MAX = 3;

/** Waits until nothing moves any more that ever ends. */
const still = (page) =>
  page.evaluate(() => {
    const ends = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity);
    return Promise.all(ends.map(({ finished }) => finished.catch(() => {})));
  });

/** All that is serious or worse. What is just fading in has colours of its own, so it is looked at again. */
export async function findings(page) {
  let found = [];
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    await still(page);
    found = await look(page);
    if (found.length === 0) break;
  }
  return found;
}

async function look(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}
