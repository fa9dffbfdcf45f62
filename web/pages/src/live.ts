// What is pushed to the page: the connection with the app, toasts, redirects. An app's pages are its site, so alerts and
// redirects name them from there: `/home` is the app's page `home`.

import { io } from "socket.io-client";
import { App } from "../../../sdk/src/app.ts";
import { StatusElement } from "../../../sdk/src/elements/status.ts";
import { ToasterElement } from "../../../sdk/src/elements/toaster.ts";
import { followRedirects } from "../../../sdk/src/moves.ts";
import type { Redirect } from "../../../sdk/src/redirect.ts";

type PushApp = App<Record<string, unknown>>;

/** Endings after which the session is no good any more. */
const ENDINGS = ["session_invalid", "session_expired", "session_revoked", "logged_out", "user_deleted"];

export interface LiveOptions {
  app: string;
  key: string;
  path: string;
  session: string | undefined;
  /** The session seems to be over. */
  ended: () => void;
}

/** Connects, and gives the element that says how the connection stands. */
export function goLive({ app, key, path, session, ended }: LiveOptions): { app: PushApp; status: HTMLElement } {
  const site = `/p/${encodeURIComponent(app)}`;
  const here = () => location.origin + (location.pathname.slice(site.length) || "/") + location.search;
  const connection: PushApp = new App(io, { appId: key, sessionId: session, path, here });
  connection.onStatus(({ code }) => code && ENDINGS.includes(code) && ended());
  move(connection, site);
  customElements.define("campanile-toaster", ToasterElement);
  customElements.define("campanile-status", StatusElement);
  // The kit's elements find their app by an element that has it.
  const owner = Object.assign(document.createElement("campanile-app"), { app: connection });
  const toaster = document.createElement("campanile-toaster");
  const status = document.createElement("campanile-status");
  owner.append(toaster);
  document.body.append(owner);
  return { app: connection, status };
}

function move(app: PushApp, site: string): void {
  let target = "";
  const onRedirect = (redirect: Redirect) => {
    if ("url" in redirect) target = redirect.target;
    else if ("refusal" in redirect) console.warn(`campanile: refused a redirect (${redirect.refusal})`);
  };
  followRedirects(app, { onRedirect, navigate: (url) => location.assign(/^https?:/i.test(target) ? url : onSite(url, site)) });
}

/** An address from the root of the site. Whole ones of pages are taken as they are. */
function onSite(url: string, site: string): string {
  const { pathname, search, hash } = new URL(url);
  return (/^\/p\/[^/]+\/./.test(pathname) ? pathname : site + pathname) + search + hash;
}
