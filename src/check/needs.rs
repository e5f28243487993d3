//! Asking for what no file tells, and saying which rules are unchecked without it.

use std::collections::{BTreeMap, BTreeSet};

use super::Settings;
use crate::change::{Record, Work};
use crate::check::result::{Threshold, Unchecked};
use crate::config;
use crate::config::{Config, Setting};
use crate::error::Error;
use crate::error::SourceError;
use crate::kep::KepNumber;
use crate::release::Schedule;
use crate::rule::Rule;
use crate::rules;
use crate::text::Files;
use crate::tracking::{Asking, Reviews, Tracker, Tracking};

/// The rules that need to know the tracking issue.
const OF_ISSUES: [&str; 3] = ["not-opted-in", "issue-missing", "issue-milestone-mismatch"];

/// The rules that need to know what was said on the pull request.
const OF_REVIEWS: [&str; 1] = ["prr-not-approved"];

/// What was found out, and what was not.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) issues: Option<BTreeMap<KepNumber, Tracking>>,
    pub(super) reviews: Option<Reviews>,
    pub(super) unchecked: Vec<Unchecked>,
    pub(super) error: Option<Error>,
}

/// Asks for what the rules that run need for the KEPs of `work`, and for nothing else.
pub(super) fn ask(
    work: &Work,
    files: &Files,
    config: &Config,
    schedule: &Schedule,
    settings: &Settings,
    threshold: Threshold,
) -> Asked {
    let asking = &settings.asking;
    let numbers: BTreeSet<_> = heads(work).filter_map(|(_, head)| rules::tracked_number(head)).collect();
    let approvals: BTreeMap<_, _> = heads(work)
        .filter(|(base, head)| rules::asks_for_reviews(*base, head))
        .filter_map(|(_, head)| {
            let file = head.approval.as_ref()?.file;
            Some((head.approval_path.clone()?, files[file].text()))
        })
        .collect();
    let mut asked = Asked::default();
    let of_issues = running(&OF_ISSUES, config);
    if !numbers.is_empty() && !of_issues.is_empty() {
        let answer = |tracker: &dyn Tracker| tracker.issues(&numbers);
        asked.issues = asked.about(answer, &of_issues, asking, config, threshold);
    }
    let of_reviews = running(&OF_REVIEWS, config);
    if !approvals.is_empty() && !of_reviews.is_empty() {
        let answer = |tracker: &dyn Tracker| tracker.reviews(&approvals);
        asked.reviews = asked.about(answer, &of_reviews, asking, config, threshold);
    }
    asked.without_date(work, schedule, config, settings, threshold);
    asked
}

/// The KEPs at head whose metadata could be read, each with its base.
fn heads(work: &Work) -> impl Iterator<Item = (Option<&Record>, &Record)> {
    let heads = work.keps.iter().filter_map(|pair| Some((pair.base.as_ref(), pair.head.as_ref()?)));
    heads.filter(|(_, head)| head.kep().is_some_and(|kep| kep.readable))
}

fn running(ids: &[&str], config: &Config) -> Vec<&'static Rule> {
    ids.iter().filter_map(|id| rules::find(id)).filter(|rule| config.runs(rule)).collect()
}

impl Asked {
    /// The answer; without one the rules are unchecked, and where one of them counts, so is the change.
    fn about<T>(
        &mut self,
        answer: impl FnOnce(&dyn Tracker) -> Result<T, SourceError>,
        rules: &[&'static Rule],
        asking: &Asking,
        config: &Config,
        threshold: Threshold,
    ) -> Option<T> {
        let (reason, help, is_left_out) = match asking {
            Asking::Of(tracker) => match answer(tracker.as_ref()) {
                Ok(answer) => return Some(answer),
                Err(error) => (error.to_string(), error.help().to_owned(), false),
            },
            Asking::Offline => ("GitHub was not to be asked".to_owned(), String::new(), true),
            Asking::Unasked => {
                let help = "name the repository with --repository, to ask GitHub, or leave it out with --offline";
                ("GitHub was not asked".to_owned(), help.to_owned(), true)
            }
        };
        for rule in rules {
            let setting = config.setting(rule);
            let counts = match (asking, setting) {
                // Whoever raises a rule wants it checked; nobody has to ask for what is on by default.
                (Asking::Offline, _) | (Asking::Unasked, None) => false,
                (_, Some(Setting::At(level))) => threshold.fail_on.is_some_and(|fail_on| level <= fail_on),
                (_, _) => threshold.fail_on.is_some_and(|fail_on| rule.level <= fail_on),
            };
            self.unchecked.push(Unchecked { rule: rule.id, reason: reason.clone(), is_left_out });
            if counts && self.error.is_none() {
                let message = format!("could not check `{}`: {reason}", rule.id);
                self.error = Some(Error::Fetch { message, help: help.clone() });
            }
        }
        None
    }

    /// `not-opted-in` needs to know whether a release is frozen, too.
    fn without_date(&mut self, work: &Work, schedule: &Schedule, config: &Config, settings: &Settings, at: Threshold) {
        let unknown = heads(work).find_map(|(base, head)| {
            // Where there is no change, nothing is set anew.
            rules::opt_in_unknown(if settings.scope.all { Some(head) } else { base }, head, schedule)
        });
        let rule = rules::find("not-opted-in").filter(|rule| self.issues.is_some() && config.runs(rule));
        let (Some(rule), Some((release, phase))) = (rule, unknown) else { return };
        let reason = format!("the calendar does not tell whether the {} of {release} has passed", phase.name(release));
        let level = match config.setting(rule) {
            Some(Setting::At(level)) => level,
            _ => rule.level,
        };
        if at.fail_on.is_some_and(|fail_on| level <= fail_on) && self.error.is_none() {
            let message = format!("could not check `{}`: {reason}", rule.id);
            let help = format!("add the dates to `calendar` in {} on the target branch", config::PATH);
            self.error = Some(Error::Fetch { message, help });
        }
        self.unchecked.push(Unchecked { rule: rule.id, reason, is_left_out: false });
    }
}
