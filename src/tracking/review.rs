//! What was said on the pull request: reviews, and commands of Prow's in comments.

use std::collections::{BTreeMap, BTreeSet};

use crate::kep::handle;
use crate::text::RepoPath;

/// Who consented to what, by handle.
#[derive(Debug, Clone, Default)]
pub struct Reviews(BTreeMap<String, Said>);

#[derive(Debug, Clone, Default)]
struct Said {
    /// The commit of the review by which they approve, when their last word is one.
    approved: Option<String>,
    /// The production-readiness files that stood at that commit as they stand at the head.
    same: BTreeSet<RepoPath>,
    /// Whether their last command says `/approve`.
    claimed: bool,
}

/// What somebody's consent to a file comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// They have approved the file as it stands.
    Given,
    /// They have approved the pull request when the file was another.
    Outdated,
    /// They have written `/approve`, which is tied to no commit.
    Claimed,
    /// They have said nothing of the kind.
    None,
}

/// What one person said at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// When, as GitHub writes it (`2026-02-01T12:00:00Z`): the order of time is that of letters.
    pub at: String,
    /// The handle, without `@`.
    pub author: String,
    /// The text.
    pub body: String,
    /// The state of a review and the commit that it was made at; `None` for a comment.
    pub review: Option<(Verdict, String)>,
}

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Approved,
    /// No, or no longer yes.
    Withdrawn,
    /// Neither.
    Comment,
}

impl Verdict {
    /// From GitHub's word for it.
    #[must_use]
    pub fn parse(state: &str) -> Self {
        match state {
            "APPROVED" => Self::Approved,
            "CHANGES_REQUESTED" | "DISMISSED" => Self::Withdrawn,
            _ => Self::Comment,
        }
    }
}

impl Reviews {
    /// Sums up what was said, in whatever order.
    #[must_use]
    pub fn sum_up(mut words: Vec<Word>) -> Self {
        words.sort_by(|one, other| one.at.cmp(&other.at));
        let mut reviews = Self::default();
        for word in words {
            let said = reviews.0.entry(handle::folded(&word.author)).or_default();
            for command in word.body.lines().filter_map(approve_command) {
                said.claimed = command;
            }
            match word.review {
                Some((Verdict::Approved, commit)) => said.approved = Some(commit),
                Some((Verdict::Withdrawn, _)) => said.approved = None,
                Some((Verdict::Comment, _)) | None => {}
            }
        }
        reviews
    }

    /// The commits at which somebody's approval stands.
    #[must_use]
    pub fn commits(&self) -> BTreeSet<&str> {
        self.0.values().filter_map(|said| said.approved.as_deref()).collect()
    }

    /// Notes that the file at `path` stood at `commit` as it stands at the head.
    pub fn note_same(&mut self, commit: &str, path: &RepoPath) {
        for said in self.0.values_mut().filter(|said| said.approved.as_deref() == Some(commit)) {
            said.same.insert(path.clone());
        }
    }

    /// What `person`, with or without `@`, has said to the file at `path`.
    #[must_use]
    pub fn consent(&self, person: &str, path: &RepoPath) -> Consent {
        match self.0.get(&handle::folded(person)) {
            Some(said) if said.approved.is_some() && said.same.contains(path) => Consent::Given,
            Some(said) if said.claimed => Consent::Claimed,
            Some(said) if said.approved.is_some() => Consent::Outdated,
            _ => Consent::None,
        }
    }
}

/// What a line says as a command of Prow's: approve, or take it back; `None` when it says neither.
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
    use super::{Consent, Reviews, Verdict, Word};
    use crate::text::RepoPath;

    fn comment(at: &str, author: &str, body: &str) -> Word {
        Word { at: at.to_owned(), author: author.to_owned(), body: body.to_owned(), review: None }
    }

    fn review(at: &str, author: &str, state: &str, commit: &str) -> Word {
        Word { review: Some((Verdict::parse(state), commit.to_owned())), ..comment(at, author, "") }
    }

    fn consent(words: Vec<Word>) -> Consent {
        let path = RepoPath::from("keps/prod-readiness/sig-node/1.yaml");
        let mut reviews = Reviews::sum_up(words);
        reviews.note_same("head", &path);
        reviews.consent("@Petra-Solm", &path)
    }

    #[test]
    fn a_review_counts_for_the_file_that_it_saw() {
        assert_eq!(consent(vec![review("1", "petra-solm", "APPROVED", "head")]), Consent::Given);
        assert_eq!(consent(vec![review("1", "petra-solm", "APPROVED", "old")]), Consent::Outdated);
        assert_eq!(consent(vec![review("1", "hedda-rusk", "APPROVED", "head")]), Consent::None);
        assert_eq!(consent(vec![review("1", "petra-solm", "COMMENTED", "head")]), Consent::None);
    }

    #[test]
    fn the_last_word_holds_whatever_order_it_comes_in() {
        let yes = review("1", "petra-solm", "APPROVED", "head");
        let no = review("2", "petra-solm", "CHANGES_REQUESTED", "head");
        let chat = review("3", "petra-solm", "COMMENTED", "head");
        assert_eq!(consent(vec![no.clone(), yes.clone()]), Consent::None);
        assert_eq!(consent(vec![chat, yes.clone()]), Consent::Given, "a comment takes nothing back");
        assert_eq!(consent(vec![yes, review("2", "petra-solm", "DISMISSED", "head")]), Consent::None);
    }

    #[test]
    fn commands_claim_and_take_back() {
        for (body, expected) in [
            ("/approve", Consent::Claimed),
            ("Thanks!\r\n/Approve no-issue\r\n/hold", Consent::Claimed),
            ("/approve\n/approve cancel", Consent::None),
            ("/remove-approve", Consent::None),
            ("please /approve", Consent::None),
            ("/approved", Consent::None),
            ("> /approve", Consent::None),
        ] {
            assert_eq!(consent(vec![comment("1", "petra-solm", body)]), expected, "{body:?}");
        }
        let claim = comment("1", "petra-solm", "/approve");
        assert_eq!(consent(vec![claim, comment("2", "petra-solm", "/approve cancel")]), Consent::None);
    }
}
