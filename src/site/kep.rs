//! The page of a KEP.

use maud::{Markup, html};

use super::model::{By, Entry, Site};
use super::page::{MAX_ENTRIES, Page, frame, link, sentence, table, text};
use super::progress::progress;
use super::since;
use super::timeline::timeline;
use crate::check::resolved::ResolvedFinding;
use crate::kep::{Field, List, Milestone, Stage};
use crate::kubernetes::{GatePresence, KubernetesLists, MetricPresence};
use crate::text::wording::count;

pub(super) fn render(site: &Site<'_>, entry: &Entry<'_>) -> String {
    let path = entry.path();
    let title = match entry.state.issue_number() {
        Some(number) if entry.title().is_empty() => format!("KEP-{number}"),
        Some(number) => format!("KEP-{number}: {}", entry.title()),
        None => entry.title().to_owned(),
    };
    let body = html! {
        (facts(site, entry, &path))
        (stages(site, entry, &path))
        (progress(entry))
        (since::section(site, entry))
        (findings(site, entry))
        (gates_and_metrics(site, entry))
        section {
            h2 #timeline { "Timeline" }
            (timeline(site, entry))
        }
    };
    frame(site, &Page { title: &title, path: &path, has_script: false, body })
}

fn facts(site: &Site<'_>, entry: &Entry<'_>, path: &str) -> Markup {
    let group = |by: By| {
        let value = by.value(entry);
        let page = site.group_page(by, value);
        html! {
            @if let Some(page) = page.filter(|_| !value.is_empty()) {
                a href=(link(path, &page)) { (text(value)) }
            } @else { "none" }
        }
    };
    let issue = entry.state.issue_number().map(|number| (number, site.profile().issue(number, site.sources.web)));
    let dialect = &site.profile().dialect;
    html! {
        dl .facts {
            div { dt { "Status" } dd { (group(By::Status)) } }
            @if dialect.has_stages() { div { dt { "Stage" } dd { (group(By::Stage)) } } }
            @if dialect.uses("latest-milestone") {
                div { dt { "Latest milestone" } dd { (release_link(site, entry.kep.latest(), entry.kep.latest_milestone.text(), path)) } }
            }
            @if site.profile().has_sigs { div { dt { "SIG" } dd { (group(By::Sig)) } } }
            (people("Authors", &entry.kep.authors))
            (people("Reviewers", &entry.kep.reviewers))
            (people("Approvers", &entry.kep.approvers))
            @if let Some((number, url)) = issue.filter(|(_, url)| url.starts_with("https://")) {
                div { dt { "Tracking issue" } dd { a href=(url) { "#" (number) } } }
            }
            @let dir = &entry.summary.dir;
            div {
                dt { "Files" }
                dd {
                    @match site.file_url(dir, None) {
                        Some(url) => a href=(url) { (text(&dir.to_string())) },
                        None => (text(&dir.to_string())),
                    }
                }
            }
        }
    }
}

/// A release with a link to its page, or what is written instead of one.
fn release_link(site: &Site<'_>, release: Option<Milestone>, written: &str, path: &str) -> Markup {
    let page = release.and_then(|release| site.release_page(release));
    html! {
        @match page {
            Some(page) => a href=(link(path, &page)) { (text(written)) },
            None => @if written.is_empty() { "none" } @else { (text(written)) },
        }
    }
}

fn people(label: &str, people: &List) -> Markup {
    let names: Vec<_> = people.entries().iter().take(MAX_ENTRIES).map(|entry| text(&entry.value)).collect();
    let others = people.entries().len() - names.len();
    html! {
        @if !names.is_empty() {
            div {
                dt { (label) }
                dd { (names.join(", ")) @if others > 0 { " and " (others) " more" } }
            }
        }
    }
}

/// The release and the approver of each stage.
fn stages(site: &Site<'_>, entry: &Entry<'_>, path: &str) -> Markup {
    let milestone = |stage| entry.kep.milestone_field(stage).map(Field::text).unwrap_or_default();
    let approver = |stage| entry.state.prr_file().and_then(|file| file.approver(stage)).map(Field::text);
    let named = |stage: &Stage| !milestone(*stage).is_empty() || approver(*stage).is_some();
    let stages: Vec<_> = Stage::ALL.into_iter().filter(named).collect();
    let has_prr = site.has_prr();
    let headings = ["Stage", "Release", "Production readiness approver"];
    let headings = headings.get(..if has_prr { 3 } else { 2 }).unwrap_or_default();
    html! {
        @if !stages.is_empty() {
            section {
                h2 #stages { "Stages" }
                (table("Release of each stage", headings, &html! {
                    @for stage in stages {
                        @let written = milestone(stage);
                        tr {
                            th scope="row" { (text(entry.kep.stage_word(stage))) }
                            td { (release_link(site, Milestone::parse(written), written, path)) }
                            @if has_prr { td { (text(approver(stage).unwrap_or("none"))) } }
                        }
                    }
                }))
            }
        }
    }
}

fn findings(site: &Site<'_>, entry: &Entry<'_>) -> Markup {
    html! {
        section {
            h2 #findings { "Findings" }
            @if entry.findings.is_empty() {
                p {
                    "kepgate finds nothing."
                    @if entry.kep.is_closed() { " It does not ask for answers in KEPs that are implemented or closed." }
                }
            } @else {
                p { (count(entry.findings.len(), "finding")) "." }
                ul .findings { @for found in entry.findings.iter().take(MAX_ENTRIES) { (finding(site, found)) } }
            }
        }
    }
}

fn finding(site: &Site<'_>, found: &ResolvedFinding) -> Markup {
    let line = found.place.line();
    let name = String::from_utf8_lossy(found.place.path.name()).into_owned();
    let place = format!("{name}{}", line.map(|line| format!(", line {line}")).unwrap_or_default());
    let level = found.level.word();
    html! {
        li {
            span class={ "level " (level) } { (level) } " "
            (sentence(&found.message)) " "
            @match site.file_url(&found.place.path, line) {
                Some(url) => a href=(url) { (text(&place)) },
                None => span { (text(&place)) },
            }
            " " a href=(crate::report::rule_page(found.rule)) { code { (found.rule.id) } }
            @if let Some(help) = &found.help { p .help { (sentence(help)) } }
        }
    }
}

/// What the KEP names in Kubernetes, and whether Kubernetes has it.
fn gates_and_metrics(site: &Site<'_>, entry: &Entry<'_>) -> Markup {
    let lists = site.sources.lists;
    let gates = entry.kep.feature_gates.value().map(|(gates, _)| gates.as_slice()).unwrap_or_default();
    let gates: Vec<_> = gates.iter().map(|gate| &gate.value).filter(|gate| !gate.name.text().is_empty()).collect();
    let metrics = entry.kep.metrics.entries();
    let headings = ["Name", "Kind", "In Kubernetes"];
    let headings = headings.get(..if lists.is_some() { 3 } else { 2 }).unwrap_or_default();
    html! {
        @if !gates.is_empty() || !metrics.is_empty() {
            section {
                h2 #gates { "Feature gates and metrics" }
                @if let Some(lists) = lists { p { "Compared with the lists of Kubernetes " (lists.kubernetes) "." } }
                (table("Feature gates and metrics", headings, &html! {
                    @for gate in gates.iter().take(MAX_ENTRIES) {
                        @let components = gate.components.entries().iter().map(|entry| entry.value.as_str());
                        tr {
                            th scope="row" { code { (text(gate.name.text())) } }
                            td { "feature gate" }
                            @if let Some(lists) = lists { td { (gate_words(lists.gate_presence(gate.name.text(), components))) } }
                        }
                    }
                    @for metric in metrics.iter().take(MAX_ENTRIES) {
                        tr {
                            th scope="row" { code { (text(&metric.value)) } }
                            td { "metric" }
                            @if let Some(lists) = lists { td { (metric_words(lists, &metric.value)) } }
                        }
                    }
                }))
            }
        }
    }
}

fn gate_words(presence: GatePresence) -> String {
    match presence {
        GatePresence::Listed(stage, since) => format!("{} since {since}", stage.word()),
        GatePresence::Unknown => "no".to_owned(),
        GatePresence::Elsewhere => "not covered by the lists".to_owned(),
    }
}

fn metric_words(lists: &KubernetesLists, name: &str) -> &'static str {
    match lists.metric_presence(name) {
        MetricPresence::Listed | MetricPresence::WithoutPrefix(_) => "yes",
        MetricPresence::Unknown => "no",
        MetricPresence::Elsewhere => "not covered by the lists",
    }
}
