//! The production readiness queue of the current release, by approver, and the load of each approver.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use maud::{Markup, html};

use super::bars::{Bar, bars};
use super::burn_up::targets_at_freeze;
use super::model::Site;
use super::page::{Page, figures, frame, sentence, table, text};
use super::tables::kep_link;
use crate::kep::{Handle, Milestone, Stage, Status, handle};
use crate::query::load;
use crate::readiness::{Candidate, Readiness, State, Verdict};
use crate::release::Phase;
use crate::text::wording::count;

const PATH: &str = "prr.html";

/// The KEPs of an approver; the name is empty for KEPs that name nobody.
struct Queue<'a> {
    approver: String,
    waiting: Vec<&'a Candidate>,
    complete: Vec<&'a Candidate>,
}

pub(super) fn render(site: &Site<'_>, readiness: &Readiness) -> String {
    let queues = queues(site, readiness);
    let sum = |keps: fn(&Queue<'_>) -> usize| queues.iter().map(keps).sum::<usize>();
    let waiting = waiting(readiness);
    let nobody = queues.iter().find(|queue| queue.approver.is_empty());
    let body = html! {
        p {
            "KEPs that target " (readiness.release) " and are not implemented yet. A KEP "
            @if readiness.is_frozen() { (waiting) } @else { "is waiting" }
            " if its production readiness file names no approver for its stage, or if something else is missing. "
            @if readiness.is_frozen() { "KEPs that were completed after the freeze count as having nothing missing. " }
            "The repository does not record whether the approver has finished."
        }
        (figures(&[
            ("waiting", sum(|queue| queue.waiting.len()), waiting),
            ("complete", sum(|queue| queue.complete.len()), "with nothing missing"),
            ("nobody", nobody.map_or(0, |queue| queue.waiting.len()), "without an approver"),
        ]))
        (chart(readiness, &queues))
        @for queue in queues.iter().filter(|queue| queue.len() > 0) { (section(site, readiness, queue)) }
        (free(&queues))
        (past(site, readiness.release))
        (all(site))
    };
    frame(site, &Page { title: "Production readiness queue", path: PATH, has_script: false, body })
}

/// The word for KEPs that lack something.
fn waiting(readiness: &Readiness) -> &'static str {
    if readiness.is_frozen() { readiness.missed(Phase::EnhancementsFreeze) } else { "waiting" }
}

/// Those who take new KEPs, with `@`.
fn approvers(site: &Site<'_>) -> Vec<String> {
    let names = site.sources.outcome.policy.approvers().unwrap_or_default();
    names.into_iter().map(|name| format!("@{}", name.strip_prefix('@').unwrap_or(name))).collect()
}

fn queues<'a>(site: &Site<'_>, readiness: &'a Readiness) -> Vec<Queue<'a>> {
    let mut queues: BTreeMap<String, Queue<'_>> = BTreeMap::new();
    // Nobody waits for a KEP that is done.
    let is_open = |kep: &&Candidate| Status::parse(&kep.status) != Some(Status::Implemented);
    for kep in readiness.keps.iter().filter(is_open) {
        let approver = kep.approver.trim();
        let new = || Queue { approver: approver.to_owned(), waiting: Vec::new(), complete: Vec::new() };
        let queue = queues.entry(handle::folded(approver)).or_insert_with(new);
        let is_complete = !approver.is_empty() && kep.state(Phase::EnhancementsFreeze) != State::NotMet;
        if is_complete { queue.complete.push(kep) } else { queue.waiting.push(kep) }
    }
    for name in approvers(site) {
        let new = || Queue { approver: name.clone(), waiting: Vec::new(), complete: Vec::new() };
        queues.entry(handle::folded(&name)).or_insert_with(new);
    }
    let mut queues: Vec<_> = queues.into_values().collect();
    // Nobody's KEPs first, then the longest queue.
    let order = |queue: &Queue<'_>| (!queue.approver.is_empty(), Reverse(queue.waiting.len()), Reverse(queue.len()));
    queues.sort_by_key(order);
    queues
}

impl Queue<'_> {
    fn len(&self) -> usize {
        self.waiting.len() + self.complete.len()
    }

    fn name(&self) -> &str {
        if self.approver.is_empty() { "No approver yet" } else { &self.approver }
    }
}

/// Those who take new KEPs and have none in this release.
fn free(queues: &[Queue<'_>]) -> Markup {
    let free: Vec<_> = queues.iter().filter(|queue| queue.len() == 0).map(|queue| text(queue.name())).collect();
    html! {
        @if !free.is_empty() {
            details {
                summary { (count(free.len(), "approver")) " without KEPs in this release" }
                ul { @for name in &free { li { (name) } } }
            }
        }
    }
}

fn chart(readiness: &Readiness, queues: &[Queue<'_>]) -> Markup {
    let label = |queue: &Queue<'_>| {
        if queue.approver.is_empty() {
            return Some("nobody yet".to_owned());
        }
        Handle::parse(&queue.approver).ok().map(|handle| handle.name().to_owned())
    };
    let bar =
        |queue: &Queue<'_>| Some(Bar { label: label(queue)?, parts: vec![queue.complete.len(), queue.waiting.len()] });
    let title = format!("KEPs for {} by production readiness approver", readiness.release);
    let waiting = waiting(readiness);
    let all: Vec<_> = queues.iter().filter(|queue| queue.len() > 0).filter_map(bar).collect();
    html! {
        (bars(&title, "KEPs", &["nothing missing", waiting], &all))
        @if !all.is_empty() {
            details {
                summary { "The numbers" }
                (table("KEPs by approver", &["Approver", "nothing missing", waiting], &html! {
                    @for queue in queues {
                        tr {
                            th scope="row" { (text(queue.name())) }
                            td .number { (queue.complete.len()) }
                            td .number { (queue.waiting.len()) }
                        }
                    }
                }))
            }
        }
    }
}

fn section(site: &Site<'_>, readiness: &Readiness, queue: &Queue<'_>) -> Markup {
    html! {
        section {
            h2 { (text(queue.name())) }
            @let caption = format!("KEPs of {}", text(queue.name()));
            (table(&caption, &["KEP", "Missing", "Stage", "State"], &html! {
                @for kep in &queue.waiting {
                    @let is_out = readiness.is_frozen() && kep.state(Phase::EnhancementsFreeze) == State::NotMet;
                    (row(site, kep, if is_out { readiness.missed(Phase::EnhancementsFreeze) } else { "waiting" }))
                }
                @for (kep, state) in queue.complete.iter().map(|kep| (kep, "nothing missing")) { (row(site, kep, state)) }
            }))
        }
    }
}

fn row(site: &Site<'_>, kep: &Candidate, state: &str) -> Markup {
    let reasons = kep.verdicts.iter().filter_map(|(_, verdict)| match verdict {
        Verdict::NotMet(why) => Some(why),
        Verdict::Met | Verdict::Unknown(_) => None,
    });
    html! {
        tr {
            th scope="row" {
                @match kep.dir.as_ref().and_then(|dir| site.at(dir)) {
                    Some(entry) => (kep_link(PATH, entry)),
                    None => (text(&kep.title)),
                }
            }
            td { @for (index, why) in reasons.enumerate() { @if index > 0 { "; " } (sentence(why)) } }
            td { (kep.stage.map_or("none", Stage::word)) }
            td { (state) }
        }
    }
}

/// How many KEPs each approver had in the last releases.
fn past(site: &Site<'_>, current: Milestone) -> Markup {
    let releases: Vec<_> = site.releases().collect();
    let mut approvers: BTreeMap<String, (String, BTreeMap<Milestone, usize>)> = BTreeMap::new();
    let history = site.sources.history;
    for name in self::approvers(site) {
        approvers.insert(handle::folded(&name), (name, BTreeMap::new()));
    }
    for release in &releases {
        for (_, version) in targets_at_freeze(site, *release) {
            let stage = version.metadata.as_deref().and_then(|metadata| metadata.stage);
            let approver = stage.and_then(|stage| history.approval(version, stage));
            let Some(approver) = approver else { continue };
            let entry =
                approvers.entry(handle::folded(approver)).or_insert_with(|| (approver.to_owned(), BTreeMap::new()));
            *entry.1.entry(*release).or_default() += 1;
        }
    }
    let names: Vec<_> = releases.iter().map(ToString::to_string).collect();
    let headings: Vec<_> = std::iter::once("Approver").chain(names.iter().map(String::as_str)).collect();
    html! {
        section {
            h2 #past { "Compared with earlier releases" }
            p {
                "KEPs with the approver at the Enhancements Freeze of each release, including implemented KEPs."
                @if site.sources.schedule.is_frozen(current) == Some(false) {
                    " " (current) " shows today's number, because its freeze is still to come."
                }
            }
            (table("KEPs by approver and release", &headings, &html! {
                @for (name, counts) in approvers.values() {
                    tr {
                        th scope="row" { (text(name)) }
                        @for release in &releases {
                            td .number { (counts.get(release).copied().unwrap_or_default()) }
                        }
                    }
                }
            }))
        }
    }
}

/// The load of each approver with open KEPs of any release, as `kepgate query --by approver` counts it.
fn all(site: &Site<'_>) -> Markup {
    let open = site.sources.survey.keps.iter().filter(|state| !state.is_closed());
    let sides: Vec<_> = open.map(|state| vec![state]).collect();
    let loads = load::by_approver(&sides, &site.sources.survey.policy);
    html! {
        section {
            h2 #load { "Open KEPs of all releases" }
            (table("Open KEPs by approver", &["Approver", "Role", "KEPs"], &html! {
                @for load in &loads {
                    tr {
                        th scope="row" { (text(load.approver.as_deref().unwrap_or("nobody"))) }
                        td { (load.role.word()) }
                        td .number { (load.keps.len()) }
                    }
                }
            }))
        }
    }
}
