// What one enters to push: for whom, which kind, and what of that kind.

import { Button, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Send } from "lucide-react";
import type { FormEvent } from "react";
import { push } from "../../api/push";
import { ofApp, queries } from "../../api/queries";
import { Failure } from "../../parts/Failure";
import { Card } from "../../parts/Page";
import { AlertFields } from "./AlertFields";
import { type Composition, type Kind, requestOf } from "./composition";
import { OtherFields } from "./OtherFields";
import classes from "./Push.module.css";
import { Receipt } from "./Receipt";
import { Recipients } from "./Recipients";

const KINDS = [
  { value: "alert", label: "Alert" },
  { value: "redirect", label: "Redirect" },
  { value: "refresh", label: "Refresh" },
  { value: "custom", label: "Custom" },
];

const FIRST_NAMES: Partial<Record<Kind, string>> = { refresh: "refresh", custom: "message" };

export interface PartProps {
  app: string;
  composed: Composition;
  set: (change: Partial<Composition>) => void;
}

export function Composer(props: PartProps) {
  const { app, composed, set } = props;
  const sending = useMutation({
    mutationFn: () => push(app, requestOf(composed)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ofApp(app, "pushes") }),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    sending.mutate();
  };
  return (
    <Card title="Compose">
      <form onSubmit={onSubmit}>
        <Stack gap="md">
          <Recipients {...props} />
          <div>
            <p className={classes.label}>Kind</p>
            <SegmentedControl
              fullWidth
              data={KINDS}
              value={composed.kind}
              onChange={(kind) => set({ kind: kind as Kind, event_name: FIRST_NAMES[kind as Kind] ?? composed.event_name })}
              aria-label="Kind"
            />
          </div>
          {composed.kind === "alert" ? <AlertFields {...props} /> : <OtherFields {...props} />}
          <TextInput
            label="Id"
            description="Optional. With an id that was used before nothing is sent again"
            maxLength={200}
            value={composed.id}
            onChange={(event) => set({ id: event.currentTarget.value })}
          />
          <Failure problem={sending.error} />
          {sending.data && <Receipt receipt={sending.data} />}
          <div>
            <Button type="submit" leftSection={<Send size={16} aria-hidden />} loading={sending.isPending}>
              Push
            </Button>
          </div>
        </Stack>
      </form>
    </Card>
  );
}
