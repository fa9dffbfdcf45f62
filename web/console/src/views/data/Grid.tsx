// The table of objects, as a grid that one moves in with the arrow keys. Enter changes a cell, Escape leaves it as it was.

import { Checkbox } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, PanelRightOpen } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import type { Field } from "../../api/client";
import { Failure } from "../../parts/Failure";
import { CellEditor } from "./CellEditor";
import { readDataAgain, type Subject } from "./context";
import classes from "./Data.module.css";
import { changeObject } from "./objects-api";
import { type DataObject, fitsLine, shown } from "./values";

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

/** Columns before and after those of the fields: the choice, the id; opening. */
const BEFORE = 2;

interface Place {
  row: number;
  column: number;
}

export function Grid({ subject, objects, sort, onSort, chosen, onChoose, onOpen, isStale }: Props) {
  const { fields } = subject.structure;
  const [place, setPlace] = useState<Place>({ row: 0, column: BEFORE - 1 });
  // The object as it was when its change began: somebody else's change since then is noticed by the version.
  const [edited, setEdited] = useState<{ object: DataObject; column: number }>();
  const grid = useRef<HTMLTableElement>(null);
  const saving = useMutation({
    mutationFn: ({ object, field, value }: { object: DataObject; field: string; value: unknown }) => changeObject(subject, object, { [field]: value }),
    onSettled: () => readDataAgain(subject.app),
  });

  const last = { row: objects.length - 1, column: fields.length + BEFORE };
  const here = { row: Math.min(place.row, last.row), column: Math.min(place.column, last.column) };
  const go = (to: Place) => {
    const next = { row: Math.max(0, Math.min(to.row, last.row)), column: Math.max(0, Math.min(to.column, last.column)) };
    setPlace(next);
    grid.current?.querySelector<HTMLElement>(`[data-place="${next.row} ${next.column}"]`)?.focus();
  };
  const leave = () => {
    setEdited(undefined);
    // The cell is there again only after it was drawn.
    requestAnimationFrame(() => go(here));
  };
  const start = ({ row, column }: Place) => {
    const field = fields[column - BEFORE];
    const object = objects[row];
    if (!field || !object) return;
    if (fitsLine(field.type)) setEdited({ object, column });
    else onOpen(object);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (edited) return;
    const { row, column } = here;
    const moves: Record<string, Place> = {
      ArrowUp: { row: row - 1, column },
      ArrowDown: { row: row + 1, column },
      ArrowLeft: { row, column: column - 1 },
      ArrowRight: { row, column: column + 1 },
      Home: { row, column: 0 },
      End: { row, column: last.column },
      PageUp: { row: row - 10, column },
      PageDown: { row: row + 10, column },
    };
    const to = moves[event.key];
    if (to) go(to);
    else if ((event.key === "Enter" || event.key === "F2") && fields[column - BEFORE]) start(here);
    else return;
    event.preventDefault();
  };
  /** What each thing in the grid that can be reached needs for it. */
  const at = (row: number, column: number) => ({
    "data-place": `${row} ${column}`,
    tabIndex: row === here.row && column === here.column ? 0 : -1,
    onFocus: () => setPlace({ row, column }),
  });
  const choose = (id: string) => {
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
        <table ref={grid} role="grid" aria-label={`Objects of ${subject.structure.name}`} className={classes.grid} data-stale={isStale || undefined} onKeyDown={onKeyDown}>
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">Choose</span>
              </th>
              {[{ name: "id" }, ...fields].map((field) => (
                <Heading key={field.name} field={field} sort={sort} onSort={onSort} />
              ))}
              <th scope="col">
                <span className="visually-hidden">Open</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {objects.map((object, row) => (
              <tr key={object.id} data-chosen={chosen.has(object.id) || undefined}>
                <td role="gridcell">
                  <Checkbox size="xs" aria-label={`Choose ${object.id}`} checked={chosen.has(object.id)} onChange={() => choose(object.id)} {...at(row, 0)} />
                </td>
                <td role="gridcell" className={classes.idCell} {...at(row, 1)}>
                  {object.id}
                </td>
                {fields.map(({ name, type }, index) => {
                  const column = index + BEFORE;
                  const isEdited = edited?.object.id === object.id && edited.column === column;
                  return isEdited ? (
                    <td role="gridcell" key={name} className={classes.edited}>
                      <CellEditor
                        name={name}
                        type={type}
                        value={edited.object[name]}
                        onCancel={leave}
                        onSave={(value) => {
                          saving.mutate({ object: edited.object, field: name, value });
                          leave();
                        }}
                      />
                    </td>
                  ) : (
                    <td role="gridcell" key={name} data-type={type} title={shown(object[name], type)} onDoubleClick={() => start({ row, column })} {...at(row, column)}>
                      {shown(object[name], type)}
                    </td>
                  );
                })}
                <td role="gridcell">
                  <button type="button" className={classes.open} aria-label={`Open ${object.id}`} onClick={() => onOpen(object)} {...at(row, last.column)}>
                    <PanelRightOpen size={16} aria-hidden />
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {objects.length === 0 && <p className={classes.nothing}>Nothing fits the filter.</p>}
    </>
  );
}

type Headed = Pick<Field, "name"> & Partial<Field>;

function Heading({ field: { name, title, type }, sort, onSort }: { field: Headed; sort: string | undefined; onSort: (sort: string | undefined) => void }) {
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
