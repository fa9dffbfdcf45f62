// Builds what the hub serves for pages into a folder, with names that change with the contents, and holds the first load to
// a budget: `node build.mjs [FOLDER]`.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

/** Scripts and styles that a browser fetches before it shows a page; a chart comes later, by itself. */
const FIRST_LOAD_GZIP_BYTES_MAX = 64_000;

const root = import.meta.dirname;
const [into = join(root, "dist")] = process.argv.slice(2);

/** The kit's stylesheets are texts to its scripts. */
const stylesOfKit = {
  name: "styles-of-kit",
  setup: ({ onLoad }) =>
    onLoad({ filter: /sdk.src.*\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    }),
};

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: { main: "src/main.ts", style: "src/style.css" },
  outdir: "dist",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: "es2022",
  plugins: [stylesOfKit],
  // Licences are told in a file of their own.
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  write: false,
});

const nameOf = (entry) => basename(Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint === entry));
const [script, style] = [nameOf("src/main.ts"), nameOf("src/style.css")];

/** What a file imports before it runs, itself included. */
const withImports = (name) => {
  const { imports } = metafile.outputs[`dist/${name}`];
  const first = imports.filter(({ kind }) => kind === "import-statement");
  return [name, ...first.flatMap(({ path }) => withImports(basename(path)))];
};

const contents = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
const first = [...new Set([...withImports(script), style])];
const bytes = first.reduce((sum, name) => sum + gzipSync(contents.get(name), { level: 9 }).length, 0);
console.log(`first load: ${bytes} bytes gzipped, of ${FIRST_LOAD_GZIP_BYTES_MAX}`);
if (bytes > FIRST_LOAD_GZIP_BYTES_MAX) throw new Error("the first load is over its budget");

/** What the packages that went into it want to be said of them. */
async function licences() {
  const packages = new Set(Object.keys(metafile.inputs).map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean));
  const texts = [...packages].sort().map(async (name) => {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
    const text = file ? await readFile(join(folder, file), "utf8") : "";
    return `## ${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return `# Licences of what shows pages\n\n${(await Promise.all(texts)).join("\n")}`;
}

await rm(into, { recursive: true, force: true });
await mkdir(join(into, "assets"), { recursive: true });
for (const [name, bytes] of contents) await writeFile(join(into, "assets", name), bytes);
await writeFile(join(into, "assets", "licenses.md"), await licences());
for (const page of ["index.html", "absent.html"]) {
  const html = await readFile(join(root, page), "utf8");
  await writeFile(join(into, page), html.replace("SCRIPT", script).replace("STYLE", style));
}
