//! The main job as one straight story: read policy and what the change touches, run the rules, sort out what they
//! found.

pub mod baseline;
mod needs;
pub mod result;
mod run_rules;
pub mod triage;

use std::path::PathBuf;
use std::time::Instant;

use crate::change;
use crate::change::{Needs, Record, Scope, Work};
use crate::check::baseline::Baseline;
use crate::check::result::{Outcome, Report, Threshold, Unchecked};
use crate::check::triage::{Sources, triage};
use crate::config;
use crate::config::{Config, ConfigInChange, Setting};
use crate::error::Error;
use crate::error::SourceError;
use crate::kep::Kep;
use crate::kep::sigs::Sigs;
use crate::project::Web;
use crate::questionnaire::template;
use crate::release::{Calendar, Exceptions, Schedule};
use crate::rule::Level;
use crate::rules;
use crate::source::{Change, Content, Revisions, Snapshot};
use crate::syntax::yaml;
use crate::text::RepoPath;
use crate::text::local_file::read_local;
use crate::text::{Files, Side, SourceFile};
use crate::tracking::{Asking, Facts};

/// How to check.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What to look at.
    pub scope: Scope,
    /// From which level on new findings fail the check (`None` inside: never); else the configuration decides, else
    /// errors do.
    pub fail_on: Option<Option<Level>>,
    /// Whether pre-existing findings count, too.
    pub strict: bool,
    /// Where the configuration is.
    pub config: ConfigSource,
    /// Findings that count as pre-existing.
    pub baseline: BaselineSource,
    /// Groups of the project that are known beside those of the repository.
    pub sigs: Sigs,
    /// What time it is; `None` when that is not to matter: rules about releases are unchecked then.
    pub now: Option<jiff::Timestamp>,
    /// Who may come after an Enhancements Freeze.
    pub exceptions: Exceptions,
    /// Where the repository is on the web.
    pub web: Option<Web>,
    /// Who is asked for what no file tells.
    pub asking: Asking,
}

/// Where the configuration is.
#[derive(Debug, Clone, Default)]
pub enum ConfigSource {
    /// On the target branch at its usual place, if it is there.
    #[default]
    Usual,
    /// On the target branch at this place, where it has to be.
    Policy(RepoPath),
    /// On disk, outside the repository.
    Disk(PathBuf),
}

/// Where a baseline is.
#[derive(Debug, Clone, Default)]
pub enum BaselineSource {
    /// There is none.
    #[default]
    None,
    /// On the target branch, where it has to be.
    Policy(RepoPath),
    /// On disk.
    Disk(PathBuf),
}

/// Checks `change`. It always comes to a report: what could not be done is its error.
#[must_use]
pub fn check(change: &Change, settings: &Settings, started: Instant) -> Report {
    match try_check(change, settings, started) {
        Ok(report) => report,
        Err(error) => failed(error, change.revisions.clone(), settings, started),
    }
}

fn try_check(change: &Change, settings: &Settings, started: Instant) -> Result<Report, Error> {
    names_something(change, &settings.scope)?;
    has_keps(change, &settings.scope)?;
    let config = read_config(change.policy.as_ref(), &settings.config)?;
    let baseline = read_baseline(change.policy.as_ref(), &settings.baseline)?;
    let needs = needs(&config, settings);
    let mut files = Files::default();
    let mut work = change::load(change, &settings.scope, &needs, &mut files);
    settings.sigs.names().for_each(|name| work.policy.sigs.add(name));
    let threshold = threshold(settings, &config);
    let schedule = schedule(&config, settings);
    let asked = needs::ask(&work, &files, &config, &schedule, settings, threshold);
    let facts = Facts { schedule, issues: asked.issues, reviews: asked.reviews };
    let in_change = work.config.as_ref().map(|(file, document)| ConfigInChange::new(*file, document, rules::ALL));
    let sources = Sources { work: &work, config_in_change: in_change.as_ref(), facts: &facts, files: &files };
    let (findings, suppressed) = triage(&sources, &config, &baseline, settings.scope.all);
    let (mut unchecked, policy_fault) = unchecked(&work, &facts, &config, threshold, settings.scope.all);
    unchecked.extend(asked.unchecked);
    let error = incomplete(&mut work).or(policy_fault).or(asked.error);
    Ok(Report {
        outcome: Some(Outcome { work, files, findings, suppressed }),
        revisions: change.revisions.clone(),
        unchecked,
        error,
        threshold,
        elapsed: started.elapsed(),
        web: settings.web.clone(),
    })
}

/// The report of a check that did not come to anything.
#[must_use]
pub fn failed(error: Error, revisions: Revisions, settings: &Settings, started: Instant) -> Report {
    Report {
        outcome: None,
        revisions,
        unchecked: Vec::new(),
        error: Some(error),
        threshold: threshold(settings, &Config::default()),
        elapsed: started.elapsed(),
        web: settings.web.clone(),
    }
}

/// The calendar that is built in, what the configuration adds to it, and the clock.
pub(crate) fn schedule(config: &Config, settings: &Settings) -> Schedule {
    let mut calendar = Calendar::built_in();
    calendar.extend(&config.calendar);
    let exceptions = settings.exceptions.clone();
    Schedule { calendar, now: settings.now, upcoming: config.upcoming_release, exceptions }
}

fn threshold(settings: &Settings, config: &Config) -> Threshold {
    let fail_on = settings.fail_on.or(config.fail_on).unwrap_or(Some(Level::Error));
    Threshold { fail_on, strict: settings.strict }
}

/// A path that stands nowhere is a slip of the caller's, and must not read as a pass.
fn names_something(change: &Change, scope: &Scope) -> Result<(), Error> {
    for path in &scope.only {
        let stands = |path: &RepoPath| -> Result<bool, SourceError> {
            Ok(change.head.kind(path)?.is_some() || change.base.kind(path)?.is_some())
        };
        if !stands(path)? {
            return Err(Error::Usage {
                message: format!("there is no {:?}, neither before nor after the change", path.to_string()),
                help: "name files or folders of the repository".to_owned(),
            });
        }
    }
    Ok(())
}

/// The whole of a tree that holds no KEPs is another tree than was meant, unless there is no tree at all.
fn has_keps(change: &Change, scope: &Scope) -> Result<(), Error> {
    let is_tree = change.revisions.head.is_some();
    if scope.all && is_tree && change.head.kind(&RepoPath::from(crate::project::layout::KEPS))?.is_none() {
        return Err(Error::Usage {
            message: "there is no `keps` folder in this tree".to_owned(),
            help: "name the root of a repository of KEPs with --repo or --head-dir".to_owned(),
        });
    }
    Ok(())
}

/// Where in the repository the configuration stands, and what the rules that it turns on ask for.
fn needs(config: &Config, settings: &Settings) -> Needs {
    let path = match &settings.config {
        ConfigSource::Policy(path) => path.clone(),
        ConfigSource::Usual | ConfigSource::Disk(_) => RepoPath::from(config::PATH),
    };
    let runs = |id: &str| rules::find(id).is_some_and(|rule| config.runs(rule));
    Needs {
        groups: config.groups.clone(),
        owners: runs("sig-node-owners"),
        old_debt: settings.strict,
        readmes: rules::ALL.iter().any(|rule| rule.family == crate::rule::Family::Readme && config.runs(rule)),
        config: path,
    }
}

/// The configuration that holds. One that is invalid is no configuration at all.
pub(crate) fn read_config(policy: &dyn Snapshot, source: &ConfigSource) -> Result<Config, Error> {
    let (path, must_exist) = match source {
        ConfigSource::Usual => (RepoPath::from(config::PATH), false),
        ConfigSource::Policy(path) => (path.clone(), true),
        ConfigSource::Disk(file) => {
            let text = from_disk(file, "--config")?;
            return validated(&text, &file.display().to_string());
        }
    };
    match from_policy(policy, &path)? {
        Some(text) => validated(&text, &format!("{path} (on the target branch)")),
        None if must_exist => Err(Error::Configuration {
            message: format!("there is no configuration {:?} on the target branch", path.to_string()),
            help: "name a file that is there, or an absolute path outside the repository".to_owned(),
        }),
        None if from_policy(policy, &RepoPath::from(MISNAMED))?.is_some() => Err(Error::Configuration {
            message: format!("{MISNAMED} on the target branch is not read"),
            help: format!("rename it to {}", config::PATH),
        }),
        None => Ok(Config::default()),
    }
}

/// The files of the target branch that a check reads whatever the change.
#[must_use]
pub fn policy_files(settings: &Settings) -> Vec<RepoPath> {
    let mut files: Vec<_> = change::POLICY.into_iter().map(RepoPath::from).collect();
    match &settings.config {
        ConfigSource::Usual => files.extend([config::PATH, MISNAMED].map(RepoPath::from)),
        ConfigSource::Policy(path) => files.push(path.clone()),
        ConfigSource::Disk(_) => {}
    }
    if let BaselineSource::Policy(path) = &settings.baseline {
        files.push(path.clone());
    }
    files
}

/// What the configuration is easily called by mistake.
const MISNAMED: &str = ".github/kepgate.yml";

fn validated(text: &str, name: &str) -> Result<Config, Error> {
    let file = SourceFile::new(Side::Policy, RepoPath::root(), text);
    let (config, faults) = Config::lower(&yaml::read(file.text()), rules::ALL);
    let Some(fault) = faults.first() else { return Ok(config) };
    let place = fault.span.map(|span| format!(":{}", file.position(span.start).line)).unwrap_or_default();
    let more = if faults.len() > 1 { format!(" (and {} more)", faults.len() - 1) } else { String::new() };
    Err(Error::Configuration { message: format!("{name}{place}: {}{more}", fault.message), help: fault.help.clone() })
}

fn read_baseline(policy: &dyn Snapshot, source: &BaselineSource) -> Result<Baseline, Error> {
    let (text, name) = match source {
        BaselineSource::None => return Ok(Baseline::default()),
        BaselineSource::Disk(file) => (from_disk(file, "--baseline")?, file.display().to_string()),
        BaselineSource::Policy(path) => match from_policy(policy, path)? {
            Some(text) => (text, path.to_string()),
            None => {
                return Err(Error::Usage {
                    message: format!("there is no baseline {:?} on the target branch", path.to_string()),
                    help: "name a file that is there, or an absolute path outside the repository".to_owned(),
                });
            }
        },
    };
    Baseline::read(&text).map_err(|what| Error::Usage {
        message: format!("the baseline {name:?} cannot be used: {what}"),
        help: "write one with `kepgate check --all --write-baseline FILE`".to_owned(),
    })
}

/// The largest configuration or baseline that is read from disk, in bytes. A baseline of a large tree has some megabytes.
const MAX_LOCAL_BYTES: u64 = 64 * 1024 * 1024;

fn from_disk(file: &PathBuf, option: &str) -> Result<String, Error> {
    read_local(file, MAX_LOCAL_BYTES).map_err(|error| Error::Usage {
        message: format!("{option} {}: {error}", file.display()),
        help: "name a file that can be read".to_owned(),
    })
}

/// The text at `path` on the target branch; `None` when nothing stands there.
fn from_policy(policy: &dyn Snapshot, path: &RepoPath) -> Result<Option<String>, Error> {
    let fault = |what: &str| Error::Configuration {
        message: format!("{:?} on the target branch {what}", path.to_string()),
        help: "put a file of UTF-8 text, of at most 1 MiB, there".to_owned(),
    };
    match policy.read(path)? {
        Content::Absent => Ok(None),
        Content::Irregular(_) => Err(fault("is no regular file, or too large")),
        Content::Bytes(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| fault("is not UTF-8")),
    }
}

/// The rules that need something that could not be had where a KEP asks for it, and the error that comes of it: none
/// when all of them are below the threshold.
fn unchecked(
    work: &Work,
    facts: &Facts,
    config: &Config,
    threshold: Threshold,
    whole_tree: bool,
) -> (Vec<Unchecked>, Option<Error>) {
    let (mut unchecked, mut error) = without_groups(work, config);
    unchecked.extend(without_template(work, config));
    for (rule, reason) in without_dates(work, facts, config, whole_tree) {
        let level = match config.setting(rule) {
            Some(Setting::At(level)) => level,
            _ => rule.level,
        };
        if threshold.fail_on.is_some_and(|threshold| level <= threshold) {
            error = error.or_else(|| {
                Some(Error::Fetch {
                    message: format!("could not check `{}`: {reason}", rule.id),
                    help: format!("add the dates to `calendar` in {} on the target branch", config::PATH),
                })
            });
        }
        unchecked.push(Unchecked { rule: rule.id, reason, is_left_out: false });
    }
    (unchecked, error)
}

/// The rules that would have to know when a release freezes or comes out, and do not, with the reason.
fn without_dates(
    work: &Work,
    facts: &Facts,
    config: &Config,
    whole_tree: bool,
) -> Vec<(&'static crate::rule::Rule, String)> {
    let keps: Vec<_> = work.keps.iter().filter_map(|pair| Some((pair.base.as_ref(), pair.head.as_ref()?))).collect();
    let asking = rules::ASK_THE_SCHEDULE.iter().filter(|(rule, _)| config.runs(rule));
    let unknown = asking.filter_map(|(rule, unknown)| {
        let of_kep = |(base, head): &(Option<&Record>, &Record)| {
            // Where there is no change, nothing is set anew.
            unknown(if whole_tree { Some(*head) } else { *base }, head, &facts.schedule)
        };
        let (release, phase) = keps.iter().find_map(of_kep)?;
        let reason = match facts.schedule.now {
            Some(_) => {
                format!("the calendar does not tell whether the {} of {release} has passed", phase.name(release))
            }
            None => "there is no clock to hold the calendar against".to_owned(),
        };
        Some((*rule, reason))
    });
    unknown.collect()
}

/// The rules that would have to know what the template asks of a README, and do not. A repository may well do without
/// a template, so that this is never an error.
fn without_template(work: &Work, config: &Config) -> Vec<Unchecked> {
    let (ids, reason): (&[&str], _) = match &work.policy.outline {
        None => (
            &["readme-section-missing", "prr-question-unanswered", "prr-answer-mismatch", "readme-template-text"],
            format!("the target branch has no template with headings at {}", template::PATH),
        ),
        Some(outline) if !outline.asks() => (
            &["prr-question-unanswered"],
            format!("{} on the target branch says of no question from which stage on it is due", template::PATH),
        ),
        Some(_) => return Vec::new(),
    };
    let mut heads = work.keps.iter().filter_map(|pair| pair.head.as_ref());
    if !heads.any(|head| head.proposal.is_some()) {
        return Vec::new();
    }
    let rules = ids.iter().filter_map(|id| rules::find(id)).filter(|rule| config.runs(rule));
    rules.map(|rule| Unchecked { rule: rule.id, reason: reason.clone(), is_left_out: false }).collect()
}

/// The rules that need a group of `OWNERS_ALIASES`.
fn without_groups(work: &Work, config: &Config) -> (Vec<Unchecked>, Option<Error>) {
    let keps = || work.keps.iter().filter_map(|pair| pair.head.as_ref()?.kep());
    let mut dirs = work.keps.iter().filter_map(|pair| Some(&pair.head.as_ref()?.dir));
    let is_sig_node = dirs.any(|dir| crate::project::layout::directory_sig(dir) == Some("sig-node"));
    let groups = &work.policy.groups;
    let runs = |id: &str| rules::find(id).is_some_and(|rule| config.runs(rule));
    let (group, ids): (_, &[&'static str]) = if keps().any(Kep::is_gated) && work.policy.approvers().is_none() {
        (&groups.approvers, &["prr-approver-unknown", "prr-approver-emeritus"])
    } else if is_sig_node && runs("sig-node-approvers") && work.policy.tech_leads().is_empty() {
        (&groups.sig_node_tech_leads, &["sig-node-approvers"])
    } else {
        return (Vec::new(), None);
    };
    let reason = format!("OWNERS_ALIASES on the target branch names nobody in `{group}`");
    let unchecked = ids.iter().map(|rule| Unchecked { rule, reason: reason.clone(), is_left_out: false }).collect();
    let error = Error::Configuration {
        message: format!("OWNERS_ALIASES on the target branch has no alias `{group}` with anybody in it"),
        help: format!("add `{group}` to OWNERS_ALIASES on the target branch"),
    };
    (unchecked, Some(error))
}

/// What could not be read: the first failure, and how many there are.
fn incomplete(work: &mut Work) -> Option<Error> {
    let failures = std::mem::take(&mut work.failures);
    let more = failures.len().saturating_sub(1);
    let first = Error::from(failures.into_iter().next()?);
    let rest = if more == 0 { String::new() } else { format!(" (and {more} more like it)") };
    Some(Error::Fetch { message: format!("could not check everything: {first}{rest}"), help: first.help().to_owned() })
}
