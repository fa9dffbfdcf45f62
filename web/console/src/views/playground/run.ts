// One run of a dashboard: talks with the host of its plugins over a port, and knows what has become of them.

import { useSyncExternalStore } from "react";
import { afterwards } from "./afterwards";
import type { Plugin } from "./document";
import { ENDING_MS, LOG_LINES_MAX } from "./limits";
import { type Line, type Message, messageOf } from "./messages";
import type { Signals } from "./signals";

export interface PluginState {
  state: "starting" | "ready" | "failed";
  widgets: string[];
  functions: string[];
  problem?: string;
}

export interface Entry extends Line {
  id: number;
}

/** What is seen of a run: another object after each change. */
export interface RunState {
  stage: "starting" | "running" | "stopping";
  plugins: ReadonlyMap<string, PluginState>;
  /** Why widgets have failed, by their keys. */
  failures: ReadonlyMap<string, string>;
  hasPopup: boolean;
}

/** What is sent to the host to lay out the dashboard. */
export interface Arrangement {
  tiles: { key: string; plugin: string; widget: string; area: string }[];
  columns: string;
  rows: string;
  scheme: string;
}

export interface Order {
  plugins: Plugin[];
  /** The folder of the hub's own Socket.IO client, if that is to be used in place of a CDN's. */
  client?: string;
}

/** What plugins have said, over all runs of a dashboard. */
export class Log {
  entries: Entry[] = [];
  dropped = 0;
  private count = 0;
  private readonly listeners = new Set<() => void>();

  add(lines: Line[], skipped = 0) {
    const all = [...this.entries, ...lines.map((line) => ({ ...line, id: ++this.count }))];
    this.entries = all.slice(-LOG_LINES_MAX);
    this.dropped += skipped + all.length - this.entries.length;
    this.tell();
  }

  clear() {
    this.entries = [];
    this.dropped = 0;
    this.tell();
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private tell() {
    this.listeners.forEach((listener) => listener());
  }
}

export const useLog = (log: Log): Entry[] => useSyncExternalStore((listener) => log.subscribe(afterwards(listener)), () => log.entries);

let runs = 0;

export class Run {
  /** Another one for each run. */
  readonly id = ++runs;
  state: RunState = { stage: "starting", plugins: new Map(), failures: new Map(), hasPopup: false };
  private port?: MessagePort;
  private arrangement?: Arrangement;
  private hasBegun = false;
  private calls = 0;
  private readonly answers = new Map<number, (answer: { text?: string; problem?: string }) => void>();
  private readonly listeners = new Set<() => void>();
  private readonly order: Order;
  private readonly signals: Signals;
  private readonly log: Log;
  private readonly endListening: () => void;
  private hasStopped = () => {};
  /** The write of the host's that is being carried out. */
  private writing?: number;

  constructor(order: Order, signals: Signals, log: Log) {
    this.order = order;
    this.signals = signals;
    this.log = log;
    this.endListening = signals.listen(({ path, value }) => this.send({ type: "signal", path, value, id: this.writing }));
  }

  /** Lets the host begin, behind this port. */
  attach(port: MessagePort) {
    this.port?.close();
    this.port = port;
    port.onmessage = ({ data }) => {
      const message = messageOf(data);
      if (message) this.hear(message);
    };
  }

  arrange(arrangement: Arrangement) {
    this.arrangement = arrangement;
    if (this.hasBegun) this.send({ type: "arrange", ...arrangement });
  }

  /** Calls a function that a plugin has returned. */
  call(plugin: string, name: string, args: unknown[]): Promise<{ text?: string; problem?: string }> {
    const id = ++this.calls;
    const answer = new Promise<{ text?: string; problem?: string }>((resolve) => this.answers.set(id, resolve));
    this.send({ type: "call", id, plugin, name, args });
    return answer;
  }

  closePopup() {
    this.send({ type: "closePopup" });
  }

  /** Takes all widgets down. Resolves when they have ended, or have had their time. */
  async stop() {
    if (this.state.stage === "running") {
      this.show({ stage: "stopping" });
      const stopped = new Promise<void>((resolve) => (this.hasStopped = resolve));
      this.send({ type: "stop" });
      await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, ENDING_MS))]);
    }
    this.end();
  }

  /** Hears nothing more. */
  end() {
    this.endListening();
    this.port?.close();
    this.answers.forEach((answer) => answer({ problem: "The dashboard was stopped." }));
    this.answers.clear();
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private hear(message: Message) {
    switch (message.type) {
      case "ready":
        this.hasBegun = true;
        return this.send({ type: "start", ...this.order, ...this.arrangement, signals: this.signals.values });
      case "started":
        return this.show({ stage: "running" });
      case "stopped":
        return this.hasStopped();
      case "popup":
        return this.show({ hasPopup: message.isOpen });
      case "plugin": {
        const { name, type: _, ...state } = message;
        const isOurs = this.order.plugins.some((plugin) => plugin.name === name);
        return isOurs ? this.show({ plugins: new Map(this.state.plugins).set(name, state) }) : undefined;
      }
      case "widget":
        return this.noteWidget(message.key, message.problem);
      case "set":
        return this.write(message);
      case "log":
        return this.log.add(message.lines, message.skipped);
      case "result":
        this.answers.get(message.id)?.(message);
        this.answers.delete(message.id);
    }
  }

  private noteWidget(key: string, problem: string | undefined) {
    const failures = new Map(this.state.failures);
    const isShown = this.arrangement?.tiles.some((tile) => tile.key === key);
    if (problem !== undefined && isShown) failures.set(key, problem);
    else failures.delete(key);
    this.show({ failures });
  }

  /** The host hears of what is set like of any other change, with the number of its own write. */
  private write({ id, path, value }: { id: number; path: string; value: unknown }) {
    this.writing = id;
    const json = jsonOf(value);
    const problem = json === undefined ? `${path}: a signal's value is JSON.` : this.signals.set(path, JSON.parse(json));
    this.writing = undefined;
    if (problem) this.send({ type: "refused", id, problem });
  }

  private send(message: object) {
    this.port?.postMessage(message);
  }

  private show(change: Partial<RunState>) {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((listener) => listener());
  }
}

/** The value as JSON. Ports carry more than that. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

const NOTHING = () => () => {};

export const useRun = (run: Run | undefined): RunState | undefined => useSyncExternalStore(run?.subscribe ?? NOTHING, () => run?.state);
