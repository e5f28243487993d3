use std::collections::BTreeMap;

use super::{Entry, ExpectedFinding, Tree, Trees, parse};

/// A file with one case, whose steps are `steps`.
fn document(steps: &str) -> String {
    format!("# Title\n\n## Heading\n\nRepository: `small`\n\n{steps}\n\nExpected:\n\n```text\nexit: 0\n```\n")
}

fn file(text: &str) -> Entry {
    Entry::File(text.as_bytes().to_vec())
}

/// A repository with a KEP of four lines.
fn repository() -> Tree {
    let kep = "title: A\nstage: alpha\n\nmetrics: []\n";
    BTreeMap::from([("keps/1-a/kep.yaml".to_owned(), file(kep)), ("keps/1-a/README.md".to_owned(), file("# A\n"))])
}

fn trees(steps: &str) -> Result<Trees, String> {
    let document = parse(&document(steps)).map_err(|error| error.to_string())?;
    document.cases[0].trees(&repository()).map_err(|error| error.to_string())
}

fn head(steps: &str) -> Tree {
    trees(steps).unwrap().head
}

fn edit(diff: &str) -> Result<Trees, String> {
    trees(&format!("After: edit `keps/1-a/kep.yaml`\n\n```diff\n{diff}\n```"))
}

#[test]
fn a_diff_replaces_the_lines_that_it_shows() {
    let trees = edit(" title: A\n-stage: alpha\n+stage: beta\n\n@@\n-metrics: []").unwrap();
    assert_eq!(trees.head["keps/1-a/kep.yaml"], file("title: A\nstage: beta\n\n"));
    assert_eq!(trees.base, repository());
}

#[test]
fn a_diff_that_does_not_fit_is_an_error() {
    for (diff, message) in [
        ("-stage: gamma", "line 7: `keps/1-a/kep.yaml`: the lines from `stage: gamma` on are not in the file"),
        ("-stage", "line 7: `keps/1-a/kep.yaml`: the lines from `stage` on are not in the file"),
        ("+stage: beta", "line 7: `keps/1-a/kep.yaml`: the lines from `` on are not in the file"),
        (
            "-metrics: []\n@@\n-title: A",
            "line 7: `keps/1-a/kep.yaml`: the lines from `title: A` on come before the part above them",
        ),
        (" title: A", "line 10: a part of this diff changes nothing"),
        ("title: A", "line 10: a line of a diff starts with a space, `-`, `+` or is `@@`"),
        ("@ title: A", "line 10: a line of a diff starts with a space, `-`, `+` or is `@@`"),
        (" title: A\n-stage: alpha\nstage: beta", "line 12: a line of a diff starts with a space, `-`, `+` or is `@@`"),
    ] {
        assert_eq!(edit(diff).unwrap_err(), message);
    }
}

#[test]
fn a_comment_between_the_steps_is_skipped() {
    let steps = "> Why: nobody reads it.\n\nAfter: delete `keps/1-a/README.md`";
    assert_eq!(head(steps).keys().collect::<Vec<_>>(), ["keps/1-a/kep.yaml"]);
}

#[test]
fn lines_that_occur_twice_need_others_around_them() {
    let twice = "Both: write `x`\n\n```text\na\nb\na\n```\n\nAfter: edit `x`\n\n```diff\n";
    let error = trees(&format!("{twice}-a\n```")).unwrap_err();
    assert_eq!(error, "line 15: `x`: the lines from `a` on occur more than once; add lines around them");
    assert_eq!(head(&format!("{twice} b\n-a\n```"))["x"], file("a\nb\n"));
}

#[test]
fn a_file_can_be_anything() {
    for (notes, block, content) in [
        ("", "a", "a\n".as_bytes()),
        ("", "", b""),
        (" (no newline at the end)", "a", b"a"),
        (" (CRLF line endings)", "a\nb", b"a\r\nb\r\n"),
        (" (byte order mark, no newline at the end)", "a", b"\xef\xbb\xbfa"),
        (" (base64)", "/+8A", b"\xff\xef\x00"),
        (" (base64)", "/w==", b"\xff"),
        (" (base64)", "eHl6Cg==", b"xyz\n"),
    ] {
        let block = if block.is_empty() { String::new() } else { format!("{block}\n") };
        let tree = head(&format!("After: write `x`{notes}\n\n```text\n{block}```"));
        assert_eq!(tree["x"], Entry::File(content.to_vec()), "{notes}");
    }
    let fenced = head("After: write `x`\n\n````markdown\n```\n````");
    assert_eq!(fenced["x"], file("```\n"));
}

#[test]
fn folders_are_deleted_and_moved_with_what_is_in_them() {
    assert_eq!(head("After: delete `keps/1-a/`"), Tree::new());
    assert_eq!(head("After: delete `keps/1-a/README.md`").len(), 1);
    let moved = head("After: move `keps/1-a/` to `keps/2-b/`");
    assert_eq!(moved.keys().collect::<Vec<_>>(), ["keps/2-b/README.md", "keps/2-b/kep.yaml"]);
}

#[test]
fn a_path_can_be_a_link_or_a_submodule() {
    assert_eq!(head("After: link `x` to `../y`")["x"], Entry::Link("../y".to_owned()));
    assert_eq!(head("After: submodule `x`")["x"], Entry::Submodule);
}

#[test]
fn each_side_has_its_own_steps() {
    let write = |side: &str, path: &str| format!("{side}: write `{path}`\n\n```text\n```\n\n");
    let steps = write("Both", "b") + &write("Before", "o") + &write("After", "n") + &write("Outside", "s.yaml");
    let trees = trees(&steps).unwrap();
    let more = |tree: &Tree| tree.keys().filter(|path| !path.starts_with("keps/")).cloned().collect::<String>();
    assert_eq!([more(&trees.base), more(&trees.head), more(&trees.outside)], ["bo", "bn", "s.yaml"]);
}

#[test]
fn a_step_that_changes_nothing_or_leaves_the_repository_is_an_error() {
    for (step, message) in [
        ("After: delete `x`", "line 7: `x` does not exist"),
        ("After: delete `../x`", "line 7: `../x` is not a path inside the repository"),
        ("After: remove `x`", "line 7: `remove `x`` is not a step"),
        ("After: move `x/` to `y`", "line 7: `move `x/` to `y`` is not a step"),
        ("After: write `keps/1-a/README.md`\n\n```\n# A\n```", "line 7: `keps/1-a/README.md` is so already"),
        ("Afterwards: nothing", "line 7: `Afterwards: nothing` is not a line of a case"),
        ("After: write `x`", "line 7: a fenced block must follow this line"),
    ] {
        assert_eq!(trees(step).unwrap_err(), message);
    }
}

#[test]
fn a_case_that_is_cut_short_is_an_error() {
    let error = |text: &str| parse(text).unwrap_err().to_string();
    assert_eq!(error("## A"), "line 1: the file must start with `# ` and a title");
    assert_eq!(error("# T\n\n## A\n\nRepository: `a`\n"), "line 3: the case `A` has no expected output");
    assert_eq!(error("# T\n\n## A\n\nExpected:\n\n```\n```\n"), "line 3: `Repository:` is missing");
    assert_eq!(error("# T\n\n## A\n\nGitHub:\n\n```json\n{}\n"), "line 7: this block is not closed");
    let more = document("") + "\nAfter: delete `x`\n";
    assert_eq!(error(&more), "line 15: expected a `## ` heading after the expected output");
}

#[test]
fn findings_are_read_from_the_expected_output() {
    let text = "error[a-b] new policy:x.yaml:3:8\n  message: m\nnotice[c] pre-existing keps/1-a/kep.yaml\n\
                ignored error[d] new x\nexit: 1\n";
    assert_eq!(parse(&document("")).unwrap().cases[0].expected.exit(), Some(0));
    let document = parse(&document("").replace("exit: 0\n", text)).unwrap();
    let expected = &document.cases[0].expected;
    let first = ExpectedFinding { level: "error", rule: "a-b", is_new: true, side: "policy", path: "x.yaml" };
    let second = ExpectedFinding { level: "notice", rule: "c", is_new: false, side: "head", path: "keps/1-a/kep.yaml" };
    assert_eq!(expected.findings().collect::<Vec<_>>(), [first, second]);
    assert_eq!(expected.exit(), Some(1));
}

#[test]
fn only_two_numbers_after_a_path_are_its_position() {
    for (place, side, path) in [
        ("x.yaml:3:8", "head", "x.yaml"),
        ("base:x.yaml:3:8", "base", "x.yaml"),
        ("policy:x.yaml", "policy", "x.yaml"),
        ("a:b.yaml", "head", "a:b.yaml"),
        ("a:b.yaml:3:8", "head", "a:b.yaml"),
        ("x.yaml:a:8", "head", "x.yaml:a:8"),
        ("x.yaml:3:a", "head", "x.yaml:3:a"),
        ("x.yaml:3:", "head", "x.yaml:3:"),
        ("x.yaml::8", "head", "x.yaml::8"),
    ] {
        let document = parse(&document("").replace("exit: 0", &format!("error[a] new {place}"))).unwrap();
        let expected: Vec<_> = document.cases[0].expected.findings().map(|it| (it.side, it.path)).collect();
        assert_eq!(expected, [(side, path)], "{place}");
        assert_eq!(document.cases[0].expected.exit(), None);
    }
}

#[test]
fn a_remedy_comes_before_the_cases() {
    let with = |remedy: &str| document("").replacen("\n## Heading", &format!("\n{remedy}\n\n## Heading"), 1);
    let remedy = parse(&with("Instead: Ask again\n\nA comment:\n\n```text\n@x: please\n```")).unwrap().remedy.unwrap();
    assert_eq!((remedy.heading.as_str(), remedy.place.as_str()), ("Ask again", "A comment"));
    assert_eq!(remedy.lines, ["@x: please"]);
    assert_eq!(parse(&with("A note.")).unwrap().remedy, None);
    let message = "line 5: a place such as `A comment on the pull request:` must follow `Instead:`";
    assert_eq!(parse(&with("Instead: Ask again\n\nA comment")).unwrap_err().to_string(), message);
}
