// The boxes: running widgets, and over them what isn't one: mistakes, places that are free, and, while one arranges them, all.

import { Button, Group, useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { LayoutGrid, Play as PlayIcon, Plus, Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Card } from "../../parts/Page";
import classes from "./Playground.module.css";
import { narrowGrid, type Plan, type Tile, wideGrid } from "./places";
import type { Play } from "./play";
import { type Board, edit } from "./shelf";
import { Stage } from "./Stage";
import { TileDialog } from "./TileDialog";
import { TileOverlay } from "./TileOverlay";

const NARROW = "(max-width: 44rem)";

interface Props {
  board: Board;
  plan: Plan;
  play: Play;
  onWrite: () => void;
}

export function BoardCard({ board, plan, play, onWrite }: Props) {
  const { run, state } = play;
  const isNarrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  const grid = isNarrow ? narrowGrid(plan) : wideGrid;
  const [isArranging, setArranging] = useState(false);
  const [changed, setChanged] = useState<{ tile?: Tile; box: number }>();
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  const tiles = plan.tiles.filter(({ mistake }) => !mistake).map(({ key, plugin, widget, boxes }) => ({ key, plugin, widget, area: grid.areaOf(boxes) }));
  const arrangement = JSON.stringify({ tiles, columns: grid.columns, rows: grid.rows, scheme });
  useEffect(() => {
    run?.arrange(JSON.parse(arrangement));
  }, [run, arrangement]);
  useEffect(() => {
    if (!state?.hasPopup) return;
    place.current?.scrollIntoView({ block: "nearest" });
    const close = ({ key }: KeyboardEvent) => key === "Escape" && run?.closePopup();
    addEventListener("keydown", close);
    return () => removeEventListener("keydown", close);
  }, [run, state?.hasPopup]);
  const remove = ({ index }: Tile) => edit(board.id, ({ dashboard }) => ({ dashboard: dashboard.toSpliced(index, 1) }));
  const problemOf = (tile: Tile) => tile.mistake ?? state?.failures.get(tile.key) ?? pluginProblem(play, tile.plugin);
  return (
    <Card title={board.name} about={run ? undefined : "Nothing runs yet"} actions={<Actions play={play} isArranging={isArranging} onArrange={() => setArranging(!isArranging)} />}>
      <div ref={place} className={classes.board} style={{ gridTemplate: `${grid.rows} / ${grid.columns}` }} data-testid="board" data-stage={state?.stage ?? "stopped"} data-popup={state?.hasPopup || undefined}>
        {run && <Stage key={run.id} run={run} scheme={scheme} />}
        {plan.tiles.map((tile) => (
          <TileOverlay
            key={tile.key}
            tile={tile}
            area={grid.areaOf(tile.boxes)}
            look={!run || isArranging ? "whole" : tile.mistake ? "mistake" : "note"}
            problem={problemOf(tile)}
            onChange={() => setChanged({ tile, box: tile.boxes[0]! })}
            onRemove={() => remove(tile)}
          />
        ))}
        {plan.free.map((box) => (
          <button key={box} type="button" className={classes.free} style={{ gridArea: grid.areaOf([box]) }} onClick={() => setChanged({ box })}>
            <Plus size={16} aria-hidden /> Add to box {box}
          </button>
        ))}
      </div>
      {plan.nowhere.map(({ index, mistake }) => (
        <p key={index} role="alert" className={classes.mistake}>
          Item {index + 1} is in no box. {mistake}
        </p>
      ))}
      {changed && <TileDialog board={board} plan={plan} state={state} {...changed} onWrite={onWrite} onClose={() => setChanged(undefined)} />}
    </Card>
  );
}

function pluginProblem({ state }: Play, plugin: string): string | undefined {
  const failed = state?.plugins.get(plugin);
  return failed?.state === "failed" ? `The plugin ${plugin} failed: ${failed.problem}` : undefined;
}

function Actions({ play: { run, state, start, stop }, isArranging, onArrange }: { play: Play; isArranging: boolean; onArrange: () => void }) {
  if (!run) {
    return (
      <Button leftSection={<PlayIcon size={16} aria-hidden />} onClick={start}>
        Run
      </Button>
    );
  }
  return (
    <Group gap="xs">
      <Button variant={isArranging ? "light" : "default"} aria-pressed={isArranging} leftSection={<LayoutGrid size={16} aria-hidden />} onClick={onArrange}>
        Arrange
      </Button>
      <Button variant="default" leftSection={<Square size={16} aria-hidden />} loading={state?.stage === "stopping"} onClick={() => void stop()}>
        Stop
      </Button>
    </Group>
  );
}
