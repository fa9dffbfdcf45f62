// Puts a page together: what the hub has written into its shell, who looks at it, its document, and what is pushed to it.

import type { Surroundings } from "./block.ts";
import { messageOf } from "./block.ts";
import { h } from "./dom.ts";
import { Hub, HubError } from "./hub.ts";
import { goLive } from "./live.ts";
import { Login } from "./login.ts";
import { Page } from "./page.ts";
import { isPreview, listen } from "./preview.ts";
import type { Change } from "./visitor.ts";
import { Visitor } from "./visitor.ts";

const RETRY_DELAY_MS = 5_000;

const { app = "", page: name = "", key = "", push, socketioPath = "/socket.io/" } = document.documentElement.dataset;
const hub = new Hub(app, key);
const visitor = new Visitor(hub, (change) => void changed(change));
const login = new Login(visitor);

const heading = h("h1");
const who = h("span", { className: "who" });
const door = h("button", { type: "button", hidden: true, onclick: () => (visitor.isIn ? void visitor.logOut() : login.ask()) });
const bar = h("header", { className: "bar" }, heading, h("div", { className: "there" }, who, door));
const notice = h("p", { className: "notice", hidden: true, attributes: { role: "status" } });

const surroundings: Surroundings = { hub, visitor, app: undefined, isPreview: isPreview(), askToLogIn: () => login.ask() };
const page = new Page(surroundings, heading);
page.element.hidden = true;
document.body.append(bar, notice, login.element, page.element);

function showWho(): void {
  who.textContent = visitor.user?.id ?? "";
  door.textContent = visitor.isIn ? "Log out" : "Log in";
  door.hidden = key === "";
}

function tell(text: string): void {
  notice.textContent = text;
  notice.hidden = text === "";
}

async function changed(change: Change): Promise<void> {
  showWho();
  const isSame = change === "in" && visitor.user?.id === visitor.former;
  // What somebody has typed waits for them, and for nobody else.
  if (change === "out" || (change === "in" && !isSame)) page.clear();
  if (change !== "over") visitor.former = undefined;
  page.element.hidden = true;
  login.end();
  void surroundings.app?.setSession(hub.session);
  const why = change === "over" ? "Your session is over. Log in again to go on: what you have typed is still here." : "";
  await open(why);
  if (page.element.hidden) return;
  // What the session has shown goes, also where the page itself stays.
  if (isSame || change === "over") page.reload();
  if (change === "over") login.ask(why);
}

/** Gets the document and shows it, or asks for a login if it is for users. */
async function open(why = ""): Promise<void> {
  if (surroundings.isPreview) return void (page.element.hidden = false);
  try {
    page.show(await hub.page(name));
    page.element.hidden = false;
    tell("");
  } catch (error) {
    if (error instanceof HubError && error.status === 401) return login.demand(why);
    tell(messageOf(error));
    if (!(error instanceof HubError) || (error.status > 0 && error.status < 500)) return;
    await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    await open(why);
  }
}

async function start(): Promise<void> {
  if (key === "") return tell(`The app ${app} has no API key, which its pages need. Make one in the console, or with "campanile key create".`);
  await visitor.resume().catch(() => undefined);
  showWho();
  if (push === "on") {
    const live = goLive({ app, key, path: socketioPath, session: hub.session, ended: () => void visitor.doubt() });
    surroundings.app = live.app;
    bar.lastElementChild?.prepend(live.status);
  } else {
    bar.lastElementChild?.prepend(h("span", { className: "still", title: "The plugin socket.io isn't installed in this app." }, "Not live"));
  }
  if (surroundings.isPreview) listen((document) => page.show(document));
  await open();
}

void start();
