// The fields of a structure: their names, types and order; and the end of the structure.

import { ActionIcon, Button, Checkbox, NativeSelect, Stack, TextInput } from "@mantine/core";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { answer, type Field, hub } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { Confirm } from "../../parts/Confirm";
import { Failure } from "../../parts/Failure";
import { useForm } from "../../parts/form";
import { Card } from "../../parts/Page";
import { tell } from "../../parts/told";
import { readDataAgain, type Subject, useStructure } from "./context";
import classes from "./Data.module.css";

const TYPES: Record<Field["type"], string> = {
  string: "text",
  number: "number",
  boolean: "yes or no",
  date: "date and time",
  json: "JSON",
  link: "link",
  links: "links",
  file: "file (URL)",
};

const isLink = ({ type }: Field) => type === "link" || type === "links";

export function FieldsEditor() {
  const subject = useStructure();
  return (
    <>
      <Editor key={subject.structure.updated_at_ms} subject={subject} />
      <Deletion subject={subject} />
    </>
  );
}

function Editor({ subject: { app, structure } }: { subject: Subject }) {
  const save = ({ title, fields }: { title: string; fields: Field[] }) =>
    answer(
      hub.PUT("/api/v1/apps/{app}/structures/{structure}", {
        params: { path: { app, structure: structure.name } },
        body: { title: title || null, fields: fields.map((field) => ({ ...field, title: field.title || null, structure: isLink(field) ? field.structure || null : null })) },
      }),
    );
  const { values, set, text, onSubmit, sending } = useForm({ title: structure.title ?? "", fields: structure.fields }, save, async () => {
    await readDataAgain(app);
    tell("The fields are saved.");
  });
  const { fields } = values;
  const change = (index: number, ...changed: Field[]) => set({ fields: fields.toSpliced(index, 1, ...changed) });
  const move = (from: number, to: number) => set({ fields: fields.toSpliced(from, 1).toSpliced(to, 0, fields[from]!) });
  const gone = structure.fields.filter(({ name }) => !fields.some((field) => field.name === name));
  return (
    <Card title="Fields" about="Objects have an id, a version, and when they were created and changed, without being asked">
      <form onSubmit={onSubmit}>
        <Stack gap="md">
          <TextInput label="Title of the structure" maxLength={200} className={classes.title} {...text("title")} />
          <ol className={classes.fields}>
            {fields.map((field, index) => (
              <FieldRow
                key={index}
                field={field}
                onChange={(...changed) => change(index, ...changed)}
                onUp={index > 0 ? () => move(index, index - 1) : undefined}
                onDown={index < fields.length - 1 ? () => move(index, index + 1) : undefined}
              />
            ))}
          </ol>
          <div>
            <Button variant="default" size="xs" leftSection={<Plus size={15} aria-hidden />} onClick={() => set({ fields: [...fields, { name: "", type: "string" }] })}>
              Add a field
            </Button>
          </div>
          {gone.length > 0 && structure.objects > 0 && (
            <p className={classes.warning}>
              Values of {gone.map(({ name }) => name).join(", ")} aren't shown any more once this is saved, and go with each object's next change.
            </p>
          )}
          <Failure problem={sending.error} />
          <div>
            <Button type="submit" loading={sending.isPending}>
              Save the fields
            </Button>
          </div>
        </Stack>
      </form>
    </Card>
  );
}

interface RowProps {
  field: Field;
  /** Nothing removes it. */
  onChange: (...changed: Field[]) => void;
  onUp?: () => void;
  onDown?: () => void;
}

function FieldRow({ field, onChange, onUp, onDown }: RowProps) {
  const set = (change: Partial<Field>) => onChange({ ...field, ...change });
  const called = field.name || "the new field";
  return (
    <li className={classes.field}>
      <TextInput aria-label="Name" size="xs" placeholder="name" required pattern="[A-Za-z_][A-Za-z0-9_]{0,63}" value={field.name} onChange={(event) => set({ name: event.currentTarget.value })} />
      <NativeSelect
        aria-label={`Type of ${called}`}
        size="xs"
        data={Object.entries(TYPES).map(([value, label]) => ({ value, label }))}
        value={field.type}
        onChange={(event) => set({ type: event.currentTarget.value as Field["type"] })}
      />
      {isLink(field) ? (
        <TextInput aria-label={`Structure that ${called} leads to`} size="xs" placeholder="WebUser, or a structure" value={field.structure ?? ""} onChange={(event) => set({ structure: event.currentTarget.value })} />
      ) : (
        <TextInput aria-label={`Title of ${called}`} size="xs" placeholder="title, for people" value={field.title ?? ""} onChange={(event) => set({ title: event.currentTarget.value })} />
      )}
      <Checkbox size="xs" label="required" aria-label={`${called} is required`} checked={field.required ?? false} onChange={(event) => set({ required: event.currentTarget.checked })} />
      <span className={classes.moves}>
        <ActionIcon size="md" onClick={onUp} disabled={!onUp} aria-label={`Move ${called} up`}>
          <ArrowUp size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon size="md" onClick={onDown} disabled={!onDown} aria-label={`Move ${called} down`}>
          <ArrowDown size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon size="md" color="red" onClick={() => onChange()} aria-label={`Remove ${called}`}>
          <Trash2 size={15} aria-hidden />
        </ActionIcon>
      </span>
    </li>
  );
}

function Deletion({ subject: { app, structure } }: { subject: Subject }) {
  const [isAsked, setAsked] = useState(false);
  const [, navigate] = useLocation();
  const { name, objects } = structure;
  const remove = async () => {
    await answer(hub.DELETE("/api/v1/apps/{app}/structures/{structure}", { params: { path: { app, structure: name } } }));
    navigate(`~/console/apps/${app}/data`);
    queries.removeQueries({ queryKey: ofApp(app, "structures", name) });
    await readDataAgain(app);
    tell(`The structure ${name} is deleted.`);
  };
  return (
    <Card
      title="Delete this structure"
      about="With its objects and endpoints"
      actions={
        <Button color="red" variant="outline" onClick={() => setAsked(true)}>
          Delete the structure
        </Button>
      }
    >
      {isAsked && (
        <Confirm title={`Delete ${name}`} verb="Delete the structure" typed={objects > 0 ? name : undefined} onConfirm={remove} onClose={() => setAsked(false)}>
          {objects > 0 ? `${objects.toLocaleString("en")} objects go with it. ` : ""}This can't be taken back.
        </Confirm>
      )}
    </Card>
  );
}
