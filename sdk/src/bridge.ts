// A provider of the bridge as its clients see it: followed anew with every connection, its status, what it broadcasts
// and what it replies. Knows the events of docs/bridge.md that concern a client.

import type { Connection } from "./connection.ts";
import { Listeners } from "./listeners.ts";

/** The hub answers earlier, with `bridge.request_timeout_ms`, unless it was given longer. */
const REQUEST_TIMEOUT_MS = 35_000;
const FOLLOW_TIMEOUT_MS = 10_000;

/** What a hub sends by itself; nobody's push. */
export const EVENTS_OF_THE_BRIDGE: readonly string[] = [
  "message_from_provider",
  "new_request",
  "provider_reply",
  "provider_status",
  "provider_replaced",
];

/** `unknown`: the hub hasn't said yet, or the connection is away. */
export type ProviderStatus = "unknown" | "online" | "offline";

/** What a provider broadcasts: `cmd` and `data` by convention, and whatever else it likes. */
export type ProviderMessage = Record<string, unknown>;

/** The request as the provider echoed it, and its `result`. */
export type Reply<Result = unknown> = Record<string, unknown> & { result: Result };

export interface RequestOptions {
  timeoutMs?: number;
  /** Further fields of the request. */
  fields?: Record<string, unknown>;
}

export async function request<Result>(
  connection: Connection,
  to: string,
  cmd: string,
  data: unknown,
  { timeoutMs = REQUEST_TIMEOUT_MS, fields }: RequestOptions = {},
): Promise<Reply<Result>> {
  const payload = { ...fields, to_provider_id: to, cmd, ...(data !== undefined && { data }) };
  return (await connection.ask("request_provider", payload, timeoutMs)) as Reply<Result>;
}

/** What one socket hears of the provider that it follows. A socket follows one at a time. */
export class Following {
  status: ProviderStatus = "unknown";
  users = 0;
  readonly statuses = new Listeners<[ProviderStatus]>();
  readonly messages = new Listeners<[ProviderMessage]>();
  readonly #ends: (() => void)[];
  /** Until the hub agrees, the socket may still hear the provider that it followed before. */
  #isAgreed = false;

  constructor(readonly id: string, readonly connection: Connection) {
    this.#ends = [
      connection.events.add((name, message) => this.#arrived(name, message as ProviderMessage)),
      connection.connects.add(() => this.#register()),
      connection.statuses.add(({ state }) => state !== "online" && this.#set("unknown")),
    ];
    if (connection.status.state === "online") this.#register();
  }

  end(): void {
    for (const end of this.#ends) end();
  }

  /** A bridge that refuses says why to whoever asks the provider something. */
  #register(): void {
    this.connection.emit("register_client", { master_provider_id: this.id }, FOLLOW_TIMEOUT_MS, (answer, error) => {
      if (error) return this.#set("unknown");
      this.#isAgreed = true;
      this.#set((answer as { online?: boolean }).online ? "online" : "offline");
    });
  }

  #arrived(name: string, message: ProviderMessage): void {
    if (name === "message_from_provider" && this.#isAgreed) this.messages.tell(message);
    if (name === "provider_status" && message.provider_id === this.id) this.#set(message.online ? "online" : "offline");
  }

  #set(status: ProviderStatus): void {
    if (status === this.status) return;
    this.status = status;
    this.statuses.tell(status);
  }
}

/** The providers that an app's page follows. The first uses the app's own socket, each further one has its own. */
export class Followings {
  readonly #all = new Map<string, Following>();
  readonly #main: Connection;
  readonly #open: () => Connection;

  constructor(main: Connection, open: () => Connection) {
    this.#main = main;
    this.#open = open;
  }

  take(id: string): Following {
    let following = this.#all.get(id);
    if (!following) {
      const isMainFree = [...this.#all.values()].every(({ connection }) => connection !== this.#main);
      following = new Following(id, isMainFree ? this.#main : this.#open());
      this.#all.set(id, following);
    }
    following.users += 1;
    return following;
  }

  /** Ends it with its last user. */
  leave(following: Following): void {
    following.users -= 1;
    if (following.users > 0) return;
    this.#all.delete(following.id);
    following.end();
    if (following.connection !== this.#main) following.connection.close();
  }

  /** The connections besides the app's own. */
  get further(): Connection[] {
    return [...this.#all.values()].map(({ connection }) => connection).filter((each) => each !== this.#main);
  }
}

/** A provider in somebody's hands, until it is closed. */
export class Provider {
  readonly #app: Connection;
  readonly #followings: Followings;
  readonly #following: Following;
  readonly #ends: (() => void)[] = [];
  #isClosed = false;

  constructor(app: Connection, followings: Followings, following: Following) {
    this.#app = app;
    this.#followings = followings;
    this.#following = following;
  }

  get id(): string {
    return this.#following.id;
  }

  get status(): ProviderStatus {
    return this.#following.status;
  }

  onStatus(listener: (status: ProviderStatus) => void): () => void {
    return this.#until(this.#following.statuses.add(listener));
  }

  /** Hears what the provider broadcasts. */
  onMessage(listener: (message: ProviderMessage) => void): () => void {
    return this.#until(this.#following.messages.add(listener));
  }

  /** Hears every reply to this page's requests, also the second and later ones of a request. */
  onReply(listener: (reply: Reply) => void): () => void {
    const isOurs = (message: unknown): message is Reply =>
      (message as ProviderMessage | null)?.to_provider_id === this.id;
    return this.#until(
      this.#app.events.add((name, message) => name === "provider_reply" && isOurs(message) && listener(message)),
    );
  }

  /** Asks it and resolves with its first reply. Rejects with a `CampanileError`. */
  request<Result = unknown>(cmd: string, data?: unknown, options?: RequestOptions): Promise<Reply<Result>> {
    return request<Result>(this.#app, this.id, cmd, data, options);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const end of this.#ends) end();
    this.#followings.leave(this.#following);
  }

  #until(end: () => void): () => void {
    this.#ends.push(end);
    return end;
  }
}
