// One user: role, password, profile, and what they are connected with.

import { Button, Drawer, Group, PasswordInput, Skeleton, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, hub, type User, type UserChange } from "../../api/client";
import { CALM, ofApp, queries } from "../../api/queries";
import { Confirm } from "../../parts/Confirm";
import { Failure } from "../../parts/Failure";
import { type Form, useForm } from "../../parts/form";
import { JsonField, parsed, written } from "../../parts/JsonField";
import { Moment } from "../../parts/Moment";
import { Presence } from "../../parts/Pill";
import { tell } from "../../parts/told";
import { Sessions } from "./Sessions";
import { Sockets } from "./Sockets";
import classes from "./Users.module.css";

interface Props {
  app: string;
  id: string;
  onClose: () => void;
}

export function Person({ app, id, onClose }: Props) {
  const { data: user, error, refetch } = useQuery({
    queryKey: ofApp(app, "users", "one", id),
    queryFn: () => answer(hub.GET("/api/v1/apps/{app}/users/{user}", { params: { path: { app, user: id } } })),
    ...CALM,
  });
  return (
    <Drawer opened onClose={onClose} position="right" size="38rem" title={id} classNames={{ title: classes.drawerTitle }}>
      {user ? <About app={app} user={user} onDeleted={onClose} /> : error ? <Failure problem={error} onRetry={() => void refetch()} /> : <Skeleton height={240} />}
    </Drawer>
  );
}

function About({ app, user, onDeleted }: { app: string; user: User; onDeleted: () => void }) {
  const { id, online, sockets, created_at_ms } = user;
  return (
    <Stack gap="xl">
      <p className={classes.facts}>
        <Presence online={online} /> · created <Moment at_ms={created_at_ms} />
      </p>
      <Account app={app} user={user} />
      <section>
        <h3 className={classes.heading}>Sockets</h3>
        <Sockets app={app} user={id} />
      </section>
      <section>
        <h3 className={classes.heading}>Sessions</h3>
        <Sessions app={app} user={id} />
      </section>
      <End app={app} id={id} sockets={sockets} onDeleted={onDeleted} />
    </Stack>
  );
}

const change = (app: string, user: string, body: UserChange) => answer(hub.PATCH("/api/v1/apps/{app}/users/{user}", { params: { path: { app, user } }, body }));

function Account({ app, user: { id, role, profile, has_password } }: { app: string; user: User }) {
  const saved = async () => {
    await queries.invalidateQueries({ queryKey: ofApp(app, "users") });
    tell(`${id} is saved.`);
  };
  const about = useForm({ role, profile: written(profile) }, ({ role, profile }) => change(app, id, { role, profile: parsed(profile) ?? {} }), saved);
  const password = useForm({ password: "" }, (values) => change(app, id, values), async () => {
    password.set({ password: "" });
    await saved();
  });
  return (
    <>
      <Part form={about} verb="Save">
        <TextInput label="Role" description="Counts for sockets that connect from then on" autoComplete="off" {...about.text("role")} />
        <JsonField label="Profile" description="Free-form fields, as JSON" rows={4} {...about.bind("profile")} />
      </Part>
      <Part form={password} verb={has_password ? "Change the password" : "Set a password"}>
        <PasswordInput
          label="New password"
          description={has_password ? "Sessions stay" : "There is none: only your backend opens sessions for this user"}
          autoComplete="new-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
          {...password.text("password")}
        />
      </Part>
    </>
  );
}

function Part<T, R>({ form, verb, children }: { form: Form<T, R>; verb: string; children: React.ReactNode }) {
  return (
    <form onSubmit={form.onSubmit}>
      <Stack gap="sm">
        {children}
        <Failure problem={form.sending.error} />
        <div>
          <Button type="submit" variant="default" size="xs" loading={form.sending.isPending}>
            {verb}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

function End({ app, id, sockets, onDeleted }: { app: string; id: string; sockets: number; onDeleted: () => void }) {
  const [asked, setAsked] = useState<"sessions" | "user">();
  const params = { path: { app, user: id } };
  const endSessions = async () => {
    const { revoked } = await answer(hub.DELETE("/api/v1/apps/{app}/users/{user}/sessions", { params }));
    await queries.invalidateQueries({ queryKey: ofApp(app) });
    tell(`${revoked} ${revoked === 1 ? "session has" : "sessions have"} ended.`);
  };
  const remove = async () => {
    await answer(hub.DELETE("/api/v1/apps/{app}/users/{user}", { params }));
    onDeleted();
    await queries.invalidateQueries({ queryKey: ofApp(app) });
    tell(`${id} is deleted.`);
  };
  return (
    <Group>
      <Button variant="outline" color="red" onClick={() => setAsked("sessions")}>
        End all sessions
      </Button>
      <Button variant="subtle" color="red" onClick={() => setAsked("user")}>
        Delete the user
      </Button>
      {asked === "sessions" && (
        <Confirm title={`End all sessions of ${id}`} verb="End the sessions" onConfirm={endSessions} onClose={() => setAsked(undefined)}>
          {sockets === 0 ? "No socket is connected with them." : `${sockets === 1 ? "A socket is" : `${sockets} sockets are`} told so and disconnected.`} To come back, the user has to log in again.
        </Confirm>
      )}
      {asked === "user" && (
        <Confirm title={`Delete ${id}`} verb="Delete" typed={id} onConfirm={remove} onClose={() => setAsked(undefined)}>
          All sessions end and all sockets of this user are disconnected. This can't be taken back.
        </Confirm>
      )}
    </Group>
  );
}
