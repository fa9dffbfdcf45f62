// Former versions of a scenario. One is gone back to by opening and saving it.

import { Button } from "@mantine/core";
import { answer, hub, type Scenario, type ScenarioVersion } from "../../api/client";
import { ofApp } from "../../api/queries";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card } from "../../parts/Page";
import { triggerInWords, writtenDocument } from "./words";

interface Props {
  app: string;
  scenario: Scenario;
  onOpen: (text: string) => void;
}

export function Versions({ app, scenario: { id }, onOpen }: Props) {
  const path = { app, scenario: id };
  const list = useParts(ofApp(app, "scenarios", "versions", id), (after) =>
    answer(hub.GET("/api/v1/apps/{app}/scenarios/{scenario}/versions", { params: { path, query: { after: after === undefined ? undefined : Number(after) } } })),
  );
  const open = ({ document }: ScenarioVersion) => {
    onOpen(writtenDocument(document));
    scrollTo({ top: 0, behavior: "smooth" });
  };
  const columns: Column<ScenarioVersion>[] = [
    { title: "Version", cell: ({ version }) => version },
    { title: "Starts when", cell: ({ document }) => triggerInWords(document.trigger) },
    { title: "Saved", cell: ({ at_ms }) => <Moment at_ms={at_ms} /> },
    { title: "By", cell: ({ actor }) => actor },
    {
      title: "Actions",
      kind: "actions",
      cell: (version) => (
        <Button variant="subtle" size="compact-sm" onClick={() => open(version)} aria-label={`Open version ${version.version}`}>
          Open
        </Button>
      ),
    },
  ];
  return (
    <Card flush title="Versions" about="Open one and save it to go back to it">
      <Listing label="Versions" list={list} columns={columns} keyOf={({ version }) => version} empty={<p className="muted">None are kept.</p>} />
    </Card>
  );
}
