// API keys of an app: public, what a front end presents.

import { Button, TextInput } from "@mantine/core";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { answer, type ApiKey, hub } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { useApp } from "../../app/current-app";
import { Confirm } from "../../parts/Confirm";
import { Value } from "../../parts/Copy";
import { Empty } from "../../parts/Empty";
import { useForm } from "../../parts/form";
import { FormDialog } from "../../parts/FormDialog";
import { type Column, Listing } from "../../parts/Listing";
import { useWhole } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card } from "../../parts/Page";
import { Pill } from "../../parts/Pill";

const readAgain = (app: string) => queries.invalidateQueries({ queryKey: ofApp(app, "keys") });

export function Keys() {
  const app = useApp();
  const [isCreating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey>();
  const list = useWhole(ofApp(app, "keys"), () => answer(hub.GET("/api/v1/apps/{app}/keys", { params: { path: { app } } })));
  const columns: Column<ApiKey>[] = [
    { title: "Name", cell: ({ name }) => name || <span className="muted">without a name</span> },
    { title: "Key", cell: ({ key }) => <Value text={key} what="the key" /> },
    { title: "Created", cell: ({ created_at_ms }) => <Moment at_ms={created_at_ms} /> },
    { title: "State", cell: ({ revoked_at_ms }) => (revoked_at_ms ? <Pill tone="bad">revoked</Pill> : <Pill tone="good">live</Pill>) },
    { title: "Actions", kind: "actions", cell: (key) => !key.revoked_at_ms && <RevokeButton name={key.name || key.key} onClick={() => setRevoked(key)} /> },
  ];
  const create = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setCreating(true)}>
      Create a key
    </Button>
  );
  return (
    <Card flush title="API keys" about={<>What front ends present as <code>app_id</code>. They are public and only name the app.</>} actions={create}>
      <Listing label="API keys" list={list} columns={columns} keyOf={({ key }) => key} empty={<Empty icon={KeyRound} title="No key yet" action={create}>Front ends need one to connect to this app.</Empty>} />
      {isCreating && <CreateKey app={app} onClose={() => setCreating(false)} />}
      {revoked && (
        <Confirm title="Revoke the key" verb="Revoke" onClose={() => setRevoked(undefined)} onConfirm={() => revoke(app, revoked.key)}>
          Nobody connects with it any more. Who is connected stays.
        </Confirm>
      )}
    </Card>
  );
}

async function revoke(app: string, key: string) {
  await answer(hub.DELETE("/api/v1/apps/{app}/keys/{key}", { params: { path: { app, key } } }));
  await readAgain(app);
}

export function RevokeButton({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <Button variant="subtle" color="red" size="compact-sm" onClick={onClick} aria-label={`Revoke ${name}`}>
      Revoke
    </Button>
  );
}

function CreateKey({ app, onClose }: { app: string; onClose: () => void }) {
  const create = (body: { name: string }) => answer(hub.POST("/api/v1/apps/{app}/keys", { params: { path: { app } }, body }));
  const form = useForm({ name: "" }, create, async () => {
    await readAgain(app);
    onClose();
  });
  return (
    <FormDialog title="Create an API key" verb="Create" form={form} onClose={onClose}>
      <TextInput label="Name" description="For people" placeholder="front end" maxLength={200} data-autofocus {...form.text("name")} />
    </FormDialog>
  );
}
