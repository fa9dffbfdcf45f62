// Asks a provider, or speaks in its name, and keeps what was said.

import { Button, Checkbox, Progress, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Megaphone, Send } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Failure } from "../../parts/Failure";
import { JsonField, mistakeIn } from "../../parts/JsonField";
import { Card } from "../../parts/Page";
import { Presence } from "../../parts/Pill";
import { broadcast, type Exchange, payloadOf, request, type Said } from "./exchange";
import { Exchanges } from "./Exchanges";
import classes from "./Providers.module.css";

interface Props {
  app: string;
  provider: string;
  isOnline: boolean;
}

const KEPT_MAX = 20;
const WAYS = [
  { value: "request", label: "Ask" },
  { value: "broadcast", label: "Broadcast in its name" },
];

export function Talk({ app, provider, isOnline }: Props) {
  const [way, setWay] = useState("request");
  const [said, setSaid] = useState<Said>({ form: "fields", cmd: "", data: "", payload: '{\n  "cmd": "read"\n}' });
  const [waits, setWaits] = useState(true);
  const [kept, setKept] = useState<Exchange[]>([]);
  const sending = useMutation({
    mutationFn: () => (way === "request" ? request(app, provider, payloadOf(said), waits ? "waits" : "goes on") : broadcast(app, provider, payloadOf(said))),
    onSuccess: (exchange) => setKept((former) => [exchange, ...former].slice(0, KEPT_MAX)),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    sending.mutate();
  };
  const isWrong = Boolean(mistakeIn(said.form === "fields" ? said.data : said.payload));
  return (
    <Card title={provider} actions={<Presence online={isOnline} />}>
      <form onSubmit={onSubmit}>
        <Stack gap="md">
          <SegmentedControl fullWidth data={WAYS} value={way} onChange={setWay} aria-label="What to do" />
          <Payload said={said} set={(change) => setSaid((former) => ({ ...former, ...change }))} />
          {way === "request" && <Checkbox label="Wait for the reply" checked={waits} onChange={(event) => setWaits(event.currentTarget.checked)} />}
          {sending.isPending && <Progress value={100} animated size="sm" aria-label="Waiting for the reply" />}
          <Failure problem={sending.error} />
          <div>
            <Button type="submit" disabled={isWrong} loading={sending.isPending} leftSection={way === "request" ? <Send size={16} aria-hidden /> : <Megaphone size={16} aria-hidden />}>
              {way === "request" ? "Send the request" : "Broadcast"}
            </Button>
          </div>
        </Stack>
      </form>
      <Exchanges exchanges={kept} />
    </Card>
  );
}

function Payload({ said, set }: { said: Said; set: (change: Partial<Said>) => void }) {
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        className={classes.form}
        data={[{ value: "fields", label: "Command and data" }, { value: "payload", label: "Whole payload" }]}
        value={said.form}
        onChange={(form) => set({ form: form as Said["form"] })}
        aria-label="How it is written"
      />
      {said.form === "fields" ? (
        <>
          <TextInput label="Command" placeholder="double_me" required value={said.cmd} onChange={(event) => set({ cmd: event.currentTarget.value })} />
          <JsonField label="Data" description="JSON, or nothing" placeholder="21" rows={2} value={said.data} onChange={(data) => set({ data })} />
        </>
      ) : (
        <JsonField label="Payload" description="One JSON object" rows={6} value={said.payload} onChange={(payload) => set({ payload })} />
      )}
    </Stack>
  );
}
