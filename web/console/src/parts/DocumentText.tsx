// The text of a document, and what the hub has to say about it.

import { Textarea } from "@mantine/core";
import type { KeyboardEventHandler, ReactNode } from "react";
import { type Finding, Problem } from "../api/client";
import { documentOf } from "./document";
import classes from "./DocumentText.module.css";
import { Failure } from "./Failure";
import { Findings } from "./Findings";
import { mistakeIn } from "./JsonField";
import { Card } from "./Page";

interface Props {
  text: string;
  onChange: (text: string) => void;
  onKeyDown?: KeyboardEventHandler;
  actions?: ReactNode;
  /** Why it wasn't saved. */
  refused: unknown;
  warnings: Finding[];
}

export function DocumentText({ text, onChange, onKeyDown, actions, refused, warnings }: Props) {
  const mistakes = refused instanceof Problem ? refused.mistakes : [];
  return (
    <Card title="Document" about="JSON. Ctrl + S saves it" actions={actions}>
      <Textarea
        aria-label="Document"
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        error={mistakeIn(text) ?? (documentOf(text) ? undefined : "A document is an object: { … }")}
        rows={26}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        classNames={{ input: classes.editor }}
      />
      {mistakes.length > 0 ? (
        <div role="alert">
          <p className={classes.label}>{mistakes.length === 1 ? "One mistake: nothing is saved." : `${mistakes.length} mistakes: nothing is saved.`}</p>
          <Findings findings={mistakes} tone="bad" />
        </div>
      ) : (
        <Failure problem={refused} />
      )}
      {warnings.length > 0 && (
        <div role="status">
          <p className={classes.label}>It is saved, and looks wrong here:</p>
          <Findings findings={warnings} tone="warn" />
        </div>
      )}
    </Card>
  );
}
