// Draws docs/summary.png: the job summary of fixtures/demo as GitHub shows it.
//
// usage: node .ci/picture.mjs PATH-TO-KEPGATE PATH-TO-NODE-MODULES   (needs marked, github-markdown-css and chromium)

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const [kepgate, modules] = process.argv.slice(2).map((path) => resolve(path));
const scratch = mkdtempSync(join(tmpdir(), "kepgate-picture-"));

const folders = ["--base-dir", "base", "--head-dir", "head", "--now", "2025-11-15"];
const done = spawnSync(kepgate, ["check", ...folders, "--output", "markdown"], {
  cwd: join(root, "fixtures/demo"),
  encoding: "utf8",
});
const { marked } = await import(pathToFileURL(join(modules, "marked/lib/marked.esm.js")));
const style = readFileSync(join(modules, "github-markdown-css/github-markdown-light.css"), "utf8");
const body = marked.parse(done.stdout, { gfm: true });
const page = `<!doctype html><meta charset="utf-8"><style>${style}</style>
<body style="margin:24px;width:860px"><article class="markdown-body">${body}</article>`;
writeFileSync(join(scratch, "page.html"), page);
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const more = ["--disable-component-update", "--disable-sync", "--hide-scrollbars", `--user-data-dir=${scratch}/profile`];
const picture = [`--screenshot=${root}/docs/summary.png`, "--window-size=908,1300", `file://${scratch}/page.html`];
execFileSync("chromium", [...flags, ...more, ...picture], { stdio: "ignore" });
rmSync(scratch, { recursive: true });
