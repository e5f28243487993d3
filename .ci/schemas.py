"""Holds the reports that kepgate writes against docs/report.schema.json, and the schemas against their metaschema.

usage: python .ci/schemas.py PATH-TO-KEPGATE        (needs the package jsonschema, and git)
"""

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
SCHEMAS = [ROOT / "docs/report.schema.json", ROOT / "docs/config.schema.json"]  # the report's first
FOLDERS = ["--base-dir", "base", "--head-dir", "head"]
FEWEST_REPORTS = 200
# Neither the caller's git configuration nor the repository around the caller plays a part.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


class Failure(Exception):
    """What is wrong, in a plain sentence."""


def main():
    if len(sys.argv) != 2:
        sys.exit("schemas: name the kepgate binary, as in: python .ci/schemas.py target/debug/kepgate")
    kepgate = shutil.which(Path(sys.argv[1]).absolute())
    if kepgate is None:
        sys.exit(f"schemas: {sys.argv[1]} is no program that can be run; build it first")
    try:
        report_schema, *_ = [schema(path) for path in SCHEMAS]
        validator = Draft202012Validator(report_schema)
        reports, failures = validate(validator, kepgate)
        mutants, passed = mutate(validator, reports) if reports else (0, [])
    except Failure as failure:
        sys.exit(f"schemas: {failure}")
    failures += passed
    exits = Counter(report["exit"] for report in reports)
    if len(reports) <= FEWEST_REPORTS:
        failures.append(f"{len(reports)} reports are too few: more than {FEWEST_REPORTS} were expected")
    failures += [f"no report ended with exit {status}" for status in range(4) if not exits[status]]
    for failure in failures:
        print(f"schemas: {failure}", file=sys.stderr)
    if failures:
        sys.exit(f"schemas: checks that failed: {len(failures)}; valid reports: {len(reports)}")
    by_exit = ", ".join(f"{count} with exit {status}" for status, count in sorted(exits.items()))
    print(
        f"schemas: {len(SCHEMAS)} schemas and {len(reports)} reports ({by_exit}) are valid,"
        f" {mutants} spoilt ones are not"
    )


def schema(path):
    """The schema at `path`, itself valid."""
    name = path.relative_to(ROOT)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(document)
    except (OSError, ValueError) as error:
        raise Failure(f"{name} cannot be read as JSON: {error}") from error
    except SchemaError as error:
        raise Failure(f"{name} is no valid JSON Schema: at {error.json_path}: {error.message}") from error
    return document


def validate(validator, kepgate):
    """Every report, and what is wrong with them."""
    reports, failures = [], []
    with tempfile.TemporaryDirectory(prefix="kepgate-schemas-") as scratch:
        for name, folder, arguments, status in [*fixtures(), *hard_cases(Path(scratch))]:
            try:
                report = run(kepgate, folder, arguments, status)
                hold(validator, report)
                if report["exit"] != status:
                    raise Failure(f"the process ended with {status}, and the report says {report['exit']}")
            except Failure as failure:
                failures.append(f"{name}: {failure}")
            else:
                reports.append(report)
    return reports, failures


def fixtures():
    """Name, folder, arguments and expected exit status of every fixture."""
    for path in sorted(FIXTURES.rglob("expected.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        arguments = [*FOLDERS, *expected.get("args", [])]
        yield str(path.parent.relative_to(ROOT)), path.parent, arguments, expected["exit"]


def hard_cases(scratch):
    """The same for runs that cannot be had from a fixture."""
    full, shallow, lawless = scratch / "full", scratch / "shallow", scratch / "lawless"
    git(scratch, "init", "--quiet", "--initial-branch=main", full.name)
    for branch in ["main", "topic"]:
        git(full, "commit", "--quiet", "--allow-empty", f"--message={branch}")
        if branch == "main":
            git(full, "switch", "--quiet", "--create", "topic")
    git(full, "switch", "--quiet", "main")
    git(full, "commit", "--quiet", "--allow-empty", "--message=later")
    yield "a repository without that base", full, ["--base", "nowhere"], 2

    git(scratch, "clone", "--quiet", "--depth=1", "--no-single-branch", full.as_uri(), shallow.name)
    yield "a shallow clone", shallow, ["--base", "origin/main", "--head", "origin/topic"], 3

    # Findings, rules that could not be checked, and an error, all in one report.
    shutil.copytree(FIXTURES / "demo", lawless, symlinks=True)
    (lawless / "base/OWNERS_ALIASES").unlink()
    yield "a target branch without approvers", lawless, FOLDERS, 2


def git(folder, *arguments):
    done = subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"git {' '.join(arguments)} failed: {done.stderr.strip()}")


def run(kepgate, folder, arguments, status):
    """The report of a run that ends with `status`."""
    command = [kepgate, "check", *arguments, "--output", "json"]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, encoding="utf-8")
    if done.returncode != status:
        raise Failure(f"it ended with {done.returncode} instead of {status}: {done.stderr.strip()}")
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise Failure(f"the report is no JSON: {error}") from error


def hold(validator, report):
    error = best_match(validator.iter_errors(report))
    if error is not None:
        raise Failure(f"the report breaks the schema at {error.json_path}: {error.message}")


def mutate(validator, reports):
    """How many spoilt reports were tried, and those that the schema let through: a schema has to be able to say no."""
    full = copy.deepcopy(max(reports, key=lambda report: len(list(mappings(report, ()))), default=None))
    if not full or not full["findings"]:
        raise Failure("no report has a finding")
    full["suppressed"] = [finding | {"reason": "kept as a record"} for finding in full["findings"]]
    hold(validator, full)
    mutants, passed = 0, []
    for what, mutant in spoilt(full):
        mutants += 1
        if validator.is_valid(mutant):
            passed.append(f"the schema lets a report through that {what}")
    return mutants, passed


def spoilt(report):
    """Copies of `report` with one key too few or too many."""
    for route in mappings(report, ()):
        where = "".join(f"[{step!r}]" for step in route) or "the top"
        for key in [*at(report, route), None]:
            mutant = copy.deepcopy(report)
            if key is None:
                at(mutant, route)["surplus"] = 1
                yield f"has a key too many at {where}", mutant
            else:
                del at(mutant, route)[key]
                yield f"lacks {key!r} at {where}", mutant


def mappings(value, route):
    """The routes to every mapping in `value`."""
    if isinstance(value, dict):
        yield route
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in entries:
        yield from mappings(inner, (*route, step))


def at(value, route):
    for step in route:
        value = value[step]
    return value


if __name__ == "__main__":
    main()
