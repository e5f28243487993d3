use std::collections::BTreeSet;

use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::rule::{Family, Level, Need, Renewal, Rule};
use crate::syntax::markdown::Markdown;
use crate::syntax::toc;
use crate::syntax::toc::{Anchors, Entry, Place};
use crate::text::{SourceFile, Span};

pub(super) static RULE: Rule = Rule {
    id: "toc-stale",
    family: Family::Readme,
    level: Level::Error,
    enabled: true,
    needs: &[Need::Readme, Need::TableOfContents],
    renewal: Renewal::Never,
    summary: "The table of contents does not match the headings",
    what: "Compares the table of contents between `<!-- toc -->` and `<!-- /toc -->` with the output of \
           `mdtoc --max-depth=5`. If the target branch has a list of files without a table (`hack/.notableofcontents`), a \
           README that is not on it must have one, and one that is on it is not checked. The help says if a version of \
           mdtoc before v1.1 made the table, which is a warning outside of Kubernetes, and if mdtoc's link to a heading does not work on GitHub.",
    why: "Upstream's own check fails for the whole tree, and links into the README break. `kepgate toc --write` \
          fixes it, and so does `--fix`.",
    source: "https://github.com/kubernetes/enhancements/blob/master/hack/verify-toc.sh",
};

/// The longest table that comes with a fix, in entries; real ones have a hundred or two.
const MAX_FIXED: usize = 1_000;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(readme) = context.readme_of_any_kep() else { return };
    let file = context.file(readme.file);
    let exceptions = context.policy.without_toc();
    let anchors = context.policy.profile.table_of_contents.anchors();
    if exceptions.is_some_and(|exceptions| exceptions.contains(&file.path)) {
        return;
    }
    let finding = |span, message: String| Finding::new(&RULE, readme.file, span, message);
    match toc::place(file.text()) {
        Place::Absent if exceptions.is_none() => {}
        Place::Absent => {
            let help =
                "add the lines `<!-- toc -->` and `<!-- /toc -->` below the title, then run `kepgate toc --write`";
            findings.push(finding(None, "the table of contents is missing".to_owned()).on("toc", "absent").help(help));
        }
        Place::Broken(mark) => findings.push(
            finding(
                Some(mark),
                "the table of contents needs one `<!-- toc -->`, and one `<!-- /toc -->` after it".to_owned(),
            )
            .on("toc", "broken")
            .help("put these lines before and after the table, and delete any others"),
        ),
        Place::Table(table) => {
            let by_old = (anchors == Anchors::WithoutCode).then(|| toc::entries_with(file.text(), table.end, anchors));
            let entries = by_old.as_deref().unwrap_or_else(|| readme.toc(file.text(), table));
            if toc::is_current(&file.text()[table], entries) {
                return;
            }
            let difference = Difference::between(file, table, entries);
            let finding =
                finding(Some(difference.place), difference.message).on("toc", difference.value).help(match anchors {
                    Anchors::Current => help(&file.text()[table], entries, &readme.markdown),
                    Anchors::WithoutCode => FIX.to_owned(),
                });
            // Every report shows a fix.
            let finding = if entries.len() <= MAX_FIXED {
                finding.fix(table, toc::content(file.text(), entries))
            } else {
                finding
            };
            // Every heading is in such a table, but the links to some of them do not work.
            let is_complete = || toc::is_by_old_mdtoc(&file.text()[table], entries);
            let finding = if !context.policy.profile.dialect.is_kubernetes && is_complete() {
                finding.at_level(Level::Warning)
            } else {
                finding
            };
            findings.push(match difference.heading {
                Some(heading) => finding.label(readme.file, Some(heading), "the heading"),
                None => finding,
            });
        }
    }
}

/// How to update a table.
const FIX: &str = "run `kepgate toc --write` on the file, or `kepgate check --fix`";

/// What to do, what may have made the table, and which link of the right one GitHub does not know.
fn help(table: &str, entries: &[Entry], markdown: &Markdown) -> String {
    let mut help = FIX.to_owned();
    if toc::is_by_old_mdtoc(table, entries) {
        help.push_str("; mdtoc before v1.1, which leaves code out of anchors, made this table: update mdtoc");
    }
    if let Some((entry, anchor)) = toc::dead_link(entries, markdown) {
        let link = quote(&format!("#{}", entry.anchor));
        let heading = quote(entry.heading.text.trim());
        help.push_str(&match anchor {
            Some(anchor) => {
                let anchor = quote(&format!("#{anchor}"));
                format!("; mdtoc links {heading} to {link}, but GitHub's anchor is {anchor}: simplify the heading")
            }
            None => format!("; mdtoc treats {heading} as a heading, but GitHub does not: rewrite that line"),
        });
    }
    help
}

/// How a table differs from what it should be.
struct Difference {
    /// What comes first.
    message: String,
    /// Where that is in the table; its opening mark, when it is empty.
    place: Span,
    /// The heading that should have its entry there.
    heading: Option<Span>,
    /// Every entry that is missing and every one too many.
    value: String,
}

impl Difference {
    fn between(file: &SourceFile, table: Span, entries: &[Entry]) -> Self {
        let text = file.text();
        let lines = toc::lines(text, table);
        let present: BTreeSet<_> = lines.iter().map(|line| &text[*line]).collect();
        let wanted: BTreeSet<_> = entries.iter().map(|entry| entry.line.trim()).collect();
        let is_missing = |entry: &&Entry| !present.contains(entry.line.trim());
        let is_extra = |line: &&Span| !wanted.contains(&text[**line]);
        let missing = entries.iter().filter(is_missing).map(|entry| format!("+{}", entry.line.trim()));
        let extra = lines.iter().filter(is_extra).map(|line| format!("-{}", &text[*line]));
        let value = missing.chain(extra).collect::<Vec<_>>().join(" ");
        let same = lines.iter().zip(entries).take_while(|(line, entry)| text[**line] == *entry.line.trim()).count();
        let (line, entry) = (lines.get(same), entries.get(same));
        let heading = entry.map(|entry| quote(entry.heading.text.trim())).unwrap_or_default();
        let found = line.map(|line| quote(title(&text[*line]))).unwrap_or_default();
        let message = match (line.filter(is_extra), entry.filter(is_missing)) {
            (Some(_), Some(_)) => format!("the table of contents has {found}, but the heading is {heading}"),
            (None, Some(_)) => format!("the table of contents is missing {heading}"),
            (Some(_), None) => format!("the table of contents has {found}, but there is no such heading"),
            (None, None) => "the table of contents is not in the same order as the headings".to_owned(),
        };
        let mark = Span::new(table.start - toc::OPENING.len(), table.start);
        let place = line.or(lines.last()).copied().unwrap_or(mark);
        Self { message, place, heading: entry.map(|entry| entry.heading.span), value }
    }
}

/// What a line of a table calls a heading.
fn title(line: &str) -> &str {
    let line = line.trim_start_matches(['-', '*', ' ', '[']);
    line.rsplit_once("](").map_or(line, |(title, _)| title)
}
