//! A digest that is parsed when a rule first needs it, because most changes touch no feature gates or metrics.

use std::sync::OnceLock;

use super::KubernetesLists;

/// The text of a digest, and its lists once a rule has needed them.
#[derive(Debug, Clone)]
pub struct Digest {
    name: String,
    text: String,
    lists: OnceLock<Result<KubernetesLists, String>>,
}

impl Digest {
    /// A digest with this text. Messages refer to it by `name`.
    pub(crate) fn new(name: String, text: String) -> Self {
        Self { name, text, lists: OnceLock::new() }
    }

    /// A digest of lists that were not read from a file.
    pub(crate) fn of(name: String, lists: KubernetesLists) -> Self {
        Self { name, text: String::new(), lists: OnceLock::from(Ok(lists)) }
    }

    /// Its path as the user wrote it, or the repository that its lists come from.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its lists, or what is wrong with it, and where.
    pub(crate) fn lists(&self) -> Result<&KubernetesLists, &str> {
        let lists = self.lists.get_or_init(|| KubernetesLists::parse(&self.text));
        lists.as_ref().map_err(String::as_str)
    }
}
