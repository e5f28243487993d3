//! Finds the merge base of two commits, even in a shallow clone if the available history proves it.

use std::{cell::Cell, collections::HashMap, collections::HashSet};

use gix::{ObjectId, oid, revision::plumbing as revision, revwalk::Graph};

use super::{CommitId, FETCH_MORE, FETCH_OBJECTS, Repository, unavailable, usage};
use crate::error::SourceError;

/// See [`Repository::merge_base`].
///
/// gix ignores missing parents, so in a shallow clone it may find no merge base or one that is too old. Its result is
/// used only if it never requested a missing commit, because then it is the same as in the complete history. Otherwise
/// [`certain_base`] has to prove the result.
pub(super) fn merge_base(repository: &Repository, base: CommitId, head: CommitId) -> Result<CommitId, SourceError> {
    if is_head_or_parent(repository, base, head) {
        return Ok(base);
    }
    let objects = Recording { objects: &repository.store.objects, lacked: Cell::new(false) };
    // The commit-graph file is not used, because it lists parents that are missing and hides that they are.
    let mut graph = Graph::new(&objects, None);
    let answer = revision::merge_base(base.0, &[head.0], &mut graph);
    drop(graph);
    match answer {
        Ok(Some(bases)) if !objects.lacked.get() => Ok(CommitId(*bases.first())),
        Ok(None) if !objects.lacked.get() => Err(usage(
            format!("the commits {base} and {head} have no common history"),
            "specify the target branch of the change with --base",
        )),
        _ => certain_base(repository, base, head)?.ok_or_else(|| {
            let help = if repository.is_shallow() { FETCH_MORE } else { FETCH_OBJECTS };
            unavailable(
                format!("this clone does not have enough history to find the merge base of {base} and {head}"),
                help,
            )
        }),
    }
}

/// True if `base` is `head` or one of its parents. This is the case for most pull requests, and needs no walk.
fn is_head_or_parent(repository: &Repository, base: CommitId, head: CommitId) -> bool {
    let is_here = repository.commit(base).is_ok();
    is_here && (base == head || repository.commit(head).is_ok_and(|head| head.parents.contains(&base.0)))
}

/// An object store that records whether a missing object was requested.
struct Recording<'a> {
    objects: &'a gix::OdbHandle,
    lacked: Cell<bool>,
}

impl gix::objs::Find for Recording<'_> {
    fn try_find<'a>(&self, id: &oid, buffer: &'a mut Vec<u8>) -> gix::Result<Option<gix::objs::Data<'a>>> {
        let found = self.objects.try_find(id, buffer);
        // An error also counts as missing.
        if !matches!(found, Ok(Some(_))) {
            self.lacked.set(true);
        }
        found
    }
}

/// Which of the two tips a commit can be reached from.
#[derive(Default)]
struct Seen {
    from_base: bool,
    from_head: bool,
    /// `None` if the commit is missing.
    parents: Option<Vec<ObjectId>>,
}

impl Seen {
    fn is_common(&self) -> bool {
        self.from_base && self.from_head
    }
}

/// The merge base if the available history proves it, or `None`.
///
/// A commit names its parents even if they are missing. So:
///
/// 1. A tip that is an ancestor of the other through available commits *is* the merge base, whatever is missing
///    elsewhere. (`HEAD^1` of a merge commit at depth 2.)
/// 2. Otherwise, suppose that both sides name every missing commit. Then each of them is a common ancestor, and so are
///    its own ancestors. So every best common ancestor is reached from either side along available commits, and if
///    only one common ancestor is not a parent of another one, it is the merge base. This fails if only one side
///    names a missing commit, because its ancestors are unknown.
fn certain_base(repository: &Repository, base: CommitId, head: CommitId) -> Result<Option<CommitId>, SourceError> {
    let seen = paint(repository, base.0, head.0)?;
    let is_here_and_common =
        |id: &ObjectId| seen.get(id).is_some_and(|commit| commit.is_common() && commit.parents.is_some());
    if let Some(tip) = [base, head].into_iter().find(|tip| is_here_and_common(&tip.0)) {
        return Ok(Some(tip));
    }
    if seen.values().any(|commit| commit.parents.is_none() && !commit.is_common()) {
        return Ok(None);
    }
    let behind: HashSet<&ObjectId> = seen
        .values()
        .filter(|commit| commit.is_common())
        .filter_map(|commit| commit.parents.as_ref())
        .flatten()
        .collect();
    let mut best = seen.iter().filter(|(id, commit)| commit.is_common() && !behind.contains(id)).map(|(id, _)| id);
    Ok(match (best.next(), best.next()) {
        (Some(only), None) if is_here_and_common(only) => Some(CommitId(*only)),
        _ => None,
    })
}

/// Finds every commit that is reachable from either tip, including missing ones that an available commit names as
/// parents.
fn paint(repository: &Repository, base: ObjectId, head: ObjectId) -> Result<HashMap<ObjectId, Seen>, SourceError> {
    let mut seen: HashMap<ObjectId, Seen> = HashMap::new();
    for (tip, is_base) in [(base, true), (head, false)] {
        let mut waiting = vec![tip];
        while let Some(id) = waiting.pop() {
            let commit = match seen.entry(id) {
                std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::hash_map::Entry::Vacant(new) => {
                    let parents = if repository.store.has_object(id) {
                        Some(repository.commit(CommitId(id))?.parents)
                    } else {
                        None
                    };
                    new.insert(Seen { parents, ..Seen::default() })
                }
            };
            let side = if is_base { &mut commit.from_base } else { &mut commit.from_head };
            if !std::mem::replace(side, true) {
                waiting.extend(commit.parents.iter().flatten());
            }
        }
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use crate::error::SourceError;

    /// `main` with commits before and after the point where `topic` branched off, and a merge of both on top: `a - b -
    /// c - merge` and `b - t1 - t2 - merge`.
    fn merged() -> Fixture {
        let fixture = Fixture::new();
        fixture.commit_index();
        fixture.commit_index();
        fixture.git(&["tag", "fork"]);
        fixture.git(&["switch", "--quiet", "--create", "topic"]);
        fixture.commit_index();
        fixture.commit_index();
        fixture.git(&["switch", "--quiet", "main"]);
        fixture.commit_index();
        fixture.git(&["merge", "--quiet", "--no-ff", "--message=.", "topic"]);
        fixture
    }

    fn needs_history<T: std::fmt::Debug>(result: Result<T, SourceError>) {
        let error = result.unwrap_err();
        assert!(matches!(error, SourceError::Unavailable { .. }), "{error}");
        assert!(error.help().contains("--unshallow"), "{}", error.help());
    }

    #[test]
    fn the_merge_base_is_the_fork_point() {
        let fixture = merged();
        let repository = fixture.open();
        let (main, topic, fork) = (fixture.id("HEAD^1"), fixture.id("topic"), fixture.id("fork"));
        assert_eq!(repository.merge_base(main, topic).unwrap(), fork);
        assert_eq!(repository.merge_base(topic, main).unwrap(), fork);
        assert_eq!(repository.merge_base(main, fixture.head()).unwrap(), main);
        assert_eq!(repository.merge_base(main, main).unwrap(), main);
    }

    #[test]
    fn unrelated_histories_are_the_callers_mistake() {
        let fixture = Fixture::new();
        let one = fixture.commit_index();
        fixture.git(&["switch", "--quiet", "--orphan", "other"]);
        let two = fixture.commit_index();
        let error = fixture.open().merge_base(one, two).unwrap_err();
        assert!(matches!(error, SourceError::Usage { .. }), "{error}");
    }

    #[test]
    fn at_depth_two_the_first_parent_of_a_merge_is_its_merge_base() {
        let fixture = merged();
        let shallow = fixture.clone_with(&["--depth=2"]);
        let (main, topic) = (fixture.id("HEAD^1"), fixture.id("topic"));
        let repository = shallow.open();
        assert!(repository.is_shallow());
        assert_eq!(repository.merge_base(main, fixture.head()).unwrap(), main);
        assert_eq!(repository.merge_base(topic, fixture.head()).unwrap(), topic);
        // Both commits are available, but their merge base is not.
        needs_history(repository.merge_base(main, topic));
    }

    #[test]
    fn at_depth_one_only_the_head_is_known() {
        let fixture = merged();
        let shallow = fixture.clone_with(&["--depth=1"]);
        let repository = shallow.open();
        let head = fixture.head();
        assert_eq!(repository.merge_base(head, head).unwrap(), head);
        needs_history(repository.merge_base(fixture.id("HEAD^1"), head));
        needs_history(repository.merge_base(fixture.id("fork"), head));
    }

    #[test]
    fn a_shallow_clone_with_all_later_commits_is_enough() {
        let fixture = merged();
        // Depth 4 includes the fork on both sides, but not the history before it.
        let shallow = fixture.clone_with(&["--depth=4"]);
        let repository = shallow.open();
        assert_eq!(repository.merge_base(fixture.id("HEAD^1"), fixture.id("topic")).unwrap(), fixture.id("fork"));
    }

    /// Main merged an early state of the topic, and the clone lacks only that merge. Without it, git finds an ancestor
    /// of the true merge base.
    #[test]
    fn an_uncertain_merge_base_is_not_returned() {
        let fixture = Fixture::new();
        let root = fixture.commit_index();
        fixture.git(&["switch", "--quiet", "--create", "topic"]);
        let early = fixture.commit_index();
        let late = fixture.commit_index();
        fixture.git(&["switch", "--quiet", "main"]);
        fixture.git(&["merge", "--quiet", "--no-ff", "--message=.", &early.to_string()]);
        let lost = fixture.head();
        fixture.git(&["switch", "--quiet", "--detach", &root.to_string()]);
        let side = fixture.commit_index();
        fixture.git(&["switch", "--quiet", "main"]);
        fixture.git(&["merge", "--quiet", "--no-ff", "--message=.", &side.to_string()]);
        let tip = fixture.head();
        assert_eq!(fixture.open().merge_base(tip, late).unwrap(), early);

        let hex = lost.to_string();
        fixture.remove_object(&hex);
        let error = fixture.open().merge_base(tip, late).unwrap_err();
        assert!(matches!(error, SourceError::Unavailable { .. }), "{error}");
        assert!(error.help().contains("git fsck"), "{}", error.help());
        fixture.write(".git/shallow", format!("{tip}\n"));
        needs_history(fixture.open().merge_base(tip, late));
    }
}
