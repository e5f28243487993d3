//! Answers that come from the git repository.

use std::process::Command;

use serde_json::{Value, json};

use super::{Handler, Pull};

impl Handler {
    pub(super) fn names(&self, pull: &Pull) -> String {
        self.git(&["diff", "--name-only", &format!("{}...{}", pull.tip, pull.head)]).unwrap()
    }

    /// The files of a pull request, according to git.
    pub(super) fn files(&self, pull: &Pull) -> Vec<Value> {
        let base = self.git(&["merge-base", &pull.tip, &pull.head]).unwrap();
        let lines = self.git(&["diff", "--name-status", "-M50%", "-z", &base, &pull.head]).unwrap();
        let mut words = lines.split('\0').filter(|word| !word.is_empty());
        let mut files = Vec::new();
        while let Some(status) = words.next() {
            let path = words.next().unwrap();
            let file = match status.as_bytes()[0] {
                b'R' => {
                    let new = words.next().unwrap();
                    json!({"filename": new, "previous_filename": path, "status": "renamed"})
                }
                b'A' => json!({"filename": path, "status": "added"}),
                b'D' => json!({"filename": path, "status": "removed"}),
                _ => json!({"filename": path, "status": "modified"}),
            };
            files.push(self.with_patch(file, &base, &pull.head));
        }
        files
    }

    fn with_patch(&self, mut file: Value, base: &str, head: &str) -> Value {
        let path = file["filename"].as_str().unwrap().to_owned();
        let former = file["previous_filename"].as_str().unwrap_or(&path).to_owned();
        let diff = self.git(&["diff", "-U3", "-M50%", base, head, "--", &former, &path]).unwrap();
        if let Some(at) = diff.find(
            "
@@",
        ) {
            file["patch"] = json!(diff[at + 1..]);
        }
        let id = self.git(&["rev-parse", "--quiet", "--verify", &format!("{head}:{path}")]);
        file["sha"] = json!(id.unwrap_or_else(|| "0".repeat(40)));
        file
    }

    pub(super) fn listing(&self, commit: &str) -> Option<Value> {
        if let Some(listing) = self.listings.lock().unwrap().get(commit) {
            return Some(listing.clone());
        }
        let lines = self.git(&["ls-tree", "-r", "-t", "-l", "-z", "--full-tree", commit])?;
        let items: Vec<_> = lines
            .split('\0')
            .filter_map(|line| {
                let (what, path) = line.split_once('\t')?;
                let [mode, kind, id, size] = what.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
                let mut item = json!({"path": path, "mode": mode, "type": kind, "sha": id});
                if let Ok(size) = size.parse::<u64>() {
                    item["size"] = json!(size);
                }
                Some(item)
            })
            .collect();
        let listing = json!({"sha": commit, "tree": items, "truncated": false});
        self.listings.lock().unwrap().insert(commit.to_owned(), listing.clone());
        Some(listing)
    }

    pub(super) fn tree(&self, commit: &str) -> Option<String> {
        self.git(&["rev-parse", "--quiet", "--verify", &format!("{commit}^{{tree}}")])
    }

    pub(super) fn parents(&self, commit: &str) -> Option<Vec<String>> {
        let line = self.git(&["rev-list", "--parents", "-n", "1", commit])?;
        Some(line.split(' ').skip(1).map(str::to_owned).collect())
    }

    pub(super) fn blob(&self, id: &str) -> Option<Vec<u8>> {
        let output = Command::new("git").current_dir(&self.repository).args(["cat-file", "blob", id]).output().unwrap();
        output.status.success().then_some(output.stdout)
    }

    pub(super) fn git(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new("git").current_dir(&self.repository).args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then(|| text.trim_end_matches('\n').to_owned())
    }
}
