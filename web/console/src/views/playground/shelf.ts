// Where this browser keeps dashboards. Every change begins with what is stored, so that two tabs don't undo each other's.

import { useSyncExternalStore } from "react";
import { type Content, unused } from "./document";

export interface Board extends Content {
  id: string;
}

interface Shelf {
  boards: Board[];
  /** Why the last change isn't kept. */
  problem?: string;
}

const PLACE = "campanile.playground";
const listeners = new Set<() => void>();
let shelf: Shelf = { boards: stored() ?? [] };

function stored(): Board[] | undefined {
  const text = localStorage.getItem(PLACE);
  return text === null ? undefined : (JSON.parse(text) as Board[]);
}

function show(next: Shelf) {
  shelf = next;
  listeners.forEach((listener) => listener());
}

function change(how: (boards: Board[]) => Board[]) {
  // What couldn't be stored is only here.
  const boards = how(shelf.problem ? shelf.boards : (stored() ?? []));
  try {
    localStorage.setItem(PLACE, JSON.stringify(boards));
    show({ boards });
  } catch {
    show({ boards, problem: "This browser has no room for it: it lasts as long as this page. Export it, or delete others." });
  }
}

addEventListener("storage", ({ key }) => key === PLACE && show({ boards: stored() ?? [] }));

export const useShelf = (): Shelf =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shelf,
  );

/** Keeps a new dashboard, and returns its id. */
export function keep(content: Content): string {
  const id = crypto.getRandomValues(new Uint32Array(2)).reduce((text, number) => text + number.toString(36), "");
  change((boards) => [...boards, { ...content, name: unused(content.name, boards.map(({ name }) => name)), id }]);
  return id;
}

/** Changes a dashboard: `how` gets it as it is stored. */
export const edit = (id: string, how: (board: Board) => Partial<Content>) =>
  change((boards) => boards.map((board) => (board.id === id ? { ...board, ...how(board) } : board)));

export const discard = (id: string) => change((boards) => boards.filter((board) => board.id !== id));
