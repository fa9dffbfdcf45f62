// Chooses the app that the views below it are about.

import { Combobox, ScrollArea, UnstyledButton, useCombobox } from "@mantine/core";
import { Check, ChevronsUpDown, Plus } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import classes from "./AppSwitcher.module.css";
import { useApps, useChangeApp, useChosenApp } from "./current-app";

const CREATE = " create";

export function AppSwitcher() {
  const [sought, setSought] = useState("");
  const [, navigate] = useLocation();
  const { data: apps = [] } = useApps();
  const chosen = useChosenApp();
  const change = useChangeApp();
  const combobox = useCombobox({
    onDropdownClose: () => setSought(""),
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  const current = apps.find(({ id }) => id === chosen);
  const found = apps.filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(sought.trim().toLowerCase()));
  const choose = (value: string) => {
    combobox.closeDropdown();
    if (value === CREATE) navigate("/apps?create");
    else change(value);
  };
  return (
    <Combobox store={combobox} onOptionSubmit={choose} position="bottom-start" width={260} shadow="md">
      <Combobox.Target targetType="button">
        <UnstyledButton className={classes.button} onClick={() => combobox.toggleDropdown()}>
          <span className="visually-hidden">App</span>
          <span className={classes.mark} aria-hidden>
            {(current?.name ?? chosen ?? "–").slice(0, 1).toUpperCase()}
          </span>
          <span className={classes.text}>
            <span className={classes.name}>{current?.name ?? chosen ?? "No app yet"}</span>
            {current && current.name !== current.id && <span className={classes.id}>{current.id}</span>}
          </span>
          <ChevronsUpDown size={15} aria-hidden />
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search value={sought} onChange={(event) => setSought(event.currentTarget.value)} placeholder="Find an app" aria-label="Find an app" />
        <Combobox.Options aria-label="Apps">
          <ScrollArea.Autosize mah={280} type="scroll">
            {found.map(({ id, name }) => (
              <Combobox.Option key={id} value={id} className={classes.option} aria-current={id === chosen || undefined}>
                <span className={classes.text}>
                  <span className={classes.name}>{name}</span>
                  {name !== id && <span className={classes.id}>{id}</span>}
                </span>
                {id === chosen && <Check size={15} aria-hidden />}
              </Combobox.Option>
            ))}
            {found.length === 0 && <Combobox.Empty>No app is called so</Combobox.Empty>}
          </ScrollArea.Autosize>
          <Combobox.Option value={CREATE} className={classes.option}>
            <Plus size={15} aria-hidden /> <span className={classes.text}>Create an app</span>
          </Combobox.Option>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
