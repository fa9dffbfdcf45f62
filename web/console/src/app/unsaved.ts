// What is written and not saved yet: whoever would lose it by going somewhere else is asked first, be it by a link, by the
// browser's buttons, or by closing the tab. Knows addresses, not what is written.

import { useEffect } from "react";
import { type AroundNavHandler, useLocation, useSearch } from "wouter";

const BASE = "/console";

interface Unsaved {
  /** The address below which it stays. */
  within: string | undefined;
  /** Where one is at present. */
  href: string;
}

type Leave = () => void;

let unsaved: Unsaved | undefined;
let ask: ((leave: Leave) => void) | undefined;

/** Has leaving asked about while something is unsaved. Below `within`, an address in the console, it isn't lost. */
export function useUnsaved(isUnsaved: boolean, within?: string) {
  const [path] = useLocation();
  const search = useSearch();
  useEffect(() => {
    if (!isUnsaved) return;
    unsaved = { within: within && BASE + within, href: location.href };
    addEventListener("beforeunload", hold);
    return forgetUnsaved;
  }, [isUnsaved, within, path, search]);
}

/** It is saved, or given up: nobody is asked about it any more. */
export function forgetUnsaved() {
  unsaved = undefined;
  removeEventListener("beforeunload", hold);
}

/** Lets this be asked, until the function that it returns is called. */
export function askBeforeLeaving(asking: (leave: Leave) => void): () => void {
  ask = asking;
  return () => {
    ask = undefined;
  };
}

/** Goes where a link leads, perhaps after asking. */
export const aroundNavigation: AroundNavHandler = (navigate, to, options) => {
  if (isKept(to)) navigate(to, options);
  else ask!(() => navigate(to, options));
};

/** Whether nothing is lost by going there. */
function isKept(to: string): boolean {
  if (!unsaved || !ask) return true;
  const { pathname } = new URL(to, location.href);
  return unsaved.within !== undefined && (pathname === unsaved.within || pathname.startsWith(`${unsaved.within}/`));
}

/** The browser asks in its own words. */
function hold(event: Event) {
  event.preventDefault();
}

// The browser has gone back or forward by the time that it says so. The router hears of it after this does, and finds
// that nothing has changed.
addEventListener("popstate", () => {
  if (isKept(location.href)) return;
  history.pushState(null, "", unsaved!.href);
  ask!(() => history.back());
});
