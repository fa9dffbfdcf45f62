// The table of objects, as a grid that one moves in with the arrow keys. Enter changes a cell, Escape leaves it as it was.

import { useMutation } from "@tanstack/react-query";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import type { Field } from "../../api/client";
import { Failure } from "../../parts/Failure";
import { readDataAgain, type Subject } from "./context";
import classes from "./Data.module.css";
import { BEFORE, GridRow } from "./GridRow";
import { useGridPlace } from "./grid-place";
import { changeObject } from "./objects-api";
import { type DataObject, fitsLine } from "./values";

interface Props {
  subject: Subject;
  objects: DataObject[];
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  chosen: Set<string>;
  onChoose: (chosen: Set<string>) => void;
  onOpen: (object: DataObject) => void;
  /** Whether other objects are on their way. */
  isStale: boolean;
}

export function Grid(props: Props) {
  const { subject, objects, chosen, onChoose, onOpen, isStale } = props;
  const { fields, name } = subject.structure;
  const grid = useRef<HTMLTableElement>(null);
  const place = useGridPlace(grid, { row: 0, column: BEFORE - 1 }, { row: objects.length - 1, column: fields.length + BEFORE });
  // The object as it was when its change began: somebody else's change since then is noticed by the version.
  const [edited, setEdited] = useState<{ object: DataObject; column: number }>();
  const saving = useMutation({
    mutationFn: ({ object, values }: { object: DataObject; values: Record<string, unknown> }) => changeObject(subject, object, values),
    onSettled: () => readDataAgain(subject.app),
  });

  const edit = (object: DataObject | undefined, column: number) => {
    const field = fields[column - BEFORE];
    if (!field || !object) return;
    if (fitsLine(field.type)) setEdited({ object, column });
    else onOpen(object);
  };
  const leave = () => {
    setEdited(undefined);
    // The cell is there again only after it was drawn.
    requestAnimationFrame(() => place.go(place.here));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (edited) return;
    const { row, column } = place.here;
    const isEdit = (event.key === "Enter" || event.key === "F2") && fields[column - BEFORE] !== undefined;
    if (isEdit) edit(objects[row], column);
    if (isEdit || place.move(event)) event.preventDefault();
  };
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };

  return (
    <>
      {saving.error && (
        <div className={classes.inset}>
          <Failure problem={saving.error} />
        </div>
      )}
      <div className={classes.scroll} tabIndex={-1}>
        <table ref={grid} role="grid" aria-label={`Objects of ${name}`} className={classes.grid} data-stale={isStale || undefined} onKeyDown={onKeyDown}>
          <Head {...props} />
          <tbody>
            {objects.map((object, row) => (
              <GridRow
                key={object.id}
                object={object}
                fields={fields}
                at={(column) => place.at(row, column)}
                isChosen={chosen.has(object.id)}
                onChoose={() => toggle(object.id)}
                onOpen={() => onOpen(object)}
                edited={edited?.object.id === object.id ? { column: edited.column, value: edited.object[fields[edited.column - BEFORE]!.name] } : undefined}
                onEdit={(column) => edit(object, column)}
                onSave={(field, value) => {
                  saving.mutate({ object: edited?.object ?? object, values: { [field]: value } });
                  leave();
                }}
                onCancel={leave}
              />
            ))}
          </tbody>
        </table>
      </div>
      {objects.length === 0 && <p className={classes.nothing}>Nothing fits the filter.</p>}
    </>
  );
}

function Head({ subject, sort, onSort }: Props) {
  return (
    <thead>
      <tr>
        <th scope="col">
          <span className="visually-hidden">Choose</span>
        </th>
        {[{ name: "id" }, ...subject.structure.fields].map((field) => (
          <Heading key={field.name} field={field} sort={sort} onSort={onSort} />
        ))}
        <th scope="col">
          <span className="visually-hidden">Open</span>
        </th>
      </tr>
    </thead>
  );
}

interface HeadingProps extends Pick<Props, "sort" | "onSort"> {
  field: Pick<Field, "name"> & Partial<Field>;
}

function Heading({ field: { name, title, type }, sort, onSort }: HeadingProps) {
  const order = sort === name ? "ascending" : sort === `${name},desc` ? "descending" : undefined;
  const next = { none: name, ascending: `${name},desc`, descending: undefined }[order ?? "none"];
  if (type !== undefined && !fitsLine(type)) return <th scope="col">{title ?? name}</th>;
  return (
    <th scope="col" aria-sort={order} data-type={type}>
      <button type="button" onClick={() => onSort(next)}>
        {title ?? name}
        {order === "ascending" && <ArrowUp size={13} aria-hidden />}
        {order === "descending" && <ArrowDown size={13} aria-hidden />}
      </button>
    </th>
  );
}
