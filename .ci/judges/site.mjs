// Judges every page of a site with html-validate: valid HTML, and the rules for accessible pages that need no browser. It
// leaves the site in FOLDER, for judges that read files.
//
// usage: node .ci/judges/site.mjs PATH-TO-KEPGATE PATH-TO-NODE-MODULES FOLDER   (needs git)

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const [kepgate, modules, folder] = process.argv.slice(2).map((path) => resolve(path));
const repository = join(folder, "repository");
const site = join(folder, "site");
const NOW = "2025-11-15";

/** Text that would be markup if a page did not escape it, and a word that is wider than a phone. */
const HOSTILE = `"\\"><img src=x onerror=alert(1)></main>${"w".repeat(120)}"`;

const git = (...command) => {
  const person = { NAME: "A KEP author", EMAIL: "author@example.org", DATE: "2025-10-01T12:00:00Z" };
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_GLOBAL: "/dev/null" };
  for (const who of ["AUTHOR", "COMMITTER"]) {
    for (const [key, value] of Object.entries(person)) env[`GIT_${who}_${key}`] = value;
  }
  execFileSync("git", command, { cwd: repository, env, stdio: ["ignore", "ignore", "inherit"] });
};

/** A repository with the two sides of the demo as commits, and a hostile KEP. */
function repositoryOfTheDemo() {
  mkdirSync(repository, { recursive: true });
  git("init", "--quiet");
  for (const side of ["base", "head"]) {
    cpSync(join(root, "fixtures/demo", side), repository, { recursive: true });
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message=.");
  }
  const hostile = join(repository, "keps/sig-node/9999-hostile");
  mkdirSync(hostile, { recursive: true });
  const fields = ["title", "status", "stage", "latest-milestone", "owning-sig"].map((key) => `${key}: ${HOSTILE}\n`);
  writeFileSync(join(hostile, "kep.yaml"), `kep-number: 9999\n${fields.join("")}`);
  git("add", "--all");
  git("commit", "--quiet", "--message=.");
}

const pages = (below = site) =>
  readdirSync(below, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".html"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

const { HtmlValidate } = await import(pathToFileURL(join(modules, "html-validate/dist/esm/index.js")));
const rules = ["html-validate:standard", "html-validate:a11y", "html-validate:document"];
// The style sheet comes from where the page comes from, and the titles are those of KEPs.
const own = { "require-sri": ["error", { target: "crossorigin" }], "long-title": "off" };
const judge = new HtmlValidate({ root: true, extends: rules, rules: own });
const faultsOf = async (html) => (await judge.validateString(html)).results.flatMap((result) => result.messages);

assert((await faultsOf("<p><div></p><img src=x>")).length > 0, "it can say no");
rmSync(folder, { recursive: true, force: true });
repositoryOfTheDemo();
const arguments_ = ["site", "--to", site, "--now", NOW, "--base-url", "https://keps.example.org"];
execFileSync(kepgate, [...arguments_, "--repository", "kubernetes/enhancements"], { cwd: repository, stdio: "ignore" });
const all = pages();
assert(all.length >= 15, `only ${all.length} pages`);
let faults = 0;
for (const page of all) {
  for (const { line, column, message, ruleId } of await faultsOf(readFileSync(page, "utf8"))) {
    console.error(`${page}:${line}:${column}: ${message} (${ruleId})`);
    faults += 1;
  }
}
console.log(`html-validate: ${all.length} pages, ${faults} faults`);
process.exit(faults > 0 ? 1 : 0);
