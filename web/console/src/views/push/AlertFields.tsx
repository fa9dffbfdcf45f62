// An alert: a text, a text with options, or a card.

import { NumberInput, SegmentedControl, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { JsonField } from "../../parts/JsonField";
import { POSITIONS, type Position, VARIANTS, type Variant } from "../../toast/alert";
import type { PartProps } from "./Composer";
import type { Shape } from "./composition";
import classes from "./Push.module.css";

const SHAPES = [
  { value: "text", label: "Text" },
  { value: "options", label: "With options" },
  { value: "card", label: "Card" },
];

export function AlertFields(props: PartProps) {
  const { composed, set } = props;
  return (
    <Stack gap="sm">
      <SegmentedControl size="xs" data={SHAPES} value={composed.shape} onChange={(shape) => set({ shape: shape as Shape })} aria-label="Form of the alert" className={classes.shapes} />
      {composed.shape === "card" && <CardFields {...props} />}
      <Textarea
        label={composed.shape === "card" ? "Description" : "Message"}
        autosize
        minRows={2}
        value={composed.text}
        onChange={(event) => set({ text: event.currentTarget.value })}
      />
      {composed.shape === "options" && <OptionFields {...props} />}
      {composed.shape !== "text" && <TextInput label="Icon" description="A character, such as an emoji" value={composed.icon} onChange={(event) => set({ icon: event.currentTarget.value })} />}
    </Stack>
  );
}

function CardFields({ composed, set }: PartProps) {
  return (
    <div className={classes.pair}>
      <TextInput label="Title" value={composed.title} onChange={(event) => set({ title: event.currentTarget.value })} />
      <Select label="Variant" data={VARIANTS} value={composed.variant} allowDeselect={false} onChange={(variant) => set({ variant: variant as Variant })} />
    </div>
  );
}

function OptionFields({ composed, set }: PartProps) {
  return (
    <>
      <div className={classes.pair}>
        <Select label="Position" data={POSITIONS} value={composed.position} allowDeselect={false} onChange={(position) => set({ position: position as Position })} />
        <NumberInput label="Duration, in ms" placeholder="4000" min={0} value={composed.duration} onChange={(duration) => set({ duration })} />
      </div>
      <TextInput label="Only on these pages" description="And on what is below them; several with commas" placeholder="home, profile" value={composed.page} onChange={(event) => set({ page: event.currentTarget.value })} />
      <JsonField label="Style" description="CSS, as JSON" rows={3} placeholder={'{"borderRadius": "99px"}'} value={composed.style} onChange={(style) => set({ style })} />
    </>
  );
}
