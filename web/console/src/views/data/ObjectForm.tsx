// An object with all its fields, to be created, changed or deleted.

import { Button, Drawer, Group, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Failure } from "../../parts/Failure";
import { useForm } from "../../parts/form";
import { Moment } from "../../parts/Moment";
import { readDataAgain, type Subject } from "./context";
import classes from "./Data.module.css";
import { changeObject, createObject, deleteObject } from "./objects-api";
import { FieldInput, IdInput } from "./FieldInput";
import { type DataObject, textOf, type Values, valueOf } from "./values";

interface Props {
  subject: Subject;
  /** None to create one. */
  object: DataObject | undefined;
  onClose: () => void;
}

/** What is written for each field: a text, or the texts of `links`. */
type Written = Record<string, string | string[]>;

export function ObjectForm({ subject, object, onClose }: Props) {
  const { fields, name } = subject.structure;
  const initial: Written = Object.fromEntries(
    fields.map(({ name, type }) => [name, type === "links" ? ((object?.[name] as string[]) ?? []) : textOf(object?.[name], type)]),
  );
  const [id, setId] = useState("");
  const save = (written: Written) => {
    const changed = fields.filter(({ name }) => written[name] !== initial[name]);
    const values: Values = Object.fromEntries(changed.map(({ name, type }) => [name, read(written[name] ?? "", type)]));
    return object ? changeObject(subject, object, values) : createObject(subject, { ...(id && { id }), ...values });
  };
  const { values, set, onSubmit, sending } = useForm(initial, save, async () => {
    await readDataAgain(subject.app);
    onClose();
  });
  return (
    <Drawer opened onClose={onClose} position="right" size="34rem" title={object ? object.id : `New object of ${name}`} classNames={{ title: classes.drawerTitle }}>
      <form onSubmit={onSubmit}>
        <Stack gap="md">
          {object ? <Facts object={object} /> : <IdInput value={id} onChange={setId} />}
          {fields.map((field, index) => (
            <FieldInput key={field.name} field={field} value={values[field.name] ?? ""} onChange={(value) => set({ [field.name]: value })} isFirst={index === 0} problem={sending.error} />
          ))}
          <Failure problem={sending.error} />
          <Group justify="space-between">
            <Button type="submit" loading={sending.isPending}>
              {object ? "Save" : "Create"}
            </Button>
            {object && <Delete subject={subject} object={object} onDone={onClose} />}
          </Group>
        </Stack>
      </form>
    </Drawer>
  );
}

const read = (written: string | string[], type: Parameters<typeof valueOf>[1]) =>
  Array.isArray(written) ? (written.length > 0 ? written : null) : valueOf(written, type);

function Facts({ object: { version, created_at_ms, updated_at_ms, created_by } }: { object: DataObject }) {
  return (
    <p className="muted">
      Version {version} · created <Moment at_ms={created_at_ms} /> {created_by ? `by ${created_by}` : "by a backend"} · changed <Moment at_ms={updated_at_ms} />
    </p>
  );
}

function Delete({ subject, object, onDone }: { subject: Subject; object: DataObject; onDone: () => void }) {
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => deleteObject(subject, object),
    onSuccess: async () => {
      await readDataAgain(subject.app);
      onDone();
    },
  });
  return (
    <>
      <Button variant="subtle" color="red" onClick={() => mutate()} loading={isPending}>
        Delete
      </Button>
      <Failure problem={error} />
    </>
  );
}
