//! Tables of contents: `kepgate toc`, and the Markdown files of kubernetes/enhancements.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kepgate::syntax::markdown::{Heading, Markdown};
use kepgate::syntax::toc::Place;
use kepgate::syntax::{markdown, toc};
use kepgate::text::Span;
use tempfile::TempDir;

use crate::support::corpus::{clone, corpus, git};
use crate::support::{kepgate, run};

const CURRENT: &str = "# T\n\n<!-- toc -->\n- [Goals](#goals)\n<!-- /toc -->\n\n## Goals\n";
const STALE: &str = "# T\n\n<!-- toc -->\n- [Hopes](#hopes)\n<!-- /toc -->\n\n## Goals\n";
const BARE: &str = "# T\n\n## Goals\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    folder
}

fn toc(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    run(kepgate(folder).arg("toc").args(arguments))
}

#[test]
fn toc_prints_the_table_of_contents() {
    let folder = folder(&[("README.md", STALE), ("bare.md", BARE)]);
    assert_eq!(toc(folder.path(), &["README.md"]), (0, "- [Goals](#goals)\n".to_owned(), String::new()));
    let all = "- [T](#t)\n  - [Goals](#goals)\n";
    assert_eq!(toc(folder.path(), &["bare.md"]), (0, all.to_owned(), String::new()));
}

#[test]
fn toc_check_reports_a_stale_table() {
    let folder = folder(&[("a.md", CURRENT), ("b.md", STALE), ("c.md", BARE)]);
    let (code, stdout, _) = toc(folder.path(), &["--check", "a.md", "b.md", "c.md"]);
    let expected = "b.md: the table of contents is out of date\n\
                    c.md: `<!-- toc -->` followed by `<!-- /toc -->` is missing\n";
    assert_eq!((code, stdout.as_str()), (1, expected));
    assert_eq!(toc(folder.path(), &["--check", "a.md"]), (0, String::new(), String::new()));
}

#[test]
fn toc_write_is_idempotent() {
    let folder = folder(&[("README.md", STALE)]);
    let said = "README.md: updated the table of contents\n";
    assert_eq!(toc(folder.path(), &["--write", "README.md"]), (0, said.to_owned(), String::new()));
    assert_eq!(fs::read_to_string(folder.path().join("README.md")).unwrap(), CURRENT);
    assert_eq!(toc(folder.path(), &["--write", "README.md"]), (0, String::new(), String::new()));
    assert_eq!(fs::read_to_string(folder.path().join("README.md")).unwrap(), CURRENT);
}

#[test]
fn toc_of_a_folder_skips_excluded_files() {
    let folder = folder(&[
        ("keps/sig-x/1-a/README.md", CURRENT),
        ("keps/sig-x/1-a/deep/er.md", STALE),
        ("keps/README.md", BARE),
        ("keps/notes.txt", STALE),
        ("hack/.notableofcontents", "keps/README.md\n"),
    ]);
    let (code, stdout, _) = toc(folder.path(), &["--check", "keps"]);
    assert_eq!((code, stdout.as_str()), (1, "keps/sig-x/1-a/deep/er.md: the table of contents is out of date\n"));
    let (code, stdout, _) = toc(folder.path(), &["--check", "keps/README.md"]);
    assert_eq!(code, 1, "a file named as an argument is checked even if it is excluded: {stdout}");
}

#[test]
fn toc_reports_each_file_that_fails() {
    let folder = folder(&[("bare.md", BARE), ("b.md", STALE)]);
    let (code, stdout, stderr) = toc(folder.path(), &["--write", "none.md", "bare.md", "b.md"]);
    assert_eq!((code, stdout.as_str()), (2, "b.md: updated the table of contents\n"));
    let expected = "kepgate: `none.md` does not exist\n  help: specify UTF-8 Markdown files of at most 1 MiB\n\
                    kepgate: `bare.md` has no `<!-- toc -->` followed by `<!-- /toc -->`\n  \
                    help: add both where the table belongs, or list the file in hack/.notableofcontents\n";
    assert_eq!(stderr, expected);
    let (code, _, stderr) = toc(folder.path(), &[]);
    assert_eq!(code, 2, "{stderr}");
    let (code, ..) = toc(folder.path(), &["--write", "--check", "b.md"]);
    assert_eq!(code, 2);
}

#[test]
fn toc_never_follows_symbolic_links() {
    let folder = folder(&[("real.md", STALE)]);
    std::os::unix::fs::symlink("real.md", folder.path().join("link.md")).unwrap();
    let (code, _, stderr) = toc(folder.path(), &["--write", "link.md"]);
    assert_eq!(code, 2, "{stderr}");
    assert_eq!(fs::read_to_string(folder.path().join("real.md")).unwrap(), STALE);
    assert_eq!(toc(folder.path(), &["--check", "."]).1, "./real.md: the table of contents is out of date\n");
}

#[test]
fn hostile_text_in_toc_output_stays_text() {
    let folder =
        folder(&[("README.md", "<!-- toc -->\n<!-- /toc -->\n## \u{1b}[31m ##[error]x\n"), ("##[error]x.md", BARE)]);
    for arguments in [&["README.md"][..], &["--check", "##[error]x.md"], &["--write", "##[error]x.md"]] {
        let (_, stdout, stderr) = toc(folder.path(), arguments);
        assert!(!stdout.contains("##[") && !stderr.contains("##["), "{stdout}{stderr}");
        assert!(!stdout.contains('\u{1b}'), "{stdout}");
    }
}

/// The path and text of every Markdown file below `keps` that upstream's check covers, at the head of the bundle.
fn files() -> Vec<(String, String)> {
    let (corpus, clone) = (corpus(), clone());
    let exceptions = fs::read_to_string(corpus.join("notableofcontents")).unwrap();
    let exceptions: BTreeSet<_> = exceptions.lines().map(str::to_owned).collect();
    let paths = git(clone, &["ls-files", "keps/*.md"]).into_iter().filter(|path| !exceptions.contains(path));
    paths.map(|path| (path.clone(), fs::read_to_string(clone.join(&path)).unwrap())).collect()
}

fn is_current(text: &str) -> bool {
    let Place::Table(table) = toc::place(text) else { return false };
    toc::is_current(&text[table.range()], &toc::entries(text, table.end))
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn tables_at_head_are_current_as_upstream_says() {
    let files = files();
    assert_eq!(files.len(), 636);
    let stale: Vec<_> = files.iter().filter(|(_, text)| !is_current(text)).map(|(path, _)| path).collect();
    assert!(stale.is_empty(), "{stale:?}");
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn tables_match_mdtoc() {
    let text = fs::read_to_string(corpus().join("toc-verdicts.jsonl")).unwrap();
    let cases: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), 106);
    let differs =
        |case: &&serde_json::Value| is_current(case["markdown"].as_str().unwrap()) != (case["mdtoc"] == "current");
    let different: Vec<_> =
        cases.iter().filter(differs).map(|case| format!("{} {}", case["id"], case["heading"])).collect();
    assert!(different.is_empty(), "{different:#?}");
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn renaming_any_heading_makes_its_table_stale() {
    let files = files();
    let mut renamed = 0;
    for (path, text) in &files {
        let Place::Table(table) = toc::place(text) else { panic!("{path} has no table") };
        for entry in toc::entries(text, table.end) {
            let at = entry.heading.span.start
                + text[entry.heading.span.range()].find(|it| !matches!(it, '#' | ' ')).unwrap();
            let mutant = format!("{}Renamed {}", &text[..at], &text[at..]);
            assert!(!is_current(&mutant), "{path}: {}", entry.line);
            renamed += 1;
        }
    }
    assert!(renamed > 15_000, "{renamed}");
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn spans_in_real_markdown_cover_their_text() {
    let clone = clone();
    let mut count = 0;
    for path in git(clone, &["ls-files", "*.md"]) {
        let text = fs::read_to_string(clone.join(&path)).unwrap();
        let Markdown { headings, leads, comments, code, inline_code, checkboxes, images, hidden, targets: _ } =
            markdown::read(&text);
        let at = |span: Span| &text[span.range()];
        let is_heading = |heading: &Heading| {
            let source = at(heading.span);
            source.starts_with('#') || source.ends_with(['=', '-'])
        };
        assert!(headings.iter().all(is_heading), "{path}");
        assert!(leads.iter().all(|lead| at(lead.span).starts_with(['*', '_'])), "{path}");
        assert!(comments.iter().all(|span| at(*span).starts_with("<!--")), "{path}");
        assert!(inline_code.iter().all(|span| at(*span).starts_with('`') && at(*span).ends_with('`')), "{path}");
        assert!(images.iter().all(|span| at(*span).starts_with("![")), "{path}");
        assert!(hidden.iter().all(|span| at(*span).contains(char::is_alphanumeric)), "{path}");
        assert!(checkboxes.iter().all(|it| matches!(at(it.span), "[ ]" | "[x]" | "[X]")), "{path}");
        count += headings.len() + code.len();
    }
    assert!(count > 20_000, "{count}");
}
