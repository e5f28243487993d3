//! Fetches file contents by object id, in batches and only once, and checks that they hash to that id.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::listing::Listing;
use crate::error::SourceError;
use crate::github::api::blobs::{self, Blob, MAX_PER_QUERY, MAX_QUERIED_SIZE};
use crate::github::api::commits;
use crate::github::{Client, ObjectId, Repository};
use crate::source::budget::Budget;
use crate::source::{MAX_FILE_BYTES, blob_id};

/// The files of a repository that were fetched, and those that the next read will fetch.
pub(super) struct Blobs {
    client: Rc<Client>,
    repository: Repository,
    /// The ids of commits' trees that are known without a request.
    trees: BTreeMap<ObjectId, ObjectId>,
    fetched: RefCell<BTreeMap<ObjectId, Rc<[u8]>>>,
    /// Limits `fetched`.
    budget: Budget,
    /// Sizes in bytes by id.
    announced: RefCell<BTreeMap<ObjectId, u64>>,
}

impl Blobs {
    pub(super) fn new(client: Rc<Client>, repository: Repository, trees: BTreeMap<ObjectId, ObjectId>) -> Self {
        Self {
            client,
            repository,
            trees,
            fetched: RefCell::default(),
            budget: Budget::default(),
            announced: RefCell::default(),
        }
    }

    /// Fetches all paths of a commit, without content.
    pub(super) fn listing(&self, commit: &ObjectId) -> Result<Listing, SourceError> {
        let tree = match self.trees.get(commit) {
            Some(tree) => tree.clone(),
            None => commits::get(&self.client, &self.repository, &format!("commit {commit}"), commit)?.tree,
        };
        Listing::fetch(&self.client, &self.repository, commit, &tree)
    }

    /// Schedules a blob of `size` bytes to be fetched together with others.
    pub(super) fn announce(&self, id: &ObjectId, size: u64) {
        if !self.fetched.borrow().contains_key(id) {
            self.announced.borrow_mut().insert(id.clone(), size);
        }
    }

    /// Keeps the text of a blob if it is complete.
    ///
    /// # Errors
    /// [`SourceError`] if too much has been fetched.
    pub(super) fn keep(&self, id: &ObjectId, blob: &Blob) -> Result<(), SourceError> {
        // Text that was truncated or is not UTF-8 has a different hash.
        match blob.text.as_ref().filter(|text| has_id(text.as_bytes(), id)) {
            Some(text) => self.insert(id.clone(), text.as_bytes().into()),
            None => Ok(()),
        }
    }

    fn insert(&self, id: ObjectId, bytes: Rc<[u8]>) -> Result<(), SourceError> {
        self.budget.take(bytes.len())?;
        self.fetched.borrow_mut().insert(id, bytes);
        Ok(())
    }

    /// Returns the content of a blob of `size` bytes. If necessary, it is fetched together with all scheduled blobs.
    pub(super) fn read(&self, id: &ObjectId, size: u64) -> Result<Rc<[u8]>, SourceError> {
        if let Some(bytes) = self.fetched.borrow().get(id) {
            return Ok(Rc::clone(bytes));
        }
        self.announce(id, size);
        self.fetch()?;
        self.fetched.borrow().get(id).cloned().ok_or_else(|| hash_mismatch(id))
    }

    /// Fetches all scheduled blobs, through GraphQL if possible and otherwise through REST.
    fn fetch(&self) -> Result<(), SourceError> {
        let mut announced = std::mem::take(&mut *self.announced.borrow_mut());
        if self.client.is_authenticated() {
            let small = announced.iter().filter(|(_, size)| **size < MAX_QUERIED_SIZE);
            let small: Vec<_> = small.map(|(id, _)| id.clone()).collect();
            for ids in small.chunks(MAX_PER_QUERY) {
                match blobs::query(&self.client, &self.repository, ids) {
                    Ok(found) => self.keep_all(ids, &found)?,
                    Err(error) if error.allows_fallback() => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        announced.retain(|id, _| !self.fetched.borrow().contains_key(id));
        let largest = announced.values().copied().max().unwrap_or_default();
        let limit = usize::try_from(largest.max(MAX_FILE_BYTES)).unwrap_or(usize::MAX);
        let ids: Vec<_> = announced.into_keys().collect();
        for ids in ids.chunks(MAX_PER_QUERY) {
            let bodies = blobs::get(&self.client, &self.repository, ids, limit)?;
            for (id, body) in ids.iter().zip(bodies) {
                if !has_id(&body, id) {
                    return Err(hash_mismatch(id));
                }
                self.insert(id.clone(), body.into())?;
            }
        }
        Ok(())
    }

    fn keep_all(&self, ids: &[ObjectId], found: &[Option<Blob>]) -> Result<(), SourceError> {
        let found = ids.iter().zip(found).filter_map(|(id, blob)| Some((id, blob.as_ref()?)));
        found.into_iter().try_for_each(|(id, blob)| self.keep(id, blob))
    }
}

fn has_id(bytes: &[u8], id: &ObjectId) -> bool {
    blob_id(bytes).is_some_and(|hash| id.is(&hash))
}

fn hash_mismatch(id: &ObjectId) -> SourceError {
    SourceError::unavailable(
        format!("GitHub returned content for {id} that does not match its hash"),
        "try again, or check from a clone with --base and --head",
    )
}
