//! Which commits a pull request is about.

use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Asked;
use super::blobs::{Blobs, TEXT, Text};
use super::listing::{self, Node};
use super::tree::Known;
use crate::error::SourceError;
use crate::escape::url_path;
use crate::github::{ApiError, Client, Repository};
use crate::source::Kind;
use crate::text::RepoPath;

/// The folder whose entries policy asks for.
const KEPS: &str = "keps";

/// A pull request at one moment. Commits are full ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// The last of its own commits, or the one that was asked for.
    pub head: String,
    /// The last commit of the branch that it goes to.
    pub tip: String,
    /// The commit that merges it by way of trial, where there is one.
    pub merged: Option<Merged>,
    /// How many files it changes.
    pub changed_files: usize,
}

/// A pull request merged, by way of trial or for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The merge commit.
    pub commit: String,
    /// Its first parent: what the pull request was merged into.
    pub into: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    changed_files: usize,
    head_ref_oid: String,
    potential_merge_commit: Option<MergeCommit>,
    base_ref: Option<Branch>,
}

#[derive(Deserialize)]
struct MergeCommit {
    oid: String,
    parents: Parents,
}

#[derive(Deserialize)]
struct Parents {
    nodes: Vec<Id>,
}

#[derive(Deserialize)]
struct Id {
    oid: String,
}

#[derive(Deserialize)]
struct Branch {
    target: Map<String, Value>,
}

/// A pull request as REST has it.
#[derive(Deserialize)]
struct Rest {
    changed_files: usize,
    head: Side,
    base: Side,
    merge_commit_sha: Option<String>,
}

#[derive(Deserialize)]
struct Side {
    sha: String,
    r#ref: String,
}

#[derive(Deserialize)]
struct Reference {
    object: Named,
}

#[derive(Deserialize)]
struct Named {
    sha: String,
}

#[derive(Deserialize)]
struct Commit {
    parents: Vec<Named>,
}

#[derive(Deserialize)]
struct TreeEntry {
    mode: u32,
    oid: String,
    object: Option<Value>,
}

#[derive(Deserialize)]
struct FolderEntry {
    name: String,
    mode: u32,
    oid: String,
}

impl PullRequest {
    /// The commit whose tree is what the pull request leads to.
    #[must_use]
    pub fn tree_commit(&self) -> &str {
        self.merged.as_ref().map_or(&self.head, |merged| &merged.commit)
    }

    /// Asks for it, and for what is at `policy` and in `keps/` at the tip of its target branch: by one query with a
    /// token, and otherwise, or where that fails, by REST.
    pub(super) fn ask(client: &Client, asked: &Asked<'_>, blobs: &Rc<Blobs>) -> Result<(Self, Known), SourceError> {
        if client.is_authenticated() {
            match Self::query(client, asked, blobs) {
                Err(error) if error.is_worth_another_way() => {}
                result => return Ok(result?),
            }
        }
        Ok((Self::get(client, asked)?, Known::default()))
    }

    fn query(client: &Client, asked: &Asked<'_>, blobs: &Blobs) -> Result<(Self, Known), ApiError> {
        let Asked { repository, number, ref policy, .. } = *asked;
        let what = &format!("pull request {number} of {repository}");
        let variables = variables(repository, number, policy);
        let mut answer = client.query(what, &query(policy), &Value::Object(variables))?;
        let pull = answer.data.pointer_mut("/repository/pullRequest").map(Value::take).unwrap_or_default();
        if pull.is_null() {
            return Err(ApiError::NotFound { what: what.clone() });
        }
        let answer = Answer::deserialize(pull).map_err(|_| malformed(what))?;
        let branch = answer.base_ref.ok_or_else(|| ApiError::NotFound {
            what: format!("the branch that pull request {number} of {repository} goes to"),
        })?;
        let tip = branch.target.get("oid").and_then(Value::as_str).unwrap_or_default();
        let head = commit_id(what, asked.head.clone().unwrap_or(answer.head_ref_oid))?;
        let merged = answer.potential_merge_commit.and_then(|merge| {
            let parents = merge.parents.nodes.into_iter().map(|parent| parent.oid).collect();
            Merged::of(merge.oid, parents, &head)
        });
        let tip = commit_id(what, tip.to_owned())?;
        let known = known(&branch.target, policy, blobs).ok_or_else(|| malformed(what))?;
        Ok((Self { number, head, tip, merged, changed_files: answer.changed_files }, known))
    }

    fn get(client: &Client, asked: &Asked<'_>) -> Result<Self, ApiError> {
        let Asked { repository, number, .. } = *asked;
        let what = &format!("pull request {number} of {repository}");
        let pull: Rest = client.get(what, &repository.path(&format!("pulls/{number}")))?;
        let head = commit_id(what, asked.head.clone().unwrap_or(pull.head.sha))?;
        let branch = url_path(pull.base.r#ref.as_bytes());
        let what = &format!("the branch that pull request {number} of {repository} goes to");
        let tip: Reference = client.get(what, &repository.path(&format!("git/ref/heads/{branch}")))?;
        let tip = commit_id(what, tip.object.sha)?;
        let mut merged = None;
        if let Some(commit) = pull.merge_commit_sha {
            let what = &format!("the merge commit of pull request {number}");
            let commit = commit_id(what, commit)?;
            // One that is being made anew may be gone: then there is none.
            let path = repository.path(&format!("git/commits/{commit}"));
            if let [Some(found)] = client.get_each::<Commit>(what, &[path])?.as_mut_slice() {
                let parents = found.parents.drain(..).map(|parent| parent.sha).collect();
                merged = Merged::of(commit, parents, &head);
            }
        }
        Ok(Self { number, head, tip, merged, changed_files: pull.changed_files })
    }
}

impl Merged {
    /// A commit with these parents, when it merges `head` and nothing else into one other.
    fn of(commit: String, parents: Vec<String>, head: &str) -> Option<Self> {
        let [into, merged] = <[String; 2]>::try_from(parents).ok()?;
        let is_sound = merged == head && is_commit_id(&into) && is_commit_id(&commit);
        is_sound.then_some(Self { commit, into })
    }
}

/// The query for a pull request with `policy.len()` files of its target branch.
fn query(policy: &[RepoPath]) -> String {
    let (mut declared, mut files) = (String::new(), String::new());
    for index in 0..policy.len() {
        declared.push_str(&format!(", $p{index}: String!"));
        files.push_str(&format!("p{index}: file(path: $p{index}) {{ mode oid object {{ {TEXT} }} }} "));
    }
    format!(
        "query($owner: String!, $name: String!, $number: Int!, $keps: String!{declared}) {{ \
         repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{ changedFiles headRefOid \
         potentialMergeCommit {{ oid parents(first: 3) {{ nodes {{ oid }} }} }} \
         baseRef {{ target {{ oid ... on Commit {{ {files}\
         keps: file(path: $keps) {{ mode oid object {{ ... on Tree {{ entries {{ name mode oid }} }} }} }} \
         }} }} }} }} }} }}"
    )
}

fn variables(repository: &Repository, number: u64, policy: &[RepoPath]) -> Map<String, Value> {
    let mut variables = Map::new();
    variables.insert("owner".to_owned(), repository.owner().into());
    variables.insert("name".to_owned(), repository.name().into());
    variables.insert("number".to_owned(), number.into());
    variables.insert("keps".to_owned(), KEPS.into());
    for (index, path) in policy.iter().enumerate() {
        variables.insert(format!("p{index}"), path.to_string().into());
    }
    variables
}

/// What the answer tells of the target branch's tip; `None` when it makes no sense.
fn known(target: &Map<String, Value>, policy: &[RepoPath], blobs: &Blobs) -> Option<Known> {
    let mut known = Known::default();
    for (index, path) in policy.iter().enumerate() {
        // A file that is asked for and is not there is null; one that is missing from the answer is not known.
        let found = target.get(&format!("p{index}"))?;
        let entry = Option::<TreeEntry>::deserialize(found).ok()?;
        let Some(TreeEntry { mode, oid, object }) = entry else {
            known.nodes.insert(path.clone(), None);
            continue;
        };
        let kind = listing::kind(mode)?;
        let mut node = Node { kind, id: oid, size: 0 };
        if kind == Kind::File {
            let text = Text::deserialize(object?).ok()?;
            node.size = text.byte_size;
            blobs.take(&node.id, text);
        }
        known.nodes.insert(path.clone(), Some(node));
    }
    let keps = RepoPath::from(KEPS);
    if let Some(entry) = Option::<TreeEntry>::deserialize(target.get("keps")?).ok()? {
        let entries = entry.object.as_ref().and_then(|object| object.get("entries")).cloned().unwrap_or_default();
        let mut folder = Vec::new();
        for entry in Option::<Vec<FolderEntry>>::deserialize(entries).ok()?.unwrap_or_default() {
            let node = Node { kind: listing::kind(entry.mode)?, id: entry.oid, size: 0 };
            folder.push(listing::entry(keps.join(&entry.name), &node));
        }
        folder.sort_by(|one, other| one.path.cmp(&other.path));
        known.folders.insert(keps, folder);
    } else {
        known.nodes.insert(keps.clone(), None);
        known.folders.insert(keps, Vec::new());
    }
    Some(known)
}

fn malformed(what: &str) -> ApiError {
    let cause = "something is missing in it, or of another kind".to_owned();
    ApiError::Malformed { what: what.to_owned(), cause }
}

/// A full commit id: it becomes a part of addresses.
pub(super) fn commit_id(what: &str, id: String) -> Result<String, ApiError> {
    if is_commit_id(&id) { Ok(id) } else { Err(malformed(what)) }
}

fn is_commit_id(id: &str) -> bool {
    id.len() == 40 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
