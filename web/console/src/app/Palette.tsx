// Goes anywhere by a few letters: views, apps, and what concerns the whole console.

import { Modal, useMantineColorScheme } from "@mantine/core";
import { Boxes, LogOut, type LucideIcon, Moon, Search, Sun } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { useLocation } from "wouter";
import { useApps, useChangeApp, useChosenApp } from "./current-app";
import { logOut } from "./log-out";
import classes from "./Palette.module.css";
import { APP_VIEWS, HUB_VIEWS } from "./views";

interface Command {
  title: string;
  /** What it belongs to, shown beside it. */
  group: string;
  words: string;
  icon: LucideIcon;
  run: () => unknown;
}

export function Palette({ onClose }: { onClose: () => void }) {
  const [sought, setSought] = useState("");
  const [active, setActive] = useState(0);
  const list = useId();
  const found = find(useCommands(), sought);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setActive((active + step + found.length) % Math.max(found.length, 1));
    else if (event.key === "Enter") run(found[active]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal.Root opened onClose={onClose} size="34rem" yOffset="12vh" lockScroll={false}>
      <Modal.Overlay backgroundOpacity={0.4} />
      <Modal.Content aria-label="Go to">
      <div className={classes.field}>
        <Search size={18} aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-expanded
          aria-controls={list}
          aria-activedescendant={found[active] && `${list}-${active}`}
          aria-label="Where to, or what to do"
          placeholder="Where to, or what to do?"
          value={sought}
          onChange={(event) => {
            setSought(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul id={list} role="listbox" aria-label="Found" className={classes.list}>
        {found.map((command, index) => (
          <li
            key={`${command.group} ${command.title}`}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === active}
            ref={index === active ? (item) => item?.scrollIntoView({ block: "nearest" }) : undefined}
            onMouseMove={() => setActive(index)}
            onClick={() => run(command)}
          >
            <command.icon size={17} strokeWidth={1.75} aria-hidden /> {command.title}
            <span>{command.group}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className={classes.none}>Nothing is called so.</p>}
      </Modal.Content>
    </Modal.Root>
  );
}

/** What is found by what was typed: by its title first, then by whatever else is known of it. */
function find(commands: Command[], sought: string): Command[] {
  const found = commands.filter(({ title, group, words }) => matches(`${title} ${group} ${words}`, sought));
  const byTitle = found.filter(({ title }) => matches(title, sought));
  return [...byTitle, ...found.filter((command) => !byTitle.includes(command))];
}

/** Whether every word that was typed begins a word of the text, or a part of one. */
function matches(text: string, sought: string): boolean {
  const its = [/\s+/, /[^\p{L}\p{N}]+/u].flatMap((between) => text.toLowerCase().split(between));
  return sought.toLowerCase().split(/\s+/).every((word) => its.some((own) => own.startsWith(word)));
}

function useCommands(): Command[] {
  const [, navigate] = useLocation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { data: apps = [] } = useApps();
  const changeApp = useChangeApp();
  const app = useChosenApp();
  const isDark = colorScheme === "dark";
  const ofApp = app === undefined ? [] : APP_VIEWS.map(({ path, ...view }) => ({ ...view, group: app, run: () => navigate(`/apps/${app}${path}`) }));
  return [
    ...ofApp,
    ...HUB_VIEWS.map(({ path, ...view }) => ({ ...view, group: "Hub", run: () => navigate(path) })),
    ...apps.filter(({ id }) => id !== app).map(({ id, name }) => ({ title: name, group: "Change app", words: id, icon: Boxes, run: () => changeApp(id) })),
    { title: isDark ? "Light theme" : "Dark theme", group: "Console", words: "colours", icon: isDark ? Sun : Moon, run: () => setColorScheme(isDark ? "light" : "dark") },
    { title: "Log out", group: "Console", words: "leave", icon: LogOut, run: logOut },
  ];
}
