// Puts a widget into boxes, or changes one that is there.

import { Autocomplete, Button, Group, Modal, NativeSelect, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Empty } from "../../parts/Empty";
import { Blocks } from "lucide-react";
import type { Plugin } from "./document";
import classes from "./Playground.module.css";
import { BOXES, type Plan, rectangleOf, type Tile } from "./places";
import type { RunState } from "./run";
import { type Board, edit } from "./shelf";

interface Props {
  board: Board;
  plan: Plan;
  state?: RunState;
  /** The one that is changed; without it, a new one. */
  tile?: Tile;
  box: number;
  onWrite: () => void;
  onClose: () => void;
}

export function TileDialog({ board, plan, state, tile, box, onWrite, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={tile ? "Change the widget" : `Add a widget to box ${box}`}>
      {board.plugins.length === 0 ? (
        <Empty
          icon={Blocks}
          title="Widgets come from plugins"
          action={
            <Button
              onClick={() => {
                onClose();
                onWrite();
              }}
            >
              Write a plugin
            </Button>
          }
        >
          This dashboard has none yet. Write one here, or add one from a file or a URL below the boxes.
        </Empty>
      ) : (
        <Form board={board} plan={plan} state={state} tile={tile} box={box} onClose={onClose} />
      )}
    </Modal>
  );
}

function Form({ board, plan, state, tile, box, onClose }: Omit<Props, "onWrite">) {
  const names = board.plugins.map(({ name }) => name);
  const [plugin, setPlugin] = useState(tile?.plugin ?? names[0]!);
  const widgets = widgetsOf(board.plugins.find(({ name }) => name === plugin), state);
  const [widget, setWidget] = useState(tile?.widget ?? widgets[0] ?? "");
  const [boxes, setBoxes] = useState(tile?.boxes ?? [box]);
  const taken = BOXES.filter((each) => !plan.free.includes(each) && !tile?.boxes.includes(each));
  const choose = (name: string) => {
    setPlugin(name);
    setWidget(widgetsOf(board.plugins.find((each) => each.name === name), state)[0] ?? "");
  };
  const toggle = (each: number) => setBoxes(boxes.includes(each) ? boxes.filter((other) => other !== each) : [...boxes, each].sort((a, b) => a - b));
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const item = { boxes, plugin, widget };
    edit(board.id, ({ dashboard }) => ({ dashboard: tile ? dashboard.with(tile.index, item) : [...dashboard, item] }));
    onClose();
  };
  const isRectangle = rectangleOf(boxes) !== undefined;
  return (
    <form onSubmit={onSubmit}>
      <Stack gap="md">
        <NativeSelect label="Plugin" data={names.includes(plugin) ? names : [plugin, ...names]} value={plugin} onChange={(event) => choose(event.currentTarget.value)} />
        <Autocomplete label="Widget" description="A name that the plugin registers" required withAsterisk={false} data={widgets} value={widget} onChange={setWidget} />
        <fieldset className={classes.picker}>
          <legend>Boxes</legend>
          <div>
            {BOXES.map((each) => (
              <button key={each} type="button" aria-label={`Box ${each}`} aria-pressed={boxes.includes(each)} disabled={taken.includes(each)} onClick={() => toggle(each)}>
                {each}
              </button>
            ))}
          </div>
          {!isRectangle && <p role="alert">{boxes.length === 0 ? "Choose at least one box." : "Boxes of a widget form a rectangle."}</p>}
        </fieldset>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isRectangle}>
            {tile ? "Change" : "Add"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The widgets that a plugin has registered, or, before it has run, those whose names stand in its source. */
function widgetsOf(plugin: Plugin | undefined, state: RunState | undefined): string[] {
  const registered = plugin && state?.plugins.get(plugin.name)?.widgets;
  if (registered && registered.length > 0) return registered;
  const found = plugin?.source?.matchAll(/\.register\(\s*(["'`])(.+?)\1/g) ?? [];
  return [...new Set([...found].map(([, , name]) => name!))];
}
