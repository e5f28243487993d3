// Draws docs/site-release.png and docs/site-kep.png: pages of the site of kubernetes/enhancements, a day before the
// Enhancements Freeze of v1.36.
//
// usage: node .ci/site-pictures.mjs PATH-TO-KEPGATE CLONE   (needs chromium, and a clone of kubernetes/enhancements)

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const [kepgate, clone] = process.argv.slice(2).map((path) => resolve(path));
const scratch = mkdtempSync(join(tmpdir(), "kepgate-pictures-"));
const site = join(scratch, "site");
const COMMIT = "493883e56474";
const PICTURES = [
  ["site-release", "releases/v1.36.html", 1600],
  ["site-kep", "keps/5030.html", 1320],
];

const moment = ["--head", COMMIT, "--now", "2026-02-11T12:00Z", "--repository", "kubernetes/enhancements"];
execFileSync(kepgate, ["site", "--repo", clone, "--to", site, ...moment], { stdio: "inherit" });
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const more = ["--disable-component-update", "--disable-sync", "--hide-scrollbars", `--user-data-dir=${scratch}/profile`];
for (const [name, page, height] of PICTURES) {
  const picture = [`--screenshot=${root}/docs/${name}.png`, `--window-size=1100,${height}`, `file://${site}/${page}`];
  execFileSync("chromium", [...flags, ...more, ...picture], { stdio: "ignore" });
}
rmSync(scratch, { recursive: true });
