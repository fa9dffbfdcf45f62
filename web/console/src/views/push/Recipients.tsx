// For whom a push is.

import { SegmentedControl, Stack, TagsInput, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, hub } from "../../api/client";
import { ofApp } from "../../api/queries";
import type { PartProps } from "./Composer";
import type { Composition } from "./composition";
import classes from "./Push.module.css";

const TO = [
  { value: "everyone", label: "Everyone" },
  { value: "users", label: "Users" },
  { value: "role", label: "A role" },
];

export function Recipients({ app, composed, set }: PartProps) {
  return (
    <Stack gap="xs">
      <div>
        <p className={classes.label}>For</p>
        <SegmentedControl fullWidth data={TO} value={composed.to} onChange={(to) => set({ to: to as Composition["to"] })} aria-label="For" />
      </div>
      {composed.to === "users" && <UserIds app={app} users={composed.users} onChange={(users) => set({ users })} />}
      {composed.to === "role" && <TextInput label="Role" required value={composed.role} onChange={(event) => set({ role: event.currentTarget.value })} />}
    </Stack>
  );
}

const SUGGESTIONS_MAX = 20;

function UserIds({ app, users, onChange }: { app: string; users: string[]; onChange: (users: string[]) => void }) {
  const [typed, setTyped] = useState("");
  const [starts_with] = useDebouncedValue(typed, 250);
  const { data } = useQuery({
    queryKey: ofApp(app, "users", "suggested", starts_with),
    queryFn: () => answer(hub.GET("/api/v1/apps/{app}/users", { params: { path: { app }, query: { starts_with: starts_with || undefined, limit: SUGGESTIONS_MAX } } })),
    placeholderData: keepPreviousData,
  });
  return (
    <TagsInput
      label="User ids"
      description="Enter adds one"
      required={users.length === 0}
      data={data?.items.map(({ id }) => id) ?? []}
      value={users}
      onChange={onChange}
      searchValue={typed}
      onSearchChange={setTyped}
      acceptValueOnBlur
    />
  );
}
