"""Judges with act, a local GitHub Actions runner, that the workflow of docs/usage.md fails on findings and passes without.

usage: python .ci/judges/act.py PATH-TO-ACT IMAGE      (needs docker, git, root, and the image kepgate-act-runner:local)
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from container import DOCKER, FOUND, NOW, Project, annotations, pull_request

ROOT = Path(__file__).resolve().parents[2]
USES = re.compile(r"uses: (kepgate/kepgate@[0-9a-f]{40})")


def main():
    if len(sys.argv) != 3:
        sys.exit("act: name the program and the image, as in: python .ci/judges/act.py venv/bin/act kepgate:local")
    with tempfile.TemporaryDirectory(prefix="kepgate-act-") as scratch:
        project = Project(Path(scratch))
        sources = Path(scratch) / "sources"
        project.git("clone", "--quiet", str(ROOT), str(sources), folder=ROOT)
        copy_modes(sources)
        act = Act(sys.argv[1], project, sources)

        # The action as it is checked in, which builds the Dockerfile.
        ended = act.run("topic", pull_request(project.start, project.head))
        assert ended.failed, ended.log
        assert annotations(ended.log) == FOUND, ended.log
        assert ended.outputs["verdict"] == "findings" and ended.outputs["errors"] == "4", ended.outputs
        assert ended.outputs["keps"] == "[4711,5120,5266]", ended.outputs
        assert ended.summary.startswith("### ❌ kepgate: 4 errors, 2 warnings in 3 KEPs"), ended.summary

        # The action as it is released, with an image that exists already.
        action = sources / "action.yml"
        text = action.read_text()
        released = text.replace("image: Dockerfile", f"image: docker://{sys.argv[2]}")
        assert released != text, "action.yml does not build the Dockerfile"
        action.write_text(released)
        ended = act.run("main", pull_request(project.start, project.base))
        assert not ended.failed and annotations(ended.log) == [], ended.log
        assert ended.outputs["verdict"] == "clean" and ended.outputs["keps"] == "[]", ended.outputs
        assert ended.summary == "kepgate: ✅ no KEP changed", ended.summary
    print("act: 2 passed, 0 failed")


def copy_modes(clone):
    """Gives the files the permissions that they have in the project. Docker compares them before it uses its cache."""
    for path in clone.rglob("*"):
        original = ROOT / path.relative_to(clone)
        if original.exists() and ".git" not in path.parts:
            shutil.copymode(original, path)


class Act:
    """act, offline, on the workflow of the documentation."""

    def __init__(self, program, project, sources):
        self.program, self.project = Path(program).absolute(), project
        page = (ROOT / "docs/usage.md").read_text()
        self.workflow = next(block for block in re.findall(r"^```yaml\n(.*?)^```$", page, re.M | re.S) if "jobs:" in block)
        action = USES.search(self.workflow)[1]
        self.options = ["--local-repository", f"{action}={sources}"]

    def run(self, branch, event):
        checkout = self.project.checkout(f"--branch={branch}")
        (checkout / ".github/workflows").mkdir(parents=True)
        (checkout / ".github/workflows/kepgate.yaml").write_text(self.workflow)
        home = self.project.scratch / "home"
        home.mkdir(exist_ok=True)
        (home / "event.json").write_text(json.dumps(event))
        command = [self.program, "pull_request", "-W", ".github/workflows/kepgate.yaml", "-e", home / "event.json"]
        offline = ["--pull=false", "--action-offline-mode", "--no-cache-server", "--rm", "--json"]
        image = ["-P", "ubuntu-latest=kepgate-act-runner:local", "-s", "GITHUB_TOKEN=dummy", "--env", f"KEPGATE_NOW={NOW}"]
        # The daemon's socket is found by its usual place; nothing of the caller's configuration plays a part.
        environment = {"PATH": f"{Path(DOCKER).parent}:{os.environ['PATH']}", "HOME": str(home)}
        done = subprocess.run(
            [*command, *image, *offline, *self.options], cwd=checkout, env=environment, capture_output=True, text=True
        )
        return Ended(done)


class Ended:
    """What act has seen. Its own unescaping loses text, so that the raw lines count."""

    def __init__(self, done):
        self.failed = done.returncode != 0
        entries = []
        for line in done.stdout.splitlines():
            try:
                entries.append(json.loads(line))
            except ValueError:
                continue
        self.log = "\n".join(entry.get("raw", "").rstrip("\n") for entry in entries if "raw" in entry)
        self.outputs = {
            entry["name"]: entry.get("arg", "") for entry in entries if entry.get("command") == "set-output"
        }
        summaries = [entry.get("content", "") for entry in entries if entry.get("command") == "summary"]
        self.summary = "\n".join(summaries).strip()
        if not self.outputs:
            sys.exit(f"act: no outputs were seen, exit {done.returncode}: {done.stdout[-4000:]}{done.stderr[-2000:]}")


if __name__ == "__main__":
    main()
