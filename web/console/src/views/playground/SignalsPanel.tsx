// The vehicle's signals as plugins see them, to be changed while they run.

import { ActionIcon, Button, NativeSelect, Switch, TextInput, Tooltip } from "@mantine/core";
import { Activity, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Empty } from "../../parts/Empty";
import { mistakeIn } from "../../parts/JsonField";
import { Card } from "../../parts/Page";
import classes from "./Playground.module.css";
import { edit } from "./shelf";
import { type Signals, useSignals } from "./signals";

const SHOWN_MAX = 100;
const TYPES = ["number", "string", "boolean", "JSON"] as const;
type Type = (typeof TYPES)[number];

interface Props {
  id: string;
  signals: Signals;
}

export function SignalsPanel({ id, signals }: Props) {
  const values = useSignals(signals);
  const [sought, setSought] = useState("");
  const paths = Object.keys(values).sort();
  const found = paths.filter((path) => path.toLowerCase().includes(sought.trim().toLowerCase()));
  /** What is set here is what the dashboard begins with the next time. */
  const set = (path: string, value: unknown) => {
    const problem = signals.set(path, value);
    if (!problem) edit(id, (board) => ({ signals: { ...board.signals, [path]: value } }));
    return problem;
  };
  const remove = (path: string) => {
    signals.remove(path);
    edit(id, (board) => ({ signals: Object.fromEntries(Object.entries(board.signals).filter(([each]) => each !== path)) }));
  };
  return (
    <Card title="Vehicle signals" about={<>What plugins read and set as <code>vehicle.A.B.C</code></>}>
      {paths.length === 0 ? (
        <Empty icon={Activity} title="No signals yet">
          Add one, or let a plugin set one: <code>await vehicle.Speed.set(30)</code>
        </Empty>
      ) : (
        <>
          {paths.length > 5 && <TextInput label="Filter" value={sought} onChange={(event) => setSought(event.currentTarget.value)} autoComplete="off" />}
          <ul className={classes.signals} aria-label="Vehicle signals">
            {found.slice(0, SHOWN_MAX).map((path) => (
              <Signal key={path} path={path} value={values[path]} onSet={set} onRemove={remove} />
            ))}
          </ul>
          {found.length === 0 && <p className="muted">No signal is called so.</p>}
          {found.length > SHOWN_MAX && <p className="muted">{found.length - SHOWN_MAX} more: filter them.</p>}
        </>
      )}
      <NewSignal onSet={set} />
    </Card>
  );
}

function Signal({ path, value, onSet, onRemove }: { path: string; value: unknown; onSet: (path: string, value: unknown) => string | undefined; onRemove: (path: string) => void }) {
  const type = typeOf(value);
  return (
    <li>
      <code>{path}</code>
      <NativeSelect size="xs" aria-label={`Type of ${path}`} data={[...TYPES]} value={type} onChange={(event) => onSet(path, converted(value, event.currentTarget.value as Type))} />
      {typeof value === "boolean" ? (
        <Switch aria-label={`Value of ${path}`} checked={value} onChange={(event) => onSet(path, event.currentTarget.checked)} label={String(value)} />
      ) : (
        <Value key={type} path={path} type={type} value={value} onSet={(next) => onSet(path, next)} />
      )}
      <Tooltip label={`Remove ${path}`}>
        <ActionIcon size="md" aria-label={`Remove ${path}`} onClick={() => onRemove(path)}>
          <Trash2 size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </li>
  );
}

/** A value as text, which is taken with Enter or when one leaves the field. */
function Value({ path, type, value, onSet }: { path: string; type: Type; value: unknown; onSet: (value: unknown) => string | undefined }) {
  const [draft, setDraft] = useState<string>();
  const [refused, setRefused] = useState<string>();
  const take = () => {
    if (draft === undefined || mistakeFor(type, draft)) return;
    const problem = onSet(parsed(type, draft));
    setRefused(problem);
    if (!problem) setDraft(undefined);
  };
  return (
    <TextInput
      size="xs"
      aria-label={`Value of ${path}`}
      value={draft ?? textOf(type, value)}
      error={refused ?? (draft === undefined ? undefined : mistakeFor(type, draft))}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={({ key }) => {
        if (key === "Enter") take();
        if (key === "Escape") setDraft(undefined);
      }}
      autoComplete="off"
      classNames={{ input: classes.text }}
    />
  );
}

function NewSignal({ onSet }: { onSet: (path: string, value: unknown) => string | undefined }) {
  const [path, setPath] = useState("");
  const [type, setType] = useState<Type>("number");
  const [text, setText] = useState("0");
  const [problem, setProblem] = useState<string>();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const mistake = mistakeFor(type, text) ?? onSet(path.trim(), parsed(type, text));
    setProblem(mistake);
    if (!mistake) setPath("");
  };
  return (
    <form onSubmit={onSubmit} className={classes.newSignal}>
      <TextInput label="Path" placeholder="Body.Trunk.IsOpen" required withAsterisk={false} value={path} onChange={(event) => setPath(event.currentTarget.value)} autoComplete="off" />
      <NativeSelect
        label="Type"
        data={[...TYPES]}
        value={type}
        onChange={(event) => {
          setType(event.currentTarget.value as Type);
          setText(BEGINNINGS[event.currentTarget.value as Type]);
        }}
      />
      <TextInput label="Value" value={text} error={problem} onChange={(event) => setText(event.currentTarget.value)} autoComplete="off" />
      <Button type="submit" variant="default">
        Add
      </Button>
    </form>
  );
}

const BEGINNINGS: Record<Type, string> = { number: "0", string: "", boolean: "false", JSON: "null" };

function typeOf(value: unknown): Type {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return typeof value as Type;
  return "JSON";
}

const textOf = (type: Type, value: unknown): string => (type === "string" ? String(value) : JSON.stringify(value));

const parsed = (type: Type, text: string): unknown => (type === "string" ? text : (JSON.parse(text) as unknown));

function mistakeFor(type: Type, text: string): string | undefined {
  if (type === "string") return undefined;
  if (!text.trim() || mistakeIn(text)) return `That isn't ${type === "JSON" ? "JSON" : `a ${type}`}.`;
  return type === "JSON" || typeof JSON.parse(text) === type ? undefined : `That isn't a ${type}.`;
}

/** The value that comes nearest to it in another type. */
function converted(value: unknown, type: Type): unknown {
  if (type === "string") return typeof value === "string" ? value : JSON.stringify(value);
  if (type === "number") return Number(value) || 0;
  if (type === "boolean") return Boolean(value) && value !== "false";
  return [value];
}
