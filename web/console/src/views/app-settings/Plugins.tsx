// What an app has installed: push to users, and the bridge.

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, hub } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { useApp } from "../../app/current-app";
import { Confirm } from "../../parts/Confirm";
import { Failure } from "../../parts/Failure";
import { useWhole } from "../../parts/list";
import { Card } from "../../parts/Page";
import { Pill } from "../../parts/Pill";
import classes from "./AppSettings.module.css";

type Name = "socket.io" | "bridge";

const PLUGINS: [Name, string][] = [
  ["socket.io", "Push to users: their pages connect and hear what is sent to them"],
  ["bridge", "Providers and their clients: requests, replies, broadcasts"],
];

const change = async (app: string, name: Name, method: "PUT" | "DELETE") => {
  const params = { path: { app, name } };
  await answer<unknown>(method === "PUT" ? hub.PUT("/api/v1/apps/{app}/plugins/{name}", { params }) : hub.DELETE("/api/v1/apps/{app}/plugins/{name}", { params }));
  await queries.invalidateQueries({ queryKey: ofApp(app, "plugins") });
};

export function Plugins() {
  const app = useApp();
  const list = useWhole(ofApp(app, "plugins"), () => answer(hub.GET("/api/v1/apps/{app}/plugins", { params: { path: { app } } })));
  return (
    <Card title="Plugins" about="With neither of them, nobody can connect to this app">
      <Failure problem={list.problem} onRetry={list.readAgain} />
      <ul className={classes.plugins}>
        {list.items && PLUGINS.map(([name, about]) => <Plugin key={name} app={app} name={name} about={about} isInstalled={list.items!.some((plugin) => plugin.name === name)} />)}
      </ul>
    </Card>
  );
}

function Plugin({ app, name, about, isInstalled }: { app: string; name: Name; about: string; isInstalled: boolean }) {
  const [isAsked, setAsked] = useState(false);
  const install = useMutation({ mutationFn: () => change(app, name, "PUT") });
  return (
    <li>
      <div>
        <h3>
          {name} {isInstalled ? <Pill tone="good">installed</Pill> : <Pill>not installed</Pill>}
        </h3>
        <p className={classes.about}>{about}</p>
        <Failure problem={install.error} />
      </div>
      {isInstalled ? (
        <Button variant="subtle" color="red" size="compact-sm" onClick={() => setAsked(true)} aria-label={`Remove ${name}`}>
          Remove
        </Button>
      ) : (
        <Button variant="default" size="compact-sm" loading={install.isPending} onClick={() => install.mutate()} aria-label={`Install ${name}`}>
          Install
        </Button>
      )}
      {isAsked && (
        <Confirm title={`Remove ${name}`} verb="Remove" onConfirm={() => change(app, name, "DELETE")} onClose={() => setAsked(false)}>
          The app's sockets have to connect again, and get only what is still installed.
        </Confirm>
      )}
    </li>
  );
}
