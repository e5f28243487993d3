//! Which pre-existing findings a change makes due again, and why.
//!
//! An old finding becomes due when the change needs the answer: when it retargets the KEP, changes what the
//! production-readiness gate looks at, or changes a file that cannot be read. Closing a KEP makes few findings due.

use std::collections::BTreeSet;
use std::fmt;

use crate::change::{ChangedKep, KepState, Metadata};
use crate::finding::Finding;
use crate::kep::{FaultKind, Kep, Milestone, Stage, Status};
use crate::project::{Layout, layout};
use crate::release::Schedule;
use crate::rule::{Family, Renewal};
use crate::text::RepoPath;
use crate::text::wording::quote;

/// What the change did to make a finding due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// It changed a field of `kep.yaml`. The values are as written (releases in their usual form), and empty if the
    /// field has none.
    Field {
        /// The field, such as `latest-milestone` or `milestone.beta`.
        field: String,
        /// The value before the change.
        old: String,
        /// The value after the change.
        new: String,
        /// True if the finding is about the number in a file that is needed because of this field.
        needs_number: bool,
    },
    /// It touched a file.
    File(RepoPath),
}

/// What a change to a KEP makes due.
#[derive(Debug, Default)]
pub(super) struct DueByChange<'a> {
    /// It retargets the KEP: another stage or latest milestone, or newly active.
    retargeted: Option<Due>,
    /// It moves the KEP to another stage, moves the release of its stage, or makes it active.
    promoted: Option<Due>,
    /// It closes the KEP.
    closed: Option<Due>,
    /// It changes a field or file that the production-readiness gate looks at.
    gate: Option<Due>,
    /// It touches what may be the production-readiness file of a KEP whose `kep.yaml` could not be read.
    unread: Option<Due>,
    /// True if the release that the KEP targets now is known to be out.
    is_out: bool,
    /// True for a production-readiness file that no KEP claims.
    is_orphan: bool,
    /// True if the project has no production-readiness gate, so no check will need an old file again.
    is_ungated: bool,
    touched: Option<&'a BTreeSet<RepoPath>>,
}

impl<'a> DueByChange<'a> {
    pub(super) fn of_kep(
        kep: &ChangedKep,
        touched: &'a BTreeSet<RepoPath>,
        schedule: &Schedule,
        layout: &Layout,
    ) -> Self {
        let is_ungated = layout.prr_root.is_none();
        let by_file = Self { touched: Some(touched), is_ungated, ..Self::default() };
        let Some((base, head)) = kep.sides.both() else { return by_file };
        let status = changed("status", &base.target()[0], &head.target()[0]);
        let is_implementable =
            |state: &KepState| state.kep().and_then(Kep::known_status) == Some(Status::Implementable);
        let is_active = |state: &KepState| state.kep().is_some_and(Kep::is_active);
        // A KEP that was never implementable is also checked when it becomes implemented.
        let becomes_active =
            (!is_implementable(base) && is_implementable(head)) || (!is_active(base) && is_active(head));
        let activated = status.clone().filter(|_| becomes_active);
        let stage = changed("stage", &base.target()[1], &head.target()[1]);
        let retargeted = changed("latest-milestone", &base.target()[2], &head.target()[2])
            .or_else(|| stage.clone())
            .or_else(|| activated.clone());
        let target_stage = head.kep().and_then(Kep::target_stage);
        let promoted = stage
            .or_else(|| target_stage.and_then(|stage| milestone_of_stage_changed(base, head, stage)))
            .or(activated);
        // A change may also delete or move the file.
        let prr_files = [head, base].into_iter().filter_map(KepState::prr_file_path);
        let prr_file = prr_files.filter(|path| touched.contains(path)).cloned().map(Due::File).next();
        let gate = retargeted.clone().or_else(|| status.clone()).or_else(|| milestone_changed(base, head)).or(prr_file);
        let latest = head.kep().and_then(Kep::latest);
        Self {
            retargeted,
            promoted,
            closed: status.filter(|_| kep.is_closing()),
            gate,
            unread: possible_prr_file(head, touched, layout).cloned().map(Due::File),
            is_out: latest.and_then(|latest| schedule.is_out(latest)) == Some(true),
            is_orphan: false,
            is_ungated,
            touched: Some(touched),
        }
    }

    /// A production-readiness file that no KEP claims.
    pub(super) fn of_file(touched: &'a BTreeSet<RepoPath>) -> Self {
        Self { is_orphan: true, touched: Some(touched), ..Self::default() }
    }

    /// Why `finding`, which is in the file at `path`, is due; `None` if it is not.
    pub(super) fn of(&self, finding: &Finding, path: &RepoPath) -> Option<Due> {
        let in_file = || self.touched.filter(|touched| touched.contains(path)).map(|_| Due::File(path.clone()));
        match finding.renewal {
            Renewal::Never => None,
            Renewal::File | Renewal::Gate if self.is_ungated => None,
            Renewal::File => self.retargeted.clone().or_else(in_file).or_else(|| self.unread.clone()),
            Renewal::Gate if self.is_orphan => in_file(),
            Renewal::Gate => self.gate.clone().map(|due| due.of_route(&finding.route)),
            // Once the release is out, its answers are history.
            Renewal::Target | Renewal::Stage if finding.rule.family == Family::Readme && self.is_out => None,
            Renewal::Stage => self.promoted.clone(),
            Renewal::Target => self.retargeted.clone().or_else(|| {
                let is_lifecycle = matches!(finding.rule.family, Family::Lifecycle | Family::ProductionReadiness);
                self.closed.clone().filter(|_| is_lifecycle)
            }),
        }
    }
}

impl Due {
    /// The reason for a finding about the field at `route`. A number that did not change needs another explanation.
    fn of_route(mut self, route: &str) -> Self {
        if let Self::Field { needs_number, .. } = &mut self {
            *needs_number = route == "kep-number";
        }
        self
    }
}

/// The touched production-readiness file that may belong to a KEP whose `kep.yaml` could not be read: the one with its
/// number, or any if the directory does not have a number.
fn possible_prr_file<'a>(head: &KepState, touched: &'a BTreeSet<RepoPath>, layout: &Layout) -> Option<&'a RepoPath> {
    let is_unread = match &head.metadata {
        Metadata::Irregular | Metadata::Unreadable(_) => true,
        // A syntax error hides the fields after it.
        Metadata::Read(kep) => kep.faults.iter().any(|fault| matches!(fault.kind, FaultKind::Yaml(_))),
        Metadata::Absent { .. } => false,
    };
    let number = head.number.filter(|_| !layout.is_nested(&head.dir));
    let mut prr_files = touched.iter().filter(|path| is_unread && layout.place(path) == layout::Place::PrrFile);
    prr_files.find(|path| number.is_none() || layout::prr_file_number(path) == number)
}

fn changed(field: &str, old: &str, new: &str) -> Option<Due> {
    let [field, before, after] = [field, old, new].map(str::to_owned);
    (old != new).then_some(Due::Field { field, old: before, new: after, needs_number: false })
}

fn milestone_changed(base: &KepState, head: &KepState) -> Option<Due> {
    Stage::ALL.into_iter().find_map(|stage| milestone_of_stage_changed(base, head, stage))
}

fn milestone_of_stage_changed(base: &KepState, head: &KepState, stage: Stage) -> Option<Due> {
    let text = |state: &KepState| {
        let field = state.kep().and_then(|kep| kep.milestone_field(stage));
        field.map(|field| Milestone::canonical(field.text()).into_owned()).unwrap_or_default()
    };
    let word = head.kep().map_or(stage.word(), |kep| kep.stage_word(stage));
    changed(&format!("milestone.{word}"), &text(base), &text(head))
}

impl fmt::Display for Due {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(self, Self::Field { needs_number: true, .. }) {
            formatter.write_str("due because the approval is needed: ")?;
        } else {
            formatter.write_str("due because ")?;
        }
        match self {
            Self::Field { field, old, new, .. } if old.is_empty() => {
                write!(formatter, "`{field}` was set to {}", word(new))
            }
            Self::Field { field, old, new, .. } if new.is_empty() => {
                write!(formatter, "`{field}` was {}, but now has no value", word(old))
            }
            Self::Field { field, old, new, .. } => {
                write!(formatter, "`{field}` changed from {} to {}", word(old), word(new))
            }
            Self::File(path) => write!(formatter, "{} changed", quote(&path.to_string())),
        }
    }
}

/// A value in a sentence: quoted, unless it is a word that every reader knows.
fn word(value: &str) -> String {
    let is_known = Stage::parse(value).is_some() || Status::parse(value).is_some();
    match Milestone::parse(value) {
        Some(milestone) => milestone.to_string(),
        None if is_known => value.to_owned(),
        None => quote(value),
    }
}

#[cfg(test)]
mod tests {
    use super::Due;

    fn sentence(field: &str, old: &str, new: &str) -> String {
        of("status", field, old, new)
    }

    fn of(route: &str, field: &str, old: &str, new: &str) -> String {
        let [field, old, new] = [field, old, new].map(str::to_owned);
        Due::Field { field, old, new, needs_number: false }.of_route(route).to_string()
    }

    #[test]
    fn the_reason_names_both_values() {
        assert_eq!(
            sentence("latest-milestone", "v1.35", "v1.36"),
            "due because `latest-milestone` changed from v1.35 to v1.36"
        );
        assert_eq!(sentence("stage", "", "beta"), "due because `stage` was set to beta");
        assert_eq!(sentence("stage", "beta", ""), "due because `stage` was beta, but now has no value");
    }

    #[test]
    fn a_number_that_did_not_change_is_due_for_the_approval() {
        assert_eq!(
            of("kep-number", "latest-milestone", "v1.35", "v1.36"),
            "due because the approval is needed: `latest-milestone` changed from v1.35 to v1.36"
        );
    }

    #[test]
    fn a_value_that_nobody_knows_is_quoted() {
        assert_eq!(
            sentence("status", "@everyone", "implementable"),
            "due because `status` changed from `@everyone` to implementable"
        );
    }
}
