// Documents of scenarios in words: what starts them and what each step does. Takes any JSON, since it is shown while
// somebody writes it; what is right is for the hub to say.

import { isJson, type Json, writtenInOrder } from "../../parts/document";
import { duration } from "../../parts/Moment";

/** A value in a line: a text as it is, anything else as JSON. */
const plain = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "…"));

const names = (value: unknown): string => (Array.isArray(value) ? value.map(plain).join(", ") : isJson(value) ? Object.keys(value).join(", ") : "");

const after = (text: string, more: string): string => (more ? `${text}: ${more}` : text);

const TRIGGERS: Record<string, (trigger: Json) => string> = {
  object_created: ({ structure }) => `${plain(structure)} created`,
  object_changed: ({ structure, fields }) => after(`${plain(structure)} changed`, names(fields)),
  object_deleted: ({ structure }) => `${plain(structure)} deleted`,
  schedule: scheduleInWords,
  scenario: () => "another scenario",
  endpoint: ({ endpoint }) => `posted to ${plain(endpoint)}`,
  webhook: () => "its address is called",
  socket_event: ({ event_name }) => `a client emits ${plain(event_name)}`,
  user_online: () => "a user comes online",
  user_offline: () => "a user goes offline",
  provider_online: ({ provider_id }) => `${provider(provider_id)} comes online`,
  provider_offline: ({ provider_id }) => `${provider(provider_id)} goes offline`,
  provider_broadcast: ({ provider_id }) => `${provider(provider_id)} broadcasts`,
};

const provider = (id: unknown) => (typeof id === "string" ? id : "a provider");

function scheduleInWords({ every_s, daily, weekly, monthly, cron }: Json): string {
  if (typeof every_s === "number") return `every ${duration(every_s * 1000)}`;
  if (daily) return `daily at ${plain(daily)}`;
  if (isJson(weekly)) return `every ${plain(weekly.day)} at ${plain(weekly.at)}`;
  if (isJson(monthly)) return `monthly on day ${plain(monthly.day)} at ${plain(monthly.at)}`;
  return `cron ${plain(cron)}`;
}

/** What starts it: "orders changed: status". */
export function triggerInWords(trigger: unknown): string {
  if (!isJson(trigger)) return "nothing yet";
  return TRIGGERS[String(trigger.type)]?.(trigger) ?? plain(trigger.type);
}

/** The structure whose objects a trigger brings. */
export function structureOf(trigger: unknown): string | undefined {
  if (!isJson(trigger)) return undefined;
  if (typeof trigger.structure === "string") return trigger.structure;
  return typeof trigger.endpoint === "string" ? trigger.endpoint.split("/")[0] : undefined;
}

const STEPS: Record<string, (step: Json) => string> = {
  push: ({ user_id, role, event_name, message }) => after(`${plain(event_name)} to ${role === undefined ? plain(user_id) : `the role ${plain(role)}`}`, message === undefined ? "" : plain(message)),
  edit: (step) => after(`Changes ${which(step)}`, names(step.set)),
  create: ({ structure, set }) => after(`Creates one of ${plain(structure)}`, names(set)),
  delete: (step) => `Deletes ${which(step)}`,
  http: ({ method, url }) => `${plain(method ?? "GET")} ${plain(url)}`,
  request_provider: ({ provider_id, payload }) => after(`Asks ${plain(provider_id)}`, payload === undefined ? "" : plain(payload)),
  if: ({ condition }) => plain(condition),
  run_scenario: ({ scenario }) => `Starts ${plain(scenario)}`,
  wait: ({ for_s }) => (typeof for_s === "number" ? `Waits ${duration(for_s * 1000)}` : "Waits"),
  respond: ({ status, body }) => after(`Answers ${plain(status ?? 200)}`, body === undefined ? "" : plain(body)),
  log: ({ message }) => plain(message),
};

function which({ structure, id }: Json): string {
  if (id === undefined) return "the object";
  return structure === undefined ? plain(id) : `${plain(structure)}/${plain(id)}`;
}

/** What a step does, in one line. */
export const stepInWords = (step: Json): string => STEPS[String(step.type)]?.(step) ?? "";

/** The step that a place in the document lies in: `steps[2].then[0]` of `steps[2].then[0].url`. */
export const stepAt = (path: string): string => /^steps\[\d+\](\.(then|else)\[\d+\])*/.exec(path)?.[0] ?? "";

/** A document to begin with: it pushes when an object of this structure changes. */
export function starter(structure: string): Json {
  return {
    id: `${structure}-changed`,
    name: `Tell about ${structure}`,
    trigger: { type: "object_changed", structure },
    steps: [{ type: "push", name: "tell everyone", user_id: "*", event_name: "alert", message: "{{id}} has changed" }],
  };
}

/** The order in which people write members. */
const ORDER = ["$schema", "type", "structure", "id", "name", "enabled", "time_zone", "trigger", "filter", "condition", "user_id", "role", "event_name", "method", "url", "then", "else", "steps"];

/** A document as text. */
export const writtenDocument = (document: unknown): string => writtenInOrder(document, ORDER);
