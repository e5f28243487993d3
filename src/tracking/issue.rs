//! The issue that tracks a KEP.

use crate::kep::{Milestone, Stage};

/// What stands under a KEP's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tracking {
    /// An issue.
    Issue(Issue),
    /// A pull request: the number is taken by something else.
    PullRequest,
    /// Nothing.
    Nothing,
}

/// An issue, as far as it matters to its KEP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issue {
    /// Whether it is open.
    pub is_open: bool,
    /// The title of the milestone that it is in.
    pub milestone: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
}

impl Issue {
    /// The label by which a SIG's lead commits to a release.
    pub const OPTED_IN: &str = "lead-opted-in";

    /// Whether it has that label.
    #[must_use]
    pub fn is_opted_in(&self) -> bool {
        self.labels.iter().any(|label| label == Self::OPTED_IN)
    }

    /// The release that it is in the milestone of, when its milestone is a release.
    #[must_use]
    pub fn release(&self) -> Option<Milestone> {
        self.milestone.as_deref().and_then(Milestone::parse)
    }

    /// The stages that its `stage/…` labels name.
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
    fn labels_and_milestones_say_what_they_say_and_no_more() {
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
