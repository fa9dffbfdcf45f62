// The blocks of a page as cards: added, moved by buttons, keys and dragging, changed, removed.

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Finding } from "../../api/client";
import type { Json } from "../../parts/document";
import { Card } from "../../parts/Page";
import { Block } from "./Block";
import { blocksOf, KINDS } from "./kinds";
import classes from "./Pages.module.css";
import { sources } from "./pages-api";

interface Props {
  app: string;
  document: Json;
  onChange: (document: Json) => void;
  mistakes: Finding[];
  warnings: Finding[];
}

export function Blocks({ app, document, onChange, mistakes, warnings }: Props) {
  const { data: known = [] } = useQuery(sources(app));
  const [opened, setOpened] = useState<number>();
  const [dragged, setDragged] = useState<number>();
  const list = useRef<HTMLOListElement>(null);
  const focused = useRef<number>(undefined);
  const blocks = blocksOf(document);
  // Where something was moved, added or removed one goes on from there.
  useEffect(() => {
    if (focused.current === undefined) return;
    list.current?.querySelectorAll<HTMLElement>("[data-heading]")[focused.current]?.focus();
    focused.current = undefined;
  });
  const change = (blocks: Json[]) => onChange({ ...document, blocks });
  const move = (from: number, to: number) => {
    if (to < 0 || to >= blocks.length || to === from) return;
    focused.current = to;
    if (opened !== undefined) setOpened(placeAfter(opened, from, to));
    change(blocks.toSpliced(from, 1).toSpliced(to, 0, blocks[from]!));
  };
  const add = (kind: string) => {
    focused.current = blocks.length;
    setOpened(blocks.length);
    change([...blocks, KINDS[kind]!.begin(known)]);
  };
  const remove = (index: number) => {
    focused.current = Math.min(index, blocks.length - 2);
    setOpened(undefined);
    change(blocks.toSpliced(index, 1));
  };
  const drop = (to: number) => {
    if (dragged !== undefined) move(dragged, to);
    setDragged(undefined);
  };
  return (
    <Card title="Blocks" about="From top to bottom. Alt and an arrow key move the one that has the focus">
      <ol ref={list} className={classes.list} aria-label="Blocks of the page">
        {blocks.map((block, index) => (
          <Block
            key={index}
            app={app}
            block={block}
            place={index}
            last={blocks.length - 1}
            sources={known}
            isOpen={opened === index}
            isDragged={dragged === index}
            mistakes={mistakes.filter(isOf(index))}
            warnings={warnings.filter(isOf(index))}
            onToggle={() => setOpened(opened === index ? undefined : index)}
            onChange={(changed) => change(blocks.with(index, changed))}
            onMove={(to) => move(index, to)}
            onRemove={() => remove(index)}
            onDrag={() => setDragged(index)}
            onDrop={() => drop(index)}
          />
        ))}
      </ol>
      {blocks.length === 0 && <p className="muted">There is nothing on this page yet. Add a block: a text needs nothing, the others need an endpoint.</p>}
      <div className={classes.adding} role="group" aria-label="Add a block">
        {Object.entries(KINDS).map(([kind, { title, icon: Icon, about }]) => (
          <Button key={kind} variant="default" size="xs" leftSection={<Icon size={15} aria-hidden />} onClick={() => add(kind)} title={about} aria-label={`Add: ${title}`}>
            {title}
          </Button>
        ))}
      </div>
    </Card>
  );
}

const isOf = (index: number) => ({ path }: Finding) => path === `blocks[${index}]` || path.startsWith(`blocks[${index}].`);

/** Where a place is after something was moved. */
function placeAfter(place: number, from: number, to: number): number {
  if (place === from) return to;
  if (from < place && to >= place) return place - 1;
  return from > place && to <= place ? place + 1 : place;
}
