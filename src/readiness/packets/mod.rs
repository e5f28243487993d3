//! Freeze packets: for each KEP of a release a comment that is ready to post, and the fields of the project board.
//!
//! Everything that a template gets from a KEP is escaped for Markdown, and mentions nobody.

mod board;

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde::Serialize;

use super::{Candidate, Readiness, Remark, Verdict};
use crate::error::Error;
use crate::escape::{markdown_code, markdown_sentence};
use crate::kep::{KepNumber, Milestone, Stage};
use crate::release::{Deadline, Phase};
use crate::rules::prr_question_unanswered;
use crate::text::wording::quote;

/// The template that is used if no other is named.
const BUILT_IN: &str = include_str!("built_in.md.j2");

/// The name of the file with the fields of the project board.
pub(crate) const BOARD: &str = "board.csv";

/// The steps that a template may take for one KEP, so that it ends.
const FUEL: u64 = 200_000;

/// What a template can use; in help texts.
const NAMES: &str = "release, at, kep, freeze, prr_freeze, enhancements_freeze, criteria, missing, open_questions, remarks, exception, board and commands";

/// A template and its name in messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Template<'a> {
    /// The name of its file.
    pub(crate) name: &'a str,
    /// Its text.
    pub(crate) text: &'a str,
}

impl Template<'static> {
    /// The built-in template.
    pub(crate) const BUILT_IN: Self = Self { name: "the built-in template", text: BUILT_IN };
}

/// The freeze that the packets are about.
#[derive(Debug, Clone, Copy)]
struct Freeze {
    phase: Phase,
    has_passed: bool,
}

impl Freeze {
    /// The project's first freeze that has not passed, or else its last one.
    fn next(readiness: &Readiness) -> Self {
        let all = readiness
            .freezes
            .iter()
            .map(|(phase, _, passed)| Self { phase: *phase, has_passed: *passed == Some(true) });
        let last = all.clone().next_back().unwrap_or(Self { phase: Phase::EnhancementsFreeze, has_passed: false });
        all.into_iter().find(|freeze| !freeze.has_passed).unwrap_or(last)
    }
}

/// What a template gets.
#[derive(Serialize)]
struct Context {
    release: String,
    at: String,
    kep: KepContext,
    freeze: FreezeContext,
    prr_freeze: FreezeContext,
    enhancements_freeze: FreezeContext,
    criteria: Vec<Item>,
    missing: Vec<Item>,
    open_questions: String,
    remarks: Vec<String>,
    exception: Option<ExceptionContext>,
    board: BoardContext,
    commands: Vec<String>,
}

#[derive(Serialize)]
struct KepContext {
    number: Option<u32>,
    title: String,
    path: String,
    sig: String,
    status: String,
    stage: &'static str,
    prr_approver: String,
}

#[derive(Serialize)]
struct FreezeContext {
    key: &'static str,
    name: &'static str,
    date: String,
    passed: bool,
}

#[derive(Serialize)]
struct Item {
    key: &'static str,
    words: String,
    why: String,
    open_questions: String,
    is_met: bool,
    is_unknown: bool,
}

#[derive(Serialize)]
struct ExceptionContext {
    ruling: &'static str,
    reviewed: String,
}

#[derive(Serialize)]
struct BoardContext {
    status: String,
    stage: String,
    r#type: &'static str,
}

/// The maximum size of a template. The parser recurses for long expressions.
const MAX_TEMPLATE_BYTES: usize = 16 * 1024;

/// The packets: the name of each file and its text. The last one is [`BOARD`]. The names contain nothing from a KEP
/// except its number.
///
/// # Errors
/// [`Error::Usage`] if the release is out, or if the template is invalid, too large, or uses an unknown name.
pub(crate) fn packets(readiness: &Readiness, template: Template<'_>) -> Result<Vec<(String, String)>, Error> {
    if readiness.is_out {
        return Err(Error::usage(
            format!("--packets: {} is out, so there is nothing left to post", readiness.release),
            "to see the comments of an earlier day, add --at with that day",
        ));
    }
    if template.text.len() > MAX_TEMPLATE_BYTES {
        return Err(Error::usage(
            format!("--packet-template {}: larger than {MAX_TEMPLATE_BYTES} bytes", quote(template.name)),
            "shorten it",
        ));
    }
    let invalid = |error: &minijinja::Error| invalid(template.name, error);
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.map_err(|error| invalid(&error))?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    let parsed = environment.template_from_str(template.text).map_err(|error| invalid(&error))?;
    let freeze = Freeze::next(readiness);
    let named = named(&readiness.keps);
    let mut packets = Vec::with_capacity(named.len() + 1);
    for (file, kep) in &named {
        let context = minijinja::value::Serde(context(readiness, kep, freeze));
        packets.push((file.clone(), parsed.render(context).map_err(|error| invalid(&error))?));
    }
    packets.push((BOARD.to_owned(), board::csv(readiness, &named, freeze)?));
    Ok(packets)
}

/// The KEPs with the names of their files, which are unique.
fn named(keps: &[Candidate]) -> Vec<(String, &Candidate)> {
    let mut counts: BTreeMap<Option<KepNumber>, usize> = BTreeMap::new();
    let name = |kep: &Candidate| {
        let count = counts.entry(kep.number).or_default();
        *count += 1;
        match (kep.number, *count) {
            (Some(number), 1) => format!("{number}.md"),
            (Some(number), count) => format!("{number}-{count}.md"),
            (None, count) => format!("without-number-{count}.md"),
        }
    };
    let names: Vec<_> = keps.iter().map(name).collect();
    names.into_iter().zip(keps).collect()
}

fn invalid(name: &str, error: &minijinja::Error) -> Error {
    let line = error.line().map(|line| format!(":{line}")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let help = match error.kind() {
        ErrorKind::UndefinedError => format!("templates can use {NAMES}; docs/release-team.md explains them"),
        ErrorKind::OutOfFuel => "shorten its loops".to_owned(),
        _ => "docs/release-team.md shows a template; the syntax is that of Jinja".to_owned(),
    };
    Error::usage(format!("--packet-template {}{line}: {}{detail}", quote(name), error.kind()), help)
}

fn context(readiness: &Readiness, kep: &Candidate, freeze: Freeze) -> Context {
    let release = readiness.release;
    let items = || kep.answers().filter(|(criterion, _)| criterion.freeze <= freeze.phase);
    let item = |(criterion, verdict): (&super::Criterion, &Verdict)| Item {
        key: criterion.key,
        words: readiness.wording(criterion, kep),
        why: markdown_sentence(verdict.why().unwrap_or_default()),
        open_questions: kep.open_questions_of(criterion).map(|open| open.to_string()).unwrap_or_default(),
        is_met: *verdict == Verdict::Met && kep.open_questions_of(criterion).is_none(),
        is_unknown: matches!(verdict, Verdict::Unknown(_)),
    };
    // The list of criteria has the number of open questions.
    let has_questions = items().any(|(criterion, verdict)| {
        matches!(verdict, Verdict::Met | Verdict::Unknown(_)) && kep.open_questions_of(criterion).is_some()
    });
    let is_new = |remark: &&Remark| !(has_questions && remark.rule == prr_question_unanswered::RULE.id);
    let code = |text: &str| if text.is_empty() { String::new() } else { markdown_code(text) };
    let [prr_freeze, enhancements_freeze] = [Phase::PrrFreeze, Phase::EnhancementsFreeze];
    Context {
        release: release.to_string(),
        at: readiness.now.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        kep: KepContext {
            number: kep.number.map(KepNumber::get),
            title: code(&kep.title),
            path: code(&kep.dir.as_ref().map(ToString::to_string).unwrap_or_default()),
            sig: code(&kep.sig),
            status: code(&kep.status),
            stage: kep.clear_stage().map_or("", Stage::word),
            prr_approver: code(&kep.approver),
        },
        freeze: freeze_context(readiness, freeze.phase, release),
        prr_freeze: freeze_context(readiness, prr_freeze, release),
        enhancements_freeze: freeze_context(readiness, enhancements_freeze, release),
        criteria: items().map(item).collect(),
        missing: missing(kep, freeze.phase).map(item).collect(),
        open_questions: kep.open_questions.map(|open| open.to_string()).unwrap_or_default(),
        remarks: kep.remarks.iter().filter(is_new).map(|remark| markdown_sentence(&remark.what)).collect(),
        exception: kep.exception.as_ref().map(|exception| ExceptionContext {
            ruling: exception.ruling.word(),
            reviewed: markdown_sentence(&exception.reviewed),
        }),
        board: BoardContext {
            status: board::status(kep, freeze, release),
            stage: board::stage(kep),
            r#type: board::kind(kep, release),
        },
        commands: board::commands(kep, freeze, release),
    }
}

/// The criteria that the KEP does not meet. Without an approver, that none is authorized goes without saying.
fn missing(kep: &Candidate, phase: Phase) -> impl Iterator<Item = (&'static super::Criterion, &Verdict)> {
    let is_unnamed = kep.fails("prr-approver");
    kep.answers()
        .filter(move |(criterion, verdict)| criterion.freeze <= phase && matches!(verdict, Verdict::NotMet(_)))
        .filter(move |(criterion, _)| !(is_unnamed && criterion.key == "prr-approver-authorized"))
}

fn freeze_context(readiness: &Readiness, phase: Phase, release: Milestone) -> FreezeContext {
    let known = readiness.freezes.iter().find(|(other, ..)| *other == phase);
    let date = known.and_then(|(_, date, _)| *date);
    FreezeContext {
        key: phase.key(),
        name: phase.name(release),
        date: date.map_or_else(|| "a date that is not known yet".to_owned(), Deadline::in_words),
        passed: known.is_some_and(|(.., passed)| *passed == Some(true)),
    }
}
