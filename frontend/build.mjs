// The whole front-end build: icon sprite, script, style, font. Output goes to build/ui and is never committed.
// The fonts of PDF documents go to build/fonts, which is not served.
import * as esbuild from "esbuild";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { buildCss } from "./tw.mjs";

const here = import.meta.dirname;
const root = path.resolve(here, "..");
const modules = path.join(root, "node_modules");
const out = path.join(root, "build", "ui");
const iconDir = path.join(modules, "lucide-static", "icons");
const SKIP = new Set(["node_modules", "build", "tests", "migrations", "locale", "__pycache__", "docs"]);

const walk = directory => fs.readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
  if (entry.name.startsWith(".") || SKIP.has(entry.name)) return [];
  const file = path.join(directory, entry.name);
  return entry.isDirectory() ? walk(file) : [file];
});

// Every quoted word that is the name of a Lucide icon becomes a symbol: templates, scripts and the Python that names an icon.
function sprite(files) {
  const known = new Set(fs.readdirSync(iconDir).filter(name => name.endsWith(".svg")).map(name => name.slice(0, -4)));
  const names = new Set();
  for (const file of files) for (const [, name] of fs.readFileSync(file, "utf8").matchAll(/["']([a-z][a-z0-9]*(?:-[a-z0-9]+)*)["']/g)) if (known.has(name)) names.add(name);
  const symbols = [...names].sort().map(name => {
    const body = fs.readFileSync(path.join(iconDir, `${name}.svg`), "utf8").replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace("</svg>", "").replace(/\s+/g, " ").trim();
    return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
  });
  fs.writeFileSync(path.join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
  return names.size;
}

const started = performance.now();
fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });
const files = walk(root);
const templates = files.filter(file => file.endsWith(".html"));
const scripts = files.filter(file => file.startsWith(here) && file.endsWith(".ts"));
const icons = sprite([...templates, ...scripts, ...files.filter(file => file.endsWith(".py"))]);
await esbuild.build({
  entryPoints: [path.join(here, "app.ts")], outdir: out, bundle: true, splitting: true, format: "esm", minify: true, target: "es2022",
  chunkNames: "chunk-[name]-[hash]", legalComments: "linked", logLevel: "warning",
});
await buildCss({ entry: path.join(here, "app.css"), sources: [...templates, ...scripts, ...files.filter(file => file.includes("templatetags") && file.endsWith(".py"))], outfile: path.join(out, "app.css"), modules });
fs.copyFileSync(path.join(modules, "@fontsource-variable", "inter", "files", "inter-latin-wght-normal.woff2"), path.join(out, "inter-latin.woff2"));
const fonts = path.join(root, "build", "fonts");
fs.mkdirSync(fonts, { recursive: true });
for (const [directory, name] of [["400Regular", "NotoSansSC_400Regular.ttf"], ["700Bold", "NotoSansSC_700Bold.ttf"]]) {
  fs.copyFileSync(path.join(modules, "@expo-google-fonts", "noto-sans-sc", directory, name), path.join(fonts, name));
}

for (const name of fs.readdirSync(out).filter(name => /\.(js|css|svg|woff2)$/.test(name))) {
  const bytes = fs.readFileSync(path.join(out, name));
  console.log(name.padEnd(34), String(bytes.length).padStart(8), "gz", String(zlib.gzipSync(bytes, { level: 9 }).length).padStart(7));
}
console.log(`${icons} icons, ${(performance.now() - started).toFixed(0)} ms`);
