//! Why a list is incomplete: KEPs and folders that could not be read. They must not look as if they did not match.

use crate::change::{Survey, unread_readme};
use crate::check::result::Outcome;
use crate::error::{Error, SourceError};
use crate::project::Layout;
use crate::text::RepoPath;
use crate::text::wording::quote;

/// The maximum number of KEPs or errors to name. The others are only counted.
const MAX_NAMED: usize = 3;

/// The error for everything that a survey could not read.
pub(crate) fn of_survey(survey: &Survey) -> Option<Error> {
    let Survey { failures, obstacles, lost_fields, lost_approvals, .. } = survey;
    let failures: Vec<_> = [failures, obstacles, lost_fields, lost_approvals].into_iter().flatten().collect();
    of(&failures, &survey.unread)
}

/// The error for KEPs that cannot be read.
pub(crate) fn unread(dirs: &[RepoPath]) -> Option<Error> {
    of(&[], dirs)
}

/// The error for what could not be fetched or read.
pub(crate) fn incomplete(failures: &[SourceError]) -> Option<Error> {
    of(&failures.iter().collect::<Vec<_>>(), &[])
}

/// The error for the READMEs of checked KEPs that cannot be read, so their answers are unknown.
pub(crate) fn of_readmes(outcome: &Outcome, layout: &Layout) -> Option<Error> {
    let keps = outcome.keps.iter().filter_map(|kep| kep.head()).filter(|kep| kep.has_unread_readme());
    incomplete(&keps.map(|kep| unread_readme(&layout.readme_of(&kep.dir))).collect::<Vec<_>>())
}

/// Turns an error such as that a KEP does not exist into one about the incomplete survey. If the survey is complete,
/// the error is certain and returned unchanged.
pub(crate) fn instead(error: Error, survey: &Survey) -> Error {
    instead_of(error, survey.failures.iter().chain(&survey.obstacles).chain(&survey.lost_fields))
}

/// Like [`instead`], for these failures. A fetch or internal error is returned unchanged.
pub(crate) fn instead_of<'a>(error: Error, failures: impl IntoIterator<Item = &'a SourceError>) -> Error {
    let failures: Vec<_> = failures.into_iter().collect();
    match of(&failures, &[]) {
        Some(_) if matches!(error, Error::Fetch { .. } | Error::Internal { .. }) => error,
        None => error,
        Some(gap) => Error::fetch(format!("{}, but {}", error.describe(), gap.describe()), gap.help().to_owned()),
    }
}

fn of(failures: &[&SourceError], unread: &[RepoPath]) -> Option<Error> {
    let mut parts: Vec<_> = failures.iter().take(MAX_NAMED).map(|failure| failure.describe()).collect();
    if failures.len() > MAX_NAMED {
        parts.push(format!("{} more errors", failures.len() - MAX_NAMED));
    }
    if !unread.is_empty() {
        parts.push(format!("{} cannot be read", names(unread)));
    }
    let help = failures.first().map_or("run `kepgate check --all` to see what is wrong", |failure| failure.help());
    let message = format!("the list is incomplete: {}", parts.join("; "));
    (!parts.is_empty()).then(|| Error::fetch(message, help.to_owned()))
}

/// `a`, `b` and 3 more
fn names(dirs: &[RepoPath]) -> String {
    let mut names: Vec<_> = dirs.iter().take(MAX_NAMED).map(|dir| quote(&dir.to_string())).collect();
    let rest = dirs.len() - names.len();
    let last = if rest > 0 { Some(format!("{rest} more")) } else { names.pop().filter(|_| !names.is_empty()) };
    match last {
        None => dirs.first().map(|dir| quote(&dir.to_string())).unwrap_or_default(),
        Some(last) => format!("{} and {last}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{names, unread};
    use crate::text::RepoPath;

    fn dirs(count: usize) -> Vec<RepoPath> {
        (1..=count).map(|number| RepoPath::from(format!("k/{number}").as_str())).collect()
    }

    #[test]
    fn all_of_a_few_are_named_and_many_are_counted() {
        assert_eq!(names(&dirs(1)), "`k/1`");
        assert_eq!(names(&dirs(2)), "`k/1` and `k/2`");
        assert_eq!(names(&dirs(3)), "`k/1`, `k/2` and `k/3`");
        assert!(names(&dirs(5)).ends_with("`k/3` and 2 more"));
        assert!(unread(&[]).is_none());
    }
}
