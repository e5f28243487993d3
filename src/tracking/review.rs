//! Who has approved the pull request, by a review or by a Prow command in a comment.

use std::collections::{BTreeMap, BTreeSet};

use crate::kep::handle;
use crate::syntax::markdown::prose;
use crate::text::RepoPath;

/// The approvals of a pull request, by handle.
#[derive(Debug, Clone, Default)]
pub struct Reviews(BTreeMap<String, Person>);

/// The current approval of one person.
#[derive(Debug, Clone, Default)]
struct Person {
    /// The commit that they approved, if their latest review is an approval.
    approved: Option<String>,
    /// The production-readiness files that are the same at that commit as at head.
    unchanged: BTreeSet<RepoPath>,
    /// True if their latest command is `/approve`.
    has_approve_command: bool,
}

/// A person's approval of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// They approved the current version of the file.
    Given,
    /// They approved the pull request when the file was different.
    Outdated,
    /// They commented `/approve`, which does not refer to a version.
    Claimed,
    /// They did not approve.
    None,
}

/// A review or a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// When it was written, as in `2026-02-01T12:00:00Z`, which sorts by time.
    pub at: String,
    /// The author's handle, without `@`.
    pub author: String,
    /// The text.
    pub body: String,
    /// The verdict of a review and the reviewed commit; `None` for a comment.
    pub review: Option<(Verdict, String)>,
}

/// The verdict of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It approves.
    Approved,
    /// It requests changes, or was dismissed.
    Withdrawn,
    /// It only comments.
    Comment,
}

impl Verdict {
    /// Parses the state of a review as GitHub writes it.
    #[must_use]
    pub fn parse(state: &str) -> Self {
        match state {
            "APPROVED" => Self::Approved,
            "CHANGES_REQUESTED" | "DISMISSED" => Self::Withdrawn,
            _ => Self::Comment,
        }
    }
}

impl Statement {
    fn withdraws_approval(&self) -> bool {
        matches!(self.review, Some((Verdict::Withdrawn, _)))
            || prose(&self.body).lines().filter_map(approve_command).next_back() == Some(false)
    }
}

impl Reviews {
    /// Determines each person's current approval from all reviews and comments, which may be in any order.
    #[must_use]
    pub fn from_statements(mut statements: Vec<Statement>) -> Self {
        // Times have a resolution of one second. Within the same second, a withdrawal comes last.
        statements.sort_by(|one, other| {
            one.at.cmp(&other.at).then_with(|| one.withdraws_approval().cmp(&other.withdraws_approval()))
        });
        let mut reviews = Self::default();
        for statement in statements {
            let person = reviews.0.entry(handle::folded(&statement.author)).or_default();
            for is_approval in prose(&statement.body).lines().filter_map(approve_command) {
                person.has_approve_command = is_approval;
            }
            match statement.review {
                Some((Verdict::Approved, commit)) => person.approved = Some(commit),
                Some((Verdict::Withdrawn, _)) => person.approved = None,
                Some((Verdict::Comment, _)) | None => {}
            }
        }
        reviews
    }

    /// The commits that are currently approved by anyone.
    #[must_use]
    pub fn approved_commits(&self) -> BTreeSet<&str> {
        self.0.values().filter_map(|person| person.approved.as_deref()).collect()
    }

    /// Records that the file at `path` is the same at `commit` as at head.
    pub fn mark_unchanged(&mut self, commit: &str, path: &RepoPath) {
        for person in self.0.values_mut().filter(|person| person.approved.as_deref() == Some(commit)) {
            person.unchanged.insert(path.clone());
        }
    }

    /// Returns how `person`, written with or without `@`, has approved the file at `path`.
    #[must_use]
    pub fn consent(&self, person: &str, path: &RepoPath) -> Consent {
        match self.0.get(&handle::folded(person)) {
            Some(person) if person.approved.is_some() && person.unchanged.contains(path) => Consent::Given,
            Some(person) if person.has_approve_command => Consent::Claimed,
            Some(person) if person.approved.is_some() => Consent::Outdated,
            _ => Consent::None,
        }
    }
}

/// Parses a line as a Prow command: true if it approves, false if it withdraws an approval, `None` for anything else.
/// From kubernetes-sigs/prow, `pkg/plugins/approve/approve.go`.
fn approve_command(line: &str) -> Option<bool> {
    let mut words = line.trim_end().strip_prefix('/')?.split_whitespace();
    match words.next()?.to_ascii_lowercase().as_str() {
        "approve" => Some(!words.any(|word| word.eq_ignore_ascii_case("cancel"))),
        "remove-approve" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Consent, Reviews, Statement, Verdict};
    use crate::text::RepoPath;

    fn comment(at: &str, author: &str, body: &str) -> Statement {
        Statement { at: at.to_owned(), author: author.to_owned(), body: body.to_owned(), review: None }
    }

    fn review(at: &str, author: &str, state: &str, commit: &str) -> Statement {
        Statement { review: Some((Verdict::parse(state), commit.to_owned())), ..comment(at, author, "") }
    }

    fn consent(statements: Vec<Statement>) -> Consent {
        let path = RepoPath::from("keps/prod-readiness/sig-node/1.yaml");
        let mut reviews = Reviews::from_statements(statements);
        reviews.mark_unchanged("head", &path);
        reviews.consent("@Petra-Solm", &path)
    }

    #[test]
    fn an_approval_counts_for_the_version_that_was_reviewed() {
        assert_eq!(consent(vec![review("1", "petra-solm", "APPROVED", "head")]), Consent::Given);
        assert_eq!(consent(vec![review("1", "petra-solm", "APPROVED", "old")]), Consent::Outdated);
        assert_eq!(consent(vec![review("1", "hedda-rusk", "APPROVED", "head")]), Consent::None);
        assert_eq!(consent(vec![review("1", "petra-solm", "COMMENTED", "head")]), Consent::None);
    }

    #[test]
    fn the_latest_review_counts_in_any_order() {
        let yes = review("1", "petra-solm", "APPROVED", "head");
        let no = review("2", "petra-solm", "CHANGES_REQUESTED", "head");
        let chat = review("3", "petra-solm", "COMMENTED", "head");
        assert_eq!(consent(vec![no.clone(), yes.clone()]), Consent::None);
        assert_eq!(consent(vec![chat, yes.clone()]), Consent::Given, "a comment does not withdraw an approval");
        assert_eq!(consent(vec![yes, review("2", "petra-solm", "DISMISSED", "head")]), Consent::None);
    }

    #[test]
    fn a_withdrawal_is_the_last_word_of_a_second() {
        let approval = review("1", "petra-solm", "APPROVED", "head");
        let withdrawal = review("1", "petra-solm", "CHANGES_REQUESTED", "head");
        let [claim, cancel] = ["/approve", "/approve cancel"].map(|body| comment("1", "petra-solm", body));
        for [one, other] in [[approval, withdrawal], [claim, cancel]] {
            assert_eq!(consent(vec![one.clone(), other.clone()]), Consent::None);
            assert_eq!(consent(vec![other, one]), Consent::None);
        }
    }

    #[test]
    fn commands_can_approve_and_cancel() {
        for (body, expected) in [
            ("/approve", Consent::Claimed),
            ("Thanks!\r\n/Approve no-issue\r\n/hold", Consent::Claimed),
            ("/approve\n/approve cancel", Consent::None),
            ("/remove-approve", Consent::None),
            ("please /approve", Consent::None),
            ("/approved", Consent::None),
            ("> /approve", Consent::None),
            ("```\n/approve\n```", Consent::None),
            ("~~~\n/approve", Consent::None),
            ("```\r\n/approve\r\n```\r\n/hold", Consent::None),
            ("    /approve", Consent::None),
            ("see `\n/approve\n`", Consent::None),
            ("<!-- to approve, write\n/approve\n-->", Consent::None),
            ("<!--\n/approve", Consent::None),
            ("text <!--\n/approve\n-->", Consent::None),
            ("<pre>\n/approve\n</pre>", Consent::None),
            ("<code>\n/approve\n</code>", Consent::None),
            ("/approve <!-- cancel -->", Consent::Claimed),
            ("```\nx\n```\n/approve", Consent::Claimed),
            ("<!-- x -->\n/approve", Consent::Claimed),
            ("/approve\n```\n/approve cancel\n```", Consent::Claimed),
        ] {
            assert_eq!(consent(vec![comment("1", "petra-solm", body)]), expected, "{body:?}");
        }
        let claim = comment("1", "petra-solm", "/approve");
        assert_eq!(consent(vec![claim, comment("2", "petra-solm", "/approve cancel")]), Consent::None);
    }
}
