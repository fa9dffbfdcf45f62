// Reads dashboards from files that were exported.

import { useMutation } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { Failure } from "../../parts/Failure";
import { read } from "./document";
import { FileButton } from "./FileButton";
import { keep } from "./shelf";

export function ImportButton({ onKept }: { onKept: (id: string) => void }) {
  const { mutate, error } = useMutation({
    mutationFn: async (files: File[]) => {
      for (const file of files) {
        const content = await file.text().then(read).catch((problem: Error) => {
          throw new Error(`${file.name}: ${problem.message}`);
        });
        onKept(keep(content));
      }
    },
  });
  return (
    <>
      <FileButton label="Import" accept=".json,application/json" icon={<Upload size={15} aria-hidden />} onFiles={mutate} />
      <Failure problem={error?.message} />
    </>
  );
}
