// The part of a long list that is drawn: what one has scrolled to, or, as long as one follows, its end. Rows are all of
// one height, and what is forgotten at the beginning doesn't move the others.

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Recording } from "./recording";

export const ROW_PX = 40;

/** Rows that are drawn beyond what is seen, for when one scrolls. */
const SPARE = 6;

export interface Window {
  scroller: RefObject<HTMLDivElement | null>;
  /** The rows that are drawn, counted from the first that is left, and how many there are. */
  first: number;
  rows: number;
  /** How many are seen at once. */
  page: number;
  isFollowing: boolean;
  follow: () => void;
  /** Brings a row into sight, and stays there. */
  show: (index: number) => void;
  /** Stays where it is. */
  stay: () => void;
  onScroll: () => void;
}

export function useWindow(recording: Recording): Window {
  const scroller = useRef<HTMLDivElement>(null);
  const [height_px, setHeight] = useState(0);
  const [isFollowing, setFollowing] = useState(true);
  // Counted from the first row that ever was.
  const [stand_px, setStand] = useState(0);
  const drawn = useRef({ top_px: 0, before_px: 0, generation: 0 });

  const { fitting, forgotten, generation } = recording;
  const before_px = forgotten * ROW_PX;
  const end_px = Math.max(0, fitting.length * ROW_PX - height_px);
  const top_px = isFollowing ? end_px : Math.max(0, Math.min(stand_px - before_px, end_px));

  useEffect(() => {
    const fit = new ResizeObserver(() => setHeight(scroller.current?.clientHeight ?? 0));
    fit.observe(scroller.current!);
    return () => fit.disconnect();
  }, []);

  // Another filter, or nothing any more: one looks at what is newest.
  useEffect(() => setFollowing(true), [generation]);

  useLayoutEffect(() => {
    drawn.current = { top_px, before_px, generation };
    const element = scroller.current!;
    if (Math.abs(element.scrollTop - top_px) >= 1) element.scrollTop = top_px;
  });

  const stand = (px: number) => {
    setStand(px + drawn.current.before_px);
    setFollowing(false);
  };
  const onScroll = () => {
    const { scrollTop, clientHeight, scrollHeight } = scroller.current!;
    const moved_px = scrollTop - drawn.current.top_px;
    if (Math.abs(moved_px) < 1) return;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - ROW_PX / 2;
    if (isAtEnd && moved_px > 0) setFollowing(true);
    else if (!isFollowing || !isAtEnd) stand(scrollTop);
  };
  const show = (index: number) => {
    const here_px = drawn.current.top_px;
    stand(Math.max(Math.min(here_px, index * ROW_PX), (index + 1) * ROW_PX - height_px));
  };
  const first = Math.max(0, Math.floor(top_px / ROW_PX) - SPARE);
  const last = Math.min(fitting.length, Math.ceil((top_px + height_px) / ROW_PX) + SPARE);
  return {
    scroller,
    first,
    rows: Math.max(0, last - first),
    page: Math.max(1, Math.floor(height_px / ROW_PX)),
    isFollowing,
    follow: () => setFollowing(true),
    show,
    stay: () => stand(drawn.current.top_px),
    onScroll,
  };
}
