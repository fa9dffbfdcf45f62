// `campanile.js`: the kit as one classic script, under one global name.

import { Burst, CampanileError, connect, followRedirects, isOnPage, merge, parseAlert, parseRedirect, remember } from "./browser.ts";

Object.assign(globalThis, {
  Campanile: { Burst, CampanileError, connect, followRedirects, isOnPage, merge, parseAlert, parseRedirect, remember },
});
