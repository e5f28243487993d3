//! What an author does after `kepgate new` or `kepgate promote`: fill in the KEP, opt in, and meet the deadline.

use crate::check::result::Report;
use crate::check::summary::KepSummary;
use crate::check::triage::Triaged;
use crate::kep::{KepNumber, Milestone, Status};
use crate::project::{Profile, Releases, Web};
use crate::release::{Phase, Schedule};
use crate::report::left::{Left, is_about_open_questions};
use crate::text::RepoPath;
use crate::text::wording::{count, quote};

/// What the steps depend on.
pub(crate) struct NextSteps<'a> {
    pub(crate) number: Option<KepNumber>,
    /// Its directory, or its file.
    pub(crate) dir: &'a RepoPath,
    /// The project's word for the stage.
    pub(crate) stage_word: &'a str,
    /// The status, if it says that the KEP is abandoned or done.
    pub(crate) closed: Option<&'a str>,
    /// The release of the stage, if there is one yet.
    pub(crate) release: Option<Milestone>,
    /// The latest release of the KEP so far.
    pub(crate) former: Option<Milestone>,
    /// True if the stage needs a production readiness approver and has none.
    pub(crate) lacks_approver: bool,
    /// The file with the text of the KEP, if it still has to be written.
    pub(crate) unwritten: Option<&'a RepoPath>,
    pub(crate) schedule: &'a Schedule,
    pub(crate) profile: &'a Profile,
    pub(crate) web: Option<&'a Web>,
}

impl NextSteps<'_> {
    /// The steps as numbered lines below a heading. Paths in them are not escaped yet.
    pub(crate) fn render(&self, report: &Report) -> String {
        let steps: Vec<_> = match self.release.filter(|release| self.schedule.is_out(*release) == Some(true)) {
            Some(release) => vec![self.choose_another(release)],
            None => [
                self.reopen(),
                self.request_exception(),
                self.write(),
                Some(self.fill_in(report)),
                self.opt_in(),
                self.name_approver(),
                self.deadline(),
            ]
            .into_iter()
            .flatten()
            .collect(),
        };
        let lines = steps.iter().enumerate();
        let lines = lines.map(|(index, step)| format!("  {}. {}\n", index + 1, step.replace('\n', "\n     ")));
        format!("Next steps:\n{}", lines.collect::<String>())
    }

    fn name(&self) -> String {
        self.number.map_or_else(|| self.dir.to_string(), |number| number.to_string())
    }

    fn choose_another(&self, release: Milestone) -> String {
        let since = self.schedule.date(release, Phase::Release);
        let since = since.map(|date| format!(" since {}", date.written())).unwrap_or_default();
        let first = self.former.map_or(release.next(), |former| former.max(release.next()));
        let help = match self.schedule.first_open(first) {
            Some(open) => format!("use --release {open}"),
            None => "choose a later release".to_owned(),
        };
        let out = if since.is_empty() { "is out" } else { "has been out" };
        format!("{release} {out}{since}:\n{help}, unless you are correcting the record")
    }

    /// An abandoned or finished KEP needs another status to continue.
    fn reopen(&self) -> Option<String> {
        let word = self.profile.dialect.status_word(Status::Implementable);
        Some(format!("the status is {}: set it back to `{word}` only if work is left", quote(self.closed?)))
    }

    fn write(&self) -> Option<String> {
        Some(format!("write {}", quote(&self.unwritten?.to_string())))
    }

    /// What the questionnaire and the findings ask for.
    fn fill_in(&self, report: &Report) -> String {
        let progress =
            report.keps().find_map(|dir| report.kep(dir)).and_then(|kep: &KepSummary| kep.questionnaire.as_ref());
        let open = progress.map_or(0, |progress| progress.questions().saturating_sub(progress.answered()));
        let findings = report.findings();
        let left = Left::new(open, findings.iter().map(|it| &it.finding));
        let mut parts = Vec::new();
        if left.questions > 0 {
            parts.push(format!("answer {} for {}", count(left.questions, "question"), self.stage_word));
        }
        if let Some(words) = left.findings() {
            let is_question = |it: &Triaged| open > 0 && is_about_open_questions(&it.finding);
            let old = match findings.iter().filter(|it| !it.is_new && !is_question(it)).count() {
                0 => String::new(),
                old => format!(" ({old} pre-existing)"),
            };
            parts.push(format!("fix {words}{old}"));
        }
        if parts.is_empty() {
            let for_stage =
                if self.profile.dialect.has_stages() { format!(" for {}", self.stage_word) } else { String::new() };
            return format!("review the diff and commit it: kepgate finds nothing missing{for_stage}");
        }
        // `kepgate check` shows the lines that the findings are about, but not every open question.
        let shows_all =
            left.findings().is_some() && (open == 0 || findings.iter().any(|it| is_about_open_questions(&it.finding)));
        let command = if shows_all { "check".to_owned() } else { format!("status {}", self.name()) };
        format!("{}: see `kepgate {command}`", parts.join(" and "))
    }

    /// Opting in is how a KEP gets into a release of Kubernetes.
    fn opt_in(&self) -> Option<String> {
        if self.profile.releases != Releases::Kubernetes {
            return None;
        }
        let issue = self.profile.issue(self.number?, self.web);
        Some(match self.release {
            Some(release) => {
                format!("opt in: ask a SIG lead for milestone {release} and label `lead-opted-in` on\n{issue}")
            }
            None => format!("describe the enhancement in the tracking issue, {issue}"),
        })
    }

    /// If no release is chosen yet, the approver is named together with it.
    fn name_approver(&self) -> Option<String> {
        let release = self.release.filter(|_| self.lacks_approver)?.to_string();
        Some(format!("name a production readiness approver:\n{}", self.promote(&release)))
    }

    fn promote(&self, release: &str) -> String {
        let approver = if self.lacks_approver { " --prr-approver @HANDLE" } else { "" };
        format!("`kepgate promote {} --stage {} --release {release}{approver}`", self.name(), self.stage_word)
    }

    fn deadline(&self) -> Option<String> {
        if self.profile.releases == Releases::None {
            return None;
        }
        let Some(release) = self.release else {
            return Some(format!(
                "choose a release (`kepgate calendar` shows the freezes):\n{}",
                self.promote("RELEASE")
            ));
        };
        let is_first_over = self.schedule.has_passed(release, Phase::PrrFreeze) == Some(true);
        let (phase, act) = if is_first_over || !self.profile.has_reviews() {
            (Phase::EnhancementsFreeze, "get the pull request merged before")
        } else {
            (Phase::PrrFreeze, "open the pull request before")
        };
        if self.schedule.has_passed(release, phase) == Some(true) {
            return None;
        }
        let name = format!("{} of {release}", phase.name(release));
        Some(match self.schedule.date(release, phase) {
            Some(date) => {
                let left = self.schedule.countdown(release, phase).map(|left| format!(" ({left})")).unwrap_or_default();
                format!("{act} the {name}:\n{date}{left}")
            }
            None => format!("{act} the {name},\nwhose date is not in the calendar yet"),
        })
    }

    /// What has to come first if a freeze of the release has passed.
    fn request_exception(&self) -> Option<String> {
        const REMEDY: &str = "ask the release team for an exception, or choose a later release";
        if self.profile.releases == Releases::None {
            return None;
        }
        let release = self.release?;
        let has_passed = |phase: &Phase| self.schedule.has_passed(release, *phase) == Some(true);
        let needs_review = |phase: &Phase| *phase != Phase::PrrFreeze || self.profile.has_reviews();
        let phases = [Phase::EnhancementsFreeze, Phase::PrrFreeze];
        let phase = phases.into_iter().filter(needs_review).find(has_passed)?;
        let name = format!("the {} of {release} has passed", phase.name(release));
        // A pull request that was opened in time can be merged until the second freeze.
        let may_be_in_time = phase == Phase::PrrFreeze && !self.lacks_approver;
        let unless = if may_be_in_time { " unless the pull request was open by then," } else { "" };
        Some(format!("{name}:{unless}\n{REMEDY}"))
    }
}
