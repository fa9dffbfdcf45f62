// A redirect, a refresh, or an event of one's own.

import { NumberInput, SegmentedControl, Stack, Textarea, TextInput } from "@mantine/core";
import { JsonField } from "../../parts/JsonField";
import type { PartProps } from "./Composer";
import type { Composition } from "./composition";
import classes from "./Push.module.css";

export function OtherFields(props: PartProps) {
  return props.composed.kind === "redirect" ? <RedirectFields {...props} /> : <EventFields {...props} />;
}

function RedirectFields({ composed, set }: PartProps) {
  return (
    <div className={classes.pair}>
      <TextInput label="Target" description="<= back, ../ up, ./below, /from the root, https://away" required value={composed.target} onChange={(event) => set({ target: event.currentTarget.value })} />
      <NumberInput label="Delay, in ms" description="At once if empty" placeholder="0" min={0} value={composed.delay} onChange={(delay) => set({ delay })} />
    </div>
  );
}

function EventFields({ composed, set }: PartProps) {
  const { kind, event_name, mode, message } = composed;
  const name = <TextInput label="Event name" required value={event_name} onChange={(event) => set({ event_name: event.currentTarget.value })} />;
  if (kind === "refresh") {
    return (
      <Stack gap="sm">
        {name}
        <TextInput label="Message" description="May be empty, or an alert to be shown beside" value={message} onChange={(event) => set({ message: event.currentTarget.value })} />
      </Stack>
    );
  }
  return (
    <Stack gap="sm">
      <div className={classes.pair}>
        {name}
        <div>
          <p className={classes.label}>Sent as</p>
          <SegmentedControl
            fullWidth
            data={[{ value: "string", label: "a text" }, { value: "json", label: "JSON" }]}
            value={mode}
            onChange={(mode) => set({ mode: mode as Composition["mode"] })}
            aria-label="Sent as"
          />
        </div>
      </div>
      {mode === "json" ? (
        <JsonField label="Message" value={message} onChange={(message) => set({ message })} />
      ) : (
        <Textarea label="Message" autosize minRows={3} value={message} onChange={(event) => set({ message: event.currentTarget.value })} />
      )}
    </Stack>
  );
}
