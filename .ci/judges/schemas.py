"""Holds the reports that kepgate writes against docs/report.schema.json, SARIF against its own schema, test cases against
the JSON report, and our schemas against their metaschema.

usage: python .ci/judges/schemas.py PATH-TO-KEPGATE PATH-TO-SARIF-SCHEMA PATH-TO-FIXTURES

PATH-TO-FIXTURES is what `cargo xtask fixtures` has written. Needs the package jsonschema-rs, and git.
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
from urllib.parse import unquote
from xml.etree import ElementTree

from jsonschema_rs import Draft4Validator, Draft202012Validator, ValidationError, meta

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
REPORTS = ["report", "readiness", "rules", "status", "query", "query-by-approver", "shadows", "sweep", "calendar"]
SCHEMAS = [ROOT / f"docs/{name}.schema.json" for name in [*REPORTS, "config", "kep", "prod-readiness"]]  # the report's first
FOLDERS = ["--base-dir", "base", "--head-dir", "head"]
FEWEST_REPORTS = 200
# Neither the caller's git configuration nor the repository around the caller plays a part.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
    "KEPGATE_NOW": "2025-09-20T12:00Z",
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
    if len(sys.argv) != 4:
        sys.exit("schemas: name the kepgate binary, SARIF's schema and the folder of the fixtures")
    kepgate = shutil.which(Path(sys.argv[1]).absolute())
    if kepgate is None:
        sys.exit(f"schemas: {sys.argv[1]} is no program that can be run; build it first")
    try:
        report_schema, *_ = [schema(path) for path in SCHEMAS]
        validator = Draft202012Validator(report_schema)
        sarif_validator = Draft4Validator(sarif_schema(Path(sys.argv[2])))
        reports, failures = validate(validator, sarif_validator, kepgate, Path(sys.argv[3]))
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
        meta.validate(document)
    except ValidationError as error:
        raise Failure(f"{name} is no valid JSON Schema: at {place(error)}: {error.message}") from error
    except (OSError, ValueError) as error:
        raise Failure(f"{name} cannot be read as JSON: {error}") from error
    return document


def sarif_schema(path):
    """SARIF's schema without its pattern for languages, which has a bracket too many."""
    document = json.loads(path.read_text(encoding="utf-8"))
    for name in ["run", "toolComponent"]:
        del document["definitions"][name]["properties"]["language"]["pattern"]
    return document


def place(error):
    """Where the error is, as a JSON pointer."""
    return "".join(f"/{step}" for step in error.instance_path)


def validate(validator, sarif_validator, kepgate, cases):
    """Every report, and what is wrong with them."""
    reports, failures = [], []
    with tempfile.TemporaryDirectory(prefix="kepgate-schemas-") as scratch:
        for name, folder, arguments, status in [*fixtures(cases), *hard_cases(Path(scratch))]:
            try:
                report, sarif, tests = run(kepgate, folder, arguments, status, Path(scratch))
                hold(validator, report)
                hold_sarif(sarif_validator, sarif, report, folder)
                hold_cases(tests, report)
                if report["exit"] != status:
                    raise Failure(f"the process ended with {status}, and the report says {report['exit']}")
            except Failure as failure:
                failures.append(f"{name}: {failure}")
            else:
                reports.append(report)
    return reports, failures


def fixtures(cases):
    """Name, folder, arguments and expected exit status of every fixture."""
    yield "fixtures/demo", FIXTURES / "demo", FOLDERS, 1
    for path in sorted(cases.rglob("expected.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        arguments = [*FOLDERS, *expected["args"]]
        yield str(path.parent.relative_to(cases)), path.parent, arguments, expected["exit"]


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


def run(kepgate, folder, arguments, status, scratch):
    """The report of a run that ends with `status`, as JSON, as SARIF and as test cases."""
    sarif, cases = scratch / "report.sarif", scratch / "report.xml"
    more = ["--output", f"sarif={sarif}", "--output", f"junit={cases}"]
    command = [kepgate, "check", *arguments, "--output", "json", *more]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, encoding="utf-8")
    if done.returncode != status:
        raise Failure(f"it ended with {done.returncode} instead of {status}: {done.stderr.strip()}")
    try:
        return json.loads(done.stdout), json.loads(sarif.read_text(encoding="utf-8")), ElementTree.parse(cases).getroot()
    except (ValueError, ElementTree.ParseError) as error:
        raise Failure(f"a report cannot be read: {error}") from error


def hold(validator, report):
    for error in validator.iter_errors(report):
        raise Failure(f"the report breaks the schema at {place(error)}: {error.message[:300]}")


def hold_sarif(validator, sarif, report, folder):
    """SARIF is valid, and its lines and columns cover the text that the bytes of the JSON report do."""
    for error in validator.iter_errors(sarif):
        raise Failure(f"SARIF breaks its schema at {place(error)}: {error.message[:300]}")
    run = sarif["runs"][0]
    findings = report["findings"] + report["suppressed"]
    if len(run["results"]) != len(findings):
        raise Failure(f"SARIF has {len(run['results'])} results, and the report {len(findings)} findings")
    for result, finding in zip(run["results"], findings):
        place = result["locations"][0]["physicalLocation"]
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
        known = (result["ruleId"], rule, unquote(place["artifactLocation"]["uri"]), "region" in place)
        wanted = (finding["rule"], finding["rule"], finding["path"], finding["start"] is not None)
        if known != wanted:
            raise Failure(f"SARIF says {known}, and the report {wanted}")
        is_old = not finding["new"] or "reason" in finding
        if is_old != ("suppressions" in result):
            raise Failure(f"{finding['rule']} is suppressed in one report and not in the other")
        side = "base" if finding["side"] == "policy" else finding["side"]
        file = Path(folder) / side / finding["path"]
        if "region" in place and file.is_file():
            source = file.read_bytes()
            by_bytes = source[finding["start"]["byte"] : finding["end"]["byte"]].decode()
            if covered(source, place["region"]) != by_bytes:
                raise Failure(f"SARIF covers {covered(source, place['region'])!r}, and the report {by_bytes!r}")


def covered(source, region):
    """The text that a region covers: 1-based lines, columns in Unicode scalar values, the end exclusive."""
    lines = source.decode("utf-8-sig").split("\n")
    at = lambda line, column: sum(len(text) + 1 for text in lines[: line - 1]) + column - 1
    start = at(region["startLine"], region["startColumn"])
    return "\n".join(lines)[start : at(region["endLine"], region["endColumn"])]


def hold_cases(root, report):
    """The numbers are those of the elements, and what could not be checked has not passed."""
    for element in [root, *root.iter("testsuite")]:
        for name, path in [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]:
            if int(element.get(name)) != len(list(element.iter(path))):
                raise Failure(f"<{element.tag}> says {element.get(name)} {name}, and holds others")
    failures, errors = int(root.get("failures")), int(root.get("errors"))
    if (failures > 0) != (report["exit"] == 1) and report["exit"] < 2:
        raise Failure(f"{failures} failures in the test cases, and exit {report['exit']}")
    if (errors > 0) != (report["exit"] >= 2):
        raise Failure(f"{errors} errors in the test cases, and exit {report['exit']}")
    passed = [case for case in root.iter("testcase") if not case.findall("failure")]
    if report["exit"] >= 2 and any(not case.findall("skipped") and not case.findall("error") for case in passed):
        raise Failure("something passed that may not have been checked")


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
