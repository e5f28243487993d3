"""Judges the image: its size, its binary, and that it works as GitHub Actions and Prow run it, for each kind of event.

usage: python .ci/judges/container.py IMAGE        (needs docker, git, and root)
"""

import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parents[2]
DOCKER = "/usr/bin/docker" if Path("/usr/bin/docker").exists() else "docker"
# The runner's own user, who is not the one in the container.
RUNNER = 1001
NOBODYS = "1234567890" * 4
NONE = "0" * 40
# Before the releases that the fixtures are about.
NOW = "2025-11-15"
OUTPUTS = ["errors", "keps", "pre-existing", "report", "verdict", "warnings"]
MAX_BYTES = 12_000_000
# What a person finds in fixtures/demo: level, file, line, column, rule.
FOUND = [
    ("error", "keps/prod-readiness/sig-apps/4711.yaml", "6", "1", "promotion-incomplete · KEP-4711"),
    ("error", "keps/sig-apps/4711-graceful-rollback/kep.yaml", "8", "9", "implemented-not-stable · KEP-4711"),
    ("error", "keps/prod-readiness/sig-node/5120.yaml", "3", "13", "prr-approver-unknown · KEP-5120"),
    ("error", "keps/sig-node/5120-pod-quiet-hours/kep.yaml", "9", "9", "status-invalid · KEP-5120"),
    ("warning", "keps/sig-apps/4711-graceful-rollback/kep.yaml", "18", "1", "milestone-stage-missing · KEP-4711"),
    ("warning", "keps/sig-node/5120-pod-quiet-hours/kep.yaml", "17", "5", "reference-dangling · KEP-5120"),
]


def main():
    if len(sys.argv) != 2:
        sys.exit("container: name the image, as in: python .ci/judges/container.py kepgate:local")
    image = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="kepgate-container-") as scratch:
        project = Project(Path(scratch))
        for case in CASES:
            case(project, image)
    check_binary(image)
    size = int(docker("image", "inspect", "--format", "{{.Size}}", image))
    assert size <= MAX_BYTES, f"the image has {size} bytes, more than {MAX_BYTES}"
    report_times(image, size)
    print(f"container: {len(CASES)} passed, 0 failed")


class Project:
    """fixtures/demo as a repository: base on main, head on topic, both merged on merge."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.origin = scratch / "origin"
        shutil.copytree(ROOT / "fixtures/demo/base", self.origin)
        self.git("init", "--quiet", "--initial-branch=main")
        self.start = self.commit()
        self.git("switch", "--quiet", "--create", "topic")
        shutil.rmtree(self.origin / "keps")
        shutil.copytree(ROOT / "fixtures/demo/head", self.origin, dirs_exist_ok=True)
        self.head = self.commit()
        self.git("switch", "--quiet", "main")
        (self.origin / "notes.md").write_text("What merged meanwhile.\n")
        self.base = self.commit()
        self.git("switch", "--quiet", "--create", "merge")
        self.git("merge", "--quiet", "--no-ff", "--message=.", "topic")
        self.merge = self.git("rev-parse", "HEAD")

    def git(self, *arguments, folder=None):
        who = {f"GIT_{who}_{what}": "a" for who in ["AUTHOR", "COMMITTER"] for what in ["NAME", "EMAIL"]}
        plain = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *arguments], cwd=folder or self.origin, env=plain | who, capture_output=True, text=True
        )
        assert done.returncode == 0, f"git {arguments}: {done.stderr}"
        return done.stdout.strip()

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=.")
        return self.git("rev-parse", "HEAD")

    def checkout(self, *options):
        """A clone with these options, in the place of the last one."""
        workspace = self.scratch / "workspace"
        shutil.rmtree(workspace, ignore_errors=True)
        self.git("clone", "--quiet", *options, self.origin.as_uri(), str(workspace), folder=self.scratch)
        return workspace


class Ended:
    """What a step left."""

    def __init__(self, done, files):
        self.code, self.log, self.said = done.returncode, done.stdout, done.stderr
        self.outputs = outputs((files / "output").read_text())
        self.summary = (files / "summary").read_text()

    def expect(self, code, verdict):
        assert self.code == code, f"exit {self.code}, not {code}: {self.log}{self.said}"
        assert sorted(self.outputs) == OUTPUTS, self.outputs
        assert self.outputs["verdict"] == verdict, self.outputs

    def expect_all_found(self):
        self.expect(1, "findings")
        assert annotations(self.log) == FOUND, annotations(self.log)
        counts = {name: self.outputs[name] for name in ["errors", "warnings", "pre-existing", "keps"]}
        wanted = {"errors": "4", "warnings": "2", "pre-existing": "2", "keps": "[4711,5120,5266]"}
        assert counts == wanted, counts
        assert self.summary.startswith("### ❌ kepgate: 4 errors, 2 warnings in 3 KEPs\n"), self.summary[:200]

    def expect_words(self, words):
        assert words in self.log, f"{words!r} is not in {self.log}"


def outputs(text):
    """What the runner reads from the file that GITHUB_OUTPUT names."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, delimiter = line.split("<<")
        value = []
        for line in lines:
            if line == delimiter:
                break
            value.append(line)
        found[name] = "\n".join(value)
    return found


def annotations(log):
    """Level, file, line, column and title of each annotation, by level as they come."""
    found = []
    for line in log.splitlines():
        for level in ["error", "warning", "notice"]:
            if line.startswith(f"::{level} file="):
                properties = dict(part.split("=", 1) for part in line.split("::")[1].split(" ", 1)[1].split(","))
                found.append((level, *(properties.get(name) for name in ["file", "line", "col", "title"])))
    return found


def docker(*arguments):
    return subprocess.run([DOCKER, *arguments], capture_output=True, text=True, check=True).stdout.strip()


def step(image, workspace, event, payload, network="none", **variables):
    """The action on this event, as the runner starts it: root, a workspace of somebody else's, nothing to write to but
    the workspace and the file commands, and no network."""
    files = workspace.parent / "file_commands"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    for name in ["output", "summary", "env"]:
        (files / name).touch()
    text = payload if isinstance(payload, str) else json.dumps(payload)
    (files / "event.json").write_text(text)
    for path in [workspace, *workspace.rglob("*")]:
        os.lchown(path, RUNNER, RUNNER)
    runner = {
        "HOME": "/github/home",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": "/github/file_commands/event.json",
        "GITHUB_OUTPUT": "/github/file_commands/output",
        "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
        "GITHUB_SHA": project_head(workspace),
        "GITHUB_WORKSPACE": "/github/workspace",
        "RUNNER_TEMP": "/home/runner/work/_temp",
        "INPUT_MODE": "change",
        "KEPGATE_NOW": NOW,
        "INPUT_STRICT": "false",
    }
    mounts = ["-v", f"{workspace}:/github/workspace", "-v", f"{files}:/github/file_commands"]
    done = run(image, {**runner, **variables}, mounts, "action", network=network)
    return Ended(done, files)


def project_head(workspace):
    """The commit that is checked out, as the runner names it."""
    command = ["git", "-c", f"safe.directory={workspace}", "rev-parse", "HEAD"]
    return subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=True).stdout.strip()


def run(image, variables, mounts, *arguments, network="none"):
    options = ["--rm", "--network", network, "--read-only", "--workdir", "/github/workspace"]
    environment = [option for name, value in variables.items() for option in ["-e", f"{name}={value}"]]
    command = [DOCKER, "run", *options, *environment, *mounts, image, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def pull_request(base, head):
    return {"number": 7, "pull_request": {"number": 7, "base": {"ref": "main", "sha": base}, "head": {"sha": head}}}


def a_pull_request(project, image):
    workspace = project.checkout("--depth=2", "--branch=merge")
    ended = step(image, workspace, "pull_request", pull_request(NOBODYS, project.head))
    ended.expect_all_found()
    assert ended.said.startswith(f"kepgate: pull request #7: the merge commit {project.merge[:12]}"), ended.said
    report = json.loads((workspace / ended.outputs["report"]).read_text())
    assert (report["exit"], report["policy"], report["head"]) == (1, project.base, project.merge)


def a_pull_request_without_its_parents(project, image):
    workspace = project.checkout("--depth=1", "--branch=merge")
    ended = step(image, workspace, "pull_request", pull_request(project.base, project.head))
    ended.expect(3, "unchecked")
    ended.expect_words("%0Aset `fetch-depth: 2` for actions/checkout")


def a_pull_request_that_touches_no_kep(project, image):
    workspace = project.checkout("--branch=main")
    ended = step(image, workspace, "pull_request", pull_request(project.start, project.base))
    ended.expect(0, "clean")
    assert annotations(ended.log) == [] and ended.outputs["keps"] == "[]"
    assert ended.summary == "kepgate: ✅ no KEP changed\n", ended.summary


def a_merge_group(project, image):
    workspace = project.checkout("--branch=merge")
    group = {"merge_group": {"base_sha": project.base, "head_sha": project.merge}}
    step(image, workspace, "merge_group", group).expect_all_found()
    shallow = project.checkout("--depth=1", "--branch=merge")
    step(image, shallow, "merge_group", group).expect(3, "unchecked")


def a_push(project, image):
    workspace = project.checkout("--branch=topic")
    default = {"repository": {"default_branch": "main"}}
    pushed = {"ref": "refs/heads/topic", "before": project.start, "after": project.head, **default}
    step(image, workspace, "push", pushed).expect_all_found()
    step(image, workspace, "push", {"before": NONE, "after": project.head, **default}).expect_all_found()
    step(image, workspace, "push", {"before": project.head, "after": NONE, **default}).expect(0, "clean")


def a_schedule_and_a_button(project, image):
    workspace = project.checkout("--depth=1", "--branch=merge")
    for event in ["schedule", "workflow_dispatch"]:
        ended = step(image, workspace, event, {})
        ended.expect(0, "findings")
        assert ended.outputs["errors"] == "3" and ended.outputs["keps"] == "[4711,5120,5266]", ended.outputs
        step(image, workspace, event, {}, **{"INPUT_FAIL-ON": "error"}).expect(1, "findings")


def a_stranger_under_pull_request_target(project, image):
    """What the checkout holds plays no part: the change comes over the API, or not at all."""
    workspace = project.checkout("--branch=main")
    event = pull_request(project.base, project.head)
    server = ThreadingHTTPServer(("127.0.0.1", 0), stand_in_for_github(project))
    Thread(target=server.serve_forever, daemon=True).start()
    reached = {"GITHUB_REPOSITORY": "o/r", "GITHUB_API_URL": f"http://127.0.0.1:{server.server_port}"}
    ended = step(image, workspace, "pull_request_target", event, network="host", **reached)
    server.shutdown()
    ended.expect(1, "findings")
    errors = [found for found in annotations(ended.log) if found[0] == "error"]
    assert errors == [found for found in FOUND if found[0] == "error"], errors
    assert ended.outputs["keps"] == "[4711,5120,5266]", ended.outputs

    (workspace / "keps/sig-node/5120-pod-quiet-hours/kep.yaml").write_text("status: implementeable\n")
    ended = step(image, workspace, "pull_request_target", event, GITHUB_REPOSITORY="o/r")
    ended.expect(3, "unchecked")
    assert annotations(ended.log) == [], ended.log


def stand_in_for_github(project):
    """As much of GitHub's REST API as a check without a token asks for, out of the project's repository."""

    def answer(path):
        route = path.removeprefix("/repos/o/r/")
        if route == "pulls/7":
            head, base = {"sha": project.head, "ref": "topic"}, {"sha": project.base, "ref": "main"}
            opened = {"number": 7, "changed_files": 9, "created_at": "2025-11-01T12:00:00Z"}
            return opened | {"head": head, "base": base, "merge_commit_sha": project.merge}
        if route == "git/ref/heads/main":
            return {"object": {"sha": project.base}}
        if route.startswith("git/commits/"):
            commit = route.split("/")[-1]
            tree, *parents = project.git("rev-parse", f"{commit}^{{tree}}", f"{commit}^@").split()
            return {"tree": {"sha": tree}, "parents": [{"sha": parent} for parent in parents]}
        if route.startswith("git/trees/"):
            lines = project.git("ls-tree", "-r", "-t", "-l", route.split("/")[-1].split("?")[0]).splitlines()
            return {"truncated": False, "tree": [entry(line) for line in lines]}
        if route.startswith("git/blobs/"):
            blob = subprocess.run(["git", "cat-file", "blob", route.split("/")[-1]], cwd=project.origin, capture_output=True)
            return blob.stdout
        return [] if route.startswith("pulls/7/files") else None

    def entry(line):
        meta, path = line.split("\t")
        mode, kind, sha, size = meta.split()
        return {"path": path, "mode": mode, "type": kind, "sha": sha} | ({"size": int(size)} if size != "-" else {})

    class StandIn(BaseHTTPRequestHandler):
        def do_GET(self):
            found = answer(self.path)
            body = found if isinstance(found, bytes) else json.dumps(found or {}).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return StandIn


def events_that_say_nothing(project, image):
    workspace = project.checkout("--branch=topic")
    whole = json.dumps(pull_request(project.start, project.head))
    step(image, workspace, "pull_request", whole[: len(whole) // 2]).expect(3, "unchecked")
    step(image, workspace, "pull_request", "<html>").expect(3, "unchecked")
    step(image, workspace, "pull_request", whole, GITHUB_EVENT_PATH="/nowhere").expect(3, "unchecked")
    step(image, workspace, "issue_comment", whole).expect(2, "unchecked")


def inputs(project, image):
    workspace = project.checkout("--branch=topic")
    event = pull_request(project.start, project.head)
    bad = step(image, workspace, "pull_request", event, INPUT_MODE="everything")
    bad.expect(2, "unchecked")
    bad.expect_words("the input `mode` is `everything`")
    step(image, workspace, "pull_request", event, **{"INPUT_FAIL-ON": "never"}).expect(0, "findings")
    said = step(image, workspace, "workflow_dispatch", {}, INPUT_BASE=project.start, INPUT_HEAD=project.head)
    said.expect_all_found()
    step(image, workspace, "pull_request", event, INPUT_OUTPUT="sarif=a.sarif\njunit=b.xml").expect_all_found()
    assert json.loads((workspace / "a.sarif").read_text())["version"] == "2.1.0"
    assert "<testsuites" in (workspace / "b.xml").read_text()


def a_link_laid_by_the_change(project, image):
    workspace = project.checkout("--branch=topic")
    (workspace / "a.sarif").symlink_to("/github/file_commands/env")
    event = pull_request(project.start, project.head)
    step(image, workspace, "pull_request", event, INPUT_OUTPUT="sarif=a.sarif").expect(3, "unchecked")
    assert (workspace.parent / "file_commands/env").read_text() == ""


def a_job_of_prow(project, image):
    workspace = project.checkout("--branch=merge")
    artifacts = project.scratch / "artifacts"
    artifacts.mkdir()
    refs = f"main:{project.base},7:{project.head}"
    variables = {"PULL_BASE_SHA": project.base, "PULL_REFS": refs, "KEPGATE_NOW": NOW, "ARTIFACTS": "/logs/artifacts"}
    mounts = ["-v", f"{workspace}:/github/workspace", "-v", f"{artifacts}:/logs/artifacts"]
    done = run(image, variables, mounts, "check")
    assert done.returncode == 1 and "error[status-invalid]" in done.stdout, done
    assert done.stderr.startswith(f"kepgate: pull request #7: the merged tree {project.merge[:12]}"), done.stderr
    assert '<testsuites name="kepgate" tests="24" failures="4"' in (artifacts / "junit_kepgate.xml").read_text()


def errors_with_backtraces(project, image):
    """A workflow may set RUST_BACKTRACE for all of its steps, and an error then looks at the stack."""
    mounts = ["-v", f"{project.checkout('--branch=topic')}:/github/workspace"]
    for arguments, words in [(["status", "99999"], "no KEP matches `99999`"), (["explain", "x"], "`x`")]:
        plain = run(image, {}, mounts, *arguments)
        traced = run(image, {"RUST_BACKTRACE": "1"}, mounts, *arguments)
        assert plain.returncode == 2 and words in plain.stderr, plain
        assert (traced.returncode, traced.stderr) == (plain.returncode, plain.stderr), traced


CASES = [
    a_pull_request,
    a_pull_request_without_its_parents,
    a_pull_request_that_touches_no_kep,
    a_merge_group,
    a_push,
    a_schedule_and_a_button,
    a_stranger_under_pull_request_target,
    events_that_say_nothing,
    inputs,
    a_link_laid_by_the_change,
    a_job_of_prow,
    errors_with_backtraces,
]


def check_binary(image):
    """The binary is static and its addresses can be randomized: a shared object (PIE) without an interpreter."""
    container = docker("create", image)
    try:
        with tempfile.TemporaryDirectory() as folder:
            docker("cp", f"{container}:/kepgate", folder)
            binary = (Path(folder) / "kepgate").read_bytes()
    finally:
        docker("rm", container)
    kind, start, size, count = (
        struct.unpack_from(form, binary, offset)[0] for form, offset in [("<H", 16), ("<Q", 32), ("<H", 54), ("<H", 56)]
    )
    segments = [struct.unpack_from("<I", binary, start + index * size)[0] for index in range(count)]
    shared_object, interpreter = 3, 3
    assert binary[:5] == b"\x7fELF\x02", "the binary is not a 64-bit ELF file"
    assert kind == shared_object, "the binary is not position-independent"
    assert interpreter not in segments, "the binary is not static"


def report_times(image, size):
    """What of a run is Docker's: medians beside an image that holds nothing but a static busybox."""
    bare = "kepgate-bare:local"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy("/bin/busybox", f"{folder}/true")
        (Path(folder) / "Dockerfile").write_text('FROM scratch\nCOPY true /true\nENTRYPOINT ["/true"]\n')
        docker("build", "--quiet", "--tag", bare, folder)
    times = {image: [], bare: []}
    for _ in range(7):
        for name, arguments in [(image, ["--version"]), (bare, [])]:
            started = time.monotonic()
            docker("run", "--rm", "--network", "none", name, *arguments)
            times[name].append(time.monotonic() - started)
    own, empty = (statistics.median(times[name]) * 1000 for name in [image, bare])
    print(f"container: {size / 1e6:.2f} MB; docker run {own:.0f} ms, of an image that does nothing {empty:.0f} ms")


if __name__ == "__main__":
    main()
