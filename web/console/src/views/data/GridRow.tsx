// One object in the table: its choice, its id, its values, opening it.

import { Checkbox } from "@mantine/core";
import { PanelRightOpen } from "lucide-react";
import type { Field } from "../../api/client";
import { CellEditor } from "./CellEditor";
import classes from "./Data.module.css";
import type { Reachable } from "./grid-place";
import { type DataObject, shown } from "./values";

/** Columns before those of the fields: the choice, and the id. */
export const BEFORE = 2;

interface Props {
  object: DataObject;
  fields: Field[];
  at: (column: number) => Reachable;
  isChosen: boolean;
  onChoose: () => void;
  onOpen: () => void;
  /** The column that is being changed, and the value that it had when that began. */
  edited?: { column: number; value: unknown };
  onEdit: (column: number) => void;
  onSave: (field: string, value: unknown) => void;
  onCancel: () => void;
}

export function GridRow(props: Props) {
  const { object, fields, at, isChosen, onChoose, onOpen } = props;
  return (
    <tr data-chosen={isChosen || undefined}>
      <td role="gridcell">
        <Checkbox size="xs" aria-label={`Choose ${object.id}`} checked={isChosen} onChange={onChoose} {...at(0)} />
      </td>
      <td role="gridcell" className={classes.idCell} {...at(1)}>
        {object.id}
      </td>
      {fields.map((field, index) => (
        <Cell key={field.name} field={field} column={index + BEFORE} {...props} />
      ))}
      <td role="gridcell">
        <button type="button" className={classes.open} aria-label={`Open ${object.id}`} onClick={onOpen} {...at(fields.length + BEFORE)}>
          <PanelRightOpen size={16} aria-hidden />
        </button>
      </td>
    </tr>
  );
}

function Cell({ field: { name, type }, column, object, at, edited, onEdit, onSave, onCancel }: Props & { field: Field; column: number }) {
  if (edited?.column === column) {
    return (
      <td role="gridcell" className={classes.edited}>
        <CellEditor name={name} type={type} value={edited.value} onCancel={onCancel} onSave={(value) => onSave(name, value)} />
      </td>
    );
  }
  const text = shown(object[name], type);
  return (
    <td role="gridcell" data-type={type} title={text} onDoubleClick={() => onEdit(column)} {...at(column)}>
      {text}
    </td>
  );
}
