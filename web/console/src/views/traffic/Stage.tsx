// The list and the picture, side by side: each row of the one is an arrow of the other. One moves through both with the
// keys, chooses a flow in either, and follows what is newest as long as one doesn't scroll away from it.

import { Button } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { ArrowDownToLine } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, useId, useLayoutEffect, useMemo, useRef } from "react";
import { Heads } from "./Heads";
import { Picture } from "./Picture";
import type { Entry, Recording } from "./recording";
import { Row } from "./Row";
import { type Line, inWords, LINES_MAX, linesOf, LOOKED_AT, sequenceOf } from "./sequence";
import classes from "./Traffic.module.css";
import { ROW_PX, useWindow, type Window } from "./use-window";

interface Props {
  recording: Recording;
  chosen?: Entry;
  onChoose: (entry: Entry | undefined) => void;
  /** Shows more of the one that is chosen, or less. */
  onOpen: (entry: Entry | undefined) => void;
  party?: string;
  onParty: (key: string | undefined) => void;
  onPause: () => void;
}

/** A line needs so much room for its name. */
const LINE_PX = 70;

export function Stage(props: Props) {
  const { recording, chosen, onChoose, onOpen, party, onParty } = props;
  const id = useId();
  const view = useWindow(recording);
  const { ref, width } = useElementSize();
  const { fitting } = recording;
  const rows = slice(recording, view.first, view.first + view.rows);
  const lines = useLines(recording, view, Math.min(LINES_MAX, Math.floor(width / LINE_PX) - 1));
  const sequence = useMemo(() => sequenceOf(rows, lines), [recording.version, lines, view.first, view.rows]);
  const onKeyDown = useKeys(props, view);
  // The details take some of the room.
  useLayoutEffect(() => {
    if (chosen && !view.isFollowing) view.show(placeOf(chosen, fitting));
  }, [view.page]);
  const choose = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const clicked = target.closest<HTMLElement>("[data-party]")?.dataset.party;
    const number = Number(target.closest<HTMLElement>("[data-number]")?.dataset.number);
    const entry = rows.find((row) => row.number === number);
    if (clicked) return onParty(party === clicked ? undefined : clicked);
    if (!entry) return;
    view.stay();
    onChoose(entry);
    onOpen(entry);
  };
  const active = rows.findIndex(({ number }) => number === chosen?.number);
  return (
    <>
      <div className={classes.top}>
        <div className={classes.follow}>
          <Button size="compact-sm" variant={view.isFollowing ? "light" : "default"} leftSection={<ArrowDownToLine size={14} aria-hidden />} aria-pressed={view.isFollowing} onClick={view.isFollowing ? view.stay : view.follow}>
            Follow
          </Button>
          <span className={classes.count} data-testid="fitting">
            {fitting.length.toLocaleString("en")} {recording.isFiltered ? `of ${recording.kept.toLocaleString("en")}` : fitting.length === 1 ? "flow" : "flows"}
          </span>
        </div>
        <figure className={classes.figure} ref={ref} aria-label="Sequence picture">
          <Heads lines={lines} width_px={width} party={party} onParty={onParty} />
          <p className="visually-hidden" data-testid="sequence">
            {inWords(sequence)}
          </p>
        </figure>
      </div>
      <div
        ref={view.scroller}
        className={classes.scroller}
        role="listbox"
        tabIndex={0}
        aria-label="Flows, newest last"
        aria-activedescendant={active < 0 ? undefined : `${id}-${active % rows.length}`}
        onScroll={view.onScroll}
        onKeyDown={onKeyDown}
        onClick={choose}
      >
        <div className={classes.sheet} style={{ height: fitting.length * ROW_PX }}>
          <div className={classes.block} style={{ transform: `translateY(${view.first * ROW_PX}px)` }}>
            <Picture sequence={sequence} width_px={width} chosen={chosen?.number} />
            {rows.map((entry, index) => (
              <Row key={index} id={`${id}-${index}`} entry={entry} place={view.first + index + 1} total={fitting.length} isChosen={entry.number === chosen?.number} />
            ))}
          </div>
        </div>
      </div>
    </>
  );
}

function slice({ fitting }: Recording, from: number, to: number): Entry[] {
  const entries: Entry[] = [];
  for (let index = Math.max(0, from); index < to; index++) {
    const entry = fitting.at(index);
    if (entry) entries.push(entry);
  }
  return entries;
}

/** The lines for what is shown and somewhat before it. */
function useLines(recording: Recording, { first, rows }: Window, room: number): Line[] {
  const former = useRef<Line[]>([]);
  return useMemo(() => {
    if (room < 1) return former.current;
    former.current = linesOf(slice(recording, first + rows - LOOKED_AT, first + rows), room, former.current);
    return former.current;
  }, [recording.version, first, rows, room]);
}

function useKeys({ recording: { fitting }, chosen, onChoose, onOpen, onPause }: Props, { first, page, isFollowing, show, follow }: Window) {
  const go = (index: number) => {
    const within = Math.max(0, Math.min(index, fitting.length - 1));
    onChoose(fitting.at(within));
    show(within);
  };
  return (event: KeyboardEvent) => {
    const here = chosen ? placeOf(chosen, fitting) : isFollowing ? fitting.length : first;
    const to = { ArrowUp: here - 1, ArrowDown: here + 1, PageUp: here - page, PageDown: here + page, Home: 0 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (to !== undefined) go(to);
    else if (event.key === "End") {
      onChoose(fitting.at(fitting.length - 1));
      follow();
    } else if (event.key === "Enter") onOpen(chosen);
    else if (event.key === "Escape") onOpen(undefined);
    else if (event.key === " ") onPause();
    else return;
    event.preventDefault();
  };
}

/** Where an entry is, or where it would be. They are in the order of their numbers. */
function placeOf({ number }: Entry, fitting: Recording["fitting"]): number {
  let [from, to] = [0, fitting.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (fitting.at(middle)!.number < number) from = middle + 1;
    else to = middle;
  }
  return from;
}
