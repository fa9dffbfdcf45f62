// All structures of an app, and new ones.

import { Button, TextInput } from "@mantine/core";
import { Database, Plus } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { answer, hub, type Structure } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { Empty } from "../../parts/Empty";
import { useForm } from "../../parts/form";
import { FormDialog } from "../../parts/FormDialog";
import { type Column, Listing } from "../../parts/Listing";
import { useParts } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card, Page } from "../../parts/Page";

const COLUMNS: Column<Structure>[] = [
  { title: "Structure", cell: ({ name }) => <Link href={`/${name}`}>{name}</Link> },
  { title: "Title", cell: ({ title }) => title ?? <span className="muted">–</span> },
  { title: "Fields", cell: ({ fields }) => <span className="muted">{fields.map(({ name }) => name).join(", ") || "none yet"}</span> },
  { title: "Objects", kind: "number", cell: ({ objects }) => objects.toLocaleString("en") },
  { title: "Changed", cell: ({ updated_at_ms }) => <Moment at_ms={updated_at_ms} /> },
];

export function Structures({ app }: { app: string }) {
  const [isCreating, setCreating] = useState(false);
  const list = useParts(ofApp(app, "structures"), (after) => answer(hub.GET("/api/v1/apps/{app}/structures", { params: { path: { app }, query: { after } } })));
  const create = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setCreating(true)}>
      Create a structure
    </Button>
  );
  return (
    <Page title="Data" about="A structure says which fields objects of a kind have. Endpoints let front ends read and write them." actions={create}>
      <Card flush>
        <Listing
          label="Structures"
          list={list}
          columns={COLUMNS}
          keyOf={({ name }) => name}
          empty={<Empty icon={Database} title="No structures yet" action={create}>Create one for each kind of thing that this app keeps: orders, articles, vehicles.</Empty>}
        />
      </Card>
      {isCreating && <CreateStructure app={app} onClose={() => setCreating(false)} />}
    </Page>
  );
}

function CreateStructure({ app, onClose }: { app: string; onClose: () => void }) {
  const [, navigate] = useLocation();
  const create = ({ name, title }: { name: string; title: string }) =>
    answer(hub.PUT("/api/v1/apps/{app}/structures/{structure}", { params: { path: { app, structure: name } }, body: { title: title || null, fields: [] } }));
  const form = useForm({ name: "", title: "" }, create, async ({ name }) => {
    await queries.invalidateQueries({ queryKey: ofApp(app, "structures") });
    navigate(`/${name}/fields`);
  });
  return (
    <FormDialog title="Create a structure" verb="Create" form={form} onClose={onClose}>
      <TextInput label="Name" description="Letters, digits and _, no digit in front" placeholder="orders" pattern="[A-Za-z_][A-Za-z0-9_]{0,63}" required data-autofocus autoComplete="off" {...form.text("name")} />
      <TextInput label="Title" description="For people" placeholder="Orders" maxLength={200} {...form.text("title")} />
    </FormDialog>
  );
}
