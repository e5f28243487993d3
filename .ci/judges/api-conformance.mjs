// Judges with GitHub's own description of its API what kepgate requests: REST requests go to a mock server that prism makes
// of it and that rejects what does not match; GraphQL is validated against GitHub's schema.
//
// usage: node .ci/judges/api-conformance.mjs PATH-TO-NODE-MODULES REQUESTS
//
// REQUESTS is written by the tests when KEPGATE_REQUESTS names it: an object of JSON a line.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [modules, file] = process.argv.slice(2).map((path) => resolve(path));
const require = createRequire(join(modules, "x.js"));
const description = JSON.parse(readFileSync(join(modules, "@octokit/openapi/generated/api.github.com.json"), "utf8"));
const { buildSchema, parse, validate, specifiedRules, getOperationAST } = require("graphql");
const { getVariableValues } = require("graphql/execution/values.js");
// The schema as published defines two fields twice.
const schema = buildSchema(readFileSync(join(modules, "@octokit/graphql-schema/schema.graphql"), "utf8"), { assumeValidSDL: true });

const requests = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
/** One request for each shape: numbers, ids and names aside. */
const distinct = (list, shape) => [...new Map(list.map((request) => [shape(request), request])).values()];
const faults = [];

// GraphQL: documents are right, and variables fit them.
function graphqlFaults(query, variables) {
  const document = parse(query);
  const errors = validate(schema, document, specifiedRules);
  if (errors.length > 0) return errors.map(({ message }) => message);
  const { variableDefinitions } = getOperationAST(document);
  return (getVariableValues(schema, variableDefinitions, variables).errors ?? []).map(({ message }) => message);
}
assert(graphqlFaults("query { repository(owner: 1) { nonsense } }", {}).length > 0, "it can say no");
assert(graphqlFaults("query($n: Int!) { repository(owner: \"a\", name: \"b\") { issue(number: $n) { id } } }", { n: "x" }).length > 0);
const queries = distinct(requests.filter(({ path }) => path === "/graphql"), ({ body }) => body);
for (const { body } of queries) {
  const { query, variables } = JSON.parse(body);
  for (const message of graphqlFaults(query, variables)) faults.push(`GraphQL: ${message}\n  in ${query}`);
}

// REST: prism knows the paths that are asked for; reading all of the description takes it minutes. A path of a file and
// the name of a reference hold slashes, which no description of this kind can say: prism gets them encoded.
const matcher = (template) =>
  new RegExp(`^${template.replace(/\{(\w+)\}/g, (_, name) => (/^(path|ref)$/.test(name) ? "(?<rest>.+)" : "[^/]+"))}$`);
const rest = distinct(
  requests.filter(({ path }) => path !== "/graphql"),
  ({ method, path, query, body }) => [method, path, query, body].join(" ").replace(/[0-9a-f]{40}|\d+/g, "0"),
);
const paths = Object.entries(description.paths).filter(([template]) => rest.some(({ path }) => matcher(template).test(path)));
const small = join(mkdtempSync(join(tmpdir(), "kepgate-")), "github.json");
writeFileSync(small, JSON.stringify({ ...description, paths: Object.fromEntries(paths), webhooks: undefined, "x-webhooks": undefined }));
const port = 20000 + (process.pid % 20000);
const prism = spawn(process.execPath, [join(modules, "@stoplight/prism-cli/dist/index.js"), "mock", "-p", String(port), "--errors", small]);
let log = "";
for (const stream of [prism.stdout, prism.stderr]) stream.on("data", (data) => (log += data));
process.on("exit", () => prism.kill());

async function ask({ method, path, query, body }) {
  // GitHub's own media types are in its documentation, and not in its description.
  const headers = { accept: "application/json", "user-agent": "kepgate" };
  if (body) headers["content-type"] = "application/json";
  const rest = paths.map(([template]) => matcher(template).exec(path)?.groups?.rest).find(Boolean);
  const whole = rest ? path.replace(rest, encodeURIComponent(rest)) : path;
  const answer = await fetch(`http://127.0.0.1:${port}${whole}${query ? `?${query}` : ""}`, { method, headers, body: body || undefined });
  return [answer.status, answer.headers.get("sl-violations"), await answer.text()];
}
/** What prism has against a request; its own examples of answers are not ours to mend. */
async function isRefused(request) {
  const [status, violations, text] = await ask(request);
  const ofRequest = `${violations} ${text}`.includes('"location":["request"');
  const isUnknown = text.includes("stoplight.io/prism/errors") && !text.includes("#VIOLATIONS");
  return ofRequest || isUnknown ? `${status} ${violations ?? ""} ${text.slice(0, 500)}` : null;
}
const until = Date.now() + 120_000;
for (;;) {
  try {
    await ask({ method: "GET", path: "/", query: "", body: "" });
    break;
  } catch (error) {
    assert(Date.now() < until && prism.exitCode === null, `prism did not start: ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
assert(await isRefused({ method: "POST", path: "/repos/o/r/check-runs", query: "", body: '{"name": 1}' }), "it can say no");
const review = '{"event": "COMMEND"}';
assert(await isRefused({ method: "POST", path: "/repos/o/r/pulls/1/reviews", query: "", body: review }), "it can say no");
assert(await isRefused({ method: "GET", path: "/repos/o/r/nonsense", query: "", body: "" }), "it can say no");
for (const request of rest) {
  const refusal = await isRefused(request);
  if (refusal) faults.push(`${request.method} ${request.path}: ${refusal}`);
}
for (const fault of faults) console.error(fault);
assert(queries.length >= 6 && rest.length >= 12, `few requests: ${queries.length} and ${rest.length}`);
console.log(`GitHub's description: ${rest.length} kinds of REST requests, ${queries.length} GraphQL queries, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
