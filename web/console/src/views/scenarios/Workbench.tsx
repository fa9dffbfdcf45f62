// A document as text beside its steps as cards; saving it, and trying it as it stands.

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Save } from "lucide-react";
import { type KeyboardEvent, useMemo, useState } from "react";
import { type Finding, Problem, type Rehearsal, type Scenario } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { Confirm } from "../../parts/Confirm";
import { documentOf, type Json } from "../../parts/document";
import { DocumentText } from "../../parts/DocumentText";
import { Columns } from "../../parts/Page";
import { tell } from "../../parts/told";
import { Outline } from "./Outline";
import { hasScenario, readScenariosAgain, saveScenario } from "./scenarios-api";
import { TestRun } from "./TestRun";

interface Props {
  app: string;
  /** Of the scenario that is saved; without it, the document says what a new one is called. */
  id?: string;
  text: string;
  onChange: (text: string) => void;
  onSaved: (scenario: Scenario) => void;
}

/** Stands in the address where the document doesn't say its id, which the hub then asks for. */
const UNNAMED = "unnamed";

export function Workbench({ app, id, text, onChange, onSaved }: Props) {
  const [rehearsal, setRehearsal] = useState<Rehearsal>();
  const [refused, setRefused] = useState<unknown>();
  const [replacing, setReplacing] = useState<Json>();
  const document = useMemo(() => documentOf(text), [text]);
  const [shown, setShown] = useState(document);
  if (document && document !== shown) setShown(document);
  const name = id ?? (typeof document?.id === "string" && document.id ? document.id : UNNAMED);
  const saving = useMutation({
    mutationFn: (document: Json) => saveScenario(app, name, document),
    onMutate: () => setRefused(undefined),
    onError: setRefused,
    onSuccess: async (saved) => {
      const { warnings, ...scenario } = saved;
      queries.setQueryData(ofApp(app, "scenarios", "one", saved.id), scenario);
      queries.setQueryData(warningsOf(app, saved.id), warnings ?? []);
      onSaved(saved);
      await readScenariosAgain(app);
      tell(`${saved.id} is saved as version ${saved.version}.`);
    },
  });
  const beginning = useMutation({
    // A new one mustn't replace another that happens to have its id.
    mutationFn: async (_: Json) => id === undefined && (await hasScenario(app, name)),
    onError: setRefused,
    onSuccess: (isTaken, document) => (isTaken ? setReplacing(document) : saving.mutate(document)),
  });
  const mistakes = refused instanceof Problem ? refused.mistakes : [];
  const warnings = queries.getQueryData<Finding[]>(warningsOf(app, name)) ?? [];
  const isSaving = beginning.isPending || saving.isPending;
  const save = document && (() => beginning.mutate(document));
  const saveByKey = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    if (!isSaving) save?.();
  };
  const button = (
    <Button size="xs" leftSection={<Save size={15} aria-hidden />} onClick={save} loading={isSaving} disabled={!save}>
      Save
    </Button>
  );
  return (
    <>
      <Columns>
        <DocumentText text={text} onChange={onChange} onKeyDown={saveByKey} actions={button} refused={refused} warnings={warnings} />
        <Outline document={shown} mistakes={mistakes} warnings={warnings} rehearsal={rehearsal} />
      </Columns>
      <TestRun app={app} id={name} document={document} onTried={setRehearsal} onRefused={setRefused} rehearsal={rehearsal} />
      {replacing && (
        <Confirm title={`Replace ${name}`} verb="Replace" onConfirm={() => saving.mutateAsync(replacing)} onClose={() => setReplacing(undefined)}>
          There is a scenario with this id already. This text becomes its next version; the former ones stay under Versions. For another scenario, cancel and change the id.
        </Confirm>
      )}
    </>
  );
}

/** They are only in the answer to a save, after which a new scenario goes on at its own address. */
const warningsOf = (app: string, id: string) => ofApp(app, "scenario-warnings", id);
