// Holds the first load to a budget: what a browser fetches before it shows the first view, in scripts and styles.

import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

interface Budget {
  /** The module of the view that comes first. */
  view: string;
  gzip_bytes_max: number;
}

/** Reports the first load when everything is built, and fails the build if it is over the budget. */
export function firstLoad({ view, gzip_bytes_max }: Budget): Plugin {
  return {
    name: "first-load",
    apply: "build",
    generateBundle(_, bundle) {
      const files = Object.values(bundle);
      const chunks = files.filter((file) => file.type === "chunk");
      const first = chunks.filter(({ isEntry, facadeModuleId }) => isEntry || facadeModuleId?.endsWith(view));
      if (first.length !== 2) this.error(`the entry and ${view} should each be a chunk of their own`);
      const loaded = [...withImports(first, chunks)];
      const styles = new Set(loaded.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]));
      const sources = [
        ...loaded.map(({ code }) => code),
        ...files.flatMap((file) => (file.type === "asset" && styles.has(file.fileName) ? [file.source] : [])),
      ];
      const gzip_bytes = sources.reduce((sum, source) => sum + gzipSync(source, { level: 9 }).length, 0);
      const report = `first load: ${gzip_bytes} bytes gzipped, of ${gzip_bytes_max}`;
      if (gzip_bytes > gzip_bytes_max) this.error(report);
      this.info(report);
    },
  };
}

/** Chunks, and whatever they import before they run. */
function withImports(first: Rolldown.OutputChunk[], all: Rolldown.OutputChunk[]): Set<Rolldown.OutputChunk> {
  const found = new Set(first);
  for (const { imports } of found) {
    for (const chunk of all) if (imports.includes(chunk.fileName)) found.add(chunk);
  }
  return found;
}
