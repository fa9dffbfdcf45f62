// A text field for code, with line numbers. Tab indents; Escape and then Tab leaves it.

import { Skeleton } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Failure } from "../../parts/Failure";

interface Props {
  label: string;
  /** What it begins with. */
  text: string;
  onChange: (text: string) => void;
  onSave: () => void;
}

export const LEAVING = "Tab indents. Escape and then Tab leaves the editor. Ctrl + S saves.";

export function CodeEditor({ label, text, onChange, onSave }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef({ onChange, onSave });
  latest.current = { onChange, onSave };
  const [state, setState] = useState<"loading" | "open" | "failed">("loading");
  useEffect(() => {
    let editor: { destroy: () => void; focus: () => void } | undefined;
    let isGone = false;
    import("./code").then(
      ({ openEditor }) => {
        if (isGone) return;
        const parent = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: "open" });
        editor = openEditor({ parent, text, label, describedBy: LEAVING, onChange: (changed) => latest.current.onChange(changed), onSave: () => latest.current.onSave() });
        setState("open");
        editor.focus();
      },
      () => setState("failed"),
    );
    return () => {
      isGone = true;
      editor?.destroy();
    };
    // The text is the editor's own from then on.
  }, [label]);
  return (
    <>
      {state === "loading" && <Skeleton height={320} />}
      {state === "failed" && <Failure problem="The editor couldn't be loaded. Reload the page." />}
      <div ref={host} />
    </>
  );
}
