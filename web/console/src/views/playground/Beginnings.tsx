// What one can begin with: an example, a file, or nothing.

import { Button } from "@mantine/core";
import { LayoutDashboard } from "lucide-react";
import { Empty } from "../../parts/Empty";
import { EMPTY, EXAMPLES } from "./examples";
import { ImportButton } from "./ImportButton";
import classes from "./Playground.module.css";
import { keep } from "./shelf";

export function Beginnings({ onKept }: { onKept: (id: string) => void }) {
  return (
    <Empty icon={LayoutDashboard} title="Begin with a dashboard">
      A dashboard has ten boxes, and widgets of plugins in them. Open an example, press Run, and change it into your own.
      <span className={classes.beginnings}>
        {EXAMPLES.map(({ title, about, make }) => (
          <button key={title} type="button" onClick={() => onKept(keep(make()))}>
            <strong>{title}</strong>
            <span>{about}</span>
          </button>
        ))}
      </span>
      <span className={classes.others}>
        <Button size="xs" variant="default" onClick={() => onKept(keep(EMPTY))}>
          Empty dashboard
        </Button>
        <ImportButton onKept={onKept} />
      </span>
    </Empty>
  );
}
