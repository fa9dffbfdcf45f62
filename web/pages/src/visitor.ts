// Who looks at the page: nobody in particular, or a user of the app. The session is kept in the browser under the app's id, so
// that an app's pages share it, and all open pages hear when it changes.

import type { Hub, User } from "./hub.ts";

export type Change = "in" | "out" | "over";

export class Visitor {
  user: User | undefined;
  /** Who it was before the session was over. */
  former: string | undefined;
  readonly #hub: Hub;
  readonly #key: string;
  readonly #changed: (change: Change) => void;

  constructor(hub: Hub, changed: (change: Change) => void) {
    this.#hub = hub;
    this.#key = `campanile-pages:${hub.app}`;
    this.#changed = changed;
    addEventListener("storage", ({ key }) => key === this.#key && void this.#followed());
  }

  get isIn(): boolean {
    return this.user !== undefined;
  }

  /** Goes on as whoever was logged in last, if that still holds. */
  async resume(): Promise<void> {
    const session = localStorage.getItem(this.#key) ?? undefined;
    if (!session) return;
    const user = await this.#hub.check(session);
    if (!user) return localStorage.removeItem(this.#key);
    [this.#hub.session, this.user] = [session, user];
  }

  async logIn(username: string, password: string): Promise<void> {
    const { token, user } = await this.#hub.logIn(username, password);
    [this.#hub.session, this.user] = [token, user];
    localStorage.setItem(this.#key, token);
    this.#changed("in");
  }

  async logOut(): Promise<void> {
    const session = this.#hub.session;
    this.#leave();
    this.#changed("out");
    // If the hub can't be reached now, the session ends by itself.
    if (session) await this.#hub.logOut(session).catch(() => undefined);
  }

  /** Somebody says that the session is over: whether that is so is asked. */
  async doubt(): Promise<void> {
    const session = this.#hub.session;
    if (!session || (await this.#hub.check(session).catch(() => true)) || session !== this.#hub.session) return;
    this.former = this.user?.id;
    this.#leave();
    this.#changed("over");
  }

  #leave(): void {
    [this.#hub.session, this.user] = [undefined, undefined];
    localStorage.removeItem(this.#key);
  }

  /** Another page of this browser has logged in or out. */
  async #followed(): Promise<void> {
    const session = localStorage.getItem(this.#key) ?? undefined;
    if (session === this.#hub.session) return;
    [this.#hub.session, this.user] = [undefined, undefined];
    await this.resume().catch(() => undefined);
    this.#changed(this.isIn ? "in" : "out");
  }
}
