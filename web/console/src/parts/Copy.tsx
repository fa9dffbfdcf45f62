// Text to be taken elsewhere: a button that copies, a block of code, a value in a line.

import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { Check, Copy as CopyIcon } from "lucide-react";
import classes from "./Copy.module.css";

/** Copies a text. `what` is read out: "Copy the key". */
export function Copy({ text, what }: { text: string; what: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : `Copy ${what}`}>
          <ActionIcon size="md" onClick={copy} aria-label={`Copy ${what}`}>
            {copied ? <Check size={16} aria-hidden /> : <CopyIcon size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** A value that stands in a line, to be copied. */
export function Value({ text, what }: { text: string; what: string }) {
  return (
    <span className={classes.value}>
      <code>{text}</code>
      <Copy text={text} what={what} />
    </span>
  );
}

/** Some lines of code. */
export function Snippet({ code, what }: { code: string; what: string }) {
  return (
    <div className={classes.snippet}>
      <div className={classes.corner}>
        <Copy text={code} what={what} />
      </div>
      <pre tabIndex={0} aria-label={what}>
        <code>{code}</code>
      </pre>
    </div>
  );
}
