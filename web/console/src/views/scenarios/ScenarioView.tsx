// One scenario: its document and the log of its runs.

import { Button, Skeleton, Switch } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import type { Scenario } from "../../api/client";
import { CALM, ofApp, queries } from "../../api/queries";
import { forgetUnsaved, useUnsaved } from "../../app/unsaved";
import { Confirm } from "../../parts/Confirm";
import { Failure } from "../../parts/Failure";
import { Page } from "../../parts/Page";
import { Sections } from "../../parts/Sections";
import { tell } from "../../parts/told";
import { type Draft, ScenarioContext } from "./context";
import { Document } from "./Document";
import { Runs } from "./Runs";
import { deleteScenario, readScenario, readScenariosAgain, turnScenario } from "./scenarios-api";
import { triggerInWords } from "./words";

const SECTIONS = [
  { path: "/", title: "Document", Shown: Document },
  { path: "/runs", title: "Runs", Shown: Runs },
];

export function ScenarioView({ app, id }: { app: string; id: string }) {
  const [draft, setDraft] = useState<Draft>();
  useUnsaved(draft !== undefined, `/apps/${app}/scenarios/${id}`);
  const { data, error, refetch } = useQuery({ queryKey: ofApp(app, "scenarios", "one", id), queryFn: () => readScenario(app, id), ...CALM });
  const actions = data && (
    <>
      <Turning app={app} scenario={data} isWritten={draft !== undefined} />
      <Deletion app={app} id={id} />
    </>
  );
  return (
    <Page title={data?.document.name || id} back={{ href: `~/console/apps/${app}/scenarios`, title: "Scenarios" }} about={data && about(data)} actions={actions}>
      {data && (
        <ScenarioContext value={{ app, scenario: data, draft, setDraft }}>
          <Sections label="Parts of the scenario" sections={SECTIONS} />
        </ScenarioContext>
      )}
      {!data && error && <Failure problem={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton height={320} radius="md" />}
    </Page>
  );
}

const about = ({ id, version, enabled, document }: Scenario) => `${id} · version ${version} · ${enabled ? `starts when: ${triggerInWords(document.trigger)}` : "not enabled"}`;

/** Turns it on and off, which is a version of its own: not while another one is being written, which would take it back. */
function Turning({ app, scenario: { id, enabled }, isWritten }: { app: string; scenario: Scenario; isWritten: boolean }) {
  const turning = useMutation({ mutationFn: () => turnScenario(app, id, !enabled), onSettled: () => readScenariosAgain(app) });
  return (
    <>
      <Failure problem={turning.error} />
      <Switch
        label="Enabled"
        description={isWritten ? "Save the text first" : undefined}
        checked={enabled}
        disabled={isWritten || turning.isPending}
        onChange={() => turning.mutate()}
      />
    </>
  );
}

function Deletion({ app, id }: { app: string; id: string }) {
  const [isAsked, setAsked] = useState(false);
  const [, navigate] = useLocation();
  const remove = async () => {
    await deleteScenario(app, id);
    forgetUnsaved();
    navigate(`~/console/apps/${app}/scenarios`);
    await queries.invalidateQueries({ queryKey: ofApp(app, "scenarios", "all") });
    // What is left of it isn't looked at any more, and must not be asked for again.
    queries.removeQueries({ queryKey: ofApp(app), type: "inactive" });
    tell(`${id} is deleted.`);
  };
  return (
    <>
      <Button variant="outline" color="red" onClick={() => setAsked(true)}>
        Delete the scenario
      </Button>
      {isAsked && (
        <Confirm title={`Delete ${id}`} verb="Delete" onConfirm={remove} onClose={() => setAsked(false)}>
          Its versions and the log of its runs go with it, and runs that are open end. This can't be taken back.
        </Confirm>
      )}
    </>
  );
}
