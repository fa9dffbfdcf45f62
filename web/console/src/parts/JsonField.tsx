// JSON that one writes: says where it is wrong while one writes it.

import { Textarea } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./JsonField.module.css";

interface Props {
  label: ReactNode;
  description?: ReactNode;
  value: string;
  onChange: (text: string) => void;
  rows?: number;
  placeholder?: string;
  error?: string;
}

export function JsonField({ label, description, value, onChange, rows = 6, placeholder, error }: Props) {
  return (
    <Textarea
      label={label}
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onBlur={() => onChange(tidy(value))}
      error={error ?? mistakeIn(value)}
      placeholder={placeholder}
      rows={rows}
      spellCheck={false}
      autoComplete="off"
      classNames={{ input: classes.input }}
    />
  );
}

/** What is wrong with a text that should be JSON or nothing. */
export function mistakeIn(text: string): string | undefined {
  try {
    if (text.trim()) JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The text with its lines in order, if it is JSON that wouldn't change by it. */
export function tidy(text: string): string {
  if (!text.trim() || mistakeIn(text)) return text;
  const tidied = JSON.stringify(JSON.parse(text), null, 2);
  // Long numbers lose digits on the way through a program of this language.
  const digits = (json: string) => json.replace(/\s/g, "");
  return digits(tidied) === digits(text) ? tidied : text;
}

/** What stands in a field that may be left empty. */
export const parsed = <T,>(text: string): T | undefined => (text.trim() ? (JSON.parse(text) as T) : undefined);

export const written = (value: unknown): string => JSON.stringify(value, null, 2);
