// A plugin as one writes it.

import { Button, Group, TextInput } from "@mantine/core";
import { Save } from "lucide-react";
import { useState } from "react";
import { Card } from "../../parts/Page";
import { tell } from "../../parts/told";
import { CodeEditor, LEAVING } from "./CodeEditor";
import type { Plugin } from "./document";
import { NAME_CHARACTERS_MAX } from "./limits";
import classes from "./Playground.module.css";
import { type Board, edit } from "./shelf";

interface Props {
  board: Board;
  plugin: Plugin;
  /** What is written and not saved: closing the editor doesn't lose it. */
  draft: string | undefined;
  onDraft: (text: string | undefined) => void;
  isRunning: boolean;
  onRenamed: (name: string) => void;
  onClose: () => void;
}

export function PluginEditor({ board, plugin, draft, onDraft, isRunning, onRenamed, onClose }: Props) {
  const [name, setName] = useState(plugin.name);
  const text = draft ?? plugin.source!;
  const others = board.plugins.filter((each) => each.name !== plugin.name);
  const problem = name.trim() === "" ? "A plugin needs a name." : others.some((each) => each.name === name.trim()) ? "Another plugin has this name." : undefined;
  const isSaved = name.trim() === plugin.name && text === plugin.source;
  const save = () => {
    if (problem) return;
    const saved = { name: name.trim(), source: text };
    edit(board.id, ({ plugins, dashboard }) => ({
      plugins: plugins.map((each) => (each.name === plugin.name ? saved : each)),
      dashboard: dashboard.map((item) => renamed(item, plugin.name, saved.name)),
    }));
    onDraft(undefined);
    onRenamed(saved.name);
    tell(isRunning ? `${saved.name} is saved, and runs anew.` : `${saved.name} is saved.`);
  };
  const actions = (
    <Group gap="xs">
      <Button size="xs" variant="default" onClick={onClose}>
        Close
      </Button>
      <Button size="xs" leftSection={<Save size={15} aria-hidden />} onClick={save} disabled={problem !== undefined || isSaved}>
        Save
      </Button>
    </Group>
  );
  return (
    <Card title={`Plugin ${plugin.name}`} about={isSaved ? LEAVING : `Not saved yet. ${LEAVING}`} actions={actions}>
      <TextInput label="Name" description="Dashboards name it so" className={classes.name} value={name} error={problem} maxLength={NAME_CHARACTERS_MAX} onChange={(event) => setName(event.currentTarget.value)} autoComplete="off" />
      <CodeEditor label={`Source of ${plugin.name}`} text={text} onChange={(changed) => onDraft(changed === plugin.source ? undefined : changed)} onSave={save} />
    </Card>
  );
}

/** An item of a dashboard after a plugin was renamed. */
function renamed(item: unknown, from: string, to: string): unknown {
  const isIts = typeof item === "object" && item !== null && "plugin" in item && item.plugin === from;
  return isIts ? { ...item, plugin: to } : item;
}
