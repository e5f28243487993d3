//! From the YAML tree to typed fields, with the coercions of Go's yaml.v3 into upstream's structs: a string takes any
//! scalar's text as written, null is the empty value, a list takes null. It never stops at a fault.

use super::kep_yaml as kep;
use crate::syntax::yaml;
use crate::syntax::yaml::{Document, Node, NodeKind};
use crate::text::nearest::nearest;
use crate::text::{Span, Spanned};

/// A field of a mapping: where its key stands, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<T> {
    /// The key, when there is one.
    pub key: Option<Span>,
    /// What it holds.
    pub state: State<T>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State<T> {
    /// The key is not there.
    Absent,
    /// The key is there, but its value cannot be told: another finding says why.
    Broken,
    /// The key is there and holds nothing: null, `""` or `[]`. The span is that of the value, perhaps empty.
    Empty(Span),
    /// A value and its span.
    Value(T, Span),
}

/// A field that holds text.
pub type Text = Field<String>;
/// A field that holds a list of text; null entries are empty strings.
pub type List = Field<Vec<Spanned<String>>>;

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self { key: None, state: State::Absent }
    }
}

impl<T> Field<T> {
    /// The value and its span, when there is a value.
    pub fn value(&self) -> Option<(&T, Span)> {
        match &self.state {
            State::Value(value, span) => Some((value, *span)),
            _ => None,
        }
    }

    /// Whether it is absent or empty. A broken one is neither.
    pub fn is_missing(&self) -> bool {
        matches!(self.state, State::Absent | State::Empty(_))
    }

    /// Where to point for a field that is missing: an empty value's own text, else its key; `None` when it is absent.
    pub fn missing_span(&self) -> Option<Span> {
        match self.state {
            State::Empty(span) if !span.is_empty() => Some(span),
            State::Empty(_) => self.key,
            _ => None,
        }
    }

    fn broken(key: Span) -> Self {
        Self { key: Some(key), state: State::Broken }
    }
}

impl Text {
    /// The text; empty when there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        self.value().map_or("", |(text, _)| text.as_str())
    }
}

impl List {
    /// The field of `key` that holds these entries.
    pub(super) fn listed(key: Span, entries: Vec<Spanned<String>>, span: Span) -> Self {
        let state = if entries.is_empty() { State::Empty(span) } else { State::Value(entries, span) };
        Self { key: Some(key), state }
    }

    /// The entries; none when there is no list.
    #[must_use]
    pub fn entries(&self) -> &[Spanned<String>] {
        self.value().map_or(&[], |(entries, _)| entries.as_slice())
    }
}

/// Something wrong with a document as a document of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where; `None` for the file as a whole.
    pub span: Option<Span>,
    /// The field, as a route (`milestone.beta`); empty for the document.
    pub route: String,
    /// What.
    pub kind: FaultKind,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// It is wrong as YAML already.
    Yaml(yaml::FaultKind),
    /// A key outside the schema.
    UnknownKey {
        /// The key.
        key: String,
        /// The keys that the mapping may have.
        known: &'static [&'static str],
        /// The one of them, not there yet, that was likely meant.
        near: Option<&'static str>,
    },
    /// A value of the wrong kind.
    WrongType {
        /// What is wanted, with its article.
        wanted: &'static str,
        /// What stands there, with its article.
        found: &'static str,
    },
}

/// The entries of a mapping, taken out one by one.
pub struct Entries<'a> {
    left: Vec<(&'a str, &'a Node, &'a Node)>,
    found: Vec<&'a str>,
    broken: &'a [Spanned<String>],
    /// Whether a merge key may bring in any field.
    has_merge_key: bool,
    route: &'static str,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Entries<'a> {
    /// The entries of the document's root; what is wrong with it as YAML becomes faults.
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
                let kind = FaultKind::WrongType { wanted: "a plain word as the key", found: key.what() };
                faults.push(Fault { span: Some(key.span), route: route.to_owned(), kind });
            }
        }
        let has_merge_key = entries.iter().any(|(key, _)| key.is_merge_key());
        Self { left: taken, found: Vec::new(), broken, has_merge_key, route, faults }
    }

    /// Takes the entry of `key` out; `None` when there is none. Of a duplicate key the first entry is taken.
    fn take(&mut self, key: &str) -> Option<(Span, &'a Node)> {
        let at = self.left.iter().position(|(name, ..)| *name == key)?;
        let (found, name, value) = self.left.remove(at);
        self.left.retain(|(other, ..)| *other != key);
        self.found.push(found);
        Some((name.span, value))
    }

    fn field<T>(
        &mut self,
        key: &'static str,
        wanted: &'static str,
        convert: impl FnOnce(&mut Self, &'a Node) -> Option<State<T>>,
    ) -> Field<T> {
        if let Some(broken) = self.broken.iter().find(|broken| broken.value == key) {
            return Field::broken(broken.span);
        }
        let Some((name, value)) = self.take(key) else {
            let state = if self.has_merge_key { State::Broken } else { State::Absent };
            return Field { key: None, state };
        };
        if value.is_null() && value.tag.is_none() {
            return Field { key: Some(name), state: State::Empty(value.span) };
        }
        let state = match convert(self, value) {
            _ if value.tag.is_some() => self.wrong(key, value, "a value without a YAML tag", "a tagged value"),
            Some(state) => state,
            None if value.kind == NodeKind::Alias => State::Broken,
            None => self.wrong(key, value, wanted, value.what()),
        };
        Field { key: Some(name), state }
    }

    fn wrong<T>(&mut self, key: &str, value: &Node, wanted: &'static str, found: &'static str) -> State<T> {
        let kind = FaultKind::WrongType { wanted, found };
        self.faults.push(Fault { span: Some(value.span), route: self.route_of(key), kind });
        State::Broken
    }

    fn route_of(&self, key: &str) -> String {
        if self.route.is_empty() { key.to_owned() } else { format!("{}.{key}", self.route) }
    }

    /// A field that holds text.
    pub fn text(&mut self, key: &'static str) -> Text {
        self.field(key, "one word or line of text", |_, value| scalar(value).map(|text| text_state(text, value.span)))
    }

    /// A field that holds true or false, in the words that upstream's reader takes.
    pub fn boolean(&mut self, key: &'static str) -> Field<bool> {
        self.field(key, "`true` or `false`", |_, value| {
            let NodeKind::Scalar { text, plain } = &value.kind else {
                return None;
            };
            boolean(text, *plain).map(|boolean| State::Value(boolean, value.span))
        })
    }

    /// A field that holds a list of text.
    pub fn list(&mut self, key: &'static str) -> List {
        self.field(key, "a list", |this, value| {
            let NodeKind::Sequence(items) = &value.kind else {
                return None;
            };
            let mut entries = Vec::with_capacity(items.len());
            for item in items {
                match scalar(item) {
                    Some(text) => entries.push(Spanned { value: text.to_owned(), span: item.span }),
                    None if item.kind == NodeKind::Alias => {}
                    None if item.tag.is_some() => {
                        this.wrong::<()>(key, item, "a value without a YAML tag", "a tagged value");
                    }
                    None => {
                        this.wrong::<()>(key, item, "one word or line of text in each entry", item.what());
                    }
                }
            }
            Some(if items.is_empty() { State::Empty(value.span) } else { State::Value(entries, value.span) })
        })
    }

    /// A field that holds a mapping, lowered by `lower`.
    pub fn mapping<T>(&mut self, key: &'static str, lower: impl FnOnce(&mut Entries<'_>) -> T) -> Field<T> {
        self.field(key, "a mapping", |this, value| {
            let NodeKind::Mapping(entries) = &value.kind else {
                return None;
            };
            let mut inner = Entries::new(entries, &[], key, this.faults);
            let lowered = lower(&mut inner);
            Some(State::Value(lowered, value.span))
        })
    }

    /// A field that holds a list of mappings, each lowered by `lower`; null entries are passed over.
    pub fn mappings<T>(
        &mut self,
        key: &'static str,
        mut lower: impl FnMut(&mut Entries<'_>) -> T,
    ) -> Field<Vec<Spanned<T>>> {
        self.field(key, "a list", |this, value| {
            let NodeKind::Sequence(items) = &value.kind else {
                return None;
            };
            let mut lowered = Vec::with_capacity(items.len());
            for item in items {
                match &item.kind {
                    NodeKind::Mapping(entries) => {
                        let mut inner = Entries::new(entries, &[], key, this.faults);
                        lowered.push(Spanned { value: lower(&mut inner), span: item.span });
                    }
                    _ if item.is_null() || item.kind == NodeKind::Alias => {}
                    _ => {
                        this.wrong::<()>(key, item, "a mapping in each entry", item.what());
                    }
                }
            }
            Some(if items.is_empty() { State::Empty(value.span) } else { State::Value(lowered, value.span) })
        })
    }

    /// Takes the remaining entries, each a mapping lowered by `lower`: name, place of the key, what it holds.
    pub fn named_mappings<T>(&mut self, mut lower: impl FnMut(&mut Entries<'_>) -> T) -> Vec<(String, Span, T)> {
        let mut lowered = Vec::new();
        for (name, key, value) in self.rest() {
            match &value.kind {
                NodeKind::Mapping(entries) => {
                    let mut inner = Entries::new(entries, &[], self.route, self.faults);
                    lowered.push((name.to_owned(), key.span, lower(&mut inner)));
                }
                NodeKind::Alias => {}
                _ => {
                    self.wrong::<()>(name, value, "a mapping", value.what());
                }
            }
        }
        lowered
    }

    /// Reports a value of `key`, which stays where it is, that is not text.
    pub(super) fn expect_text(&mut self, key: &'static str) {
        let found = self.left.iter().find(|(name, ..)| *name == key).map(|(.., value)| *value);
        let Some(value) = found.filter(|value| value.kind != NodeKind::Alias) else { return };
        if value.tag.is_some() {
            self.wrong::<()>(key, value, "a value without a YAML tag", "a tagged value");
        } else if scalar(value).is_none() {
            self.wrong::<()>(key, value, "one word or line of text", value.what());
        }
    }

    /// Reports a value of the wrong kind.
    pub(super) fn wrong_type(&mut self, key: &str, value: &Node, wanted: &'static str) {
        self.wrong::<()>(key, value, wanted, value.what());
    }

    /// Takes the remaining entries: name, key and value.
    pub fn rest(&mut self) -> Vec<(&'a str, &'a Node, &'a Node)> {
        std::mem::take(&mut self.left)
    }

    /// Reports what is left as keys outside the schema.
    pub fn finish(&mut self, known: &'static [&'static str]) {
        let is_broken = |key: &str| self.broken.iter().any(|broken| broken.value == key);
        let absent: Vec<_> = known.iter().copied().filter(|key| !self.found.contains(key) && !is_broken(key)).collect();
        for (name, key, _) in self.rest() {
            let near = nearest(name, absent.iter().copied());
            let kind = FaultKind::UnknownKey { key: name.to_owned(), known, near };
            self.faults.push(Fault { span: Some(key.span), route: self.route_of(name), kind });
        }
    }
}

/// Whether one of `faults` is an unknown key of `mapping` (empty for the root) that is likely `key` misspelt. A key that
/// upstream has by accident is no misspelling of another: what it says of itself is too little to speak for that one.
pub(super) fn is_misspelt(faults: &[Fault], mapping: &str, key: &str) -> bool {
    faults.iter().any(|fault| match &fault.kind {
        FaultKind::UnknownKey { key: unknown, near, .. } if *near == Some(key) => {
            let route = fault.route.strip_suffix(unknown.as_str()).map(|route| route.trim_end_matches('.'));
            route == Some(mapping) && !kep::ACCIDENTAL_KEYS.contains(&unknown.as_str())
        }
        _ => false,
    })
}

/// The text of a scalar; null is empty.
fn scalar(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Scalar { .. } if node.is_null() => Some(""),
        NodeKind::Scalar { text, .. } if node.tag.is_none() => Some(text),
        _ => None,
    }
}

fn text_state(text: &str, span: Span) -> State<String> {
    if text.is_empty() { State::Empty(span) } else { State::Value(text.to_owned(), span) }
}

/// Go's yaml.v3 takes YAML 1.2's words without quotes, and these of YAML 1.1 with or without.
fn boolean(text: &str, plain: bool) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" if plain => Some(true),
        "false" | "False" | "FALSE" if plain => Some(false),
        "y" | "Y" | "yes" | "on" => Some(true),
        "n" | "N" | "no" | "off" => Some(false),
        _ => None,
    }
}
