// What plugins and their widgets have said, and errors that nobody caught.

import { Button } from "@mantine/core";
import { Terminal } from "lucide-react";
import { useEffect, useRef } from "react";
import { Empty } from "../../parts/Empty";
import { Card } from "../../parts/Page";
import { LOG_LINES_MAX } from "./limits";
import classes from "./Playground.module.css";
import { type Log, useLog } from "./run";

export function LogPanel({ log }: { log: Log }) {
  const entries = useLog(log);
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (isAtEnd.current) list.current?.scrollTo(0, list.current.scrollHeight);
  }, [entries]);
  const clear = (
    <Button size="xs" variant="default" onClick={() => log.clear()} disabled={entries.length === 0}>
      Clear
    </Button>
  );
  return (
    <Card title="What plugins say" about={log.dropped > 0 ? `The last ${LOG_LINES_MAX} lines; ${log.dropped.toLocaleString("en")} went before them` : `Of their consoles the last ${LOG_LINES_MAX} lines`} actions={clear}>
      {entries.length === 0 ? (
        <Empty icon={Terminal} title="Nothing said yet">
          What plugins write with <code>console.log</code> appears here, and errors that nobody caught.
        </Empty>
      ) : (
        <div
          ref={list}
          className={classes.log}
          role="log"
          aria-label="What plugins say"
          tabIndex={0}
          onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
            isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 8;
          }}
        >
          <ol>
            {entries.map(({ id, level, source, text }) => (
              <li key={id} data-level={level}>
                <span>
                  {source} <em>{level}</em>
                </span>
                <code>{text}</code>
              </li>
            ))}
          </ol>
        </div>
      )}
    </Card>
  );
}
