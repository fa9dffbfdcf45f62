// The vehicle's signals: a small store in memory, which the panel shows and plugins read and write.

import { useSyncExternalStore } from "react";
import { afterwards } from "./afterwards";
import type { Signals as Values } from "./document";
import { SIGNAL_VALUE_CHARACTERS_MAX, SIGNALS_MAX } from "./limits";

type Change = { path: string; value: unknown };

const PATH = /^[^.\s]+(?:\.[^.\s]+)*$/;

export class Signals {
  /** What is shown: another object after each change. */
  values: Values;
  private readonly listeners = new Set<(change: Change) => void>();

  constructor(values: Values) {
    this.values = values;
  }

  /** Sets a signal, or says why not. */
  set(path: string, value: unknown): string | undefined {
    const problem = this.problemWith(path, value);
    if (!problem) this.change({ path, value }, { ...this.values, [path]: value });
    return problem;
  }

  remove(path: string) {
    const { [path]: _, ...values } = this.values;
    this.change({ path, value: undefined }, values);
  }

  listen(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private change(change: Change, values: Values) {
    this.values = values;
    this.listeners.forEach((listener) => listener(change));
  }

  private problemWith(path: string, value: unknown): string | undefined {
    if (!PATH.test(path)) return "A path is names with dots between them, such as Body.Trunk.IsOpen.";
    if (JSON.stringify(value).length > SIGNAL_VALUE_CHARACTERS_MAX) return `${path}: a value has at most ${SIGNAL_VALUE_CHARACTERS_MAX.toLocaleString("en")} characters of JSON.`;
    const isNew = !Object.hasOwn(this.values, path);
    return isNew && Object.keys(this.values).length >= SIGNALS_MAX ? `There are ${SIGNALS_MAX.toLocaleString("en")} signals, which is the most.` : undefined;
  }
}

export const useSignals = (signals: Signals): Values =>
  useSyncExternalStore(
    (listener) => signals.listen(afterwards(listener)),
    () => signals.values,
  );
