//! What files hold, by the id of their content: asked for once, a few at a time, and taken only when it hashes to
//! that id.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::listing::Listing;
use crate::error::SourceError;
use crate::github::{ApiError, Client, Repository};
use crate::source::{MAX_FILE_BYTES, blob_id};

/// How many are asked for by one query.
const A_QUERY: usize = 40;

/// GraphQL cuts text off at 512,000 bytes.
const MAX_TEXT: u64 = 512_000;

/// The contents of a repository's files that were read, and those that are going to be.
pub(super) struct Blobs {
    client: Rc<Client>,
    repository: Repository,
    had: RefCell<BTreeMap<String, Rc<[u8]>>>,
    wanted: RefCell<BTreeMap<String, u64>>,
}

/// A blob as GraphQL gives it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Text {
    pub(super) byte_size: u64,
    text: Option<String>,
}

/// What is asked of a blob.
pub(super) const TEXT: &str = "... on Blob { byteSize text }";

impl Blobs {
    pub(super) fn new(client: Rc<Client>, repository: Repository) -> Self {
        Self { client, repository, had: RefCell::default(), wanted: RefCell::default() }
    }

    /// All paths of a commit.
    pub(super) fn listing(&self, commit: &str) -> Result<Listing, SourceError> {
        Listing::ask(&self.client, &self.repository, commit)
    }

    /// Says that the blob `id` of `size` bytes is going to be read, so that it comes along with others.
    pub(super) fn announce(&self, id: &str, size: u64) {
        if !self.had.borrow().contains_key(id) {
            self.wanted.borrow_mut().insert(id.to_owned(), size);
        }
    }

    /// Takes in what came along with another answer, if it is what it says.
    pub(super) fn take(&self, id: &str, text: Text) {
        // Text that was cut off, or was no UTF-8, hashes to something else.
        if let Some(text) = text.text.filter(|text| hashes_to(text.as_bytes(), id)) {
            self.had.borrow_mut().insert(id.to_owned(), text.into_bytes().into());
        }
    }

    /// The content of the blob `id` of `size` bytes.
    pub(super) fn read(&self, id: &str, size: u64) -> Result<Rc<[u8]>, SourceError> {
        if let Some(bytes) = self.had.borrow().get(id) {
            return Ok(Rc::clone(bytes));
        }
        self.announce(id, size);
        self.fetch()?;
        self.had.borrow().get(id).cloned().ok_or_else(|| damaged(id))
    }

    /// Asks for all that is wanted: by queries where they can be asked, and one by one what these did not bring.
    fn fetch(&self) -> Result<(), SourceError> {
        let mut wanted = std::mem::take(&mut *self.wanted.borrow_mut());
        if self.client.is_authenticated() {
            let short: Vec<_> = wanted.iter().filter(|(_, size)| **size < MAX_TEXT).map(|(id, _)| id.clone()).collect();
            for ids in short.chunks(A_QUERY) {
                // What could not be had this way may be had the other.
                if let Err(error) = self.query(ids)
                    && !error.is_worth_another_way()
                {
                    return Err(error.into());
                }
            }
        }
        wanted.retain(|id, _| !self.had.borrow().contains_key(id));
        let ids: Vec<_> = wanted.into_keys().collect();
        let paths: Vec<_> = ids.iter().map(|id| self.repository.path(&format!("git/blobs/{id}"))).collect();
        let limit = usize::try_from(MAX_FILE_BYTES).unwrap_or(usize::MAX);
        let bodies = self.client.get_raw("the content of a file", &paths, limit)?;
        for (id, body) in ids.into_iter().zip(bodies) {
            if !hashes_to(&body, &id) {
                return Err(damaged(&id));
            }
            self.had.borrow_mut().insert(id, body.into());
        }
        Ok(())
    }

    fn query(&self, ids: &[String]) -> Result<(), ApiError> {
        let mut declared = String::new();
        let mut asked = String::new();
        let mut variables = Map::new();
        variables.insert("owner".to_owned(), self.repository.owner().into());
        variables.insert("name".to_owned(), self.repository.name().into());
        for (index, id) in ids.iter().enumerate() {
            declared.push_str(&format!(", $o{index}: GitObjectID!"));
            asked.push_str(&format!("b{index}: object(oid: $o{index}) {{ {TEXT} }} "));
            variables.insert(format!("o{index}"), id.as_str().into());
        }
        let query = format!(
            "query($owner: String!, $name: String!{declared}) {{ repository(owner: $owner, name: $name) {{ {asked}}} }}"
        );
        let mut answer = self.client.query("the content of files", &query, &Value::Object(variables))?;
        let found = answer.data.get_mut("repository").map(Value::take).unwrap_or_default();
        for (index, id) in ids.iter().enumerate() {
            let text = found.get(format!("b{index}")).and_then(|blob| Text::deserialize(blob).ok());
            if let Some(text) = text {
                self.take(id, text);
            }
        }
        Ok(())
    }
}

fn hashes_to(bytes: &[u8], id: &str) -> bool {
    blob_id(bytes).map(|hash| hash.to_string()).as_deref() == Some(id)
}

fn damaged(id: &str) -> SourceError {
    SourceError::Unavailable {
        message: format!("GitHub gave something else for the content {id} than what it lists"),
        help: "try again, or check it from a clone with --base and --head".to_owned(),
    }
}
