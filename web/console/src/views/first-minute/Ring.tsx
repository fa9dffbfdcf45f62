// The third step: a push, and who heard it.

import { Button, TextInput } from "@mantine/core";
import { Bell } from "lucide-react";
import { push } from "../../api/push";
import { ofApp, queries } from "../../api/queries";
import { Failure } from "../../parts/Failure";
import { useForm } from "../../parts/form";
import classes from "./FirstMinute.module.css";
import type { Heard } from "./own-socket";
import { Step } from "./Step";

interface Props {
  app: string;
  /** How many are connected. */
  sockets: number;
  /** What this page's own socket got. */
  heard: Heard[];
}

export function Ring({ app, sockets, heard }: Props) {
  const ring = ({ message }: { message: string }) => push(app, { user_id: "*", event_name: "alert", message });
  const { text, onSubmit, sending } = useForm({ message: "Ding dong" }, ring, () => queries.invalidateQueries({ queryKey: ofApp(app, "pushes") }));
  const delivered = sending.data?.delivered ?? 0;
  return (
    <Step number={3} title="Ring" isDone={delivered > 0}>
      <p className={classes.text}>
        This pushes the event <code>alert</code> to everyone who is connected to the app.
      </p>
      <form onSubmit={onSubmit} className={classes.ring}>
        <TextInput aria-label="Message" {...text("message")} />
        <Button type="submit" leftSection={<Bell size={16} aria-hidden />} loading={sending.isPending} disabled={sockets === 0}>
          Ring
        </Button>
      </form>
      <Failure problem={sending.error} />
      <p role="status" className={classes.outcome}>
        {sockets === 0 && "As soon as somebody is connected."}
        {sending.data && sockets > 0 && `It was handed to ${delivered} ${delivered === 1 ? "socket" : "sockets"}${heard.length > 0 ? ", and this page heard it" : ""}.`}
      </p>
    </Step>
  );
}
