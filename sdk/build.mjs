// Builds the kit and says how large it is: `node build.mjs` everything into `dist`, `node build.mjs FOLDER` only the
// scripts that the hub serves. Types are made by `tsc`.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const root = import.meta.dirname;
const dist = join(root, "dist");
const [served = dist] = process.argv.slice(2);

const css = {
  name: "css",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    }),
};

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  sourcemap: true,
  target: "es2022",
  jsx: "automatic",
  plugins: [css],
  legalComments: "none",
  charset: "utf8",
  // A classic script has no import.meta, which is what tells the two apart.
  logOverride: { "empty-import-meta": "silent" },
  // Addresses in source maps are told from dist, wherever the files are written.
  write: false,
};

const builds = [
  { ...shared, entryPoints: ["src/script.ts"], outfile: "dist/campanile.js", format: "iife" },
  { ...shared, entryPoints: ["src/browser.ts"], outfile: "dist/campanile.esm.js", format: "esm" },
];
if (served === dist) {
  await rm(dist, { recursive: true, force: true });
  const external = ["socket.io-client", "react", "react/jsx-runtime", "react-hot-toast"];
  const entryPoints = ["src/index.ts", "src/elements.ts", "src/react.tsx"];
  builds.push({ ...shared, entryPoints, outdir: "dist", format: "esm", splitting: true, external, minify: false });
}

await mkdir(served, { recursive: true });
for (const { outputFiles } of await Promise.all(builds.map((options) => build(options)))) {
  for (const { path, contents } of outputFiles) {
    await writeFile(join(served, basename(path)), contents);
    if (path.endsWith(".js")) console.log(`${basename(path)}: ${contents.length} bytes, ${gzipSync(contents, { level: 9 }).length} gzipped`);
  }
}
