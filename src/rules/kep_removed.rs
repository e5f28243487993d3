use super::context::same_person;
use super::wording::quote;
use super::{Context, Findings, Subject};
use crate::change::{KepState, Metadata};
use crate::finding::Finding;
use crate::kep::{Kep, PrrFile, Stage, Status, handle};
use crate::project::layout;
use crate::rule::{Family, Level, Renewal, Rule};

pub(super) static RULE: Rule = Rule {
    id: "kep-removed",
    family: Family::Change,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "The directory of an active KEP is deleted",
    what: "Reports a change that deletes the directory of a KEP that is implementable, implemented or has an \
           unknown status, without moving it elsewhere, or that puts another KEP in its place: one with another title and \
           other authors. A KEP has moved if a new directory has its number or its title, or the same author, `creation-date`, \
           status, stage and latest milestone. It is an error if the README stays, if production readiness applied to the KEP and its file \
           stays, or if a KEP with another title, other authors and another `creation-date` would keep the approvals.",
    why: "KEPs are the record of what was decided. An abandoned KEP stays in the tree as withdrawn or rejected.",
    source: "https://github.com/kubernetes/enhancements/blob/master/keps/sig-architecture/0000-kep-process/README.md",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.extend(replaced(context));
    let Some((base, kep)) = removed(context) else { return };
    let leaves_readme = context.record().is_some_and(|head| head.readme_file().is_some());
    let leaves_prr_file = kep.is_gated() && matches!(context.subject, Subject::Kep { leaves_prr_file: true, .. });
    let withdrawn = kep.dialect.words_for(&[Status::Withdrawn]).pop().filter(|_| kep.dialect.uses("status"));
    let finding = match (leaves_readme, leaves_prr_file) {
        (true, _) => {
            let metadata = if kep.dialect.has_front_matter {
                "its front matter".to_owned()
            } else {
                quote(&context.layout().metadata)
            };
            let set = withdrawn.map(|word| format!("; if the KEP is abandoned, set `status: {word}` in it"));
            Finding::new(&RULE, kep.file, None, "this change deletes an active KEP, but leaves its README")
                .at_level(Level::Error)
                .help(format!("restore {metadata}{}", set.unwrap_or_default()))
        }
        (false, true) => {
            let message = "this change deletes an active KEP, but leaves its production-readiness file";
            let set = withdrawn.map(|word| format!(", with `status: {word}` if it is abandoned"));
            let help = format!("restore the KEP{}", set.unwrap_or_default());
            let path = base.prr_file_path().map(ToString::to_string).unwrap_or_default();
            let help = format!("{help}; or also delete {}", quote(&path));
            Finding::new(&RULE, kep.file, None, message).at_level(Level::Error).help(help)
        }
        (false, false) => {
            let set =
                withdrawn.map(|word| format!("; if it is abandoned, set `status: {word}` instead of deleting it"));
            Finding::new(&RULE, kep.file, None, "this change deletes an active KEP")
                .help(format!("restore the KEP{}", set.unwrap_or_default()))
        }
    };
    findings.push(finding.on("", ""));
}

/// Another KEP in the place of one that was approved, or was active.
fn replaced(context: &Context<'_>) -> Option<Finding> {
    let (base, head) = (context.base_kep()?, context.kep()?);
    if !is_other(base, head) || context.is_placeholder(base.title.text()) {
        return None;
    }
    let (number, span) = head.kep_number.value()?;
    let keeps_date = base.creation_date.text() == head.creation_date.text();
    let finding = |message| {
        let finding = Finding::new(&RULE, head.file, Some(span), message).on("kep-number", number);
        finding.help("restore the old KEP, and give the new one the number of its own tracking issue")
    };
    let what = format!("another KEP takes the place of {}", quote(base.title.text()));
    let kept = |(old, new): (&PrrFile, &PrrFile)| keeps_approvals(old, new);
    match context.base_prr_file().zip(context.prr_file()).filter(|files| kept(*files)) {
        Some((_, file)) => {
            let path = quote(&context.file(file.file).path.to_string());
            let finding = finding(format!("{what}, and would keep its approvals in {path}"));
            Some(if keeps_date { finding } else { finding.at_level(Level::Error) })
        }
        None => (base.is_active() && !keeps_date).then(|| finding(what)),
    }
}

/// True if both files name the same approver for a stage.
fn keeps_approvals(old: &PrrFile, new: &PrrFile) -> bool {
    let named = |file: &PrrFile, stage| file.approver(stage).map(|name| handle::folded(name.text()));
    Stage::ALL.into_iter().any(|stage| named(old, stage).is_some_and(|name| named(new, stage) == Some(name)))
}

/// True if the KEP gets another title and other authors.
fn is_other(base: &Kep, head: &Kep) -> bool {
    let is_author = |name: &str| head.authors.entries().iter().any(|author| same_person(&author.value, name));
    base.readable
        && head.readable
        && !base.title.is_missing()
        && base.title.text() != head.title.text()
        && !base.authors.is_missing()
        && !base.authors.entries().iter().any(|author| is_author(&author.value))
}

/// The active KEP whose metadata the change deletes, if nothing but a README is left of it.
fn removed<'a>(context: &Context<'a>) -> Option<(&'a KepState, &'a Kep)> {
    let Subject::Kep { base: Some(base), head, .. } = context.subject else { return None };
    let is_left = head.is_some_and(|head| {
        // `metadata-missing` reports a misnamed file only in a folder that is named like a KEP or has a README.
        let is_reported = layout::is_kep_name(head.dir.name()) || head.readme_file().is_some();
        let is_gone = match head.metadata {
            Metadata::Absent { misnamed, .. } => misnamed.is_none() || !is_reported,
            _ => false,
        };
        !is_gone || !head.irregular.is_empty()
    });
    let kep = base.readable_kep().filter(|kep| kep.is_active() && !is_left)?;
    Some((base, kep))
}
