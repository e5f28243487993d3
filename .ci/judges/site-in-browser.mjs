// Opens one page of each kind of a site in Chromium, as `site.mjs` leaves it: axe-core finds nothing serious, nothing moves
// while the page loads, nothing is wider than a phone, and only the filter needs scripts.
//
// usage: node .ci/judges/site-in-browser.mjs PATH-TO-NODE-MODULES SITE   (needs chromium)

import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { Browser } from "./browser.mjs";

const [modules, site] = process.argv.slice(2).map((path) => resolve(path));
const MAX_BYTES = 300_000;
const WIDTHS = [1280, 390];
const axe = readFileSync(join(modules, "axe-core/axe.min.js"), "utf8");

/** Collects the layout shifts of a page. */
const SHIFTS = `window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    window.shifts.push(value.toFixed(4) + " " + sources.map(({ node }) => node?.nodeName + "#" + node?.id).join(" "));
  }
}).observe({ type: "layout-shift", buffered: true });`;

/** The text of a page without the filter, as a reader sees it. */
const TEXT = `(() => {
  const copy = document.body.cloneNode(true);
  for (const part of copy.querySelectorAll("#filter, script")) part.remove();
  return copy.textContent;
})()`;

const files = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

/** One page of each kind. */
function kinds() {
  const first = (folder) => readdirSync(join(site, folder)).sort().map((name) => `${folder}/${name}`);
  const releases = first("releases");
  const folders = ["sig", "stage", "status"].map((folder) => first(folder)[0]);
  const keps = first("keps");
  return ["index.html", "prr.html", "statistics.html", releases[0], releases.at(-1), ...folders, keps[0], keps.at(-1)];
}

const faults = [];
const browser = new Browser();
await browser.start();
let errors = [];
browser.listen((method, params) => {
  if (method === "Log.entryAdded" && params.entry.level === "error") errors.push(params.entry.text);
  if (method === "Runtime.exceptionThrown") errors.push(params.exceptionDetails.text);
});
await browser.send("Page.addScriptToEvaluateOnNewDocument", { source: SHIFTS });

async function open(page, { width, scheme, scripts = true }) {
  errors = [];
  await browser.send("Emulation.setDeviceMetricsOverride", {
    width,
    height: 900,
    deviceScaleFactor: 1,
    mobile: width < 500,
  });
  const features = [{ name: "prefers-color-scheme", value: scheme }];
  await browser.send("Emulation.setEmulatedMedia", { features });
  await browser.send("Emulation.setScriptExecutionDisabled", { value: !scripts });
  await browser.open(pathToFileURL(join(site, page)).href);
}

const violations = async () => {
  await browser.value(`${axe}; undefined`);
  return browser.value(`axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) =>
    ({ id, impact, html: nodes[0].html.slice(0, 200), why: nodes[0].failureSummary })))`);
};

async function judge(page, width, scheme) {
  const where = `${page}, ${width} px, ${scheme}`;
  const fault = (text) => faults.push(`${where}: ${text}`);
  await open(page, { width, scheme });
  // Two frames, so that everything is laid out.
  await browser.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  for (const shift of await browser.value("window.shifts")) fault(`the layout shifts: ${shift}`);
  const wide = await browser.value("document.documentElement.scrollWidth");
  if (wide > width) fault(`the page is ${wide} px wide`);
  for (const error of errors) fault(error);
  for (const { id, impact, html, why } of await violations()) {
    if (["serious", "critical"].includes(impact)) fault(`${id} (${impact}): ${html}\n${why}`);
  }
  return browser.value(TEXT);
}

/** The filter of the first page hides the rows without a text. */
async function judgeFilter() {
  const shown = `[...document.querySelectorAll("#filter ~ section tbody tr")].filter((row) => !row.hidden).length`;
  const type = (text) => `(() => { const field = document.querySelector("#filter input");
    field.value = ${JSON.stringify(text)}; field.dispatchEvent(new Event("input")); return ${shown}; })()`;
  await open("index.html", { width: 1280, scheme: "light" });
  const all = await browser.value(shown);
  assert(all > 1, `the first page lists ${all} KEPs`);
  assert.equal(await browser.value(type("9999")), 1, "the filter does not find a KEP by its number");
  assert.equal(await browser.value(type("no such kep")), 0, "the filter finds what does not exist");
  assert.equal(await browser.value(type("")), all, "an empty filter hides something");
}

/** The judge notices an image without a text, and what moves. */
async function judgeItself() {
  const late = "document.body.prepend(Object.assign(document.createElement('pre'), { textContent: '\\n\\n\\n\\n' }))";
  await browser.open(`data:text/html,<title>x</title><h1>x</h1><img src=x><script>setTimeout(() => ${late}, 200)</script>`);
  await browser.value("new Promise((done) => setTimeout(done, 500))");
  assert((await browser.value("window.shifts")).length > 0, "a layout shift is not noticed");
  const found = await violations();
  assert(found.some(({ id }) => id === "image-alt"), "axe-core does not find an image without a text");
}

try {
  await judgeItself();
  for (const file of files(site)) {
    const { size } = statSync(file);
    if (size > MAX_BYTES) faults.push(`${file} has ${size} bytes`);
  }
  const pages = kinds();
  for (const page of pages) {
    let text;
    for (const scheme of ["light", "dark"]) {
      for (const width of WIDTHS) text = await judge(page, width, scheme);
    }
    await open(page, { width: 1280, scheme: "light", scripts: false });
    if ((await browser.value(TEXT)) !== text) faults.push(`${page}: something is missing without scripts`);
    const fields = await browser.value("document.querySelectorAll('input, button').length");
    if (fields > 0) faults.push(`${page}: a field needs scripts, but is shown without them`);
  }
  await judgeFilter().catch((error) => faults.push(`the filter: ${error.message}`));
  for (const fault of faults) console.error(fault);
  console.log(`chromium: ${pages.length} pages, ${faults.length} faults`);
} finally {
  await browser.stop();
}
process.exit(faults.length > 0 ? 1 : 0);
