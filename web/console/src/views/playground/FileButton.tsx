// A button that lets one choose files.

import { Button } from "@mantine/core";
import { type ReactNode, useRef } from "react";

interface Props {
  label: string;
  /** The names of files, as a browser's dialog wants them. */
  accept: string;
  icon: ReactNode;
  onFiles: (files: File[]) => void;
}

export function FileButton({ label, accept, icon, onFiles }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        multiple
        aria-label={label}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = "";
        }}
      />
      <Button size="xs" variant="default" leftSection={icon} onClick={() => input.current?.click()}>
        {label}
      </Button>
    </>
  );
}
