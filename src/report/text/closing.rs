//! The end of the text report: the result, what to do next, and the number of findings by rule.

use std::collections::BTreeMap;

use super::{Detail, Options};
use crate::check::result::{Counts, Fixes, Report, Verdict};
use crate::check::triage::Triaged;
use crate::escape::terminal;
use crate::report::{is_commit_id, tally};
use crate::source::Revisions;
use crate::text::wording::count as plural;

/// If there are more findings than this, the end says how to see fewer.
const MANY: usize = 20;
/// The number of digits of a commit id that identify it to a person.
const SHORT: usize = 12;

/// The result, and what to do next.
pub(super) fn render(report: &Report, options: Options) -> String {
    if report.verdict() == Verdict::Failed && report.outcome.is_none() {
        return String::new();
    }
    let time = format!("{:.0?}", report.elapsed);
    let mut out = format!("kepgate: {}, in {time}\n", verdict(report));
    // A log has no work tree to fix, and no command line.
    if !options.guarded {
        if let Some(base) = report.revisions.base_name.as_deref() {
            out.push_str(&format!("  compared with {}\n", terminal(base)));
        }
        out.push_str(&advice(report, options.detail));
    }
    out
}

/// `found 2 errors and 1 warning in 1 KEP (and 3 pre-existing findings)`
fn verdict(report: &Report) -> String {
    let (keps, counts) = (report.kep_count(), report.counts());
    let is_strict = report.threshold.strict;
    let by_level = || tally(report.pre_existing_by_level());
    let old = match counts.pre_existing {
        0 => String::new(),
        number if is_strict => {
            format!(" (and {}, which `--strict` counts: {})", plural(number, "pre-existing finding"), by_level())
        }
        number => format!(" (and {})", plural(number, "pre-existing finding")),
    };
    let is_silent = counts == Counts { pre_existing: counts.pre_existing, ..Counts::default() };
    match report.verdict() {
        Verdict::Clean if report.without_keps().is_some() => report.without_keps().unwrap_or_default().to_owned(),
        Verdict::Clean if report.has_only_unchanged_keps() => unchanged(keps, counts),
        Verdict::Clean if is_silent => format!("{} passed{old}", plural(keps, "KEP")),
        Verdict::Clean => format!("{} passed, found {}{old}", plural(keps, "KEP"), tally(counts)),
        Verdict::Findings if is_silent => {
            let strict = if is_strict { format!(" ({}), which `--strict` counts", by_level()) } else { String::new() };
            format!("found {} in {}{strict}", plural(counts.pre_existing, "pre-existing finding"), plural(keps, "KEP"))
        }
        Verdict::Findings => format!("found {} in {}{old}", tally(counts), plural(keps, "KEP")),
        Verdict::Unchecked => format!("incomplete, found {} in {}{old}", tally(counts), plural(keps, "KEP")),
        Verdict::Failed => format!("not checked, found {} in {}{old}", tally(counts), plural(keps, "KEP")),
    }
}

/// The result for KEPs that the command line names, but the change does not touch. All of their findings are old.
fn unchanged(keps: usize, counts: Counts) -> String {
    let keps = plural(keps, "KEP");
    match counts.pre_existing {
        0 => format!("nothing changed in {keps}, no findings"),
        number => format!("nothing changed in {keps}, found {}", plural(number, "pre-existing finding")),
    }
}

/// How to fix findings and to learn more, as indented lines.
pub(crate) fn advice(report: &Report, detail: Detail) -> String {
    let mut text = String::new();
    text.extend(next_steps(report, detail).iter().map(|step| format!("  {step}\n")));
    text
}

fn next_steps(report: &Report, detail: Detail) -> Vec<String> {
    let counted: Vec<_> = report.findings().iter().filter(|it| report.shows(it)).collect();
    let mut steps = Vec::new();
    let fixable = counted.iter().filter(|triaged| triaged.finding.is_fixable()).count();
    if fixable > 0 {
        steps.push(fix_command(report, fixable));
    }
    steps.extend(refusals(report.fixes, &counted));
    if let Some(first) = counted.first() {
        steps.push(format!("`kepgate explain {}` says why it matters and how to fix it", first.finding.rule.id));
    }
    if report.findings().len() > MANY && detail == Detail::Full {
        let has_old = report.findings().iter().any(|triaged| !triaged.is_new);
        let quiet = if has_old { "`--quiet` leaves out pre-existing findings, " } else { "" };
        steps.push(format!("{quiet}`--statistics` counts findings by rule"));
    }
    steps
}

/// ``2 findings can be fixed with `kepgate check --fix` ``
fn fix_command(report: &Report, fixable: usize) -> String {
    let Revisions { base, base_name, head, .. } = &report.revisions;
    // Without a base, the whole tree was checked.
    let is_whole_tree = base.is_none() && base_name.is_none();
    let options = match (is_whole_tree, report.has_only_unchanged_keps()) {
        (true, _) => " --all --strict",
        (false, true) => " --strict",
        (false, false) => "",
    };
    let others = terminal(&report.fix_options);
    let most = if report.fixes == Fixes::Untried { "up to " } else { "" };
    let place = match head.as_deref().filter(|head| is_commit_id(head)) {
        Some(commit) => format!(" in a checkout of {}", commit.get(..SHORT).unwrap_or(commit)),
        None => String::new(),
    };
    format!("{most}{} can be fixed with `kepgate check{options}{others} --fix`{place}", plural(fixable, "finding"))
}

/// The number of findings whose fix is refused, and why.
fn refusals(fixes: Fixes, counted: &[&Triaged]) -> Option<String> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for why in counted.iter().filter_map(|triaged| triaged.finding.refusal.as_deref()) {
        *reasons.entry(why).or_default() += 1;
    }
    let left = plural(reasons.values().sum(), "finding");
    let verb = if fixes == Fixes::Applied { "left" } else { "leaves" };
    let reasons: Vec<_> = match reasons.len() {
        0 => return None,
        1 => reasons.into_keys().map(terminal).collect(),
        _ => reasons.into_iter().map(|(why, count)| format!("{} ({count})", terminal(why))).collect(),
    };
    Some(format!("`--fix` {verb} {left} to you: {}", reasons.join(", ")))
}

/// A line for each level of a rule: by level, then by the number of findings.
pub(super) fn statistics(report: &Report) -> String {
    let mut counts: BTreeMap<_, [usize; 2]> = BTreeMap::new();
    for triaged in report.findings() {
        let [new, old] = counts.entry((triaged.finding.level, triaged.finding.rule.id)).or_default();
        *(if triaged.is_new { new } else { old }) += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|((level, id), [new, old])| (*level, std::cmp::Reverse(new + old), *id));
    if rows.is_empty() {
        return String::new();
    }
    // A check of the whole tree has nothing to compare with, so the word `new` would say nothing.
    let has_old = !report.is_sweep() || rows.iter().any(|(_, [_, old])| *old > 0);
    let title = if has_old { format!("{:>6} {:>12}", "new", "pre-existing") } else { format!("{:>8}", "findings") };
    let mut out = format!("{title}  {:<8} rule\n", "level");
    for ((level, id), [new, old]) in rows {
        let numbers = if has_old { format!("{new:>6} {old:>12}") } else { format!("{new:>8}") };
        out.push_str(&format!("{numbers}  {:<8} {id}\n", level.word()));
    }
    out.push('\n');
    out
}
