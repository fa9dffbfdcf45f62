// What an app has installed: push to users, and the bridge; and the settings of each.

import { Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, hub, type Plugin as Installed } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { useApp } from "../../app/current-app";
import { Confirm } from "../../parts/Confirm";
import { Failure } from "../../parts/Failure";
import { useForm } from "../../parts/form";
import { FormDialog } from "../../parts/FormDialog";
import { JsonField, parsed, written } from "../../parts/JsonField";
import { useWhole } from "../../parts/list";
import { Card } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import { tell } from "../../parts/told";
import classes from "./AppSettings.module.css";

type Name = "socket.io" | "bridge";

const PLUGINS: [Name, string][] = [
  ["socket.io", "Push to users: their pages connect and hear what is sent to them"],
  ["bridge", "Providers and their clients: requests, replies, broadcasts"],
];

const readAgain = (app: string) => queries.invalidateQueries({ queryKey: ofApp(app, "plugins") });

/** Installs it, or gives it other settings. */
async function put(app: string, name: Name, settings: Record<string, unknown> = {}) {
  await answer(hub.PUT("/api/v1/apps/{app}/plugins/{name}", { params: { path: { app, name } }, body: { settings } }));
  await readAgain(app);
}

async function remove(app: string, name: Name) {
  await answer(hub.DELETE("/api/v1/apps/{app}/plugins/{name}", { params: { path: { app, name } } }));
  await readAgain(app);
}

export function Plugins() {
  const app = useApp();
  const list = useWhole(ofApp(app, "plugins"), () => answer(hub.GET("/api/v1/apps/{app}/plugins", { params: { path: { app } } })));
  return (
    <Card title="Plugins" about="With neither of them, nobody can connect to this app">
      <Failure problem={list.problem} onRetry={list.readAgain} />
      <ul className={classes.plugins}>
        {list.items && PLUGINS.map(([name, about]) => <Plugin key={name} app={app} name={name} about={about} installed={list.items!.find((plugin) => plugin.name === name)} />)}
      </ul>
    </Card>
  );
}

interface PluginProps {
  app: string;
  name: Name;
  about: string;
  installed: Installed | undefined;
}

function Plugin({ app, name, about, installed }: PluginProps) {
  const [asked, setAsked] = useState<"settings" | "removal">();
  const install = useMutation({ mutationFn: () => put(app, name) });
  const close = () => setAsked(undefined);
  return (
    <li>
      <div>
        <h3>
          {name} {installed ? <Pill tone="good">installed</Pill> : <Pill>not installed</Pill>}
        </h3>
        <p className={classes.about}>{about}</p>
        <Failure problem={install.error} />
      </div>
      {installed ? (
        <Group gap="xs">
          <Button variant="default" size="compact-sm" onClick={() => setAsked("settings")} aria-label={`Settings of ${name}`}>
            Settings
          </Button>
          <Button variant="subtle" color="red" size="compact-sm" onClick={() => setAsked("removal")} aria-label={`Remove ${name}`}>
            Remove
          </Button>
        </Group>
      ) : (
        <Button variant="default" size="compact-sm" loading={install.isPending} onClick={() => install.mutate()} aria-label={`Install ${name}`}>
          Install
        </Button>
      )}
      {installed && asked === "settings" && <Settings app={app} name={name} settings={installed.settings} onClose={close} />}
      {asked === "removal" && (
        <Confirm title={`Remove ${name}`} verb="Remove" onConfirm={() => remove(app, name)} onClose={close}>
          The app's sockets have to connect again, and get only what is still installed. Its settings go with it.
        </Confirm>
      )}
    </li>
  );
}

/** Any object: there is no setting yet that the hub itself reads. */
function Settings({ app, name, settings, onClose }: { app: string; name: Name; settings: unknown; onClose: () => void }) {
  const form = useForm({ settings: written(settings) }, (values) => put(app, name, parsed(values.settings)), () => {
    onClose();
    tell(`The settings of ${name} are saved.`);
  });
  return (
    <FormDialog title={`Settings of ${name}`} verb="Save" form={form} onClose={onClose}>
      <JsonField label="Settings" description="An object of JSON, kept for your programs: at present the hub itself reads none of it" rows={10} {...form.bind("settings")} />
    </FormDialog>
  );
}
