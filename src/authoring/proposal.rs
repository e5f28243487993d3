//! Proposes a configuration for a repository based on its KEPs, with a reason for each key.

mod reviews;
mod search;
mod traits;

use crate::change::Groups;
use crate::error::SourceError;
use crate::kep::{Milestone, Stage, Status, fields};
use crate::project::search::search;
use crate::project::{
    Grouping, Metadata, ProductionReadiness, Profile, ProfileKind, ProjectSettings, SigSettings, layout,
};
use crate::rules::{issue_missing, milestone_malformed};
use crate::source::Snapshot;
use crate::text::RepoPath;
use crate::text::nearest::nearest;
use crate::text::wording::{self, all_of, count, first_of};
use reviews::Reviews;
use search::{Folders, Root, template_of_sig};
use traits::Traits;

/// A proposed configuration.
#[derive(Debug)]
pub(crate) struct Proposal {
    keys: Vec<Key>,
    /// `aliases.approvers`
    approvers: Option<String>,
    notes: Vec<String>,
    /// Rules that say nothing about this project, with the reason.
    off: Vec<(&'static str, &'static str)>,
}

/// A key of `project`, its value as YAML, and the reason.
#[derive(Debug)]
struct Key {
    name: &'static str,
    value: Value,
    reason: String,
}

#[derive(Debug)]
enum Value {
    Text(String),
    /// The required and the optional fields.
    Fields(Vec<String>, Vec<String>),
    /// Words, and what each means in terms of Kubernetes.
    Words(Vec<(String, &'static str)>),
}

impl Proposal {
    /// Looks at the files of `tree`; `None` if there is no KEP.
    ///
    /// # Errors
    /// [`SourceError`] if the tree could not be read.
    pub(crate) fn of(tree: &dyn Snapshot) -> Result<Option<Self>, SourceError> {
        let found = search(tree, layout::METADATA)?;
        let Some(mut root) = Root::of(tree, &found)? else { return Ok(None) };
        let template = if root.metadata == Metadata::AnyMarkdown {
            found.templates.first().cloned().or_else(|| root.take_template())
        } else {
            template_of_sig(tree, &root.folder)?
        };
        let reviews = Reviews::of(tree, &root)?;
        let settings = ProjectSettings {
            // A project with areas in the place of SIGs has fields of its own.
            profile: reviews.has_areas.then_some(ProfileKind::Plain),
            production_readiness: reviews.has_areas.then_some(ProductionReadiness::From(Milestone::PRR_REQUIRED)),
            has_sig_folders: reviews.has_areas.then_some(true),
            sigs: reviews.has_areas.then_some(SigSettings::None),
            root: Some(root.folder.clone()),
            metadata: Some(root.metadata.clone()),
            readme: Some(root.readme.clone()),
            template,
            ..ProjectSettings::default()
        };
        let profile = Profile::resolve(&settings, &Groups::default().approvers, tree)?;
        let traits = Traits::of(tree, &root.keps, &profile)?;
        let mut proposal = Self { keys: Vec::new(), approvers: reviews.approvers, notes: Vec::new(), off: Vec::new() };
        let folders = Folders::of(tree, &profile.layout)?;
        proposal.add_layout(&profile, &root.metadata, &folders, traits.keps);
        proposal.add_process(&profile, &traits);
        proposal.add_others(&root.others);
        if profile.kind == ProfileKind::Plain && traits.counts_keps() {
            proposal.off.push((issue_missing::RULE.id, "KEPs are numbered one after the other, not after issues"));
        }
        Ok(Some(proposal))
    }

    fn add_layout(&mut self, profile: &Profile, metadata: &Metadata, folders: &Folders, keps: usize) {
        let root = &profile.layout.root;
        let is_plain = profile.kind == ProfileKind::Plain;
        let has_areas = profile.layout.grouping == Grouping::Areas;
        let traces = if has_areas {
            "there are production-readiness files, but no folders named `sig-*`".to_owned()
        } else if is_plain {
            format!("no {root}/prod-readiness folder and no group of production readiness approvers")
        } else {
            format!("there is a {root}/prod-readiness folder or a group of production readiness approvers")
        };
        self.add("profile", profile.kind.word(), traces);
        self.add("root", root.to_string(), format!("{} below it", count(keps, "KEP")));
        let readme = &profile.layout.readme;
        let what = match metadata {
            Metadata::File(name) => {
                self.add("metadata", name, "the metadata file in each of these folders");
                "beside the metadata"
            }
            Metadata::FrontMatter => {
                self.add("metadata", "front-matter", format!("{readme} begins with front matter"));
                "in each of these folders"
            }
            Metadata::AnyMarkdown => {
                let reason = "each KEP is a Markdown file that begins with front matter";
                self.add("metadata", layout::ANY_MARKDOWN, reason);
                ""
            }
        };
        if readme != layout::README {
            self.add("readme", readme, format!("the text {what}"));
        }
        if let Some(template) = &folders.template {
            let reason = if is_plain { "; its fields are those of a KEP" } else { "" };
            let what = if *metadata == Metadata::AnyMarkdown { "file" } else { "folder" };
            self.add("template", template.to_string(), format!("the {what} named like a template{reason}"));
        }
        let with_folders = "<sig>/<number>-<slug>";
        let (directory, folder, sigs, whose) = if folders.has_sigs {
            (with_folders, "there are folders named `sig-*`", "folders", "each SIG has a folder or an alias")
        } else if has_areas {
            let folder = "KEPs and production-readiness files are in a folder for each area";
            (with_folders, folder, "none", "the areas are not SIGs; with `folders`, `owning-sig` is checked")
        } else {
            ("<number>-<slug>", "no folders named `sig-*`", "none", "no SIG has a folder")
        };
        self.add("directory", directory, folder);
        self.add("sigs", sigs, whose);
    }

    fn add_process(&mut self, profile: &Profile, traits: &Traits) {
        let range = traits.milestones.first().zip(traits.milestones.last());
        let named =
            range.map(|(first, last)| if first == last { first.to_string() } else { format!("{first} to {last}") });
        let named = named.unwrap_or_default();
        let is_foreign = range.is_some_and(|(first, last)| !first.may_be_kubernetes() && !last.may_be_kubernetes());
        let (first, reason) = match (profile.dialect.prr_from, range) {
            (Some(_), Some((first, _))) if is_foreign => {
                (first.to_string(), "the first release that a KEP names; correct it if KEPs were not reviewed then")
            }
            (Some(release), _) => {
                (release.to_string(), "Kubernetes has reviewed production readiness since this release")
            }
            (None, _) => ("none".to_owned(), "no production readiness files"),
        };
        self.add("production-readiness", first, reason);
        let (releases, reason) = match (profile.kind, range) {
            (ProfileKind::Kubernetes, Some(_)) if is_foreign => {
                ("own", format!("milestones are {named}; add the dates of these releases to `calendar`"))
            }
            (ProfileKind::Kubernetes, _) => ("kubernetes", "this is the profile of Kubernetes".to_owned()),
            (ProfileKind::Plain, _) if traits.is_unversioned() => {
                self.off.push((milestone_malformed::RULE.id, "milestones are not versions"));
                ("none", "milestones are not versions such as v1.2 or 2026.1".to_owned())
            }
            (ProfileKind::Plain, None) => ("none", "no KEP names a release".to_owned()),
            (ProfileKind::Plain, Some(_)) => {
                ("none", format!("milestones are {named}; with `own`, add their dates to `calendar`"))
            }
        };
        self.add("releases", releases, reason);
        let [with, without] = traits.handles;
        let handles = if with >= without { "with-at" } else { "any" };
        self.add("handles", handles, handle_counts(with, without));
        self.add_table(traits.tables);
        self.add_fields(profile, traits);
        self.add_statuses(profile, traits);
        self.add_stages(profile, traits);
        if !profile.has_template {
            let what = "No template was found, so that sections and template text are not checked.";
            self.notes.push(format!("{what} If there is one, set `template`."));
        }
    }

    /// The words for `status` that the template offers or that most KEPs use, and notes on others.
    fn add_statuses(&mut self, profile: &Profile, traits: &Traits) {
        let offered = &traits.offered_statuses;
        let words: Vec<_> =
            if offered.is_empty() { traits.statuses.keys().collect() } else { offered.iter().collect() };
        let mut meanings: Vec<_> =
            words.iter().filter_map(|word| Some(((*word).clone(), Status::meant_by(word)?))).collect();
        let number = |is_counted: fn(&str) -> bool| -> usize {
            traits.statuses.iter().filter(|(word, _)| is_counted(word)).map(|(_, count)| count).sum()
        };
        let has_own = meanings.iter().any(|(word, _)| Status::parse(word).is_none());
        let is_offered = !offered.is_empty() && meanings.len() == offered.len();
        let of_kubernetes = number(|it| Status::parse(it).is_some());
        let are_all_clear = meanings.len() == traits.statuses.len();
        let is_usual = offered.is_empty()
            && (number(|it| Status::meant_by(it).is_some()) > 2 * of_kubernetes
                || (are_all_clear && number(|it| Status::parse(it).is_none()) > 1));
        if is_usual && of_kubernetes > 0 {
            let missing = Status::ALL.iter().filter(|status| !words.iter().any(|word| *word == status.word()));
            meanings.extend(missing.map(|status| (status.word().to_owned(), *status)));
        }
        let is_listed = profile.kind == ProfileKind::Plain && has_own && (is_offered || is_usual);
        for (word, count) in traits.statuses.iter().filter(|(word, _)| Status::parse(word).is_none()) {
            if is_listed && meanings.iter().any(|(known, _)| known == word) {
                continue;
            }
            let [usual, remedy] = if is_listed {
                ["among these words", "If the project has it, add it to `statuses`."]
            } else {
                ["a status of Kubernetes", "If the project has it, list all words in `statuses`."]
            };
            let near = nearest(word, Status::ALL.map(Status::word));
            let what = match near.filter(|near| !near.eq_ignore_ascii_case(word)) {
                Some(near) => format!("Is it a misspelling of `{near}`? {remedy}"),
                None => remedy.to_owned(),
            };
            self.notes.push(format!("`{word}` ({}) is not {usual}. {what}", wording::count(*count, "KEP")));
        }
        if is_listed {
            let who = if offered.is_empty() { "KEPs use" } else { "the template offers" };
            let reason = format!("{who} these words; check what each means in terms of Kubernetes");
            let words = meanings.into_iter().map(|(word, status)| (word, status.word())).collect();
            self.keys.push(Key { name: "statuses", value: Value::Words(words), reason });
        }
    }

    /// The words for `stage` that the template offers, if they are not those of Kubernetes.
    fn add_stages(&mut self, profile: &Profile, traits: &Traits) {
        let is_offered = !traits.offered_stages.is_empty();
        let offered = if is_offered { &traits.offered_stages } else { &traits.stages.iter().cloned().collect() };
        let mut meanings: Vec<_> =
            offered.iter().filter_map(|word| Some((word.clone(), Stage::meant_by(word)?))).collect();
        if !is_offered {
            meanings.sort_by_key(|(_, stage)| *stage);
        }
        let is_in_order = meanings.is_sorted_by_key(|(_, stage)| *stage);
        let has_own = offered.iter().any(|word| Stage::parse(word).is_none());
        if profile.kind == ProfileKind::Kubernetes || !has_own {
            return;
        }
        if meanings.len() == offered.len() && is_in_order {
            let words = meanings.into_iter().map(|(word, stage)| (word, stage.word())).collect();
            let who = if is_offered { "the template offers" } else { "KEPs use" };
            let reason = format!("{who} these words; check what each means in terms of Kubernetes");
            self.keys.push(Key { name: "stages", value: Value::Words(words), reason });
        } else if is_offered {
            let note = "The template offers other stages than Kubernetes: list them in `stages`, with what each means.";
            self.notes.push(note.to_owned());
        } else {
            let own: Vec<_> = offered.iter().filter(|word| Stage::parse(word).is_none()).collect();
            let named = first_of(&own, 3);
            self.notes.push(format!("KEPs have stages that Kubernetes does not have, such as {named}: list all in `stages`, with what each means."));
        }
    }

    /// Names what looks like a KEP, but is not checked under the proposed layout.
    fn add_others(&mut self, others: &[RepoPath]) {
        const MAX_NAMED: usize = 5;
        if others.is_empty() {
            return;
        }
        let named = first_of(others, MAX_NAMED);
        let look = if others.len() == 1 { "looks like a KEP, but is" } else { "look like KEPs, but are" };
        self.notes.push(format!("Attention: {named} {look} not checked with this layout."));
    }

    fn add_table(&mut self, [all, old, current]: [usize; 3]) {
        let (value, reason) = match all {
            0 => ("none", "no README has a table of contents between `<!-- toc -->` marks".to_owned()),
            _ if old > current => {
                let with = count(old, "README");
                ("mdtoc-legacy", format!("{with} with anchors of mdtoc before v1.1, and {current} with current ones"))
            }
            _ => ("mdtoc", format!("{} with a table of contents", count(all, "README"))),
        };
        self.add("table-of-contents", value, reason);
    }

    /// The project does not require a field that the template has, but that KEPs often leave out. Keys that the template
    /// lacks, but that KEPs often have, are fields, too.
    fn add_fields(&mut self, profile: &Profile, traits: &Traits) {
        let left_out = traits.left_out();
        let own_required = traits.own_required(&profile.dialect);
        let mut optional = traits.own_keys();
        optional.retain(|key| !own_required.contains(key));
        let owned = |keys: &[&str]| -> Vec<String> { keys.iter().map(|key| (*key).to_owned()).collect() };
        if profile.kind == ProfileKind::Kubernetes
            || (left_out.is_empty() && optional.is_empty() && own_required.is_empty())
        {
            return;
        }
        let mut required = Vec::new();
        let mut reasons = Vec::new();
        if !left_out.is_empty() || !own_required.is_empty() {
            let is_left_out = |key: &str| left_out.iter().any(|(other, ..)| *other == key);
            required = fields::keys(fields::KEP);
            required.retain(|key| traits.fields.contains_key(key) && !is_left_out(key));
            required.extend(&own_required);
        }
        if !own_required.is_empty() {
            reasons.push(format!("all KEPs have {}", all_of(&own_required)));
        }
        if !left_out.is_empty() {
            let counts: Vec<_> =
                left_out.iter().map(|(key, missing, all)| format!("`{key}` ({missing} of {all})")).collect();
            let this = if optional.is_empty() { "this" } else { "`required`" };
            reasons.push(format!("KEPs often leave out {}; delete {this} if they should not", counts.join(", ")));
        }
        if !optional.is_empty() {
            let lacks = if traits.has_template { "the template lacks" } else { "a KEP of Kubernetes need not have" };
            reasons.push(format!("many KEPs have fields that {lacks}"));
        }
        self.keys.push(Key {
            name: "fields",
            value: Value::Fields(owned(&required), owned(&optional)),
            reason: reasons.join("; "),
        });
    }

    fn add(&mut self, name: &'static str, value: impl Into<String>, reason: impl Into<String>) {
        self.keys.push(Key { name, value: Value::Text(value.into()), reason: reason.into() });
    }

    /// Renders the configuration file.
    pub(crate) fn render(&self) -> String {
        let mut text = "# Proposed by `kepgate init`. Check each value, and delete what you do not need.\n\
                        # All keys: https://github.com/kepgate/kepgate/blob/main/docs/projects.md\n\
                        project:\n"
            .to_owned();
        for Key { name, value, reason } in &self.keys {
            let value = match value {
                Value::Text(value) if is_plain(value) => format!(" {value}"),
                Value::Text(value) => format!(" {}", crate::escape::quoted(value)),
                Value::Words(words) => inner(words.iter().map(|(word, meaning)| (word.clone(), (*meaning).to_owned()))),
                Value::Fields(required, optional) => {
                    let lists = [("required", required.join(", ")), ("optional", optional.join(", "))];
                    let lists = lists.into_iter().filter(|(_, keys)| !keys.is_empty());
                    inner(lists.map(|(name, keys)| (name.to_owned(), format!("[{keys}]"))))
                }
            };
            text.push_str(&format!("  # {}\n  {name}:{value}\n", comment(reason)));
        }
        for note in &self.notes {
            text.push_str(&format!("  # {}\n", comment(note)));
        }
        if let Some(group) = &self.approvers {
            text.push_str(&format!("aliases:\n  # the group that has all approvers\n  approvers: {group}\n"));
        }
        for (number, (rule, reason)) in self.off.iter().enumerate() {
            let heading = if number == 0 { "rules:\n" } else { "" };
            text.push_str(&format!("{heading}  # {}\n  {rule}: off\n", comment(reason)));
        }
        text
    }
}

/// The lines of a mapping within a key of `project`.
fn inner(entries: impl Iterator<Item = (String, String)>) -> String {
    let mut lines = String::new();
    for (key, value) in entries {
        lines.push_str(&format!("\n    {key}: {value}"));
    }
    lines
}

/// `12 handles have an @, 1 does not`.
fn handle_counts(with: usize, without: usize) -> String {
    let has = if with == 1 { "has" } else { "have" };
    let do_not = if without == 1 { "does not" } else { "do not" };
    match (with, without) {
        (0, 0) => "no KEP names anybody".to_owned(),
        (_, 0) => format!("{} {has} an @", count(with, "handle")),
        (0, _) => format!("{} {do_not} have an @", count(without, "handle")),
        _ => format!("{} {has} an @, {without} {do_not}", count(with, "handle")),
    }
}

/// Text from the repository for a comment: on one line, without anything that ends the document.
fn comment(text: &str) -> String {
    let line: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    line.replace("---", "- - -")
}

fn is_plain(value: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.');
    value.starts_with(|first: char| first.is_ascii_alphabetic()) && value.bytes().all(is_safe)
}
