// Tailwind's compiler without its command line: no native scanner and no watcher. Candidates are all the words of our own templates.
import { compile } from "tailwindcss";
import * as esbuild from "esbuild";
import fs from "node:fs";
import path from "node:path";

const SEPARATORS = [/[\s"'`<>={}]+/, /[\s"']+/]; // the second keeps arbitrary values that hold = or {}

export async function buildCss({ entry, sources, outfile, modules }) {
  const loadStylesheet = async (id, base) => {
    const file = id.startsWith(".") ? path.resolve(base, id) : path.resolve(modules, id);
    return { path: file, base: path.dirname(file), content: fs.readFileSync(file, "utf8") };
  };
  const compiler = await compile(fs.readFileSync(entry, "utf8"), { base: path.dirname(entry), loadStylesheet });
  const words = new Set();
  for (const file of sources) {
    const text = fs.readFileSync(file, "utf8");
    for (const separator of SEPARATORS) for (const word of text.split(separator)) if (word && word.length < 80) words.add(word);
  }
  const { code } = await esbuild.transform(compiler.build([...words]), { loader: "css", minify: true, target: ["chrome123", "safari17.5", "firefox125"] });
  fs.writeFileSync(outfile, code);
}
