//! Fetches the external data that the enabled rules need, and reports the rules that did not get it.
//!
//! A rule declares its general needs ([`Rule::needs`]), and reports what is missing when it checks a KEP
//! ([`Findings::cannot_tell`](crate::rules::Findings::cannot_tell)). Therefore this module does not need to know any
//! single rule: the rules that need GitHub run without it first, then everything that they lacked is fetched at once,
//! and then all rules run.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use super::Settings;
use super::policy;
use super::result::{Threshold, Unchecked};
use super::run_rules::run;
use crate::change::Changeset;
use crate::config;
use crate::config::{Config, KubernetesListsPlace};
use crate::error::{Error, SourceError};
use crate::github::Repository;
use crate::kep::KepNumber;
use crate::kubernetes::Digest;
use crate::project::{Profile, Releases};
use crate::rule::{Need, Rule};
use crate::rules::{CHECKS, Check, Context, External, Missing};
use crate::text::RepoPath;
use crate::text::wording::quote;
use crate::tracking::{Asking, Tracker};

/// The fetched data, and the errors.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    pub(super) external: External,
    issues: Option<SourceError>,
    reviews: Option<SourceError>,
    kubernetes: Option<SourceError>,
    /// Errors reading KEPs, which leave their needs unknown. The check reads them again, and may not see these errors.
    pub(super) failures: Vec<SourceError>,
}

/// Fetches only the data that the enabled rules need.
pub(super) fn fetch(
    changeset: &Changeset<'_>,
    config: &Config,
    settings: &Settings,
    kubernetes: Option<Digest>,
) -> Fetched {
    let schedule = settings.schedule(config, &changeset.policy.profile);
    let external = External {
        schedule,
        opened: settings.opened.clone(),
        kubernetes,
        is_strict: settings.strict,
        ..External::default()
    };
    let mut fetched = Fetched { external, ..Fetched::default() };
    if let Asking::Of(tracker) = &settings.asking {
        let questions = Questions::of(changeset, config, &fetched.external, settings.scope.all);
        questions.ask(tracker.as_ref(), config, &mut fetched);
        fetched.failures = questions.failures;
    }
    fetched
}

/// The data that the rules need from GitHub.
#[derive(Default)]
struct Questions {
    issues: BTreeSet<KepNumber>,
    /// Production-readiness files at head whose reviews are needed.
    prr_files: BTreeMap<RepoPath, String>,
    /// True if a KEP has feature gates or metrics to compare with those of Kubernetes.
    kubernetes: bool,
    /// Read errors.
    failures: Vec<SourceError>,
}

impl Questions {
    /// Runs the rules that need GitHub without it, one KEP at a time.
    fn of(changeset: &Changeset<'_>, config: &Config, external: &External, is_whole_tree: bool) -> Self {
        let mut from_github = vec![Need::TrackingIssues, Need::Reviews];
        if repository_of_lists(config).is_some() {
            from_github.push(Need::KubernetesLists);
        }
        let needs_github =
            |check: &&Check| config.runs(check.rule) && check.rule.needs.iter().any(|need| from_github.contains(need));
        let checks: Vec<_> = CHECKS.iter().filter(needs_github).collect();
        let mut questions = Self::default();
        if checks.is_empty() {
            return questions;
        }
        for location in &changeset.keps {
            let mut loaded = changeset.read_without_readme(location);
            questions.failures.append(&mut loaded.failures);
            let Some(kep) = &loaded.value else { continue };
            let subject = super::run_rules::subject(kep, is_whole_tree);
            let (policy, aliases) = (&changeset.policy, changeset.aliases.as_ref());
            let context = Context { subject, policy, aliases, external, files: &loaded.files };
            for (_, missing) in run(&context, config, &checks).missing {
                match missing {
                    Missing::Issue(number) => _ = questions.issues.insert(number),
                    Missing::Reviews(path, file) => {
                        questions.prr_files.insert(path, loaded.files[file].text().to_owned());
                    }
                    Missing::KubernetesLists => questions.kubernetes = true,
                    _ => {}
                }
            }
        }
        questions
    }

    fn ask(&self, tracker: &dyn Tracker, config: &Config, fetched: &mut Fetched) {
        if !self.issues.is_empty() {
            match tracker.issues(&self.issues) {
                Ok(issues) => fetched.external.issues = Some(issues),
                Err(error) => fetched.issues = Some(error),
            }
        }
        if !self.prr_files.is_empty() {
            let prr_files = self.prr_files.iter().map(|(path, text)| (path.clone(), text.as_str())).collect();
            match tracker.reviews(&prr_files) {
                Ok(reviews) => fetched.external.reviews = Some(reviews),
                Err(error) => fetched.reviews = Some(error),
            }
        }
        if let Some(repository) = repository_of_lists(config).filter(|_| self.kubernetes) {
            match tracker.kubernetes_lists(repository) {
                Ok(lists) => fetched.external.kubernetes = Some(Digest::of(repository.to_string(), lists)),
                Err(error) => fetched.kubernetes = Some(error),
            }
        }
    }
}

/// The repository from which the lists of Kubernetes are fetched, if the configuration says so.
fn repository_of_lists(config: &Config) -> Option<&Repository> {
    match &config.kubernetes_lists {
        Some(KubernetesListsPlace::GitHub(repository)) => Some(repository),
        Some(KubernetesListsPlace::File(_)) | None => None,
    }
}

/// Why nobody knows if the answers of a reopened KEP are those that were approved.
const REOPENED: &str = "the KEP was closed, so its answers could change without a notice; `kepgate review` shows what \
                        changed since its approval";

/// Decides what follows from unmet needs.
pub(super) struct Unmet<'a> {
    pub(super) asking: &'a Asking,
    pub(super) fetched: &'a Fetched,
    pub(super) config: &'a Config,
    pub(super) profile: &'a Profile,
    pub(super) threshold: Threshold,
}

/// Why a rule is unchecked, and what follows from it.
struct Explanation {
    reason: String,
    is_left_out: bool,
    consequence: Consequence,
}

/// What follows from an unchecked rule.
enum Consequence {
    /// Nothing: it was skipped on purpose, or the repository does not use it.
    None,
    /// The target branch is wrong, regardless of the rule's level.
    WrongPolicy(Error),
    /// The check is incomplete if the rule is at or above the threshold. The text is the help.
    Incomplete(String),
}

impl Unmet<'_> {
    /// The unchecked rules in the order of the catalog, and the error, if one of them counts.
    pub(super) fn report(&self, missing: &[(&'static Rule, Missing)]) -> (Vec<Unchecked>, Option<Error>) {
        let (mut unchecked, mut wrong_policy, mut incomplete) = (Vec::new(), None, None);
        for check in CHECKS {
            // Report each reason for the first KEP only.
            let mut seen = Vec::new();
            for (_, missing) in missing.iter().filter(|(rule, _)| rule.id == check.rule.id) {
                if seen.contains(&discriminant(missing)) {
                    continue;
                }
                seen.push(discriminant(missing));
                let Explanation { reason, is_left_out, consequence } = self.explain(check.rule, missing);
                match consequence {
                    Consequence::WrongPolicy(error) => _ = wrong_policy.get_or_insert(error),
                    Consequence::Incomplete(help) if self.threshold.fail_on.includes(self.config.level(check.rule)) => {
                        let message = format!("could not check `{}`: {reason}", check.rule.id);
                        incomplete.get_or_insert(Error::fetch(message, help));
                    }
                    Consequence::Incomplete(_) | Consequence::None => {}
                }
                unchecked.push(Unchecked { rule: check.rule.id, reason, is_left_out });
            }
        }
        (unchecked, wrong_policy.or(incomplete))
    }

    fn explain(&self, rule: &Rule, missing: &Missing) -> Explanation {
        let because = |reason: String, consequence| Explanation { reason, is_left_out: false, consequence };
        match missing {
            Missing::Date(release, phase) => {
                let reason = match self.fetched.external.schedule.now {
                    Some(_) => format!(
                        "the calendar does not say whether the {} of {release} has passed",
                        phase.name(*release)
                    ),
                    None => "the current time is unknown".to_owned(),
                };
                let help = format!("add the dates to `calendar` in {} on the target branch", config::PATH);
                // A project need not publish the dates of its own releases.
                let is_own = self.profile.releases == Releases::Own && self.fetched.external.schedule.now.is_some();
                because(reason, if is_own { Consequence::None } else { Consequence::Incomplete(help) })
            }
            Missing::Opening => because(
                "it is unknown when the change was proposed".to_owned(),
                Consequence::Incomplete(
                    "compare commits with --base and --head in a clone with their history, or specify the pull \
                     request with --pull-request"
                        .to_owned(),
                ),
            ),
            Missing::ReviewedAnswers => because(REOPENED.to_owned(), Consequence::None),
            Missing::Group(group) => {
                let is_of_leads = *group == self.config.groups.sig_node_tech_leads;
                let key = if is_of_leads { "sig-node-tech-leads" } else { "approvers" };
                let reason = format!("`{group}` is missing or empty in OWNERS_ALIASES on the target branch");
                let help = format!(
                    "add members to `{group}` in OWNERS_ALIASES on the target branch; if the group has another name, set \
                     `aliases.{key}` in .github/kepgate.yaml"
                );
                because(reason.clone(), Consequence::WrongPolicy(Error::configuration(reason, help)))
            }
            Missing::Members(group) => {
                let reason = format!("a member of `{group}` in OWNERS_ALIASES on the target branch cannot be read");
                let help = format!(
                    "write a handle in each entry of `{group}` and its emeritus group in OWNERS_ALIASES on the target branch"
                );
                because(reason.clone(), Consequence::WrongPolicy(Error::configuration(reason, help)))
            }
            // A template is optional.
            Missing::Template | Missing::TemplateStages | Missing::Markdown(_) => {
                because(self.explain_text(missing), Consequence::None)
            }
            Missing::KubernetesLists | Missing::ValidLists { .. } | Missing::NewerLists { .. } => {
                self.explain_lists(rule, missing)
            }
            Missing::Issue(_) => self.explain_github(rule, self.fetched.issues.as_ref()),
            Missing::Reviews(..) => self.explain_github(rule, self.fetched.reviews.as_ref()),
        }
    }

    /// Explains what is missing in the template or in a README.
    fn explain_text(&self, missing: &Missing) -> String {
        let template = self.profile.layout.template_readme();
        match missing {
            Missing::Markdown(path) => {
                format!("READMEs that are not Markdown are not read, such as {}", quote(&path.to_string()))
            }
            Missing::TemplateStages => {
                format!("{template} on the target branch does not say at which stages its questions are due")
            }
            _ => format!("the target branch has no README template with headings at {template}"),
        }
    }

    /// Explains why Kubernetes' lists are missing.
    fn explain_lists(&self, rule: &Rule, missing: &Missing) -> Explanation {
        match missing {
            Missing::ValidLists { name, fault } => {
                let error = policy::invalid_lists(name, fault);
                let reason = error.describe();
                Explanation { reason, is_left_out: false, consequence: Consequence::WrongPolicy(error) }
            }
            Missing::NewerLists { release, lists } => Explanation {
                reason: format!("{release} has passed its code freeze, but the lists of Kubernetes describe {lists}"),
                is_left_out: true,
                consequence: Consequence::None,
            },
            _ if repository_of_lists(self.config).is_some() => {
                self.explain_github(rule, self.fetched.kubernetes.as_ref())
            }
            _ => Explanation {
                reason: "no lists of Kubernetes' feature gates and metrics are configured".to_owned(),
                is_left_out: true,
                consequence: self.config.setting(rule).map_or(Consequence::None, |_| {
                    let help = "write the lists with `kepgate lists fetch`, and set `kubernetes-lists` to their path";
                    Consequence::Incomplete(help.to_owned())
                }),
            },
        }
    }

    fn explain_github(&self, rule: &Rule, error: Option<&SourceError>) -> Explanation {
        if let Some(error) = error {
            let consequence = Consequence::Incomplete(error.help().to_owned());
            return Explanation { reason: error.describe(), is_left_out: false, consequence };
        }
        let is_offline = matches!(self.asking, Asking::Offline);
        let reason = if is_offline { "GitHub was not queried because of --offline" } else { "GitHub was not queried" };
        // A rule that is enabled in the configuration must be checked; a rule that is on by default may be skipped.
        let consequence = if is_offline || self.config.setting(rule).is_none() {
            Consequence::None
        } else {
            let help = "pass --repository OWNER/NAME to query GitHub, or --offline to skip the rule";
            Consequence::Incomplete(help.to_owned())
        };
        Explanation { reason: reason.to_owned(), is_left_out: true, consequence }
    }
}
