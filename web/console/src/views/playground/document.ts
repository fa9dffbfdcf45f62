// A dashboard with its plugins and signals, as it is kept, exported and shared: what it is made of, and reading one that comes
// from elsewhere. Knows nothing of where it is kept.

import { isJson } from "../../parts/document";
import { DOCUMENT_BYTES_MAX, NAME_CHARACTERS_MAX, PLUGINS_MAX, SIGNALS_MAX } from "./limits";

/** A plugin is text that was written or came from a file, or an address that it is read from each time. */
export interface Plugin {
  name: string;
  source?: string;
  url?: string;
}

export type Signals = Record<string, unknown>;

/** What is in a file or a link. Items of the dashboard are as somebody wrote them, with their mistakes. */
export interface Content {
  name: string;
  dashboard: unknown[];
  plugins: Plugin[];
  signals: Signals;
}

const FORMAT = "campanile_playground";
const VERSION = 1;

export const written = ({ name, dashboard, plugins, signals }: Content): string => JSON.stringify({ [FORMAT]: VERSION, name, dashboard, plugins, signals }, null, 2);

/** Reads a document, or throws with what is wrong with it. */
export function read(text: string): Content {
  if (text.length > DOCUMENT_BYTES_MAX) throw new Error(`It is larger than ${DOCUMENT_BYTES_MAX.toLocaleString("en")} bytes.`);
  const value: unknown = parse(text);
  if (!isJson(value) || value[FORMAT] !== VERSION) throw new Error(`It isn't a dashboard of the playground: "${FORMAT}": ${VERSION} is missing.`);
  const { name, dashboard, plugins, signals = {} } = value;
  if (!isName(name)) throw new Error(`Its name should be a text of 1 to ${NAME_CHARACTERS_MAX} characters.`);
  if (!Array.isArray(dashboard)) throw new Error("Its dashboard should be an array.");
  if (!Array.isArray(plugins) || plugins.length > PLUGINS_MAX) throw new Error(`Its plugins should be an array of at most ${PLUGINS_MAX}.`);
  if (!isJson(signals) || Object.keys(signals).length > SIGNALS_MAX) throw new Error(`Its signals should be an object of at most ${SIGNALS_MAX}.`);
  return { name, dashboard, plugins: plugins.map(pluginOf), signals };
}

function pluginOf(value: unknown): Plugin {
  if (!isJson(value) || !isName(value.name)) throw new Error("A plugin has no name.");
  const { name, source, url } = value;
  if (typeof source === "string") return { name, source };
  if (typeof url === "string" && isWebAddress(url)) return { name, url };
  throw new Error(`The plugin ${name} has neither a source nor a web address.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`It isn't JSON: ${error instanceof Error ? error.message : error}`);
  }
}

const isName = (value: unknown): value is string => typeof value === "string" && value.trim() !== "" && value.length <= NAME_CHARACTERS_MAX;

export const isWebAddress = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? "");

/** The name, or it with a number that nobody has yet. */
export function unused(name: string, taken: string[]): string {
  let free = name;
  for (let n = 2; taken.includes(free); n++) free = `${name} ${n}`;
  return free;
}
