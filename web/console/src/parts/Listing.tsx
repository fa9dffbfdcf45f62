// A list from the API as a table, with all that can be instead of it: not yet read, not readable, empty, more to come.
// On a narrow screen each row is a card.

import { Button, Skeleton, Table } from "@mantine/core";
import type { ReactNode } from "react";
import { Failure } from "./Failure";
import classes from "./Listing.module.css";
import type { List } from "./list";

export interface Column<T> {
  title: string;
  cell: (item: T) => ReactNode;
  /** Numbers stand at the right; what one does with a row, too, without a title that is seen. */
  kind?: "number" | "actions";
}

interface Props<T> {
  /** What it lists, for those who hear it. */
  label: string;
  list: List<T>;
  columns: Column<T>[];
  keyOf: (item: T) => string | number;
  /** What stands there when there is nothing. */
  empty: ReactNode;
}

export function Listing<T>({ label, list, columns, keyOf, empty }: Props<T>) {
  if (list.items === undefined) return list.problem ? <Failure problem={list.problem} onRetry={list.readAgain} /> : <Waiting />;
  if (list.items.length === 0) return empty;
  return (
    <div className={classes.listing}>
      <Table verticalSpacing="sm" horizontalSpacing="lg" className={classes.table} aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ title, kind }) => (
              <Table.Th key={title} data-kind={kind} scope="col">
                {kind === "actions" ? <span className="visually-hidden">{title}</span> : title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.items.map((item) => (
            <Table.Tr key={keyOf(item)}>
              {columns.map(({ title, cell, kind }) => (
                <Table.Td key={title} data-kind={kind} data-title={kind === "actions" ? undefined : title}>
                  {cell(item)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {list.more && (
        <div className={classes.more}>
          <Button variant="default" size="xs" onClick={list.more} loading={list.isReadingMore}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}

function Waiting() {
  return (
    <div className={classes.waiting} aria-hidden>
      {[70, 55, 62].map((width) => (
        <Skeleton key={width} height={16} width={`${width}%`} />
      ))}
    </div>
  );
}
