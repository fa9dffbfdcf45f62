// One value, changed where it stands: Enter or leaving it saves, Escape doesn't.

import { type KeyboardEvent, useRef, useState } from "react";
import type { Field } from "../../api/client";
import classes from "./Data.module.css";
import { textOf, valueOf } from "./values";

interface Props {
  name: string;
  type: Field["type"];
  value: unknown;
  onSave: (value: unknown) => void;
  onCancel: () => void;
}

export function CellEditor({ name, type, value, onSave, onCancel }: Props) {
  const before = textOf(value, type);
  const [text, setText] = useState(before);
  const [mistake, setMistake] = useState<string>();
  // What is saved or given up isn't saved once more when the cell loses the focus by it.
  const isOver = useRef(false);
  const finish = (act: () => void) => {
    if (isOver.current) return;
    isOver.current = true;
    act();
  };
  const save = () => {
    if (text === before) return finish(onCancel);
    try {
      const changed = valueOf(text, type);
      finish(() => onSave(changed));
    } catch (error) {
      setMistake(error instanceof Error ? error.message : String(error));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter") save();
    else if (event.key === "Escape") finish(onCancel);
    else return;
    event.preventDefault();
  };
  const shared = {
    "aria-label": name,
    "aria-invalid": mistake !== undefined,
    title: mistake,
    className: classes.editor,
    autoFocus: true,
    value: text,
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) => setText(currentTarget.value),
    onBlur: save,
    onKeyDown,
  };
  if (type === "boolean") {
    return (
      <select {...shared}>
        <option value="">–</option>
        <option value="true">yes</option>
        <option value="false">no</option>
      </select>
    );
  }
  return <input {...shared} {...inputOf(type)} />;
}

function inputOf(type: Field["type"]) {
  if (type === "date") return { type: "datetime-local", step: 1 };
  if (type === "number") return { inputMode: "decimal" as const };
  return type === "file" ? { type: "url" } : {};
}
