//! GitHub as the place where KEPs are tracked and changes are reviewed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::review::Word;
use super::{Issue, Reviews, Tracker, Tracking, review};
use crate::error::SourceError;
use crate::escape::url_path;
use crate::github::{ApiError, Client, Repository};
use crate::kep::KepNumber;
use crate::source::blob_id;
use crate::text::RepoPath;

/// How many issues one query asks for.
const A_QUERY: usize = 50;

/// More words than this on one pull request are not read through.
const MAX_WORDS: usize = 3_000;

/// More pairs of a reviewed commit and a file than this are not compared.
const MAX_COMPARED: usize = 100;

/// The issues of a repository, and what was said on one of its pull requests.
pub struct GitHub {
    client: Rc<Client>,
    repository: Repository,
    pull_request: Option<u64>,
}

impl fmt::Debug for GitHub {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "GitHub({}, {:?})", self.repository, self.pull_request)
    }
}

#[derive(Deserialize)]
struct Title {
    title: String,
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

#[derive(Deserialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

/// `OPEN` with GraphQL, `open` with REST.
fn is_open(state: Option<&str>) -> bool {
    state.is_some_and(|state| state.eq_ignore_ascii_case("open"))
}

impl GitHub {
    /// Where `repository` is tracked; `pull_request` is the change, when it is one.
    #[must_use]
    pub fn new(client: Rc<Client>, repository: Repository, pull_request: Option<u64>) -> Self {
        Self { client, repository, pull_request }
    }

    fn variables(&self) -> Map<String, Value> {
        let mut variables = Map::new();
        variables.insert("owner".to_owned(), self.repository.owner().into());
        variables.insert("name".to_owned(), self.repository.name().into());
        variables
    }

    /// Asks one way, and where that fails and may not fail otherwise, the other.
    fn either<T>(
        &self,
        query: impl FnOnce() -> Result<T, ApiError>,
        rest: impl FnOnce() -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        if self.client.is_authenticated() {
            match query() {
                Err(error) if error.is_worth_another_way() => {}
                result => return result,
            }
        }
        rest()
    }

    fn query_issues(&self, numbers: &[KepNumber]) -> Result<BTreeMap<KepNumber, Tracking>, ApiError> {
        #[derive(Deserialize)]
        struct Found {
            #[serde(rename = "__typename")]
            kind: String,
            state: Option<String>,
            milestone: Option<Title>,
            labels: Option<Nodes<Label>>,
        }
        let (mut declared, mut asked) = (String::new(), String::new());
        let mut variables = self.variables();
        for (index, number) in numbers.iter().enumerate() {
            declared.push_str(&format!(", $n{index}: Int!"));
            asked.push_str(&format!(
                "i{index}: issueOrPullRequest(number: $n{index}) {{ __typename ... on Issue {{ state milestone {{ title }} \
                 labels(first: 100) {{ nodes {{ name }} }} }} }} "
            ));
            variables.insert(format!("n{index}"), number.get().into());
        }
        let query = format!(
            "query($owner: String!, $name: String!{declared}) {{ repository(owner: $owner, name: $name) {{ {asked}}} }}"
        );
        let what = "the tracking issues";
        let mut answer = self.client.query(what, &query, &Value::Object(variables))?;
        // A number that nothing stands under is an error of its own kind, and null.
        if let Some(error) = answer.errors.iter().find(|error| error.kind != "NOT_FOUND") {
            return Err(ApiError::Query { what: what.to_owned(), said: error.message.clone() });
        }
        let repository = answer.data.get_mut("repository").map(Value::take).unwrap_or_default();
        let mut issues = BTreeMap::new();
        for (index, number) in numbers.iter().enumerate() {
            let found = repository.get(format!("i{index}")).map(Option::<Found>::deserialize);
            let tracking = match found {
                Some(Ok(None)) => Tracking::Nothing,
                Some(Ok(Some(found))) if found.kind == "Issue" => Tracking::Issue(Issue {
                    is_open: is_open(found.state.as_deref()),
                    milestone: found.milestone.map(|milestone| milestone.title),
                    labels: found.labels.into_iter().flat_map(|it| it.nodes).map(|label| label.name).collect(),
                }),
                Some(Ok(Some(_))) => Tracking::PullRequest,
                Some(Err(_)) | None => return Err(malformed(what)),
            };
            issues.insert(*number, tracking);
        }
        Ok(issues)
    }

    fn get_issues(&self, numbers: &[KepNumber]) -> Result<BTreeMap<KepNumber, Tracking>, ApiError> {
        #[derive(Deserialize)]
        struct Found {
            pull_request: Option<Value>,
            state: Option<String>,
            milestone: Option<Title>,
            labels: Vec<Label>,
        }
        let paths: Vec<_> = numbers.iter().map(|number| self.repository.path(&format!("issues/{number}"))).collect();
        let found = self.client.get_each::<Found>("the tracking issues", &paths)?;
        let tracking = found.into_iter().map(|found| match found {
            None => Tracking::Nothing,
            Some(found) if found.pull_request.is_some() => Tracking::PullRequest,
            Some(found) => Tracking::Issue(Issue {
                is_open: is_open(found.state.as_deref()),
                milestone: found.milestone.map(|milestone| milestone.title),
                labels: found.labels.into_iter().map(|label| label.name).collect(),
            }),
        });
        Ok(numbers.iter().copied().zip(tracking).collect())
    }

    fn query_words(&self, number: u64) -> Result<Vec<Word>, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Said {
            author: Option<Login>,
            body: String,
            created_at: String,
            state: Option<String>,
            commit: Option<Commit>,
        }
        #[derive(Deserialize)]
        struct Login {
            login: String,
        }
        #[derive(Deserialize)]
        struct Commit {
            oid: String,
        }
        const QUERY: &str = "query($owner: String!, $name: String!, $number: Int!) { \
            repository(owner: $owner, name: $name) { pullRequest(number: $number) { \
            reviews(first: 100) { pageInfo { hasNextPage } nodes { author { login } body createdAt state commit { oid } } } \
            comments(first: 100) { pageInfo { hasNextPage } nodes { author { login } body createdAt } } } } }";
        let what = &format!("the reviews of pull request {number}");
        let mut variables = self.variables();
        variables.insert("number".to_owned(), number.into());
        let answer = self.client.query(what, QUERY, &Value::Object(variables))?;
        let mut words = Vec::new();
        for list in ["reviews", "comments"] {
            let list =
                answer.data.pointer(&format!("/repository/pullRequest/{list}")).ok_or_else(|| malformed(what))?;
            // A part is never taken for the whole: REST gives it page by page.
            if list.pointer("/pageInfo/hasNextPage").and_then(Value::as_bool) != Some(false) {
                return Err(ApiError::Query { what: what.clone(), said: "there is more than one page".to_owned() });
            }
            let said = Nodes::<Said>::deserialize(list).map_err(|_| malformed(what))?;
            words.extend(said.nodes.into_iter().map(|said| Word {
                at: said.created_at,
                author: said.author.map(|author| author.login).unwrap_or_default(),
                body: said.body,
                review: said.state.map(|state| {
                    let commit = said.commit.map(|commit| commit.oid).unwrap_or_default();
                    (review::Verdict::parse(&state), commit)
                }),
            }));
        }
        Ok(words)
    }

    fn get_words(&self, number: u64) -> Result<Vec<Word>, ApiError> {
        #[derive(Deserialize)]
        struct Said {
            user: Option<Login>,
            body: Option<String>,
            #[serde(alias = "submitted_at")]
            created_at: Option<String>,
            state: Option<String>,
            commit_id: Option<String>,
        }
        #[derive(Deserialize)]
        struct Login {
            login: String,
        }
        let what = &format!("the reviews of pull request {number}");
        let mut words = Vec::new();
        for list in [format!("pulls/{number}/reviews"), format!("issues/{number}/comments")] {
            let pages = self.client.get_all::<Said>(what, &self.repository.path(&list), MAX_WORDS)?;
            if pages.truncated {
                let said = format!("there are more than {MAX_WORDS}");
                return Err(ApiError::Query { what: what.clone(), said });
            }
            words.extend(pages.items.into_iter().map(|said| Word {
                at: said.created_at.unwrap_or_default(),
                author: said.user.map(|user| user.login).unwrap_or_default(),
                body: said.body.unwrap_or_default(),
                review: said.state.map(|state| (review::Verdict::parse(&state), said.commit_id.unwrap_or_default())),
            }));
        }
        Ok(words)
    }

    /// The ids of what stands at each path in each commit; `None` for nothing.
    fn query_ids(&self, places: &[(&str, &RepoPath)]) -> Result<Vec<Option<String>>, ApiError> {
        let (mut declared, mut asked) = (String::new(), String::new());
        let mut variables = self.variables();
        for (index, (commit, path)) in places.iter().enumerate() {
            declared.push_str(&format!(", $e{index}: String!"));
            asked.push_str(&format!("o{index}: object(expression: $e{index}) {{ oid }} "));
            variables.insert(format!("e{index}"), format!("{commit}:{path}").into());
        }
        let query = format!(
            "query($owner: String!, $name: String!{declared}) {{ repository(owner: $owner, name: $name) {{ {asked}}} }}"
        );
        let answer = self.client.query(APPROVED_FILES, &query, &Value::Object(variables))?;
        if let Some(error) = answer.errors.iter().find(|error| error.kind != "NOT_FOUND") {
            return Err(ApiError::Query { what: APPROVED_FILES.to_owned(), said: error.message.clone() });
        }
        let ids = (0..places.len()).map(|index| {
            let object = answer.data.pointer(&format!("/repository/o{index}"));
            let object = object.ok_or_else(|| malformed(APPROVED_FILES))?;
            Ok(object.get("oid").and_then(Value::as_str).map(str::to_owned))
        });
        ids.collect()
    }

    fn get_ids(&self, places: &[(&str, &RepoPath)]) -> Result<Vec<Option<String>>, ApiError> {
        #[derive(Deserialize)]
        struct File {
            sha: String,
        }
        let path = |(commit, path): &(&str, &RepoPath)| {
            self.repository.path(&format!("contents/{}?ref={commit}", url_path(path.as_bytes())))
        };
        let paths: Vec<_> = places.iter().map(path).collect();
        let files = self.client.get_each::<File>(APPROVED_FILES, &paths)?;
        Ok(files.into_iter().map(|file| file.map(|file| file.sha)).collect())
    }
}

const APPROVED_FILES: &str = "the files at the commits that were approved";

fn malformed(what: &str) -> ApiError {
    let cause = "something is missing in it, or of another kind".to_owned();
    ApiError::Malformed { what: what.to_owned(), cause }
}

impl Tracker for GitHub {
    fn issues(&self, numbers: &BTreeSet<KepNumber>) -> Result<BTreeMap<KepNumber, Tracking>, SourceError> {
        let numbers: Vec<_> = numbers.iter().copied().collect();
        let mut issues = BTreeMap::new();
        for numbers in numbers.chunks(A_QUERY) {
            issues.extend(self.either(|| self.query_issues(numbers), || self.get_issues(numbers))?);
        }
        Ok(issues)
    }

    fn reviews(&self, approvals: &BTreeMap<RepoPath, &str>) -> Result<Reviews, SourceError> {
        let Some(number) = self.pull_request else {
            return Err(SourceError::Unavailable {
                message: "no pull request is known that could have been reviewed".to_owned(),
                help: "name one with --pull-request".to_owned(),
            });
        };
        let words = self.either(|| self.query_words(number), || self.get_words(number))?;
        let mut reviews = Reviews::sum_up(words);
        let commits: Vec<_> = reviews.commits().into_iter().map(str::to_owned).collect();
        // A commit goes into an address, and a commit of a dismissed branch may be gone.
        let is_id = |commit: &&String| commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        let places: Vec<_> = commits
            .iter()
            .filter(is_id)
            .flat_map(|commit| approvals.keys().map(move |path| (commit.as_str(), path)))
            .take(MAX_COMPARED)
            .collect();
        if places.is_empty() {
            return Ok(reviews);
        }
        let ids = self.either(|| self.query_ids(&places), || self.get_ids(&places))?;
        for ((commit, path), id) in places.iter().zip(ids) {
            let head = approvals.get(*path).and_then(|text| blob_id(text.as_bytes()));
            if head.is_some_and(|head| Some(head.to_string()) == id) {
                reviews.note_same(commit, path);
            }
        }
        Ok(reviews)
    }
}
