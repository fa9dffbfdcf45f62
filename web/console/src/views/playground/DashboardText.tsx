// The dashboard as text: an array of which widget is in which boxes.

import { Textarea } from "@mantine/core";
import { useState } from "react";
import { mistakeIn } from "../../parts/JsonField";
import { Card } from "../../parts/Page";
import classes from "./Playground.module.css";
import type { Plan } from "./places";
import { type Board, edit } from "./shelf";

/** An item in a line. */
const textOf = (dashboard: unknown[]) => (dashboard.length === 0 ? "[]" : `[\n${dashboard.map((item) => `  ${lineOf(item)}`).join(",\n")}\n]`);

const lineOf = (item: unknown) => JSON.stringify(item, null, 1).replace(/\n\s*/g, " ").replace(/\[ /g, "[").replace(/ \]/g, "]");

const asDashboard = (text: string): unknown[] | undefined => {
  if (mistakeIn(text) || !text.trim()) return undefined;
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value : undefined;
};

export function DashboardText({ board: { id, dashboard }, plan }: { board: Board; plan: Plan }) {
  const [text, setText] = useState(() => textOf(dashboard));
  const kept = JSON.stringify(dashboard);
  const [shown, setShown] = useState(kept);
  // Somebody else has changed it: the boxes, or another tab.
  if (kept !== shown) {
    setShown(kept);
    if (JSON.stringify(asDashboard(text)) !== kept) setText(textOf(dashboard));
  }
  const write = (changed: string) => {
    setText(changed);
    const value = asDashboard(changed);
    if (value) edit(id, () => ({ dashboard: value }));
  };
  const mistakes = [...plan.tiles, ...plan.nowhere].filter(({ mistake }) => mistake).sort((a, b) => a.index - b.index);
  return (
    <Card title="Dashboard as JSON" about="Boxes 1 to 5 are the upper row, 6 to 10 the lower one">
      <Textarea
        aria-label="Dashboard as JSON"
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        error={mistakeIn(text) ?? (asDashboard(text) ? undefined : "A dashboard is an array: [ … ]")}
        rows={9}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        classNames={{ input: classes.text }}
      />
      {mistakes.length > 0 && (
        <ul className={classes.mistakes} aria-label="Mistakes in the dashboard">
          {mistakes.map(({ index, mistake }) => (
            <li key={index}>
              Item {index + 1}: {mistake}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
