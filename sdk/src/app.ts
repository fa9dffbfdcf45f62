// A connection to an app of the hub: what is pushed, and whom to tell. It knows which pushes are an alert or mean a
// refresh; it draws, fetches and moves nothing.

import type { Socket } from "socket.io-client";
import type { Alert } from "./alert.ts";
import { parseAlert } from "./alert.ts";
import type { Reply, RequestOptions } from "./bridge.ts";
import { EVENTS_OF_THE_BRIDGE, Followings, Provider, request } from "./bridge.ts";
import type { ConnectionOptions, Io, Status } from "./connection.ts";
import { Connection } from "./connection.ts";
import { Listeners } from "./listeners.ts";
import { isOnPage } from "./page.ts";

export interface AppOptions extends ConnectionOptions {
  /** The address of the page, by which alerts and redirects are judged. */
  here?: (() => string) | undefined;
}

/** @typeParam Pushes the messages that the app pushes, by the names of their events */
export class App<Pushes extends object = Record<string, string>> {
  readonly #connection: Connection;
  readonly #followings: Followings;
  readonly #pushes = new Listeners<[name: string, message: unknown]>();
  readonly #alerts = new Listeners<[Alert]>();
  readonly #refreshes = new Map<string, Listeners<[message: unknown]>>();
  readonly #here: () => string;
  #sessionId: string | undefined;

  /** @param io the stock client, or a promise of it */
  constructor(io: Io | Promise<Io>, { here = () => location.href, ...options }: AppOptions = {}) {
    this.#here = here;
    this.#sessionId = options.sessionId;
    this.#connection = new Connection(io, options);
    const further = () => new Connection(io, { ...options, sessionId: this.#sessionId, socket: { ...options.socket, forceNew: true } });
    this.#followings = new Followings(this.#connection, further);
    this.#connection.events.add((name, message) => this.#arrived(name, message));
    this.#connection.connects.add((missed) => missed && this.#isOutOfDate());
  }

  /** The stock client's socket; absent until the client is loaded. */
  get socket(): Socket | undefined {
    return this.#connection.socket;
  }

  get status(): Status {
    return this.#connection.status;
  }

  onStatus(listener: (status: Status) => void): () => void {
    return this.#connection.statuses.add(listener);
  }

  /** Hears the pushes with this name. */
  on<Name extends keyof Pushes & string>(name: Name, listener: (message: Pushes[Name]) => void): () => void {
    return this.#pushes.add((each, message) => each === name && listener(message as Pushes[Name]));
  }

  /** Hears every push. */
  onPush(listener: (name: keyof Pushes & string, message: Pushes[keyof Pushes & string]) => void): () => void {
    return this.#pushes.add((name, message) => listener(name as never, message as never));
  }

  /** Hears the alerts that are for this page. */
  onAlert(listener: (alert: Alert) => void): () => void {
    return this.#alerts.add(listener);
  }

  /**
   * Hears that what the page shows may be out of date: a push with this name came, or the connection was away and may
   * have missed one. A message that says something is shown as an alert as well.
   */
  onRefresh(name: string, listener: (message: unknown) => void): () => void {
    const listeners = this.#refreshes.get(name) ?? new Listeners();
    this.#refreshes.set(name, listeners);
    const remove = listeners.add(listener);
    return () => {
      remove();
      if (listeners.isEmpty && this.#refreshes.get(name) === listeners) this.#refreshes.delete(name);
    };
  }

  /** The address of the page. */
  get here(): string {
    return this.#here();
  }

  /** Follows a provider of the bridge, until what it returns is closed. */
  provider(id: string): Provider {
    return new Provider(this.#connection, this.#followings, this.#followings.take(id));
  }

  /** Asks a provider and resolves with its first reply. Rejects with a `CampanileError`. */
  request<Result = unknown>(to: string, cmd: string, data?: unknown, options?: RequestOptions): Promise<Reply<Result>> {
    return request<Result>(this.#connection, to, cmd, data, options);
  }

  /** Goes on as the user of this session, or as nobody. The connection stays if the hub agrees to that. */
  async setSession(sessionId: string | undefined): Promise<void> {
    this.#sessionId = sessionId;
    await Promise.all([this.#connection, ...this.#followings.further].map((each) => each.setSession(sessionId)));
  }

  /** Ends all of its connections. */
  close(): void {
    for (const each of [this.#connection, ...this.#followings.further]) each.close();
  }

  #arrived(name: string, message: unknown): void {
    if (EVENTS_OF_THE_BRIDGE.includes(name)) return;
    const refreshes = this.#refreshes.get(name);
    if (name === "alert" || refreshes) this.#show(message);
    refreshes?.tell(message);
    this.#pushes.tell(name, message);
  }

  #show(message: unknown): void {
    const alert = parseAlert(message);
    if (alert && isOnPage(alert.pages, new URL(this.here).pathname)) this.#alerts.tell(alert);
  }

  #isOutOfDate(): void {
    for (const listeners of [...this.#refreshes.values()]) listeners.tell("");
  }
}
