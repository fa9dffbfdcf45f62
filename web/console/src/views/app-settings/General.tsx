// The name of an app, who is let in, how long sessions live; and deleting it.

import { Button, NumberInput, SegmentedControl, Skeleton, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { answer, type App, hub } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { useApp } from "../../app/current-app";
import { Confirm } from "../../parts/Confirm";
import { Failure } from "../../parts/Failure";
import { useForm } from "../../parts/form";
import { Card } from "../../parts/Page";
import { tell } from "../../parts/told";
import classes from "./AppSettings.module.css";

const BUILT_IN = "public";

export function General() {
  const app = useApp();
  const { data, error, refetch } = useQuery({
    queryKey: ofApp(app),
    queryFn: () => answer(hub.GET("/api/v1/apps/{app}", { params: { path: { app } } })),
  });
  if (data) {
    return (
      <>
        <Settings key={app} app={data} />
        {app !== BUILT_IN && <Deletion app={data} />}
      </>
    );
  }
  return error ? <Failure problem={error} onRetry={() => void refetch()} /> : <Skeleton height={320} radius="md" />;
}

interface Values {
  name: string;
  anonymous: string;
  bridge: string;
  session_ttl_s: number | string;
}

function Settings({ app: { id, name, settings } }: { app: App }) {
  const initial: Values = { name, anonymous: settings.anonymous ?? "allow", bridge: settings.bridge ?? "open", session_ttl_s: settings.session_ttl_s ?? 0 };
  const save = ({ name, anonymous, bridge, session_ttl_s }: Values) => {
    const settings = { anonymous, bridge, session_ttl_s: Number(session_ttl_s) } as App["settings"];
    return answer(hub.PATCH("/api/v1/apps/{app}", { params: { path: { app: id } }, body: { name, settings } }));
  };
  const { values, text, bind, onSubmit, sending } = useForm(initial, save, async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: ["apps"] }), queries.invalidateQueries({ queryKey: ofApp(id) })]);
    tell("The settings are saved.");
  });
  const admitsLess = values.anonymous !== settings.anonymous || values.bridge !== settings.bridge;
  return (
    <Card title="General">
      <form onSubmit={onSubmit} className={classes.form}>
        <Stack gap="lg">
          <TextInput label="Name" maxLength={200} {...text("name")} />
          <Choice label="Sockets without a session" about="They get broadcasts only" {...bind("anonymous")} options={["allow", "deny"]} />
          <Choice label="Bridge" about="When it is locked, providers need a secret key and clients a session" {...bind("bridge")} options={["open", "locked"]} />
          <NumberInput
            label="Sessions live, in seconds after they were last used"
            description="0: as the configuration of the hub says"
            min={0}
            max={4_294_967_295}
            allowDecimal={false}
            thousandSeparator=" "
            {...bind("session_ttl_s")}
          />
          {admitsLess && <p className={classes.note}>The app's sockets have to connect again when this is saved. Stock clients do so by themselves.</p>}
          <Failure problem={sending.error} />
          <div>
            <Button type="submit" loading={sending.isPending}>
              Save
            </Button>
          </div>
        </Stack>
      </form>
    </Card>
  );
}

interface ChoiceProps {
  label: string;
  about: string;
  value: string;
  onChange: (value: string) => void;
  options: string[];
}

function Choice({ label, about, value, onChange, options }: ChoiceProps) {
  return (
    <div className={classes.choice}>
      <div>
        <p className={classes.label}>{label}</p>
        <p className={classes.about}>{about}</p>
      </div>
      <SegmentedControl data={options} value={value} onChange={onChange} aria-label={label} />
    </div>
  );
}

function Deletion({ app: { id, name } }: { app: App }) {
  const [isAsked, setAsked] = useState(false);
  const [, navigate] = useLocation();
  const remove = async () => {
    await answer(hub.DELETE("/api/v1/apps/{app}", { params: { path: { app: id } } }));
    navigate("~/console/apps");
    queries.removeQueries({ queryKey: ofApp(id) });
    await queries.invalidateQueries({ queryKey: ["apps"] });
    tell(`The app ${name} is deleted.`);
  };
  return (
    <Card
      title="Delete this app"
      about="With its keys, users, sessions, pushes and data. Its sockets are disconnected."
      actions={
        <Button color="red" variant="outline" onClick={() => setAsked(true)}>
          Delete the app
        </Button>
      }
    >
      {isAsked && (
        <Confirm title={`Delete ${name}`} verb="Delete the app" typed={id} onConfirm={remove} onClose={() => setAsked(false)}>
          Everything in it goes: keys, users, sessions, past pushes, structures and objects. This can't be taken back.
        </Confirm>
      )}
    </Card>
  );
}
