// One socket of the hub and how it stands: whom it presents, when it is tried again, and questions with an answer in
// time. Knows the handshake and the end of a session; no push and no provider.

import type { ManagerOptions, Socket, SocketOptions } from "socket.io-client";
import { CampanileError, errorIn } from "./errors.ts";
import type { ErrorCode } from "./errors.ts";
import { Listeners } from "./listeners.ts";

/** Refusals that pass. The stock client gives up after any. */
const PASSING = ["overloaded", "storage_failed"];
const RETRY_DELAY_MS = 5_000;
const AUTHENTICATE_TIMEOUT_MS = 10_000;

export type Io = (url: string, options: Partial<ManagerOptions & SocketOptions>) => Socket;

export interface ConnectionOptions {
  /** Where the hub is; the page's own origin if absent. */
  host?: string | undefined;
  /** The app's API key; without one it is the built-in app `public`. */
  appId?: string | undefined;
  /** The user's session; without one the socket is anonymous. */
  sessionId?: string | undefined;
  /** The hub's `socketio.path`. */
  path?: string | undefined;
  /** More options for the Socket.IO client. */
  socket?: Partial<ManagerOptions & SocketOptions> | undefined;
}

/**
 * `offline`: the connection is lost and is tried again. `refused`: the hub doesn't let it in. `closed`: the hub or this
 * side has ended it. Those two last until another session is presented.
 */
export type State = "connecting" | "online" | "offline" | "refused" | "closed";

export interface Status {
  readonly state: State;
  /** Why it isn't online, where the hub has said so. */
  readonly code?: ErrorCode | (string & {}) | undefined;
}

/** The origin that a `host` means: the page's if there is none, and with the page's scheme if it has none. */
export const originOf = (host?: string): string =>
  new URL(!host || /^\/|\/\//.test(host) ? host || "/" : `//${host}`, globalThis.location?.href).origin;

const failureOf = ({ message }: Error, timeoutMs: number): CampanileError =>
  message.includes("disconnected")
    ? new CampanileError("disconnected", "the connection was lost")
    : new CampanileError("timeout", `no answer within ${timeoutMs} ms`);

export class Connection {
  readonly events = new Listeners<[name: string, message: unknown]>();
  readonly statuses = new Listeners<[Status]>();
  /** Told when it is online, and whether what came before is missing. */
  readonly connects = new Listeners<[missed: boolean]>();
  readonly #options: ConnectionOptions;
  readonly #ready: Promise<Socket>;
  #status: Status = { state: "connecting" };
  #socket: Socket | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #endCode: string | undefined;
  #wasOnline = false;
  #isOver = false;

  constructor(io: Io | Promise<Io>, options: ConnectionOptions) {
    this.#options = { ...options };
    this.#ready = io instanceof Promise ? io.then((loaded) => this.#open(loaded)) : Promise.resolve(this.#open(io));
  }

  get socket(): Socket | undefined {
    return this.#socket;
  }

  get status(): Status {
    return this.#status;
  }

  /** Goes on as the user of this session, or as nobody. The connection stays if the hub agrees to that. */
  async setSession(sessionId: string | undefined): Promise<void> {
    if (sessionId === this.#options.sessionId) return;
    this.#options.sessionId = sessionId;
    const socket = await this.#ready;
    socket.auth = this.#auth();
    if (sessionId && socket.connected && (await this.#isAuthenticated(sessionId))) return;
    if (sessionId === this.#options.sessionId && !this.#isOver) {
      socket.disconnect();
      this.#set({ state: "connecting" });
      socket.connect();
    }
  }

  /** Emits, and resolves with the answer. An answer that is an error, or late, is a {@link CampanileError}. */
  async ask(event: string, payload: unknown, timeoutMs: number): Promise<unknown> {
    await this.#ready;
    const { state, code } = this.#status;
    if (state === "refused" || state === "closed") throw new CampanileError(code ?? "disconnected", `the connection is ${state}`);
    return new Promise((resolve, reject) => {
      this.emit(event, payload, timeoutMs, (answer, error) => (error ? reject(error) : resolve(answer)));
    });
  }

  /** As `ask`, but the answer is heard before whatever comes right behind it. */
  emit(event: string, payload: unknown, timeoutMs: number, heard: (answer: unknown, error?: CampanileError) => void): void {
    this.#socket?.timeout(timeoutMs).emit(event, payload, (failure: Error | null, answer: unknown) => {
      heard(answer, failure ? failureOf(failure, timeoutMs) : errorIn(answer));
    });
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#retry);
    this.#socket?.disconnect();
    this.#set({ state: "closed" });
  }

  #open(io: Io): Socket {
    const { host, path, socket: more } = this.#options;
    const socket = io(originOf(host), { ...more, ...(path && { path }), autoConnect: false });
    this.#socket = socket;
    socket.auth = this.#auth();
    socket.onAny((name: string, message: unknown = "") => this.#arrived(name, message));
    socket.on("connect", () => this.#connected(socket));
    socket.on("disconnect", (reason) => this.#disconnected(reason));
    socket.on("connect_error", (error) => this.#failed(socket, error));
    if (!this.#isOver) socket.connect();
    return socket;
  }

  #auth(): Record<string, string> {
    const { appId, sessionId } = this.#options;
    return { ...(appId && { app_id: appId }), ...(sessionId && { session_id: sessionId }) };
  }

  #isAuthenticated(sessionId: string): Promise<boolean> {
    const answer = this.ask("authenticate", { session_id: sessionId }, AUTHENTICATE_TIMEOUT_MS);
    return answer.then(() => true, () => false);
  }

  #arrived(name: string, message: unknown): void {
    if (name === "session_closed") this.#endCode = (message as { code?: string } | null)?.code;
    else this.events.tell(name, message);
  }

  #connected(socket: Socket): void {
    this.#endCode = undefined;
    const missed = this.#wasOnline && !socket.recovered;
    this.#wasOnline = true;
    this.#set({ state: "online" });
    this.connects.tell(missed);
  }

  #disconnected(reason: string): void {
    if (this.#isOver || reason === "io client disconnect") return;
    const isEnded = reason === "io server disconnect";
    this.#set(isEnded ? { state: "closed", code: this.#endCode ?? "disconnected" } : { state: "offline", code: this.#endCode });
  }

  #failed(socket: Socket, error: Error & { data?: { code?: string } }): void {
    if (socket.active) return this.#set({ state: "offline" });
    const code = error.data?.code ?? error.message;
    if (!PASSING.includes(code)) return this.#set({ state: "refused", code });
    this.#set({ state: "offline", code });
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => socket.connect(), RETRY_DELAY_MS);
  }

  #set(status: Status): void {
    const { state, code } = this.#status;
    if (status.state === state && status.code === code) return;
    this.#status = status;
    this.statuses.tell(status);
  }
}
