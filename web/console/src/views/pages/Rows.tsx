// What a block lists: the columns of a table, or the fields of a form. Both name a field; a form says how it is asked for.

import { ActionIcon, Button, Checkbox, NativeSelect, TagsInput, TextInput } from "@mantine/core";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { isJson, type Json } from "../../parts/document";
import { offered } from "./Answer";
import classes from "./Pages.module.css";

interface Props {
  label: string;
  one: "column" | "field";
  rows: unknown;
  /** Those of the endpoint. */
  fields: string[];
  onChange: (rows: Json[]) => void;
}

export function Rows({ label, one, rows, fields, onChange }: Props) {
  const all = Array.isArray(rows) ? rows.map((row) => (isJson(row) ? row : {})) : [];
  const unused = fields.find((name) => !all.some(({ field }) => field === name));
  const move = (from: number, to: number) => onChange(all.toSpliced(from, 1).toSpliced(to, 0, all[from]!));
  return (
    <div className={classes.rows} role="group" aria-label={label} data-wide>
      <p className={classes.label}>{label}</p>
      {all.map((row, index) => {
        const called = `${one} ${index + 1}`;
        return (
          <div key={index} className={classes.row}>
            <div className={classes.cells}>
              <Cells one={one} row={row} called={called} fields={fields} onChange={(changed) => onChange(all.with(index, changed))} />
            </div>
            <span className={classes.moves}>
              <ActionIcon size="md" onClick={() => move(index, index - 1)} disabled={index === 0} aria-label={`Move ${called} up`}>
                <ArrowUp size={15} aria-hidden />
              </ActionIcon>
              <ActionIcon size="md" onClick={() => move(index, index + 1)} disabled={index === all.length - 1} aria-label={`Move ${called} down`}>
                <ArrowDown size={15} aria-hidden />
              </ActionIcon>
              <ActionIcon size="md" color="red" onClick={() => onChange(all.toSpliced(index, 1))} aria-label={`Remove ${called}`}>
                <Trash2 size={15} aria-hidden />
              </ActionIcon>
            </span>
          </div>
        );
      })}
      <div>
        <Button variant="default" size="compact-sm" leftSection={<Plus size={14} aria-hidden />} onClick={() => onChange([...all, { field: unused ?? "" }])}>
          Add a {one}
        </Button>
      </div>
    </div>
  );
}

interface CellsProps {
  one: "column" | "field";
  row: Json;
  called: string;
  fields: string[];
  onChange: (row: Json) => void;
}

const ASKED_AS = [
  { value: "text", label: "a line" },
  { value: "multiline", label: "several lines" },
  { value: "number", label: "a number" },
  { value: "checkbox", label: "yes or no" },
  { value: "date", label: "a day" },
  { value: "select", label: "one of several" },
  { value: "hidden", label: "not asked for" },
];

function Cells({ one, row, called, fields, onChange }: CellsProps) {
  const words = one === "column" ? "title" : "label";
  const kind = String(row.kind ?? "text");
  const field = String(row.field ?? "");
  const line = (member: string, label: string) => (
    <TextInput size="xs" aria-label={`${label} of ${called}`} placeholder={label.toLowerCase()} value={String(row[member] ?? "")} onChange={(event) => onChange(without(row, member, event.currentTarget.value))} />
  );
  // Options belong to one way of asking only, and are refused with the others.
  const ask = (kind: string) => onChange(without({ ...row, options: kind === "select" ? (row.options ?? []) : undefined }, "kind", kind === "text" ? "" : kind));
  return (
    <>
      <NativeSelect size="xs" aria-label={`Field of ${called}`} data={offered(fields, field, "choose one")} value={field} onChange={(event) => onChange({ ...row, field: event.currentTarget.value })} />
      {line(words, one === "column" ? "Title" : "Label")}
      {one === "field" && (
        <>
          <NativeSelect size="xs" aria-label={`Way of asking for ${called}`} data={ASKED_AS} value={kind} onChange={(event) => ask(event.currentTarget.value)} />
          {kind === "select" && (
            <TagsInput size="xs" aria-label={`Options of ${called}`} placeholder="options; Enter adds one" acceptValueOnBlur value={Array.isArray(row.options) ? row.options.map(String) : []} onChange={(options) => onChange({ ...row, options })} />
          )}
          {line("value", "Value at first")}
          <Checkbox size="xs" label="required" aria-label={`${called} is required`} checked={row.required === true} onChange={(event) => onChange(without(row, "required", event.currentTarget.checked || ""))} />
        </>
      )}
    </>
  );
}

/** The row with another value; without the member if that is empty. */
function without(row: Json, member: string, value: unknown): Json {
  const { [member]: _, ...others } = row;
  return value === "" ? others : { ...others, [member]: value };
}
