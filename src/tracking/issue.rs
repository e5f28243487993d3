//! The tracking issue of a KEP.

use crate::kep::{Milestone, Stage};

/// The issue or pull request with a KEP's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tracking {
    /// The KEP's tracking issue.
    Issue(Issue),
    /// A pull request, so the number is not that of a tracking issue.
    PullRequest,
    /// Neither exists.
    Nothing,
}

/// A tracking issue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issue {
    /// True if it is open.
    pub is_open: bool,
    /// The title of its milestone.
    pub milestone: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
}

impl Issue {
    /// The label by which a SIG lead opts the enhancement in to a release.
    pub const OPTED_IN: &str = "lead-opted-in";

    /// True if it has the label [`Issue::OPTED_IN`].
    #[must_use]
    pub fn is_opted_in(&self) -> bool {
        self.labels.iter().any(|label| label == Self::OPTED_IN)
    }

    /// The release of its milestone; `None` if it has no milestone or the milestone is not a release.
    #[must_use]
    pub fn release(&self) -> Option<Milestone> {
        self.milestone.as_deref().and_then(Milestone::parse)
    }

    /// The stages in its `stage/…` labels.
    #[must_use]
    pub fn stages(&self) -> Vec<Stage> {
        self.labels.iter().filter_map(|label| Stage::parse(label.strip_prefix("stage/")?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Issue;
    use crate::kep::{Milestone, Stage};

    #[test]
    fn only_exact_labels_and_release_milestones_count() {
        let issue = |milestone: &str, labels: &[&str]| Issue {
            is_open: true,
            milestone: Some(milestone.to_owned()),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        };
        let sound = issue("v1.36", &["sig/node", "stage/beta", "lead-opted-in"]);
        assert!(sound.is_opted_in());
        assert_eq!(sound.release(), Some(Milestone::new(1, 36)));
        assert_eq!(sound.stages(), [Stage::Beta]);
        let odd = issue("Next Candidate", &["stage/unknown", "not-lead-opted-in"]);
        assert!(!odd.is_opted_in());
        assert_eq!((odd.release(), odd.stages()), (None, Vec::new()));
    }
}
