// What is to be said about places of a document.

import type { Finding } from "../api/client";
import classes from "./Findings.module.css";

export function Findings({ findings, tone }: { findings: Finding[]; tone: "bad" | "warn" }) {
  if (findings.length === 0) return null;
  return (
    <ul className={classes.findings} data-tone={tone}>
      {findings.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          {path && <code>{path}</code>} {message}
        </li>
      ))}
    </ul>
  );
}
