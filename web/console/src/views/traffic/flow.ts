// What `GET /api/v1/traffic` sends, typed by hand: a stream isn't in the description that types the other calls. Fields may
// be absent, and unknown ones are ignored.

export const KINDS = ["received", "sent", "acked", "connect", "disconnect"] as const;

/** `received`: by the hub, from a socket. `sent`: by the hub, to somebody. */
export type Kind = (typeof KINDS)[number];

export type Party =
  | { kind: "hub" }
  | { kind: "socket"; id: string; name?: string; role?: string }
  | { kind: "room"; name: string }
  | { kind: "everyone" };

export interface Flow {
  at_ms: number;
  app: string;
  namespace?: string;
  kind: Kind;
  from: Party;
  to: Party;
  /** Not of coming and going. */
  event?: string;
  /** Of the arguments. */
  bytes?: number;
  /** Of a broadcast: how many sockets it went to. */
  receivers?: number;
  /** The arguments as text, of which only the beginning is kept. */
  preview?: string;
  /** Why a socket went. */
  reason?: string;
}

export interface Batch {
  flows: Flow[];
  /** How many couldn't be handed over in time since the batch before. */
  dropped?: number;
}

/** Names are cut to this: a client may have written a whole message into one. */
const NAME_LETTERS_MAX = 200;

/** The beginning of a name. It is written anew, since a mere part of a text would hold on to all of it. */
export const cut = (name: string) => (name.length <= NAME_LETTERS_MAX ? name : copied(`${name.slice(0, NAME_LETTERS_MAX)}…`));

const copied = (text: string) => new TextDecoder().decode(new TextEncoder().encode(text));

/** One word for each party: lines of the picture and filters go by it. */
export function keyOf(party: Party): string {
  switch (party.kind) {
    case "socket":
      return `socket:${party.id}`;
    case "room":
      return `room:${cut(party.name)}`;
    default:
      return party.kind;
  }
}

const ID_SHOWN = 6;

/** How people call it. */
export function nameOf(party: Party): string {
  switch (party.kind) {
    case "socket":
      return party.name === undefined ? `${party.role ?? "socket"} ${party.id.slice(0, ID_SHOWN)}` : cut(party.name);
    case "room":
      return cut(party.name);
    default:
      return party.kind;
  }
}
