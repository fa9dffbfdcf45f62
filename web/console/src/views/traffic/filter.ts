// Which flows one wants to see. The address keeps it, so that it can be kept and sent.

import { KINDS, type Kind } from "./flow";
import type { Entry } from "./recording";

export interface Filter {
  app?: string;
  /** None is all of them. */
  kinds: Kind[];
  /** Part of the event's name. */
  event?: string;
  /** The key of a party. */
  party?: string;
  /** Part of the arguments. */
  text?: string;
}

export function filterIn(search: URLSearchParams): Filter {
  const kinds = search.get("kind")?.split(",") ?? [];
  const word = (name: string) => search.get(name) || undefined;
  return { app: word("app"), kinds: KINDS.filter((kind) => kinds.includes(kind)), event: word("event"), party: word("party"), text: word("text") };
}

/** The address with what was changed of the filter. */
export function withFilter(search: URLSearchParams, { kinds, ...words }: Partial<Filter>): URLSearchParams {
  const next = new URLSearchParams(search);
  const set = (name: string, value: string | undefined) => (value ? next.set(name, value) : next.delete(name));
  if (kinds) set("kind", kinds.join(","));
  for (const [name, value] of Object.entries(words)) set(name, value);
  return next;
}

export const isEmpty = ({ kinds, ...words }: Filter) => kinds.length === 0 && Object.values(words).every((word) => word === undefined);

/** Makes the test that each flow is put to. What says that flows are missing is always shown. */
export function testOf({ app, kinds, event, party, text }: Filter): (entry: Entry) => boolean {
  const [wantedEvent, wantedText] = [event?.toLowerCase(), text?.toLowerCase()];
  return ({ flow, from, to }) =>
    !flow ||
    ((app === undefined || flow.app === app) &&
      (kinds.length === 0 || kinds.includes(flow.kind)) &&
      (party === undefined || from.key === party || to.key === party) &&
      (wantedEvent === undefined || (flow.event ?? "").toLowerCase().includes(wantedEvent)) &&
      (wantedText === undefined || (flow.preview ?? "").toLowerCase().includes(wantedText)));
}
