// What was changed by whom, in all apps or in one.

import { Select } from "@mantine/core";
import { ScrollText } from "lucide-react";
import { useState } from "react";
import { answer, type AuditEntry, hub } from "../../api/client";
import { useApps } from "../../app/current-app";
import { Empty } from "../../parts/Empty";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card, Page } from "../../parts/Page";
import classes from "./Audit.module.css";

const COLUMNS: Column<AuditEntry>[] = [
  { title: "What", cell: ({ action }) => <span className={classes.action}>{action}</span> },
  { title: "To whom or what", cell: ({ subject, detail }) => <Subject subject={subject} detail={detail} /> },
  { title: "App", cell: ({ app }) => app ?? "–" },
  { title: "By", cell: ({ actor, address }) => <span title={address}>{actor}</span> },
  { title: "When", cell: ({ at_ms }) => <Moment at_ms={at_ms} /> },
];

function Subject({ subject, detail }: Pick<AuditEntry, "subject" | "detail">) {
  const more = Object.entries(detail).map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return (
    <div>
      {subject}
      {more.length > 0 && <div className={classes.detail}>{more.join(" · ")}</div>}
    </div>
  );
}

export default function Audit() {
  const [app, setApp] = useState<string | null>(null);
  const { data: apps = [] } = useApps();
  const list = useParts(["audit", app], (after) =>
    answer(hub.GET("/api/v1/audit", { params: { query: { app: app ?? undefined, after: after === undefined ? undefined : Number(after) } } })),
  );
  const chooser = (
    <Select
      aria-label="Only changes in this app"
      placeholder="All apps"
      data={apps.map(({ id, name }) => ({ value: id, label: name }))}
      value={app}
      onChange={setApp}
      clearable
      searchable
      clearButtonProps={{ "aria-label": "All apps" }}
    />
  );
  return (
    <Page title="Audit log" about="What was changed by whom, newest first. Changes of objects aren't in it." actions={chooser}>
      <Card flush>
        <Listing
          label="Changes"
          list={list}
          columns={COLUMNS}
          keyOf={(entry) => `${entry.at_ms} ${entry.action} ${entry.subject} ${entry.actor}`}
          empty={<Empty icon={ScrollText} title="Nothing was changed here yet">Whoever creates, changes or deletes something in this app appears here.</Empty>}
        />
      </Card>
    </Page>
  );
}
