// Where one is in a grid: one cell can be reached with Tab, the others from there with the arrow keys.

import { type KeyboardEvent, type RefObject, useState } from "react";

export interface Place {
  row: number;
  column: number;
}

/** What each thing in the grid that can be reached needs for it. */
export interface Reachable {
  "data-place": string;
  tabIndex: number;
  onFocus: () => void;
}

export interface GridPlace {
  here: Place;
  go: (to: Place) => void;
  at: (row: number, column: number) => Reachable;
  /** Whether the key was one to move with. */
  move: (event: KeyboardEvent) => boolean;
}

const PAGE_ROWS = 10;

export function useGridPlace(grid: RefObject<HTMLElement | null>, first: Place, last: Place): GridPlace {
  const [place, setPlace] = useState(first);
  const within = ({ row, column }: Place) => ({ row: Math.max(0, Math.min(row, last.row)), column: Math.max(0, Math.min(column, last.column)) });
  const here = within(place);
  const go = (to: Place) => {
    const { row, column } = within(to);
    setPlace({ row, column });
    grid.current?.querySelector<HTMLElement>(`[data-place="${row} ${column}"]`)?.focus();
  };
  const move = ({ key }: KeyboardEvent) => {
    const to = neighbours(here, last)[key];
    if (to) go(to);
    return to !== undefined;
  };
  const at = (row: number, column: number) => ({
    "data-place": `${row} ${column}`,
    tabIndex: row === here.row && column === here.column ? 0 : -1,
    onFocus: () => setPlace({ row, column }),
  });
  return { here, go, at, move };
}

const neighbours = ({ row, column }: Place, last: Place): Record<string, Place> => ({
  ArrowUp: { row: row - 1, column },
  ArrowDown: { row: row + 1, column },
  ArrowLeft: { row, column: column - 1 },
  ArrowRight: { row, column: column + 1 },
  Home: { row, column: 0 },
  End: { row, column: last.column },
  PageUp: { row: row - PAGE_ROWS, column },
  PageDown: { row: row + PAGE_ROWS, column },
});
