"""Renders kepgate's Markdown with cmark-gfm, as GitHub does, and checks that untrusted text in it stays text.

usage: python .ci/judges/markdown.py PATH-TO-KEPGATE

Needs the package cmarkgfm, and git. The strings are random, but the same in every run.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options

ROOT = Path(__file__).resolve().parents[2]
KEP = "keps/sig-node/5120-pod-quiet-hours/kep.yaml"
REPOSITORY = "kubernetes/enhancements"
LINKS = (f"https://github.com/{REPOSITORY}/", "https://git.k8s.io/enhancements/keps/")
SEED = 20260214
RUNS, KEPS_PER_RUN, REVIEWS_PER_RUN = 6, 120, 20
# What kepgate itself writes.
TAGS = set("h2 h3 h4 p br table thead tbody tr th td ul li strong code pre blockquote details summary sub a".split())
# What GitHub makes a link of in text that is neither code nor a link, even if it was escaped.
LIVE = re.compile(
    r"@\w|(?<![\w&])#\d|\bGH-\d|\b[0-9a-f]{7,40}\b|www\.|\w://|\w@\w|(?:mailto|xmpp):|\w+/\w+#\d", re.IGNORECASE
)
INVISIBLE = re.compile(
    "[\0-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
PIECES = [
    "`", "``", "```", "`" * 90, "~~~", "\\", "\\\\", "|", "\\|", " ", "  ", "*", "**", "_", "__", "~~", "$", "$$", "!", "#", ":", "&", "<", ">",
    "[", "]", "(", ")", "a", "b1", "é", "漢", "🎉", "'", '"', "@user", "@org/team", "#1", "GH-99", "org/repo#7", "repo@0123456",
    "a@b.example", "mailto:a@b.example", "xmpp:a@b.example/c", "www.example.org", "https://example.org/x", "ftp://example.org",
    "0123456789abcdef0123456789abcdef01234567", "deadbeef", "![x](https://example.org/x.png)", "[x](https://example.org)",
    "[x]: https://example.org", "##[error]x", "[^1]", "<b>", "</b>", "<img src=x>", "<code>", "</code>", "</pre>", "<details>", "</details>",
    "<!--", "-->", "<https://example.org>", "<a@b.example>", "&amp;", "&#64;user", "&lt;b&gt;", ":tada:", "/approve", "/hold",
    "- [ ] x", "1. x", "> x", "# x", "---", "===", "|---|", "\n", "\r", "\t", "\0x", "\x1b[31m", "\x85", "\u200b", "\xa0", "\u2003", "\u202e", "\u2066",
    "\ufeff", "\ufe0f", "\U000e0041",
]  # fmt: skip
FIELDS = "title owning-sig status stage latest-milestone creation-date disable-supported unknown-key".split()


class Failure(Exception):
    """What is wrong, in a plain sentence."""


class Page(HTMLParser):
    """What GitHub shows of a page: tags, the texts of code, and the text outside."""

    def __init__(self, links):
        super().__init__(convert_charrefs=True)
        self.links, self.faults, self.codes, self.stack = links, [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in TAGS:
            self.faults.append(f"the tag <{tag}>")
        elif set(attributes) - ({"href"} if tag == "a" else {"lang"} if tag == "pre" else set()):
            self.faults.append(f"a tag <{tag}> with the attributes {attributes}")
        elif tag == "a" and not attributes.get("href", "").startswith(self.links):
            self.faults.append(f"a link to {attributes.get('href')}")
        if tag == "code" and not self.is_code():
            self.codes.append("")
        # A line break has no end.
        if tag != "br":
            self.stack.append(tag)

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.faults.append(f"a tag </{tag}> that closes nothing")

    def handle_comment(self, data):
        self.faults.append(f"the comment {data!r}")

    handle_decl = handle_pi = unknown_decl = handle_comment

    def handle_data(self, data):
        if self.is_code():
            self.codes[-1] += data
        elif live := LIVE.search(data):
            self.faults.append(f"the live text {live.group()!r} in {data!r}")
        if invisible := INVISIBLE.search(data.replace("\n", "")):
            if invisible.group() != "\ufe0f" or self.is_code():
                self.faults.append(f"the invisible character {invisible.group()!r} in {data!r}")

    def is_code(self):
        return "code" in self.stack


def read(markdown, links=LINKS):
    """Renders a page and returns the texts of its code. Everything else in it must be kepgate's own."""
    html = cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    page = Page(links)
    page.feed(html)
    page.close()
    faults = page.faults + [f"<{tag}> without an end" for tag in page.stack]
    # Bots read the source, not the page.
    faults += [f"the command {line!r}" for line in markdown.splitlines() if line.lstrip().startswith("/")]
    if faults:
        raise Failure(f"{len(faults)} times, first {faults[0]}")
    return page.codes


def finds_faults():
    """The judge itself notices what must not be there."""
    for living in [
        "<code>a@b.example</code>", "| a |\n|---|\n| `@x|@user` |\n", "x @user", "x GH-99", "x #1", "![](https://x.y)",
        "www.example.org", "<b>x</b>", "<!-- x -->", "~~x~~", "*x*", "0123456789abcdef0123456789abcdef01234567", "a\n/approve",
        "[x](https://example.org)", "<details>", "x \u202e", "`x\u200b`",
    ]:  # fmt: skip
        try:
            read(living)
        except Failure:
            continue
        raise Failure(f"the judge does not notice {living!r}")
    read("`@user` [`a`](" + LINKS[0] + "blob/x)\n\n<details><summary>x</summary>\n\n**x**\n\n</details>\n")


def strings(chance, count):
    """Random strings, each not empty."""
    return ["".join(chance.choices(PIECES, k=chance.randint(1, 6))) for _ in range(count)]


def scalar(text):
    """A double-quoted scalar of YAML."""
    plain = lambda it: it.isalnum() and it.isascii()
    return '"' + "".join(it if plain(it) else f"\\U{ord(it):08x}" for it in text) + '"'


def shown(text):
    text = INVISIBLE.sub(lambda it: f"\\u{{{ord(it.group()):x}}}", text).replace("##[", "##\\u{5b}")
    # GitHub's renderer gives up on code spans with more than 80 backticks.
    return text.replace("`", "\\u{60}") if "`" * 61 in text else text


def git(folder, *arguments):
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, env=env, check=True, capture_output=True, text=True).stdout.strip()


def keps(folder, chance):
    """Adds KEPs that have a hostile string in every field and in the name of their directory; returns their titles."""
    titles, lines = [], (ROOT / "fixtures/demo/head" / KEP).read_text()
    for number in range(KEPS_PER_RUN):
        values = strings(chance, len(FIELDS) + 1)
        name = re.sub(r"[/\0]", "-", values.pop())[:60]
        text = lines
        for field, value in zip(FIELDS, values):
            line = f"{field}: {scalar(value)}"
            text, count = re.subn(rf"^{field}:.*$", lambda _: line, text, flags=re.MULTILINE)
            text += "" if count else f"{line}\n"
        for handle in re.findall(r'"@[\w-]+"', text)[:2]:
            text = text.replace(handle, scalar(chance.choice(values)), 1)
        path = folder / f"keps/sig-node/{8000 + number}-{name}"
        path.mkdir(parents=True)
        (path / "kep.yaml").write_text(text)
        titles.append(values[0])
    return titles


def changes(kepgate, scratch, chance):
    """Checks hostile changes, and returns how many strings were read."""
    count = 0
    for run in range(RUNS):
        folder = scratch / str(run)
        shutil.copytree(ROOT / "fixtures/demo/base", folder)
        git(folder, "init", "--quiet", "--initial-branch=main")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message=base")
        titles = keps(folder, chance)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message=head")
        for command in (
            ["check", "--base", "HEAD~1", "--head", "HEAD", "--output", "markdown"],
            ["query", "--output", "markdown", "--columns", "kep-number,title,status,owning-sig,authors,link"],
        ):
            env = {"PATH": os.environ["PATH"], "GITHUB_REPOSITORY": REPOSITORY}
            done = subprocess.run([kepgate, *command], cwd=folder, env=env, capture_output=True, text=True)
            if done.returncode not in (0, 1):
                raise Failure(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
            if "omitted" in done.stdout:
                raise Failure("the page does not have all of the strings")
            codes = set(read(done.stdout))
            # In a table, a backslash would escape the one that escapes the pipe.
            is_table = command[0] == "query"
            expected = [shown(title).replace("\\|", "\\\\u{7c}") if is_table else shown(title) for title in titles]
            if missing := [title for title in expected if title not in codes]:
                raise Failure(f"{command[0]}: {missing[0]!r} is not shown as it is, and {len(missing) - 1} others")
        for number in range(REVIEWS_PER_RUN):
            for command in (["review", str(8000 + number), "--since", "HEAD~1"], ["status", str(8000 + number)]):
                done = subprocess.run([kepgate, *command, "--output", "markdown"], cwd=folder, env=env, capture_output=True, text=True)
                if done.returncode:
                    raise Failure(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
                read(done.stdout)
        count += KEPS_PER_RUN * (len(FIELDS) + 1)
    return count


def main(kepgate):
    finds_faults()
    with tempfile.TemporaryDirectory(prefix="kepgate-markdown-") as scratch:
        count = changes(kepgate, Path(scratch), random.Random(SEED))
    print(f"markdown: {count} hostile strings stay text in cmark-gfm")


if __name__ == "__main__":
    try:
        main(str(Path(sys.argv[1]).resolve()))
    except Failure as failure:
        sys.exit(f"markdown: {failure}")
