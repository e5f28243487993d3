//! The job summary as GitHub Markdown: the verdict, the findings, and the KEPs that changed. The rest is folded.
//!
//! Everything from the change goes through the functions of `escape` that begin with `markdown_`, so that no link,
//! image, mention or tag from untrusted text is active.

mod findings;
mod keps;
mod page;

pub(crate) use page::Page;

use super::{is_commit_id, tally};
use crate::check::result::{Report, Verdict};
use crate::escape::{markdown_block, markdown_code, markdown_sentence, url_path};
use crate::text::RepoPath;
use crate::text::wording::count as plural;

/// The report as Markdown, at most 1,000,000 bytes long.
#[must_use]
pub fn render(report: &Report) -> String {
    render_within(report, page::MAX_BYTES)
}

/// The report as Markdown, at most `most` bytes long. `most` must be at least 2,000.
#[must_use]
pub fn render_within(report: &Report, most: usize) -> String {
    let mut page = Page::within(most);
    if is_idle(report) {
        return format!("kepgate: {}\n", headline(report));
    }
    page.add(&format!("### {}\n\n", verdict_line(report)));
    if let Some(error) = &report.error {
        page.add(&format!("{}\n\n{}\n\n", markdown_sentence(&error.describe()), help(error.help())));
    }
    findings::add(report, &mut page);
    keps::add(report, &mut page);
    keps::add_questionnaires(report, &mut page);
    keps::add_names(report, &mut page);
    findings::add_pre_existing(report, &mut page);
    unchecked(report, &mut page);
    for note in [report.elsewhere_note(), report.profile_note()].into_iter().flatten() {
        page.add(&format!("{}\n\n", markdown_sentence(&note)));
    }
    compared(report, &mut page);
    page.finish()
}

/// `❌ kepgate: 1 error in 1 KEP`
fn verdict_line(report: &Report) -> String {
    let headline = headline(report);
    match headline.split_once(' ') {
        Some((icon, words)) => format!("{icon} kepgate: {words}"),
        None => headline,
    }
}

/// True if nothing that kepgate checks has changed.
fn is_idle(report: &Report) -> bool {
    report.verdict() == Verdict::Clean && report.keps().next().is_none() && report.findings().is_empty()
}

/// The result in one line.
#[must_use]
pub fn headline(report: &Report) -> String {
    let keps = report.kep_count();
    match report.verdict() {
        Verdict::Failed => "❌ not checked".to_owned(),
        Verdict::Unchecked => format!("❌ incomplete, found {}", tally(report.counts())),
        Verdict::Findings => match (tally(report.counts()), report.counts().pre_existing) {
            (found, old) if found == "nothing" => {
                format!("❌ {} in {}, which count", plural(old, "pre-existing finding"), plural(keps, "KEP"))
            }
            (found, _) => format!("❌ {found} in {}", plural(keps, "KEP")),
        },
        Verdict::Clean if is_idle(report) => format!("✅ {}", report.without_keps().unwrap_or("no KEP changed")),
        Verdict::Clean if report.has_only_unchanged_keps() => format!("✅ nothing changed in {}", plural(keps, "KEP")),
        Verdict::Clean => match tally(report.counts()).as_str() {
            "nothing" => format!("✅ {} passed", plural(keps, "KEP")),
            found => format!("✅ {} passed, found {found}", plural(keps, "KEP")),
        },
    }
}

/// Adds the rules that could not be checked, by reason, folded. If the result is incomplete, an unfolded error says so.
fn unchecked(report: &Report, page: &mut Page) {
    if report.unchecked.is_empty() {
        return;
    }
    let groups = report.unchecked.chunk_by(|one, other| one.reason == other.reason).map(|group| {
        let rules: Vec<_> = group.iter().map(|unchecked| format!("`{}`", unchecked.rule)).collect();
        let reason = group.first().map(|unchecked| markdown_sentence(&unchecked.reason)).unwrap_or_default();
        format!("- {}: {reason}\n", rules.join(", "))
    });
    page.fold(&format!("Not checked: {}", plural(report.unchecked.len(), "rule")), groups);
}

fn link(server: &str, repository: &str, commit: &str, path: &RepoPath, line: Option<usize>) -> String {
    let anchor = line.map(|line| format!("#L{line}")).unwrap_or_default();
    format!("{server}/{repository}/blob/{commit}/{}{anchor}", url_path(path.as_bytes()))
}

/// The first line as a sentence, the other lines as a block.
fn help(text: &str) -> String {
    match text.split_once('\n') {
        Some((first, rest)) => format!("{}\n\n{}", markdown_sentence(first), markdown_block(rest)),
        None => markdown_sentence(text),
    }
}

fn compared(report: &Report, page: &mut Page) {
    let revisions = &report.revisions;
    let parts = [("base", &revisions.merge_base), ("head", &revisions.head), ("policy", &revisions.policy)];
    let words: Vec<_> = parts
        .iter()
        .filter_map(|(name, commit)| commit.as_ref().map(|commit| format!("{name} {}", markdown_code(short(commit)))))
        .collect();
    let rest = if words.is_empty() { String::new() } else { format!(", {}", words.join(", ")) };
    page.add(&format!("<sub>kepgate {}{rest}</sub>\n", env!("CARGO_PKG_VERSION")));
}

/// The first twelve digits of a commit id; any other text unchanged.
fn short(commit: &str) -> &str {
    if is_commit_id(commit) { commit.get(..12).unwrap_or(commit) } else { commit }
}
