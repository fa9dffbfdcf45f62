// What is shown over a widget, or in its place: what it is, and what is wrong with it.

import { ActionIcon, Tooltip } from "@mantine/core";
import { Pencil, TriangleAlert, X } from "lucide-react";
import classes from "./Playground.module.css";
import type { Tile } from "./places";

interface Props {
  tile: Tile;
  area: string;
  /** The whole tile, what is wrong in its place, or a note of what is wrong at its edge. */
  look: "whole" | "mistake" | "note";
  problem?: string;
  onChange: () => void;
  onRemove: () => void;
}

export function TileOverlay({ tile: { plugin, widget, boxes }, area, look, problem, onChange, onRemove }: Props) {
  if (look === "note" && !problem) return null;
  const name = `${widget} of ${plugin}`;
  return (
    <section className={classes.tile} style={{ gridArea: area }} data-look={look} data-wrong={problem ? true : undefined} aria-label={`Box ${boxes.join(", ")}: ${name}`}>
      {look !== "note" && (
        <header>
          <span>
            <strong>{widget}</strong> <span className="muted">{plugin}</span>
          </span>
          <span className={classes.tools}>
            <Tooltip label={`Change ${name}`}>
              <ActionIcon size="md" aria-label={`Change ${name}`} onClick={onChange}>
                <Pencil size={15} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={`Remove ${name}`}>
              <ActionIcon size="md" aria-label={`Remove ${name}`} onClick={onRemove}>
                <X size={16} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </span>
        </header>
      )}
      {look === "whole" && <p className="muted">{boxes.length === 1 ? `Box ${boxes[0]}` : `Boxes ${boxes.join(", ")}`}</p>}
      {problem && (
        <p role="alert">
          <TriangleAlert size={15} aria-hidden /> {problem}
        </p>
      )}
    </section>
  );
}
