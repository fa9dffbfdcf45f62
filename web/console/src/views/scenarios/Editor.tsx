// The text of a document, and what the hub has to say about it.

import { Button, Textarea } from "@mantine/core";
import { Save } from "lucide-react";
import type { KeyboardEvent } from "react";
import { type Finding, Problem } from "../../api/client";
import { Failure } from "../../parts/Failure";
import { mistakeIn } from "../../parts/JsonField";
import { Card } from "../../parts/Page";
import { Findings } from "./Findings";
import classes from "./Scenarios.module.css";

interface Props {
  text: string;
  onChange: (text: string) => void;
  /** Absent while the text isn't a JSON object. */
  onSave?: () => void;
  isSaving: boolean;
  refused: unknown;
  warnings: Finding[];
}

export function Editor({ text, onChange, onSave, isSaving, refused, warnings }: Props) {
  const saveByKey = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    if (!isSaving) onSave?.();
  };
  const mistakes = refused instanceof Problem ? refused.mistakes : [];
  const save = (
    <Button size="xs" leftSection={<Save size={15} aria-hidden />} onClick={onSave} loading={isSaving} disabled={!onSave}>
      Save
    </Button>
  );
  return (
    <Card title="Document" about="JSON. Ctrl + S saves it" actions={save}>
      <Textarea
        aria-label="Document"
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={saveByKey}
        error={mistakeIn(text) ?? (onSave ? undefined : "A document is an object: { … }")}
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
