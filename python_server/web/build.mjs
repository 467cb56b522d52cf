// Builds everything into python_server/src/a2fbridge/data/web, or with an argument into another folder.
import { build } from "esbuild";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../src/a2fbridge/data/web"));

const licence = async (name) => (await readFile(join(here, "node_modules", name, "LICENSE"), "utf8")).trim();
const three = `three.js:\n${await licence("three")}`;
const banner = (...parts) => ({ js: ["/*!\nA2FBridge, MIT licence.", ...parts].join("\n\n") + "\n*/" });
const common = {
  absWorkingDir: here, bundle: true, minify: true, charset: "utf8", legalComments: "none", target: ["es2022"], logLevel: "warning",
};

await mkdir(out, { recursive: true });
await build({ ...common, entryPoints: { player: "src/html/main.ts" }, outdir: out, format: "iife", banner: banner(three) });
await build({ ...common, entryPoints: { player: "src/player/style.css" }, outdir: out });
