// The names above the lines of the picture. Choosing one shows only what it takes part in.

import { Boxes, Ellipsis, Globe, RadioTower, TowerControl, User, Users } from "lucide-react";
import { placesOf } from "./Picture";
import type { Line } from "./sequence";
import classes from "./Traffic.module.css";

interface Props {
  lines: Line[];
  width_px: number;
  party?: string;
  onParty: (key: string | undefined) => void;
}

export function Heads({ lines, width_px, party, onParty }: Props) {
  const places = placesOf(lines, width_px);
  const room_px = width_px / Math.max(lines.length, 1);
  return (
    <div className={classes.heads} role="group" aria-label="Parties of the picture">
      {lines.map((line, index) => {
        const Icon = iconOf(line);
        const style = { left: places[index], width: room_px };
        const name = (
          <>
            <Icon size={15} strokeWidth={1.75} aria-hidden />
            <span>{line.name}</span>
          </>
        );
        return line.kind === "hub" || line.kind === "others" ? (
          <span key={line.key} className={classes.head} data-kind={line.kind} style={style}>
            {name}
          </span>
        ) : (
          <button
            key={line.key}
            type="button"
            className={classes.head}
            data-kind={line.role ?? line.kind}
            style={style}
            title={line.name}
            aria-pressed={party === line.key}
            onClick={() => onParty(party === line.key ? undefined : line.key)}
          >
            {name}
          </button>
        );
      })}
    </div>
  );
}

function iconOf({ kind, role }: Line) {
  if (kind === "hub") return TowerControl;
  if (kind === "others") return Ellipsis;
  if (kind === "everyone") return Globe;
  if (kind === "room") return Users;
  return role === "provider" ? RadioTower : role === "user" ? User : Boxes;
}
