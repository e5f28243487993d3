//! Names of feature gates and metrics in an answer.

use super::answers::{checkbox_in, lines};
use crate::questionnaire::template::line_text;
use crate::syntax::markdown::Markdown;
use crate::text::words::words;
use crate::text::{Span, Spanned};

/// Further in than this, in bytes, everything is equally far in.
const MAX_INDENT: usize = 256;

/// The gates after `Feature gate name:`.
pub(super) fn gates(text: &str, content: Span, markdown: &Markdown) -> Vec<Spanned<String>> {
    named(text, content, markdown, &["feature gate name", "feature gate names", "feature gates"], is_gate)
}

/// The metrics after `Metric name:`.
pub(super) fn metrics(text: &str, content: Span, markdown: &Markdown) -> Vec<Spanned<String>> {
    named(text, content, markdown, &["metric name", "metric names", "metrics"], is_metric)
}

/// Finds where `Other` is ticked, but no feature gate, in the answer about how to enable the feature.
pub(super) fn other_mechanism(text: &str, content: Span, markdown: &Markdown) -> Option<Span> {
    let mut other = None;
    for line in lines(text, content, markdown) {
        let Some(checkbox) = checkbox_in(markdown, line).filter(|checkbox| checkbox.is_ticked) else { continue };
        let rest = Span::new(checkbox.span.end, line.end);
        let choice = words(&text[rest]);
        if choice.starts_with("other") {
            other = other.or(Some(line));
        } else if choice.contains("gate") {
            return None;
        }
    }
    other
}

/// Finds the answer about how to enable the feature, if it is in prose and names no feature gate.
pub(super) fn without_gate(text: &str, content: Span, markdown: &Markdown) -> Option<Span> {
    let mut first = None;
    let (mut says_gate, mut has_name) = (false, false);
    for line in lines(text, content, markdown) {
        let checkbox = checkbox_in(markdown, line);
        let is_gate_choice = words(line_text(&text[line])).contains("gate");
        if checkbox.is_some_and(|checkbox| checkbox.is_ticked) && is_gate_choice {
            return None;
        }
        if checkbox.is_none() {
            first = first.or(Some(line));
            says_gate |= is_gate_choice;
            has_name |= text[line].split(|it: char| !it.is_ascii_alphanumeric()).any(is_gate);
        }
    }
    first.filter(|_| !(says_gate && has_name))
}

/// The field that the lines read now belong to.
struct Field {
    /// The indentation of its line.
    indent: usize,
    /// The indentation of the first entry of the list below it.
    entries: Option<usize>,
    /// True if its line has a name and does not continue.
    is_complete: bool,
}

impl Field {
    /// True if a line below the field can have names of its own: entries of the first level if the field's line has no
    /// name, and lines that continue it. Everything further in is about a name.
    fn takes(&mut self, line: &str, indent: usize) -> bool {
        let is_entry = line.starts_with(['-', '*', '+']);
        if self.is_complete || (!is_entry && self.entries.is_some_and(|entries| indent > entries)) {
            return false;
        }
        !is_entry || indent <= *self.entries.get_or_insert(indent)
    }
}

/// The names on the line of a field and on the lines further in below it.
fn named(
    text: &str,
    content: Span,
    markdown: &Markdown,
    fields: &[&str],
    is_name: fn(&str) -> bool,
) -> Vec<Spanned<String>> {
    let mut names = Vec::new();
    let mut field: Option<Field> = None;
    for line in lines(text, content, markdown) {
        let indent = indent(text, line);
        field = field.filter(|field| indent > field.indent);
        let label = text[line].split_once(':').filter(|(label, _)| fields.contains(&words(label).as_str()));
        if let Some((label, _)) = label.filter(|_| checkbox_in(markdown, line).is_none()) {
            let before = names.len();
            add(text, Span::new(line.start + label.len() + 1, line.end), is_name, &mut names);
            let is_complete = names.len() > before && !text[line].ends_with(',');
            field = Some(Field { indent, entries: None, is_complete });
        } else if checkbox_in(markdown, line).is_none()
            && field.as_mut().is_some_and(|field| field.takes(&text[line], indent))
        {
            listed(text, line, markdown).for_each(|code| add(text, code, is_name, &mut names));
        }
    }
    names
}

/// The code that a line begins with, and what follows it after a comma.
fn listed<'t>(text: &'t str, line: Span, markdown: &'t Markdown) -> impl Iterator<Item = Span> + 't {
    let content = line_text(&text[line]);
    let mut next = line.end - content.len();
    let first = markdown.inline_code.partition_point(|code| code.start < line.start);
    markdown.inline_code.iter().skip(first).copied().take_while(move |code| {
        let between = &text[Span::new(next, code.start)];
        let is_listed = code.end <= line.end && between.chars().all(|it| matches!(it, ',' | '/' | ' '));
        next = code.end;
        is_listed
    })
}

/// The indentation of a line, in bytes.
fn indent(text: &str, line: Span) -> usize {
    let before = text.as_bytes().get(..line.start).unwrap_or_default();
    before.iter().rev().take(MAX_INDENT).take_while(|byte| **byte != b'\n').count()
}

/// Adds the words in `span` that are names. Text in brackets, labels and their values are ignored.
fn add(text: &str, span: Span, is_name: fn(&str) -> bool, names: &mut Vec<Spanned<String>>) {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | ':');
    let (mut depth, mut value) = (0_usize, LabelValue::None);
    let mut start = span.start;
    for (at, character) in text[span].char_indices().chain([(text[span].len(), ' ')]) {
        let at = span.start + at;
        if is_part(character) {
            continue;
        }
        let name = text[Span::new(start, at)].trim_end_matches(':');
        let is_label = name.contains('_') && text[Span::new(at, span.end)].starts_with(['=', '!']);
        if depth == 0 && value == LabelValue::None && !is_label && is_name(name) {
            names.push(Spanned { value: name.to_owned(), span: Span::new(start, start + name.len()) });
        }
        value = value.after(character, start == at);
        start = at + character.len_utf8();
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// The value of a label, as in `name="value"`, that the characters read now belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LabelValue {
    None,
    Bare,
    Quoted(char),
}

impl LabelValue {
    /// The state after `character`, which is no part of a word; `is_first` if no word is before it.
    fn after(self, character: char, is_first: bool) -> Self {
        match (self, character) {
            (Self::Quoted(quote), _) if character == quote => Self::None,
            (Self::Quoted(_), _) => self,
            (_, '=') => Self::Bare,
            (Self::Bare, '"' | '\'') if is_first => Self::Quoted(character),
            (Self::Bare, ' ' | ',' | '`' | '"' | '\'') => Self::None,
            _ => self,
        }
    }
}

/// True if a word looks like a feature gate: CamelCase, with at least one lowercase and two uppercase letters.
fn is_gate(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && word.bytes().filter(u8::is_ascii_uppercase).count() >= 2
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// True if a word looks like a metric: lowercase letters and at least one underscore.
pub(super) fn is_metric(word: &str) -> bool {
    word.contains('_')
        && word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.ends_with(|last: char| last.is_ascii_alphanumeric())
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b':'))
}

/// Metrics that components had before most KEPs, and that many KEPs refer to: each family is named by three or more
/// KEPs of kubernetes/enhancements, or comes from a library or program outside of Kubernetes. They belong to no single
/// KEP, so its `kep.yaml` need not list them.
const SHARED_METRICS: &[&str] = &[
    // API machinery and client libraries.
    "apiserver_request_",
    "etcd_",
    "rest_client_",
    "workqueue_",
    // The scheduler.
    "framework_extension_point_",
    "plugin_execution_",
    "pod_scheduling_",
    "schedule_attempts_",
    "scheduler_pending_pods",
    "scheduling_algorithm_",
    // The kubelet.
    "cpu_manager_",
    "image_pull_duration_",
    "memory_manager_",
    "pod_resources_endpoint_",
    "pod_start_",
    "run_podsandbox_",
    "runtime_operations_",
    "started_containers_",
    "started_pods_",
    "topology_manager_",
    // Storage and controllers.
    "csi_operations_",
    "csi_sidecar_",
    "job_sync_",
    "job_syncs_",
    "node_collector_evictions_",
    "resourceclaim_controller_",
    "storage_operation_",
    // Other programs and libraries.
    "go_",
    "kube_",
    "process_",
];

/// True if the metric is of a family that no single KEP owns.
pub(crate) fn is_shared_metric(name: &str) -> bool {
    SHARED_METRICS.iter().any(|family| name.starts_with(family) || name.contains(&format!("_{family}")))
}
