"""Holds real documents against the schemas that `kepgate schema` prints, and reads back the lists that kepgate writes,
which match the schemas in docs/.

usage: python .ci/judges/documents.py PATH-TO-KEPGATE PATH-TO-FIXTURES

PATH-TO-FIXTURES is what `cargo xtask fixtures` has written. Needs the packages jsonschema-rs and pyyaml, and git.
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from jsonschema_rs import Draft202012Validator, meta

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT.parent / "shared/corpus/enhancements-2025.bundle"
TEMPLATES = ("NNNN-kep-template", "0000-cloud-provider-template", "prod-readiness/template")
FEWEST_FIXTURES = 40
# What is wrong there stands in a comment, or before one: no reader of values sees it.
BESIDE_THE_VALUES = {
    "yaml-document-marker/a-line-of-dashes-in-a-comment-is-read-as-a-document-marker",
    "yaml-document-marker/text-follows-a-closing-marker",
    "yaml-document-marker/a-marker-is-on-the-last-line-only",
}
# Columns of a list of KEPs that hold one word or several.
# What writes each list, by its schema in docs/; and whether the list has rows in the bundle.
LISTS = {
    "query": ["query"],
    "query-by-approver": ["query", "--by", "approver"],
    "plan": ["query", "--by", "approver", "--plan", "--release", "v1.36"],
    "sweep": ["readiness", "--sweep"],
    "calendar": ["calendar"],
    "readiness": ["readiness", "--release", "v1.35"],
    "rules": ["rules"],
}
COLUMNS = ["kep-number", "title", "authors", "status", "last-updated", "prr-approver", "link"]
GUARDED = ("=", "+", "-", "@")


class Failure(Exception):
    """What is wrong, in a plain sentence."""


class Reader(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: dates stay text, keys stand once, aliases are refused."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        if any(not isinstance(key, str) for key in keys):
            raise yaml.YAMLError("a list or a mapping is a key")
        if len(keys) != len(set(keys)):
            raise yaml.YAMLError("a key stands twice")
        return super().construct_mapping(node, deep)


Reader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^(?:[-+]?[0-9]+)$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
]:
    Reader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def main():
    if len(sys.argv) != 3 or not (kepgate := shutil.which(Path(sys.argv[1]).absolute())):
        sys.exit("documents: name the kepgate binary and the folder of the fixtures")
    try:
        schemas = {name: schema(kepgate, name) for name in ("kep", "prod-readiness")}
        configurations(kepgate)
        table = {rule["id"] for rule in json.loads(run(kepgate, "rules", "--output", "json")) if rule["family"] == "YAML"}
        rejected = fixtures(schemas, table, Path(sys.argv[2]) / "rules")
        print(f"documents: {rejected} failing fixtures of the YAML table are rejected")
        if BUNDLE.exists():
            with tempfile.TemporaryDirectory(prefix="kepgate-documents-") as scratch:
                clone = Path(scratch) / "clone"
                subprocess.run(["git", "clone", "-q", "-b", "master", BUNDLE, clone], check=True)
                valid = corpus(kepgate, clone, schemas, table)
                print(f"documents: {valid} documents of the bundle are valid")
                rows = lists(kepgate, clone)
                print(f"documents: CSV and YAML of {rows} KEPs say what JSON says")
                print(f"documents: {reports(kepgate, clone)} rows and keys of lists match their schemas")
        elif "KEPGATE_REQUIRE_CORPUS" in os.environ:
            raise Failure(f"{BUNDLE} is not there")
        else:
            print(f"documents: SKIPPED: {BUNDLE} is not there")
    except Failure as failure:
        sys.exit(f"documents: {failure}")


def run(kepgate, *arguments, folder=ROOT, statuses=(0,)):
    done = subprocess.run([kepgate, *arguments], cwd=folder, capture_output=True, encoding="utf-8")
    if done.returncode not in statuses:
        raise Failure(f"kepgate {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def schema(kepgate, name):
    """The schema of a document, itself valid, and the one that is checked in."""
    text = run(kepgate, "schema", name)
    document = json.loads(text)
    meta.validate(document)
    return Draft202012Validator(document)


def configurations(kepgate):
    """The schema of the configuration takes the example of the documentation, and no other key."""
    validator = schema(kepgate, "config")
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    example = yaml.load(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1], Reader)
    if error := next(validator.iter_errors(example), None):
        raise Failure(f"the example in docs/configuration.md is rejected at {place(error)}: {error.message}")
    for key in example:
        if validator.is_valid({**example, key + "s": example[key]}):
            raise Failure(f"a configuration with the key {key}s is let through")


def reports(kepgate, clone):
    """Holds each list against its schema, and mutants of it, which do not match."""
    count = 0
    for name, arguments in LISTS.items():
        validator = Draft202012Validator(json.loads((ROOT / f"docs/{name}.schema.json").read_text(encoding="utf-8")))
        text = run(kepgate, *arguments, "--output", "json", folder=clone, statuses=(0, 3))
        document = json.loads(text)
        if error := next(validator.iter_errors(document), None):
            raise Failure(f"kepgate {' '.join(arguments)} does not match its schema at {place(error)}: {error.message}")
        first = document[0] if isinstance(document, list) else document
        for key in first:
            mutants = [{**first, key: {"x": 1}}, {**first, key + "x": None}]
            for mutant in mutants:
                if validator.is_valid([mutant] if isinstance(document, list) else mutant):
                    raise Failure(f"docs/{name}.schema.json lets a wrong {key} through")
        count += len(document)
    return count


def place(error):
    """Where the error is, as a JSON pointer."""
    return "".join(f"/{step}" for step in error.instance_path)


def fault(path, schemas):
    """What is wrong with a document, as an editor would say; None when nothing is."""
    if path.is_symlink() or not path.is_file():
        return "it is no regular file"
    validator = schemas["prod-readiness" if "prod-readiness" in path.parts else "kep"]
    try:
        first, *others = [*yaml.load_all(path.read_bytes().decode("utf-8-sig"), Reader)] or [None]
        if any(other is not None for other in others):
            return "it goes on after its end"
        # PyYAML takes `\ud83d` for a character of its own; no schema can be asked about it.
        error = next(validator.iter_errors(first), None)
    except (yaml.YAMLError, ValueError) as error:
        return f"it cannot be read: {error}"
    return error and f"at {place(error)}: {error.message}"


def documents(root):
    """Every kep.yaml and production-readiness file below a folder, by its path from there."""
    for path in sorted(root.glob("keps/**/*.yaml")):
        name = path.relative_to(root).as_posix()
        is_document = path.name == "kep.yaml" or name.startswith("keps/prod-readiness/")
        if is_document and not any(template in name for template in TEMPLATES):
            yield name, path


def fixtures(schemas, table, rules):
    """Holds every fixture of the YAML table: what has an error of that table is rejected, all else is not."""
    rejected, wrong = 0, []
    for expected in sorted(rules.glob("*/*/expected.json")):
        case = expected.parent
        if case.parent.name not in table:
            continue
        name = f"{case.parent.name}/{case.name}"
        findings = json.loads(expected.read_text(encoding="utf-8"))["findings"]
        errors = {it["path"] for it in findings if it["rule"] in table and it["level"] == "error" and it["side"] == "head"}
        for path, place in documents(case / "head"):
            what = fault(place, schemas)
            if path in errors and (what is None) != (name in BESIDE_THE_VALUES):
                wrong.append(f"{name}: {path} is {'let through' if what is None else f'rejected, after all: {what}'}")
            if path not in errors and what is not None:
                wrong.append(f"{name}: {path} is rejected: {what}")
            rejected += path in errors and what is not None
    if wrong or rejected < FEWEST_FIXTURES:
        raise Failure("\n  ".join([f"{rejected} rejected, {len(wrong)} wrong", *wrong]))
    return rejected


def corpus(kepgate, clone, schemas, table):
    """Holds every document of the bundle's head that has no error of the YAML table; it has to be valid."""
    report = json.loads(run(kepgate, "check", "--all", "--head", "HEAD", "--output", "json", folder=clone, statuses=(1,)))
    errors = {it["path"] for it in report["findings"] if it["rule"] in table and it["level"] == "error"}
    wrong, valid = [], 0
    for name, path in documents(clone):
        what = fault(path, schemas)
        if name not in errors and what is not None:
            wrong.append(f"{name}: {what}")
        valid += name not in errors and what is None
    if wrong:
        raise Failure("\n  ".join([f"{len(wrong)} documents are rejected", *wrong]))
    return valid


def lists(kepgate, clone):
    """Reads CSV and YAML back, and holds them against JSON."""
    query = lambda form: run(kepgate, "query", "--output", form, "--columns", ",".join(COLUMNS), folder=clone)
    expected = json.loads(query("json"))
    if yaml.safe_load(query("yaml")) != expected:
        raise Failure("the YAML of a list says something else than its JSON")
    _, *rows = csv.reader(io.StringIO(query("csv"), newline=""))
    for row, kep in zip(rows, expected, strict=True):
        for field, value in zip(row, kep.values(), strict=True):
            plain = ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
            if field != ("'" + plain if plain.startswith(GUARDED) else plain):
                raise Failure(f"the CSV of KEP {kep['kep-number']} has {field!r} for {plain!r}")
    return len(rows)


if __name__ == "__main__":
    main()
