// One block: a line that says what it is, and below it, when it is open, what can be said about it.

import { ActionIcon, UnstyledButton } from "@mantine/core";
import { ArrowDown, ArrowUp, Box, ChevronRight, GripVertical, Trash2 } from "lucide-react";
import { type DragEvent, type KeyboardEvent, useState } from "react";
import { Link } from "wouter";
import type { Finding } from "../../api/client";
import type { Json } from "../../parts/document";
import { Findings } from "../../parts/Findings";
import { Answer } from "./Answer";
import { blockInWords, COMMON, KINDS } from "./kinds";
import classes from "./Pages.module.css";
import type { Source } from "./pages-api";

interface Props {
  app: string;
  block: Json;
  place: number;
  last: number;
  sources: Source[];
  isOpen: boolean;
  isDragged: boolean;
  mistakes: Finding[];
  warnings: Finding[];
  onToggle: () => void;
  onChange: (block: Json) => void;
  onMove: (to: number) => void;
  onRemove: () => void;
  onDrag: () => void;
  onDrop: () => void;
}

export function Block({ app, block, place, last, sources, isOpen, isDragged, mistakes, warnings, onToggle, onChange, onMove, onRemove, onDrag, onDrop }: Props) {
  const [isTarget, setTarget] = useState(false);
  const kind = KINDS[String(block.type)];
  const Icon = kind?.icon ?? Box;
  const called = `${kind?.title ?? String(block.type ?? "unknown")} ${place + 1}`;
  const moveByKey = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || !step) return;
    event.preventDefault();
    onMove(place + step);
  };
  const startDrag = ({ dataTransfer }: DragEvent) => {
    // Some browsers drag only what has data.
    dataTransfer.setData("text/plain", called);
    onDrag();
  };
  return (
    <li
      className={classes.block}
      data-testid={`blocks[${place}]`}
      data-dragged={isDragged || undefined}
      data-target={isTarget || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setTarget(true);
      }}
      onDragLeave={() => setTarget(false)}
      onDrop={() => {
        setTarget(false);
        onDrop();
      }}
    >
      <div className={classes.line}>
        <span className={classes.grip} draggable onDragStart={startDrag} aria-hidden>
          <GripVertical size={15} />
        </span>
        <UnstyledButton className={classes.heading} onClick={onToggle} onKeyDown={moveByKey} aria-expanded={isOpen} aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown" data-heading>
          <ChevronRight size={15} aria-hidden />
          <Icon size={16} aria-hidden />
          <strong>{called}</strong>
          <span className={classes.words}>{typeof block.title === "string" && block.title ? block.title : blockInWords(block)}</span>
        </UnstyledButton>
        <ActionIcon size="md" onClick={() => onMove(place - 1)} disabled={place === 0} aria-label={`Move ${called} up`}>
          <ArrowUp size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon size="md" onClick={() => onMove(place + 1)} disabled={place === last} aria-label={`Move ${called} down`}>
          <ArrowDown size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon size="md" color="red" onClick={onRemove} aria-label={`Remove ${called}`}>
          <Trash2 size={15} aria-hidden />
        </ActionIcon>
      </div>
      <Findings findings={mistakes} tone="bad" />
      <Findings findings={warnings} tone="warn" />
      {isOpen && (
        <div className={classes.inputs}>
          {sources.length === 0 && kind !== KINDS.text && kind !== KINDS.html && (
            <p className={classes.warning}>
              This app has no endpoint yet. <Link href={`~/console/apps/${app}/data`}>Make one under Data</Link>: it says what may be read and written.
            </p>
          )}
          {[...(kind?.questions ?? []), ...COMMON].map((question) => (
            <Answer key={question.member} question={question} block={block} sources={sources} onChange={onChange} />
          ))}
        </div>
      )}
    </li>
  );
}
