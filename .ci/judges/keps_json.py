"""Builds keps.json from the KEPs of the bundles with PyYAML, and compares it with what kepgate exports, byte by byte.

usage: python .ci/judges/keps_json.py PATH-TO-KEPGATE

Needs the packages jsonschema-rs and pyyaml, and git. Without the bundles in shared/corpus, nothing is compared.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from jsonschema_rs import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared/corpus"
BUNDLES = ("enhancements-2025.bundle", "enhancements-2026-02.bundle")
FEWEST_KEPS = 500
TEMPLATES = ("NNNN-kep-template", "0000-cloud-provider-template")
# How Go names the fields, and what kind of value each has.
FIELDS = [
    ("id", "id", str),
    ("prNumber", "prnumber", str),
    ("name", None, None),
    ("path", None, None),
    ("title", "title", str),
    ("kepNumber", "kep-number", str),
    ("authors", "authors", list),
    ("owningSig", "owning-sig", str),
    ("participatingSigs", "participating-sigs", list),
    ("reviewers", "reviewers", list),
    ("approvers", "approvers", list),
    ("editor", "editor", str),
    ("creationDate", "creation-date", str),
    ("lastUpdated", "last-updated", str),
    ("status", "status", str),
    ("seeAlso", "see-also", list),
    ("replaces", "replaces", list),
    ("supersededBy", "superseded-by", list),
    ("stage", "stage", str),
    ("latestMilestone", "latest-milestone", str),
    ("milestone", "milestone", dict),
    ("featureGates", "feature-gates", None),
    ("disableSupported", "disable-supported", bool),
    ("metrics", "metrics", list),
]
STAGES = ("alpha", "beta", "stable", "deprecated", "removed", "disabled")
OMITTED_IF_EMPTY = ("prNumber", "name", "path")
TRUE = ("true", "True", "TRUE", "y", "Y", "yes", "on")


class Reader(yaml.SafeLoader):
    """Scalars stay text as written, except null."""


Reader.yaml_implicit_resolvers = {}
Reader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])


def main():
    if len(sys.argv) != 2 or not (kepgate := shutil.which(Path(sys.argv[1]).absolute())):
        sys.exit("keps_json: name the kepgate binary")
    bundles = [CORPUS / name for name in BUNDLES if (CORPUS / name).exists()]
    if not bundles:
        if "KEPGATE_REQUIRE_CORPUS" in os.environ:
            sys.exit(f"keps_json: {CORPUS} has no bundles")
        print(f"keps_json: SKIPPED: {CORPUS} has no bundles")
        return
    with tempfile.TemporaryDirectory(prefix="kepgate-keps-json-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "-c", "init.defaultBranch=master", "clone", "-q", bundles[0], clone], check=True)
        for bundle in bundles[1:]:
            subprocess.run(["git", "pull", "-q", "--ff-only", bundle, heads(bundle)], cwd=clone, check=True)
        done = subprocess.run([kepgate, "export", "keps.json"], cwd=clone, capture_output=True, encoding="utf-8")
        if done.returncode != 0:
            sys.exit(f"keps_json: kepgate ended with {done.returncode}: {done.stderr.strip()}")
        keps = [proposal(clone, path) for path in metadata(clone)]
    compare(done.stdout, keps)


def heads(bundle):
    listed = subprocess.run(["git", "bundle", "list-heads", bundle], capture_output=True, check=True, encoding="utf-8")
    return listed.stdout.split()[1]


def metadata(clone):
    """Every kep.yaml, in the order in which a walk that sorts the names of each folder finds them."""
    found = [path.relative_to(clone / "keps").parent for path in (clone / "keps").rglob("kep.yaml")]
    return sorted((path for path in found if path.name not in TEMPLATES), key=lambda path: path.parts)


def proposal(clone, path):
    content = yaml.load((clone / "keps" / path / "kep.yaml").read_bytes(), Reader) or {}
    kep = {"name": path.name, "path": path.as_posix()}
    for name, key, kind in FIELDS:
        value = content.get(key) if key else kep.get(name)
        if kind is str:
            value = value or ""
        elif kind is list:
            value = strings(value)
        elif kind is dict:
            value = {stage: (value or {}).get(stage) or "" for stage in STAGES}
        elif kind is bool:
            value = value in TRUE
        elif name == "featureGates" and value is not None:
            gates = [gate for gate in value if gate is not None]
            value = [{"name": gate.get("name") or "", "components": strings(gate.get("components"))} for gate in gates]
        kep[name] = value
    ordered = [(name, kep[name]) for name, _, _ in FIELDS if kep[name] or name not in OMITTED_IF_EMPTY]
    return dict([*ordered, ("markdown", "")])


def strings(value):
    return None if value is None else [entry for entry in value if entry is not None]


def go_json(value):
    """JSON as Go's encoding/json writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def compare(written, keps):
    schema = json.loads((ROOT / "docs/keps.schema.json").read_text(encoding="utf-8"))
    if error := next(Draft202012Validator(schema).iter_errors(json.loads(written)), None):
        sys.exit(f"keps_json: docs/keps.schema.json rejects /{'/'.join(map(str, error.instance_path))}: {error.message}")
    if written == go_json(keps) + "\n" and len(keps) >= FEWEST_KEPS:
        print(f"keps_json: {len(keps)} KEPs are written as Go would write them")
        return
    listed = json.loads(written)
    if [kep["path"] for kep in listed] != [kep["path"] for kep in keps]:
        sys.exit(f"keps_json: {len(listed)} KEPs, or another order, instead of {len(keps)}")
    for found, expected in zip(listed, keps):
        if go_json(found) != go_json(expected):
            sys.exit(f"keps_json: {expected['path']}:\n  {go_json(found)}\n  {go_json(expected)}")
    sys.exit("keps_json: the values are the same, but not how they are written")


if __name__ == "__main__":
    main()
