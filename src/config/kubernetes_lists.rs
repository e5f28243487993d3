//! `kubernetes-lists`: a file on the target branch, or a repository on GitHub.

use super::ConfigFault;
use crate::github::Repository;
use crate::kep::Text;
use crate::text::RepoPath;
use crate::text::wording::quote;

/// Where the feature gates and metrics of Kubernetes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KubernetesListsPlace {
    /// In a digest on the target branch.
    File(RepoPath),
    /// In a repository like kubernetes/kubernetes, whose newest release branch has the lists.
    GitHub(Repository),
}

/// Reads the field, and adds a fault if it is an address of something else.
pub(super) fn place(field: &Text, faults: &mut Vec<ConfigFault>) -> Option<KubernetesListsPlace> {
    let (text, span) = field.value()?;
    if !text.contains("://") {
        return Some(KubernetesListsPlace::File(RepoPath::from(text.as_str())));
    }
    let repository = text.strip_prefix("https://github.com/").and_then(|name| name.parse().ok());
    if repository.is_none() {
        faults.push(ConfigFault {
            span: Some(span),
            message: format!("`kubernetes-lists` is {}, which is not a repository on GitHub", quote(text)),
            help: "write https://github.com/kubernetes/kubernetes, or the path of a file".to_owned(),
        });
    }
    repository.map(KubernetesListsPlace::GitHub)
}
