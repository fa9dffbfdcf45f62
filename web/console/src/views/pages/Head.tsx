// What concerns a page as a whole: its title, who may see it, its language.

import { NativeSelect, TextInput } from "@mantine/core";
import type { Finding } from "../../api/client";
import type { Json } from "../../parts/document";
import { Findings } from "../../parts/Findings";
import { Card } from "../../parts/Page";
import classes from "./Pages.module.css";

interface Props {
  document: Json;
  onChange: (document: Json) => void;
  mistakes: Finding[];
  warnings: Finding[];
}

const ACCESS = [
  { value: "users", label: "Users who are logged in" },
  { value: "everyone", label: "Whoever has the address" },
];

const isHere = ({ path }: Finding) => !path.startsWith("blocks[");

export function Head({ document, onChange, mistakes, warnings }: Props) {
  const set = (change: Json) => onChange({ ...document, ...change });
  return (
    <Card title="Page">
      <div className={classes.inputs}>
        <TextInput label="Title of the page" maxLength={200} value={String(document.title ?? "")} onChange={(event) => set({ title: event.currentTarget.value })} />
        <NativeSelect label="Who may see it" data={ACCESS} value={document.access === "users" ? "users" : "everyone"} onChange={(event) => set({ access: event.currentTarget.value })} />
      </div>
      <Findings findings={mistakes.filter(isHere)} tone="bad" />
      <Findings findings={warnings.filter(isHere)} tone="warn" />
    </Card>
  );
}
