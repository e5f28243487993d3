// Draws docs/summary.png and docs/summary-phone.png: the job summary of fixtures/demo as GitHub shows it, on a wide screen
// and, in dark colors, on a phone.
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
const body = marked.parse(done.stdout, { gfm: true });
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const more = ["--disable-component-update", "--disable-sync", "--hide-scrollbars", `--user-data-dir=${scratch}/profile`];

// The size is in CSS pixels.
function draw(name, { theme, background, width, height, margin, scale }) {
  const style = readFileSync(join(modules, `github-markdown-css/github-markdown-${theme}.css`), "utf8");
  const page = `<!doctype html><meta charset="utf-8"><style>${style}</style>
<body style="margin:${margin}px;width:${width - 2 * margin}px;background:${background}">
<article class="markdown-body">${body}</article>`;
  writeFileSync(join(scratch, "page.html"), page);
  const size = [`--window-size=${width},${height}`, `--force-device-scale-factor=${scale}`];
  const picture = [`--screenshot=${root}/docs/${name}.png`, ...size, `file://${scratch}/page.html`];
  execFileSync("chromium", [...flags, ...more, ...picture], { stdio: "ignore" });
}

draw("summary", { theme: "light", background: "#ffffff", width: 908, height: 1300, margin: 24, scale: 1 });
draw("summary-phone", { theme: "dark", background: "#0d1117", width: 500, height: 1000, margin: 55, scale: 1 });
rmSync(scratch, { recursive: true });
