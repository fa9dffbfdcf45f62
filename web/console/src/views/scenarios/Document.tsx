// The document of a scenario that is saved, its address for webhooks, and its versions.

import { Value } from "../../parts/Copy";
import { Card } from "../../parts/Page";
import { useScenario } from "./context";
import classes from "./Scenarios.module.css";
import { Versions } from "./Versions";
import { Workbench } from "./Workbench";
import { writtenDocument } from "./words";

export function Document() {
  const { app, scenario, draft, setDraft } = useScenario();
  const { id, version, document, hook_path } = scenario;
  const write = (text: string) => setDraft(text === writtenDocument(document) ? undefined : { text, version: draft?.version ?? version });
  return (
    <>
      {hook_path && (
        <Card title="Its address" about="A secret: whoever knows it may start the scenario">
          <Value text={`${location.origin}${hook_path}`} what="the address" />
        </Card>
      )}
      {draft && draft.version < version && <p className={classes.warning}>Version {version} was saved meanwhile. It is under Versions; saving this text makes it the next one.</p>}
      <Workbench app={app} id={id} text={draft?.text ?? writtenDocument(document)} onChange={write} onSaved={() => setDraft(undefined)} />
      <Versions app={app} scenario={scenario} onOpen={write} />
    </>
  );
}
