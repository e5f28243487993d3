//! Decodes the YAML tree into typed fields, with the conversions that Go's yaml.v3 applies for upstream's structs: a
//! string accepts any scalar and keeps its text, null is the empty value, and a list can be null. Decoding continues
//! after a fault.

use super::dialect::Dialect;
use super::fault::{Fault, FaultKind};
use super::field::{Field, List, OwnValue, State, Text};
use super::wrong_type::{BOOLEAN, ENTRY_MAPPING, ENTRY_TEXT, KEY, LIST, MAPPING, TEXT, UNTAGGED};
use crate::syntax::yaml::{Document, Node, NodeKind};
use crate::text::nearest::nearest;
use crate::text::{Span, Spanned};

/// What the decoding of a KEP depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Project<'a> {
    /// How the metadata of the project differs from that of Kubernetes.
    pub(super) dialect: &'a Dialect,
    /// The KEP's `stage`, as written.
    pub(super) stage: &'a str,
}

/// The entries of a mapping. Decoding an entry removes it.
pub struct Entries<'a> {
    left: Vec<(&'a str, &'a Node, &'a Node)>,
    found: Vec<&'a str>,
    broken: &'a [Spanned<String>],
    /// True if there is a merge key, which may bring in any field.
    has_merge_key: bool,
    /// True if an entry of the list that is being decoded is unknown.
    is_partial: bool,
    /// The project whose words and fields are accepted.
    pub(super) project: Option<Project<'a>>,
    route: &'static str,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Entries<'a> {
    /// The entries of a document's root mapping. Adds its YAML faults to `faults`.
    pub fn of_document(document: &'a Document, faults: &'a mut Vec<Fault>) -> Self {
        faults.extend(document.faults.iter().map(|fault| Fault {
            span: fault.span,
            route: String::new(),
            kind: FaultKind::Yaml(fault.kind.clone()),
        }));
        Self::new(&document.entries, &document.broken, "", faults)
    }

    fn new(
        entries: &'a [(Node, Node)],
        broken: &'a [Spanned<String>],
        route: &'static str,
        faults: &'a mut Vec<Fault>,
    ) -> Self {
        let mut taken = Vec::with_capacity(entries.len());
        for (key, value) in entries.iter().filter(|(key, _)| !key.is_merge_key()) {
            if let NodeKind::Scalar { text, .. } = &key.kind {
                taken.push((text.as_str(), key, value));
            } else if key.kind != NodeKind::Alias {
                let kind = FaultKind::WrongType { wanted: KEY, found: key.what() };
                faults.push(Fault { span: Some(key.span), route: route.to_owned(), kind });
            }
        }
        let has_merge_key = entries.iter().any(|(key, _)| key.is_merge_key());
        Self { left: taken, found: Vec::new(), broken, has_merge_key, is_partial: false, project: None, route, faults }
    }

    /// The entries of a document's root mapping, written as the project does it.
    pub(super) fn of_project(document: &'a Document, dialect: &'a Dialect, faults: &'a mut Vec<Fault>) -> Self {
        let is_stage = |key: &Node| scalar(key) == Some("stage");
        let stage = document.entries.iter().find(|(key, _)| is_stage(key)).and_then(|(_, value)| scalar(value));
        let project = Some(Project { dialect, stage: stage.unwrap_or_default() });
        Self { project, ..Self::of_document(document, faults) }
    }

    /// Removes the entry of `key` and returns it. If the key is duplicated, the first entry wins.
    fn take(&mut self, key: &str) -> Option<(Span, &'a Node)> {
        let at = self.left.iter().position(|(name, ..)| *name == key)?;
        let (found, name, value) = self.left.remove(at);
        self.left.retain(|(other, ..)| *other != key);
        self.found.push(found);
        Some((name.span, value))
    }

    fn field<T>(
        &mut self,
        key: &str,
        wanted: &'static str,
        convert: impl FnOnce(&mut Self, &'a Node) -> Option<State<T>>,
    ) -> Field<T> {
        if let Some(broken) = self.broken.iter().find(|broken| broken.value == key) {
            return Field::broken(broken.span);
        }
        let Some((name, value)) = self.take(key) else {
            let state = if self.has_merge_key { State::Broken } else { State::Absent };
            return Field { key: None, state, is_partial: false };
        };
        if value.is_null() && value.tag.is_none() {
            return Field { key: Some(name), state: State::Empty(value.span), is_partial: false };
        }
        self.is_partial = false;
        let state = match convert(self, value) {
            _ if value.tag.is_some() => self.wrong(key, value, UNTAGGED, "a tagged value"),
            Some(state) => state,
            None if value.kind == NodeKind::Alias => State::Broken,
            None => self.wrong(key, value, wanted, value.what()),
        };
        Field { key: Some(name), state, is_partial: self.is_partial }
    }

    fn wrong<T>(&mut self, key: &str, value: &Node, wanted: &'static str, found: &'static str) -> State<T> {
        let kind = FaultKind::WrongType { wanted, found };
        self.faults.push(Fault { span: Some(value.span), route: self.route_of(key), kind });
        State::Broken
    }

    fn route_of(&self, key: &str) -> String {
        if self.route.is_empty() { key.to_owned() } else { format!("{}.{key}", self.route) }
    }

    /// Decodes a field that contains text.
    pub fn text(&mut self, key: &str) -> Text {
        self.field(key, TEXT, |_, value| scalar(value).map(|text| text_state(text, value.span)))
    }

    /// Decodes a field that contains a boolean, written in any way that Go's yaml.v3 accepts.
    pub fn boolean(&mut self, key: &'static str) -> Field<bool> {
        self.field(key, BOOLEAN, |_, value| {
            let NodeKind::Scalar { text, plain } = &value.kind else {
                return None;
            };
            boolean(text, *plain).map(|boolean| State::Value(boolean, value.span))
        })
    }

    /// Decodes a field that contains a list of texts.
    pub fn list(&mut self, key: &'static str) -> List {
        self.field(key, LIST, |this, value| {
            let NodeKind::Sequence(items) = &value.kind else {
                return None;
            };
            let mut entries = Vec::with_capacity(items.len());
            for item in items {
                if let Some(text) = scalar(item) {
                    entries.push(Spanned { value: text.to_owned(), span: item.span });
                    continue;
                }
                this.is_partial = true;
                if item.tag.is_some() {
                    this.wrong::<()>(key, item, UNTAGGED, "a tagged value");
                } else if item.kind != NodeKind::Alias {
                    this.wrong::<()>(key, item, ENTRY_TEXT, item.what());
                }
            }
            Some(if items.is_empty() { State::Empty(value.span) } else { State::Value(entries, value.span) })
        })
    }

    /// True if a feature gate may be just a name, because the project does not require its components.
    fn has_only_names(&self) -> bool {
        self.project.is_some_and(|project| !project.dialect.requires("components"))
    }

    /// Decodes a field that contains a mapping, using `decode`.
    pub fn mapping<T>(&mut self, key: &'static str, decode: impl FnOnce(&mut Entries<'_>) -> T) -> Field<T> {
        self.field(key, MAPPING, |this, value| {
            let NodeKind::Mapping(entries) = &value.kind else {
                return None;
            };
            let project = this.project;
            let mut inner = Entries { project, ..Entries::new(entries, &[], key, this.faults) };
            let decoded = decode(&mut inner);
            Some(State::Value(decoded, value.span))
        })
    }

    /// Decodes a field that contains a list of mappings, using `decode` for each. Null entries are skipped.
    pub fn mappings<T>(
        &mut self,
        key: &'static str,
        mut decode: impl FnMut(&mut Entries<'_>) -> T,
    ) -> Field<Vec<Spanned<T>>> {
        self.field(key, LIST, |this, value| {
            let NodeKind::Sequence(items) = &value.kind else {
                return None;
            };
            let mut decoded = Vec::with_capacity(items.len());
            for item in items {
                match &item.kind {
                    NodeKind::Mapping(entries) => {
                        let mut inner = Entries::new(entries, &[], key, this.faults);
                        decoded.push(Spanned { value: decode(&mut inner), span: item.span });
                    }
                    _ if item.is_null() && item.tag.is_none() => {}
                    NodeKind::Alias => this.is_partial = true,
                    _ if this.has_only_names() && scalar(item).is_some() => {
                        let entries = [(name_key(item.span), item.clone())];
                        let mut inner = Entries::new(&entries, &[], key, this.faults);
                        decoded.push(Spanned { value: decode(&mut inner), span: item.span });
                    }
                    _ if item.tag.is_some() => {
                        this.is_partial = true;
                        this.wrong::<()>(key, item, UNTAGGED, "a tagged value");
                    }
                    _ => {
                        this.is_partial = true;
                        this.wrong::<()>(key, item, ENTRY_MAPPING, item.what());
                    }
                }
            }
            Some(if items.is_empty() { State::Empty(value.span) } else { State::Value(decoded, value.span) })
        })
    }

    /// Removes the remaining entries, and decodes each as a mapping: the name, the span of the key, and the value.
    pub fn named_mappings<T>(&mut self, mut decode: impl FnMut(&mut Entries<'_>) -> T) -> Vec<(String, Span, T)> {
        let mut decoded = Vec::new();
        for (name, key, value) in self.rest() {
            match &value.kind {
                NodeKind::Mapping(entries) => {
                    let mut inner = Entries::new(entries, &[], self.route, self.faults);
                    decoded.push((name.to_owned(), key.span, decode(&mut inner)));
                }
                NodeKind::Alias => {}
                _ => {
                    self.wrong::<()>(name, value, MAPPING, value.what());
                }
            }
        }
        decoded
    }

    /// Returns a field of any type; `None` if it has no value.
    pub fn node(&mut self, key: &'static str) -> Option<(Node, Span)> {
        let field = self.field(key, TEXT, |_, value| Some(State::Value(value.clone(), value.span)));
        field.value().map(|(node, span)| (node.clone(), span))
    }

    /// Removes the entries of `keys`, whatever their type.
    pub(super) fn take_present<'k>(&mut self, keys: impl Iterator<Item = &'k str>) -> Vec<OwnValue> {
        let is_empty_list = |value: &Node| matches!(&value.kind, NodeKind::Sequence(items) if items.is_empty());
        let taken = keys.filter_map(|key| {
            let (key_span, value) = self.take(key)?;
            let is_filled = !value.is_null() && !is_empty_list(value);
            let text = scalar(value).filter(|_| is_filled);
            let text = text.map(|text| Spanned { value: text.to_owned(), span: value.span });
            Some(OwnValue { key: key.to_owned(), key_span, is_filled, text })
        });
        taken.collect()
    }

    /// Reports the value of `key` if it is not text, but does not remove it.
    pub(super) fn expect_text(&mut self, key: &'static str) {
        let found = self.left.iter().find(|(name, ..)| *name == key).map(|(.., value)| *value);
        let Some(value) = found.filter(|value| value.kind != NodeKind::Alias) else { return };
        if value.tag.is_some() {
            self.wrong::<()>(key, value, UNTAGGED, "a tagged value");
        } else if scalar(value).is_none() {
            self.wrong::<()>(key, value, TEXT, value.what());
        }
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong_type(&mut self, key: &str, value: &Node, wanted: &'static str) {
        self.wrong::<()>(key, value, wanted, value.what());
    }

    /// Removes the remaining entries: the name, key and value of each.
    pub fn rest(&mut self) -> Vec<(&'a str, &'a Node, &'a Node)> {
        std::mem::take(&mut self.left)
    }

    /// Reports the remaining entries as unknown keys. `known` are the keys in the schema.
    pub fn finish(&mut self, known: &[&str]) {
        let is_broken = |key: &str| self.broken.iter().any(|broken| broken.value == key);
        let absent: Vec<_> = known.iter().copied().filter(|key| !self.found.contains(key) && !is_broken(key)).collect();
        for (name, key, _) in self.rest() {
            // The key also has a value that is not YAML, which is reported.
            if known.contains(&name) && is_broken(name) {
                continue;
            }
            let near = nearest(name, absent.iter().copied()).map(str::to_owned);
            let known = known.iter().map(|key| (*key).to_owned()).collect();
            let kind = FaultKind::UnknownKey { key: name.to_owned(), known, near };
            self.faults.push(Fault { span: Some(key.span), route: self.route_of(name), kind });
        }
    }
}

/// A key for a name that is written without one.
fn name_key(span: Span) -> Node {
    Node { span, kind: NodeKind::Scalar { text: "name".to_owned(), plain: true }, tag: None }
}

/// The text of a scalar without a tag; empty if it is null.
fn scalar(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Scalar { .. } if node.tag.is_some() => None,
        NodeKind::Scalar { text, .. } => Some(if node.is_null() { "" } else { text }),
        _ => None,
    }
}

fn text_state(text: &str, span: Span) -> State<String> {
    if text.is_empty() { State::Empty(span) } else { State::Value(text.to_owned(), span) }
}

/// Go's yaml.v3 accepts the words of YAML 1.2 only without quotes, but those of YAML 1.1 also with quotes.
fn boolean(text: &str, plain: bool) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" if plain => Some(true),
        "false" | "False" | "FALSE" if plain => Some(false),
        "y" | "Y" | "yes" | "on" => Some(true),
        "n" | "N" | "no" | "off" => Some(false),
        _ => None,
    }
}
