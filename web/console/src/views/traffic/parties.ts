// Who takes part in the flows that are kept. Each is there once, and goes with the last flow that names it.

import { keyOf, nameOf, type Party } from "./flow";

export interface Known {
  key: string;
  kind: Party["kind"];
  name: string;
  role?: string;
  id?: string;
  /** How many of the flows that are kept name it. */
  flows: number;
}

export class Parties {
  #known = new Map<string, Known>();

  /** Finds it, with the name and the role that it has by now. */
  take(party: Party): Known {
    const key = keyOf(party);
    const known = this.#known.get(key) ?? this.#meet(key, party);
    known.flows += 1;
    if (party.kind === "socket" && (party.name !== undefined || party.role !== undefined)) {
      known.role = party.role ?? known.role;
      known.name = nameOf(party);
    }
    return known;
  }

  release(known: Known) {
    known.flows -= 1;
    if (known.flows === 0) this.#known.delete(known.key);
  }

  find(key: string): Known | undefined {
    return this.#known.get(key);
  }

  #meet(key: string, party: Party): Known {
    const known = { key, kind: party.kind, name: nameOf(party), flows: 0, ...(party.kind === "socket" && { id: party.id, role: party.role }) };
    this.#known.set(key, known);
    return known;
  }
}
