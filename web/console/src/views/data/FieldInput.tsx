// The input for a field, by its type.

import { Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { type Field, Problem } from "../../api/client";
import { JsonField } from "../../parts/JsonField";

interface Props {
  field: Field;
  value: string | string[];
  onChange: (value: string | string[]) => void;
  isFirst: boolean;
  /** How the last sending failed; it is shown where it is about this field. */
  problem: unknown;
}

export function FieldInput({ field: { name, title, type, required, structure }, value, onChange, isFirst, problem }: Props) {
  const wrong = problem instanceof Problem && problem.detail.startsWith(`${name}: `) ? problem.detail.slice(name.length + 2) : undefined;
  const common = { label: title ?? name, description: title ? name : undefined, error: wrong, withAsterisk: required, "data-autofocus": isFirst || undefined };
  const onText = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value);
  const text = String(value);
  switch (type) {
    case "string":
      return <Textarea {...common} autosize minRows={1} value={text} onChange={onText} />;
    case "number":
      return <TextInput {...common} inputMode="decimal" value={text} onChange={onText} />;
    case "boolean":
      return <Select {...common} data={[{ value: "true", label: "yes" }, { value: "false", label: "no" }]} clearable value={text || null} onChange={(chosen) => onChange(chosen ?? "")} />;
    case "date":
      return <TextInput {...common} type="datetime-local" step={1} value={text} onChange={onText} />;
    case "json":
      return <JsonField label={common.label} description={common.description} error={wrong} rows={4} value={text} onChange={onChange} />;
    case "links":
      return <TagsInput {...common} placeholder={`Ids of ${structure ?? "objects"}`} value={Array.isArray(value) ? value : []} onChange={onChange} acceptValueOnBlur />;
    case "link":
      return <TextInput {...common} placeholder={`An id of ${structure ?? "an object"}`} value={text} onChange={onText} />;
    case "file":
      return <TextInput {...common} type="url" placeholder="https://" value={text} onChange={onText} />;
  }
}

export function IdInput({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  return <TextInput label="Id" description="Drawn if you leave it empty" value={value} onChange={(event) => onChange(event.currentTarget.value)} autoComplete="off" />;
}
