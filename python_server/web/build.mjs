// Builds everything into python_server/src/a2fbridge/data/web, or with an argument into another folder.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../src/a2fbridge/data/web"));
const live = join(here, "packages/a2fbridge-live");

const licence = async (name) => (await readFile(join(here, "node_modules", name, "LICENSE"), "utf8")).trim();
const banner = (...parts) => ({ js: ["/*!\nA2FBridge, MIT licence.", ...parts].join("\n\n") + "\n*/" });
const common = { absWorkingDir: here, bundle: true, charset: "utf8", legalComments: "none", target: ["es2022"], logLevel: "warning" };
const page = { ...common, minify: true, outdir: out };
const three = banner(`three.js:\n${await licence("three")}`);

await mkdir(join(out, "a2fbridge-live"), { recursive: true });
await Promise.all([
  build({ ...page, entryPoints: { player: "src/html/main.ts" }, format: "iife", banner: three }),
  build({ ...page, entryPoints: { player: "src/player/style.css" } }),
  build({ ...page, entryPoints: { studio: "src/studio/main.ts" }, format: "esm", banner: three }),
  build({ ...page, entryPoints: { studio: "src/studio/studio.css" } }),
  copyFile(join(here, "src/studio/studio.html"), join(out, "studio.html")),
  build({ ...page, entryPoints: { "capture-worklet": join(live, "src/capture-worklet.ts") }, format: "iife", banner: banner() }),
  build({ ...common, entryPoints: { index: join(live, "src/index.ts") }, format: "esm", outdir: join(out, "a2fbridge-live"), banner: banner() }),
]);
await copyFile(join(out, "capture-worklet.js"), join(out, "a2fbridge-live/capture-worklet.js"));
for (const file of ["package.json", "README.md"]) await copyFile(join(live, file), join(out, "a2fbridge-live", file));
execFileSync(join(here, "node_modules/.bin/tsc"), ["-p", live, "--outDir", join(out, "a2fbridge-live")], { stdio: "inherit" });
