// The log of a scenario's runs, and starting one by hand.

import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { History, Play } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { answer, hub, type RunRecord } from "../../api/client";
import { LIVE, ofApp, queries } from "../../api/queries";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card } from "../../parts/Page";
import { tell } from "../../parts/told";
import { useScenario } from "./context";
import { RunDrawer } from "./RunDrawer";
import { RunStatus, STATUSES } from "./RunStatus";
import classes from "./Scenarios.module.css";
import { runScenario } from "./scenarios-api";
import { structureOf } from "./words";

const COLUMNS: Column<RunRecord>[] = [
  { title: "Run", cell: ({ run }) => <Link href={`/runs?run=${run}`}>{run}</Link> },
  { title: "Status", cell: ({ status }) => <RunStatus status={status} /> },
  { title: "Cause", cell: ({ cause }) => <span className={classes.cause}>{cause}</span> },
  { title: "Version", kind: "number", cell: ({ version }) => version },
  { title: "Started", cell: ({ created_at_ms }) => <Moment at_ms={created_at_ms} /> },
  { title: "Took", kind: "number", cell: took },
];

function took({ started_at_ms, ended_at_ms }: RunRecord) {
  const isOver = typeof started_at_ms === "number" && typeof ended_at_ms === "number";
  return isOver ? `${(ended_at_ms - started_at_ms).toLocaleString("en")}\u00a0ms` : <span className="muted">–</span>;
}

export function Runs() {
  const { app, scenario } = useScenario();
  const [search, setSearch] = useSearchParams();
  const [status, setStatus] = useState("");
  const query = { scenario: scenario.id, status: status || undefined };
  const list = useParts(
    ofApp(app, "runs", query),
    (after) => answer(hub.GET("/api/v1/apps/{app}/runs", { params: { path: { app }, query: { ...query, after: after === undefined ? undefined : Number(after) } } })),
    LIVE,
  );
  const run = search.get("run");
  const filter = <NativeSelect size="xs" aria-label="Status" data={[{ value: "", label: "any status" }, ...STATUSES]} value={status} onChange={(event) => setStatus(event.currentTarget.value)} />;
  return (
    <>
      <RunNow />
      <Card flush title="Runs" actions={filter}>
        <Listing
          label="Runs"
          list={list}
          columns={COLUMNS}
          keyOf={({ run }) => run}
          empty={status ? <Empty icon={History} title={`None is ${status}`} /> : <Empty icon={History} title="It hasn't run yet">It does when its trigger comes, or when you start it above.</Empty>}
        />
      </Card>
      {run !== null && <RunDrawer key={run} app={app} run={Number(run)} onClose={() => setSearch("")} />}
    </>
  );
}

/** Starts it, whatever its filter says. */
function RunNow() {
  const { app, scenario } = useScenario();
  const [object, setObject] = useState("");
  const structure = structureOf(scenario.document.trigger);
  const starting = useMutation({
    mutationFn: () => runScenario(app, scenario.id, object || undefined),
    onSuccess: async ({ run }) => {
      await queries.invalidateQueries({ queryKey: ofApp(app, "runs") });
      tell(`Run ${run} is started.`);
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    starting.mutate();
  };
  return (
    <Card title="Run now" about="In earnest, whatever its filter says, also if it isn't enabled. It is the saved version that runs">
      <form onSubmit={onSubmit} className={classes.now}>
        {structure && <TextInput label="Object id" description={`Of ${structure}`} autoComplete="off" value={object} onChange={(event) => setObject(event.currentTarget.value)} />}
        <Button type="submit" leftSection={<Play size={15} aria-hidden />} loading={starting.isPending}>
          Run now
        </Button>
      </form>
      <Failure problem={starting.error} />
    </Card>
  );
}
