// What a new page may begin with: ready starting points, each shown whole before anything is made, and an empty page.

import { Button, Group, Modal, Skeleton, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { ofApp } from "../../api/queries";
import { Failure } from "../../parts/Failure";
import { useForm } from "../../parts/form";
import { FormDialog } from "../../parts/FormDialog";
import { Pill } from "../../parts/Pill";
import { tell } from "../../parts/told";
import classes from "./Pages.module.css";
import { readPagesAgain, savePage } from "./pages-api";
import { make, type Plan, planOf, type Starter, STARTERS } from "./starters";

export function Beginnings({ app }: { app: string }) {
  const [chosen, setChosen] = useState<Starter | "empty">();
  const close = () => setChosen(undefined);
  return (
    <>
      <ul className={classes.beginnings} aria-label="Beginnings">
        {STARTERS.map((starter) => (
          <Beginning key={starter.id} title={starter.title} about={starter.about} onChoose={() => setChosen(starter)} />
        ))}
        <Beginning title="Empty page" about="Blocks are added one by one, for endpoints that the app has." onChoose={() => setChosen("empty")} />
      </ul>
      {chosen === "empty" && <EmptyPage app={app} onClose={close} />}
      {chosen && chosen !== "empty" && <Start app={app} starter={chosen} onClose={close} />}
    </>
  );
}

function Beginning({ title, about, onChoose }: { title: string; about: string; onChoose: () => void }) {
  return (
    <li>
      <h2>{title}</h2>
      <p>{about}</p>
      <Button variant="default" size="xs" onClick={onChoose} aria-label={`Begin with this: ${title}`}>
        Begin with this
      </Button>
    </li>
  );
}

/** Shows what would be made, and makes it. */
function Start({ app, starter, onClose }: { app: string; starter: Starter; onClose: () => void }) {
  const { data: plan, error } = useQuery({ queryKey: ofApp(app, "plans", starter.id), queryFn: () => planOf(app, starter), gcTime: 0, staleTime: Infinity });
  return (
    <Modal opened onClose={onClose} title={starter.title} size="lg">
      {plan ? <Pieces app={app} plan={plan} onClose={onClose} /> : error ? <Failure problem={error} /> : <Skeleton height={240} />}
    </Modal>
  );
}

function Pieces({ app, plan, onClose }: { app: string; plan: Plan; onClose: () => void }) {
  const [, navigate] = useLocation();
  const making = useMutation({
    mutationFn: () => make(app, plan),
    onSuccess: () => {
      navigate(`/${plan.page}`);
      tell("All of it is made. The page is at its address.");
    },
  });
  return (
    <Stack gap="md">
      <p>This is made in the app {app}. Each part can be changed afterwards.</p>
      <ul className={classes.pieces} aria-label="What is made">
        {plan.pieces.map(({ kind, name, about }) => (
          <li key={`${kind} ${name}`}>
            <Pill tone="info">{kind}</Pill>
            <div>
              <code>{name}</code>
              <p>{about}</p>
            </div>
          </li>
        ))}
      </ul>
      <Failure problem={making.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={() => making.mutate()} loading={making.isPending} data-autofocus>
          Make all of it
        </Button>
      </Group>
    </Stack>
  );
}

function EmptyPage({ app, onClose }: { app: string; onClose: () => void }) {
  const [, navigate] = useLocation();
  const create = ({ id, title }: { id: string; title: string }) => savePage(app, id, { title, access: "users", blocks: [] }, 0);
  const form = useForm({ id: "", title: "" }, create, async ({ id }) => {
    navigate(`/${id}`);
    await readPagesAgain(app);
  });
  return (
    <FormDialog title="Empty page" verb="Create" form={form} onClose={onClose}>
      <TextInput label="Title" placeholder="Orders" required data-autofocus autoComplete="off" {...form.text("title")} />
      <TextInput label="Id" description={`Letters, digits, _ and -. Its address becomes /p/${app}/…`} placeholder="orders" pattern="[A-Za-z0-9_\-]{1,64}" required autoComplete="off" {...form.text("id")} />
    </FormDialog>
  );
}
