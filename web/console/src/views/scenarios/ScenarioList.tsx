// All scenarios of an app, and new ones.

import { Button, Switch } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plus, Workflow } from "lucide-react";
import { Link, useSearchParams } from "wouter";
import { answer, hub, type RunRecord, type Scenario } from "../../api/client";
import { CALM, ofApp } from "../../api/queries";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card, Page } from "../../parts/Page";
import { NewScenario } from "./NewScenario";
import { RunStatus } from "./RunStatus";
import { readScenariosAgain, turnScenario } from "./scenarios-api";
import { triggerInWords } from "./words";

/** As many as one call gives. A scenario without one among them hasn't run lately. */
const LATEST_RUNS = 200;

export function ScenarioList({ app }: { app: string }) {
  const [search] = useSearchParams();
  const turning = useMutation({
    mutationFn: ({ id, enabled }: Scenario) => turnScenario(app, id, !enabled),
    onSettled: () => readScenariosAgain(app),
  });
  const list = useParts(ofApp(app, "scenarios", "all"), (after) => answer(hub.GET("/api/v1/apps/{app}/scenarios", { params: { path: { app }, query: { after } } })), CALM);
  const { data: runs } = useQuery({
    queryKey: ofApp(app, "runs", "latest"),
    queryFn: async () => (await answer(hub.GET("/api/v1/apps/{app}/runs", { params: { path: { app }, query: { limit: LATEST_RUNS } } }))).items,
    ...CALM,
  });
  if (search.has("create")) return <NewScenario app={app} />;
  const create = (
    <Button component={Link} href="/?create" leftSection={<Plus size={16} aria-hidden />}>
      Write a scenario
    </Button>
  );
  return (
    <Page title="Scenarios" about="What this app does by itself: a trigger starts a scenario, its steps push, change objects, ask others, decide, wait." actions={create}>
      <Failure problem={turning.error} />
      <Card flush>
        <Listing
          label="Scenarios"
          list={list}
          columns={columns((scenario) => turning.mutate(scenario), runs)}
          keyOf={({ id }) => id}
          empty={<Empty icon={Workflow} title="No scenarios yet" action={create}>Begin with one that pushes when an object changes: it is written for you, and can be tried before it is saved.</Empty>}
        />
      </Card>
    </Page>
  );
}

const columns = (turn: (scenario: Scenario) => void, runs: RunRecord[] | undefined): Column<Scenario>[] => [
  { title: "Scenario", cell: ({ id }) => <Link href={`/${id}`}>{id}</Link> },
  { title: "Name", cell: ({ document }) => document.name ?? <span className="muted">–</span> },
  { title: "Starts when", cell: ({ document }) => triggerInWords(document.trigger) },
  { title: "Enabled", cell: (scenario) => <Switch checked={scenario.enabled} onChange={() => turn(scenario)} aria-label={`${scenario.id} is enabled`} /> },
  { title: "Version", kind: "number", cell: ({ version }) => version },
  { title: "Due", cell: ({ due_at_ms }) => (typeof due_at_ms === "number" ? <Moment at_ms={due_at_ms} /> : <span className="muted">–</span>) },
  { title: "Last run", cell: ({ id }) => <LastRun id={id} run={runs?.find(({ scenario }) => scenario === id)} /> },
];

function LastRun({ id, run }: { id: string; run: RunRecord | undefined }) {
  if (!run) return <span className="muted">none lately</span>;
  return (
    <Link href={`/${id}/runs?run=${run.run}`} aria-label={`Last run of ${id}: ${run.status}`}>
      <RunStatus status={run.status} />
    </Link>
  );
}
