// Secret keys of an app: what its backends present. Each secret is shown once.

import { Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { LockKeyhole, Plus } from "lucide-react";
import { useState } from "react";
import { answer, hub, type NewSecret, type Scope, type SecretKey } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { useApp } from "../../app/current-app";
import { Confirm } from "../../parts/Confirm";
import { Copy } from "../../parts/Copy";
import { Empty } from "../../parts/Empty";
import { useForm } from "../../parts/form";
import { FormDialog } from "../../parts/FormDialog";
import { type Column, Listing } from "../../parts/Listing";
import { useWhole } from "../../parts/list";
import { Moment } from "../../parts/Moment";
import { Card } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import classes from "./AppSettings.module.css";
import { RevokeButton } from "./Keys";

const SCOPES: Record<Scope, string> = {
  push: "Push, and read users, sockets and pushes",
  manage: "Everything in the app, but deleting it",
  provider: "Be a provider on a locked bridge, and use it over HTTP",
};

const readAgain = (app: string) => queries.invalidateQueries({ queryKey: ofApp(app, "secret-keys") });

export function SecretKeys() {
  const app = useApp();
  const [isCreating, setCreating] = useState(false);
  const [made, setMade] = useState<NewSecret>();
  const [revoked, setRevoked] = useState<SecretKey>();
  const list = useWhole(ofApp(app, "secret-keys"), () => answer(hub.GET("/api/v1/apps/{app}/secret-keys", { params: { path: { app } } })));
  const columns: Column<SecretKey>[] = [
    { title: "Name", cell: ({ name }) => name || <span className="muted">without a name</span> },
    { title: "Id", cell: ({ id }) => <span className="mono">{id}</span> },
    { title: "Scopes", cell: ({ scopes }) => <span className={classes.scopes}>{scopes.map((scope) => <Pill key={scope} tone="info">{scope}</Pill>)}</span> },
    { title: "Created", cell: ({ created_at_ms }) => <Moment at_ms={created_at_ms} /> },
    { title: "State", cell: ({ revoked_at_ms }) => (revoked_at_ms ? <Pill tone="bad">revoked</Pill> : <Pill tone="good">live</Pill>) },
    { title: "Actions", kind: "actions", cell: (key) => !key.revoked_at_ms && <RevokeButton name={key.name || key.id} onClick={() => setRevoked(key)} /> },
  ];
  const create = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setCreating(true)}>
      Create a secret key
    </Button>
  );
  return (
    <Card flush title="Secret keys" about={<>What backends present: <code>Authorization: Bearer csk_…</code></>} actions={create}>
      <Listing label="Secret keys" list={list} columns={columns} keyOf={({ id }) => id} empty={<Empty icon={LockKeyhole} title="No secret key yet" action={create}>A backend needs one to push to this app's users.</Empty>} />
      {isCreating && <CreateSecretKey app={app} onClose={() => setCreating(false)} onMade={setMade} />}
      {made && <Made made={made} onClose={() => setMade(undefined)} />}
      {revoked && (
        <Confirm title="Revoke the secret key" verb="Revoke" onClose={() => setRevoked(undefined)} onConfirm={() => revoke(app, revoked.id)}>
          Backends that present it are refused from now on, and sockets that presented it are disconnected.
        </Confirm>
      )}
    </Card>
  );
}

async function revoke(app: string, id: string) {
  await answer(hub.DELETE("/api/v1/apps/{app}/secret-keys/{id}", { params: { path: { app, id } } }));
  await readAgain(app);
}

interface CreateProps {
  app: string;
  onClose: () => void;
  onMade: (made: NewSecret) => void;
}

function CreateSecretKey({ app, onClose, onMade }: CreateProps) {
  const create = (body: { name: string; scopes: Scope[] }) => answer(hub.POST("/api/v1/apps/{app}/secret-keys", { params: { path: { app } }, body }));
  const form = useForm({ name: "", scopes: ["push"] as Scope[] }, create, async (made) => {
    await readAgain(app);
    onClose();
    onMade(made);
  });
  return (
    <FormDialog title="Create a secret key" verb="Create" form={form} onClose={onClose}>
      <TextInput label="Name" description="For people" placeholder="back end" maxLength={200} data-autofocus {...form.text("name")} />
      <Checkbox.Group label="What it may be used for" {...form.bind("scopes")} onChange={(scopes) => form.set({ scopes: scopes as Scope[] })}>
        <Stack gap="xs" mt="xs">
          {Object.entries(SCOPES).map(([scope, about]) => (
            <Checkbox key={scope} value={scope} label={scope} description={about} />
          ))}
        </Stack>
      </Checkbox.Group>
    </FormDialog>
  );
}

/** The only time that the secret is seen. */
function Made({ made: { name, secret }, onClose }: { made: NewSecret; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={`The secret key ${name}`} closeOnClickOutside={false} size="lg">
      <p>This is the only time that you see it. Copy it to where your backend keeps its secrets.</p>
      <p className={classes.secret} style={{ marginTop: "1rem" }}>
        <code data-testid="secret">{secret}</code> <Copy text={secret} what="the secret" />
      </p>
      <Group justify="flex-end" mt="lg">
        <Button onClick={onClose}>I have it</Button>
      </Group>
    </Modal>
  );
}
