// The filter above the table: comparisons that hold together, or a condition as JSON.

import { ActionIcon, Button, NativeSelect, Popover, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { ListFilter, Plus, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Field } from "../../api/client";
import { JsonField, mistakeIn } from "../../parts/JsonField";
import { begin, type Comparison, isChoice, OPERATOR_NAMES, OPERATORS, readFilter, typeOf, writeFilter } from "./condition";
import classes from "./Data.module.css";

interface Props {
  fields: Field[];
  /** The condition that holds at present, as JSON. */
  filter: string | undefined;
  onChange: (filter: string | undefined) => void;
}

const OWN = ["id", "created_by"];

export function Filter({ fields, filter, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const read = readFilter(filter, fields);
  return (
    <div className={classes.filter}>
      <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="md" width="min(36rem, calc(100vw - 2rem))" trapFocus returnFocus>
        <Popover.Target>
          <Button variant="default" leftSection={<ListFilter size={16} aria-hidden />} onClick={() => setOpen(!isOpen)}>
            Filter
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Filter">
          <FilterForm
            fields={fields}
            filter={filter}
            read={read}
            onApply={(filter) => {
              setOpen(false);
              onChange(filter);
            }}
          />
        </Popover.Dropdown>
      </Popover>
      {filter && (
        <span className={classes.condition}>
          <code>{read ? read.map(inWords).join(" and ") : filter}</code>
          <ActionIcon size="sm" onClick={() => onChange(undefined)} aria-label="Remove the filter">
            <X size={14} aria-hidden />
          </ActionIcon>
        </span>
      )}
    </div>
  );
}

const inWords = ({ field, operator, value }: Comparison) => (operator === "exists" ? `${field} has ${value === "false" ? "no" : "a"} value` : `${field} ${OPERATOR_NAMES[operator]} ${value}`);

interface FormProps {
  fields: Field[];
  filter: string | undefined;
  read: Comparison[] | undefined;
  onApply: (filter: string | undefined) => void;
}

function FilterForm({ fields, filter, read, onApply }: FormProps) {
  const first = begin(fields[0]?.name ?? "id", fields);
  const [form, setForm] = useState(read ? "comparisons" : "json");
  const [comparisons, setComparisons] = useState(read?.length ? read : [first]);
  const [json, setJson] = useState(filter ?? "");
  const [mistake, setMistake] = useState<string>();
  const change = (index: number, comparison: Comparison | undefined) => setComparisons(comparisons.toSpliced(index, 1, ...(comparison ? [comparison] : [])));
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    try {
      onApply(form === "json" ? json.trim() || undefined : writeFilter(comparisons, fields));
    } catch (error) {
      setMistake(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form onSubmit={onSubmit}>
      <Stack gap="sm">
        <SegmentedControl size="xs" data={[{ value: "comparisons", label: "Comparisons" }, { value: "json", label: "JSON" }]} value={form} onChange={setForm} aria-label="Form of the filter" style={{ alignSelf: "start" }} />
        {form === "json" ? (
          <JsonField label="Condition" rows={5} placeholder='{"or": [{"status": "new"}, {"total": {"gt": 10}}]}' value={json} onChange={setJson} />
        ) : (
          <>
            {comparisons.map((comparison, index) => (
              <Row key={index} fields={fields} comparison={comparison} onChange={(changed) => change(index, changed)} />
            ))}
            <div>
              <Button variant="subtle" size="compact-sm" leftSection={<Plus size={14} aria-hidden />} onClick={() => setComparisons([...comparisons, first])}>
                And another one
              </Button>
            </div>
          </>
        )}
        {mistake && <p className={classes.mistake}>{mistake}</p>}
        <div className={classes.actions}>
          <Button type="submit" size="xs" disabled={form === "json" && Boolean(mistakeIn(json))}>
            Apply
          </Button>
          {filter && (
            <Button variant="default" size="xs" onClick={() => onApply(undefined)}>
              Show all
            </Button>
          )}
        </div>
      </Stack>
    </form>
  );
}

interface RowProps {
  fields: Field[];
  comparison: Comparison;
  onChange: (comparison: Comparison | undefined) => void;
}

function Row({ fields, comparison, onChange }: RowProps) {
  const { field, operator, value } = comparison;
  const names = [...fields.map(({ name }) => name), ...OWN];
  const type = typeOf(field, fields);
  return (
    <div className={classes.comparison}>
      <NativeSelect aria-label="Field" size="xs" data={names} value={field} onChange={(event) => onChange(begin(event.currentTarget.value, fields, operator))} />
      <NativeSelect
        aria-label="Comparison"
        size="xs"
        data={OPERATORS[type].map((operator) => ({ value: operator, label: OPERATOR_NAMES[operator]! }))}
        value={operator}
        onChange={(event) => onChange(begin(field, fields, event.currentTarget.value))}
      />
      {isChoice(field, operator, fields) ? (
        <NativeSelect aria-label="Value" size="xs" data={[{ value: "true", label: "yes" }, { value: "false", label: "no" }]} value={value} onChange={(event) => onChange({ ...comparison, value: event.currentTarget.value })} />
      ) : (
        <TextInput aria-label="Value" size="xs" type={type === "date" ? "datetime-local" : "text"} value={value} onChange={(event) => onChange({ ...comparison, value: event.currentTarget.value })} />
      )}
      <ActionIcon size="md" onClick={() => onChange(undefined)} aria-label="Remove this comparison">
        <X size={15} aria-hidden />
      </ActionIcon>
    </div>
  );
}
