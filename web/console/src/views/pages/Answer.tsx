// The input for one member of a block. Whatever the document has there that the input can't show stays until it is changed.

import { NativeSelect, NumberInput, TagsInput, Textarea, TextInput } from "@mantine/core";
import type { Json } from "../../parts/document";
import { askedFields, type Question, shownFields } from "./kinds";
import type { Source } from "./pages-api";
import { Rows } from "./Rows";

interface Props {
  question: Question;
  block: Json;
  sources: Source[];
  onChange: (block: Json) => void;
}

const COLUMNS_OF_PAGE = 12;

const WIDTHS = [
  { value: "", label: "All of it" },
  { value: "9", label: "Three quarters" },
  { value: "8", label: "Two thirds" },
  { value: "6", label: "Half" },
  { value: "4", label: "A third" },
  { value: "3", label: "A quarter" },
];

export function Answer({ question, block, sources, onChange }: Props) {
  const { member, label, about, as, of = "endpoint", required, choices = [] } = question;
  const value = block[member];
  const set = (value: unknown) => onChange(withMember(block, member, value, required));
  const common = { label, description: about, withAsterisk: false, required };
  const text = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
  const fields = shownFields(sources, block[of]);
  switch (as) {
    case "line":
      return <TextInput {...common} autoComplete="off" value={text} onChange={(event) => set(event.currentTarget.value)} />;
    case "lines":
      return <Textarea {...common} rows={5} data-wide value={text} onChange={(event) => set(event.currentTarget.value)} />;
    case "number":
      return <NumberInput {...common} min={1} max={200} allowDecimal={false} value={typeof value === "number" ? value : ""} onChange={(value) => set(value === "" ? "" : Number(value))} />;
    case "source":
    case "target": {
      const fitting = sources.filter(({ isRead, isWritten }) => (as === "source" ? isRead : isWritten));
      return <NativeSelect {...common} data={offered(fitting.map(({ name }) => name), text, required ? "choose one" : "none")} value={text} onChange={(event) => set(event.currentTarget.value)} />;
    }
    case "field":
      return <NativeSelect {...common} data={offered(fields, text, required ? "choose one" : "as usual")} value={text} onChange={(event) => set(event.currentTarget.value)} />;
    case "choice":
      return <NativeSelect {...common} data={choices} value={text || choices[0]} onChange={(event) => set(event.currentTarget.value)} />;
    case "width": {
      const width = value === COLUMNS_OF_PAGE || value === undefined ? "" : String(value);
      const data = WIDTHS.some(({ value }) => value === width) ? WIDTHS : [...WIDTHS, { value: width, label: `${width} of ${COLUMNS_OF_PAGE} columns` }];
      return <NativeSelect {...common} data={data} value={width} onChange={(event) => set(event.currentTarget.value && Number(event.currentTarget.value))} />;
    }
    case "fields":
    case "words":
      return <TagsInput {...common} acceptValueOnBlur data={as === "fields" ? fields : []} value={Array.isArray(value) ? value.map(String) : []} onChange={set} />;
    case "columns":
      return <Rows label={label} one="column" rows={value} fields={fields} onChange={set} />;
    case "formFields":
      return <Rows label={label} one="field" rows={value} fields={askedFields(sources, block[of])} onChange={set} />;
  }
}

/** The block with another answer. One that may be left out is, when it is empty. */
function withMember(block: Json, member: string, value: unknown, required: true | undefined): Json {
  const isEmpty = value === "" || (Array.isArray(value) && value.length === 0);
  if (!isEmpty || required) return { ...block, [member]: value };
  const { [member]: _, ...others } = block;
  return others;
}

/** What can be chosen: nothing, what there is, and what the document says though there is no such thing. */
export function offered(names: string[], value: string, nothing: string) {
  const unknown = value && !names.includes(value) ? [{ value, label: `${value} (isn't there)` }] : [];
  return [{ value: "", label: nothing }, ...names.map((name) => ({ value: name, label: name })), ...unknown];
}
