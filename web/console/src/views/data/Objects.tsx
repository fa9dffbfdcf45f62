// The objects of a structure: filtered, sorted, in parts; changed in the table or in a form.

import { Button, Pagination, Progress, Select, Skeleton } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Plus, Table2, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { CALM, ofApp } from "../../api/queries";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { Card } from "../../parts/Page";
import { readDataAgain, useStructure } from "./context";
import classes from "./Data.module.css";
import { Filter } from "./Filter";
import { Grid } from "./Grid";
import { ObjectForm } from "./ObjectForm";
import { deleteObject, readObjects } from "./objects-api";
import type { DataObject } from "./values";

const PAGE_SIZES = ["25", "50", "100", "200"];

export function Objects() {
  const subject = useStructure();
  const { app, structure } = subject;
  const { part, change } = usePart();
  const [opened, setOpened] = useState<DataObject | "new">();
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: ofApp(app, "objects", structure.name, part),
    queryFn: () => readObjects(subject, part),
    placeholderData: keepPreviousData,
    ...CALM,
  });
  const create = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setOpened("new")}>
      New object
    </Button>
  );
  if (structure.fields.length === 0) return <NoFields />;
  const isEmpty = data?.total === 0 && !part.filter;
  return (
    <Card flush>
      <div className={classes.toolbar}>
        <Filter key={part.filter} fields={structure.fields} filter={part.filter} onChange={(filter) => change({ filter, page: undefined })} />
        <div className={classes.actions}>
          <DeleteChosen objects={data?.items.filter(({ id }) => chosen.has(id)) ?? []} onDone={() => setChosen(new Set())} />
          {create}
        </div>
      </div>
      {error && (
        <div className={classes.inset}>
          <Failure problem={error} onRetry={() => void refetch()} />
        </div>
      )}
      {!data && !error && <Skeleton height={240} radius={0} />}
      {isEmpty && (
        <Empty icon={Table2} title="No objects yet" action={create}>
          Create one here, through the API, or let a front end write through an endpoint.
        </Empty>
      )}
      {data && !isEmpty && (
        <>
          <Grid subject={subject} objects={data.items} sort={part.sort} onSort={(sort) => change({ sort, page: undefined })} chosen={chosen} onChoose={setChosen} onOpen={setOpened} isStale={isPlaceholderData} />
          <Parts total={data.total} page={data.page} page_size={data.page_size} onChange={change} />
        </>
      )}
      {opened && <ObjectForm subject={subject} object={opened === "new" ? undefined : opened} onClose={() => setOpened(undefined)} />}
    </Card>
  );
}

type Change = Partial<Record<"filter" | "sort" | "page" | "page_size", string | undefined>>;

/** Which part of the list is shown: in the address, so that it can be kept and sent. */
function usePart() {
  const [search, setSearch] = useSearchParams();
  const part = {
    filter: search.get("filter") ?? undefined,
    sort: search.get("sort") ?? undefined,
    page: Number(search.get("page") ?? 0),
    page_size: Number(search.get("page_size") ?? 50),
  };
  const change = (change: Change) =>
    setSearch((former) => {
      const next = new URLSearchParams(former);
      for (const [name, value] of Object.entries(change)) value ? next.set(name, value) : next.delete(name);
      return next;
    });
  return { part, change };
}

interface PartsProps {
  total: number;
  page: number;
  page_size: number;
  onChange: (change: Change) => void;
}

function Parts({ total, page, page_size, onChange }: PartsProps) {
  const pages = Math.ceil(total / page_size);
  return (
    <div className={classes.parts}>
      <span className="muted numbers" data-testid="total">
        {total.toLocaleString("en")} {total === 1 ? "object" : "objects"}
      </span>
      {pages > 1 && (
        <Pagination
          total={pages}
          value={page + 1}
          onChange={(number) => onChange({ page: number > 1 ? String(number - 1) : undefined })}
          size="sm"
          siblings={1}
          getItemProps={(number) => ({ "aria-label": `Page ${number}` })}
          getControlProps={(control) => ({ "aria-label": { previous: "Page before", next: "Next page", first: "First page", last: "Last page" }[control] })}
        />
      )}
      <Select
        aria-label="Objects on a page"
        size="xs"
        w={104}
        data={PAGE_SIZES.map((size) => ({ value: size, label: `${size} a page` }))}
        value={String(page_size)}
        allowDeselect={false}
        onChange={(size) => onChange({ page_size: size ?? undefined, page: undefined })}
      />
    </div>
  );
}

function DeleteChosen({ objects, onDone }: { objects: DataObject[]; onDone: () => void }) {
  const subject = useStructure();
  const [done, setDone] = useState<number>();
  const [problem, setProblem] = useState<unknown>();
  const remove = async () => {
    setProblem(undefined);
    try {
      for (const [index, object] of objects.entries()) {
        setDone(index);
        await deleteObject(subject, object);
      }
      onDone();
    } catch (problem) {
      setProblem(problem);
    }
    setDone(undefined);
    await readDataAgain(subject.app);
  };
  if (problem) return <Failure problem={problem} onRetry={() => void remove()} />;
  if (done !== undefined) return <Progress w={160} value={(100 * done) / objects.length} aria-label={`Deleting ${objects.length} objects`} />;
  if (objects.length === 0) return null;
  return (
    <Button variant="outline" color="red" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => void remove()}>
      Delete {objects.length} {objects.length === 1 ? "object" : "objects"}
    </Button>
  );
}

function NoFields() {
  return (
    <Card>
      <Empty icon={Table2} title="The structure has no fields yet" action={<Link href="/fields">Add fields</Link>}>
        Fields say what an object may hold. Then it can have objects.
      </Empty>
    </Card>
  );
}
