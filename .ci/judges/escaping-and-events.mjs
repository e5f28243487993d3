// Judges with GitHub's toolkit how workflow commands are escaped, and with GitHub's examples of events how they are understood.
//
// usage: node .ci/judges/escaping-and-events.mjs PATH-TO-KEPGATE PATH-TO-NODE-MODULES

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const [kepgate, modules] = process.argv.slice(2).map((path) => resolve(path));
const scratch = mkdtempSync(join(tmpdir(), "kepgate-judges-"));
const load = (path) => import(pathToFileURL(join(modules, path)));

/** kepgate with these variables and nothing else, in a folder. */
function run(folder, variables, ...args) {
  const done = spawnSync(kepgate, args, { cwd: folder, env: { PATH: process.env.PATH, ...variables }, encoding: "utf8" });
  if (done.error) throw done.error;
  return done;
}

function git(folder, ...args) {
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  const who = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
  return execFileSync("git", [...who, ...args], { cwd: folder, env, encoding: "utf8" }).trim();
}

/** A change whose paths and values hold whatever commands are escaped for. */
function hostileFolders() {
  const folder = join(scratch, "hostile");
  cpSync(join(root, "fixtures/demo"), folder, { recursive: true });
  const hostile = "::error::a,b:c%0A%25\r\n##[x]";
  for (const [index, slug] of ["a%0Ab", "c,d", "e:f", "g%25h", "i::error::j", "k\rl", "m\nn"].entries()) {
    const kep = join(folder, "head/keps/sig-node", `${8800 + index}-${slug}`);
    mkdirSync(kep, { recursive: true });
    const text = readFileSync(join(root, "fixtures/demo/head/keps/sig-node/5120-pod-quiet-hours/kep.yaml"), "utf8");
    writeFileSync(join(kep, "kep.yaml"), text.replace(/^status: .*$/m, `status: ${JSON.stringify(hostile + slug)}`));
  }
  return folder;
}

/** Each annotation, taken apart as the runner does it and put together by GitHub's toolkit, is the same line. */
async function commandsAreEscapedAsTheToolkitDoes() {
  const { issueCommand } = await load("@actions/core/lib/command.js");
  const done = run(hostileFolders(), {}, "check", "--base-dir", "base", "--head-dir", "head", "--output", "github");
  assert.equal(done.status, 1, done.stderr);
  const unescape = (text) => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
  const lines = done.stdout.split("\n").filter((line) => /^::(error|warning|notice) /.test(line));
  const again = lines.map((line) => {
    const [, name, properties, data] = line.match(/^::(\w+) (.*?)::(.*)$/s);
    const pairs = properties.split(",").map((pair) => pair.split(/=(.*)/s).slice(0, 2));
    const value = (text) => unescape(text.replaceAll("%3A", ":").replaceAll("%2C", ","));
    return written(() => issueCommand(name, Object.fromEntries(pairs.map(([key, text]) => [key, value(text)])), unescape(data)));
  });
  assert(lines.length >= 10 && lines.some((line) => line.includes("%25")), "there is something to escape");
  assert.deepEqual(lines, again);
  return lines.length;
}

/** What `action` writes to standard output, without the line feed at its end. */
function written(action) {
  const write = process.stdout.write;
  let text = "";
  process.stdout.write = (chunk) => (text += chunk) && true;
  try {
    action();
  } finally {
    process.stdout.write = write;
  }
  return text.replace(/\n$/, "");
}

/** Of GitHub's own examples kepgate takes the commits to compare, which an empty repository does not have. */
function eventsAreUnderstood() {
  const examples = createRequire(import.meta.url)(join(modules, "@octokit/webhooks-examples/api.github.com/index.json"));
  const folder = join(scratch, "events");
  mkdirSync(folder);
  git(folder, "init", "--quiet", "--initial-branch=main");
  git(folder, "commit", "--quiet", "--allow-empty", "--message=.");
  const own = git(folder, "rev-parse", "HEAD");
  const ofPull = [({ pull_request: { base, head } }) => [base.sha, head.sha], (it) => (it.pull_request.base.sha = own)];
  // How to find both ends, and how to put a commit that is there in the place of the base.
  const wanted = {
    pull_request: ofPull,
    pull_request_review: ofPull,
    merge_group: [({ merge_group: it }) => [it.base_sha, it.head_sha], (it) => (it.merge_group.base_sha = own)],
    push: [({ before, after }) => [before, after], (it) => (it.before = own)],
  };
  const ask = (name, payload) => {
    const event = join(scratch, "event.json");
    writeFileSync(event, JSON.stringify(payload));
    const variables = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: event };
    const done = run(folder, variables, "check", "--output", "json");
    return [done.status, JSON.parse(done.stdout).error?.message];
  };
  let count = 0;
  for (const { name, examples: payloads } of examples.filter(({ name }) => name in wanted)) {
    for (const payload of payloads) {
      const [ends, rebase] = wanted[name];
      const [base, head] = ends(payload);
      const [status, message] = ask(name, payload);
      if (/^0+$/.test(head)) {
        assert.deepEqual([status, message], [0, undefined], `${name} that deletes`);
      } else if (/^0+$/.test(base)) {
        assert.equal(status, 3);
        assert(message.startsWith(`the default branch \`${payload.repository.default_branch}\``), `${name}: ${message}`);
      } else {
        assert.equal(status, 3);
        assert(message.startsWith(`the commit ${base} is not in this checkout`), `${name}: ${message}`);
        rebase(payload);
        const [, next] = ask(name, payload);
        assert(next.startsWith(`the commit ${head} is not in this checkout`), `${name}: ${next}`);
      }
      count += 1;
    }
  }
  assert(count >= 30, `${count} examples`);
  return count;
}

try {
  const escaped = await commandsAreEscapedAsTheToolkitDoes();
  const understood = eventsAreUnderstood();
  console.log(`judges: ${escaped} commands escaped as the toolkit does, ${understood} events understood`);
} finally {
  rmSync(scratch, { recursive: true });
}
