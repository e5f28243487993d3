//! The expected output of a fixture: the JSON report as text, without the parts that are the same in nearly every case.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

/// Renders the report of a run in `folder`. Unchecked rules other than `rule` are omitted.
pub(crate) fn render(report: &Value, folder: &Path, rule: Option<&str>) -> String {
    let mut text = String::new();
    for finding in list(report, "findings") {
        render_finding("", finding, folder, &mut text);
    }
    for finding in list(report, "suppressed") {
        render_finding("ignored ", finding, folder, &mut text);
    }
    for unchecked in list(report, "unchecked").filter(|it| rule.is_some() && it["rule"].as_str() == rule) {
        writeln!(text, "not checked[{}]: {}", string(unchecked, "rule"), lines(string(unchecked, "reason"))).unwrap();
    }
    if report["error"].is_object() {
        let error = &report["error"];
        writeln!(text, "failed[{}]: {}", string(error, "kind"), lines(string(error, "message"))).unwrap();
    }
    writeln!(text, "exit: {}", report["exit"]).unwrap();
    text
}

fn render_finding(prefix: &str, finding: &Value, folder: &Path, text: &mut String) {
    let age = if finding["new"] == true { "new" } else { "pre-existing" };
    let (level, rule) = (string(finding, "level"), string(finding, "rule"));
    writeln!(text, "{prefix}{level}[{rule}] {age} {}", place(finding)).unwrap();
    if let Some(covered) = covered(finding, folder) {
        writeln!(text, "  text: {}", quoted(&covered)).unwrap();
    }
    writeln!(text, "  message: {}", lines(string(finding, "message"))).unwrap();
    if let Some(due) = finding["due"]["reason"].as_str() {
        writeln!(text, "  {}", lines(due)).unwrap();
    }
    if let Some(help) = finding["help"].as_str() {
        writeln!(text, "  help: {}", lines(help)).unwrap();
    }
    for label in list(finding, "labels") {
        let covered = covered(label, folder).map(|covered| format!(" {}", quoted(&covered))).unwrap_or_default();
        writeln!(text, "  label: {}{covered}: {}", place(label), lines(string(label, "message"))).unwrap();
    }
    for edit in list(&finding["fix"], "edits") {
        writeln!(text, "  fix: {}", fix(edit, string(finding, "path"), folder)).unwrap();
    }
    if let Some(reason) = finding["reason"].as_str() {
        writeln!(text, "  reason: {}", lines(reason)).unwrap();
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// `path:line:column`, preceded by the side unless it is the head. A whole file has no position.
fn place(value: &Value) -> String {
    let side = match string(value, "side") {
        "head" => String::new(),
        side => format!("{side}:"),
    };
    let position = match &value["start"] {
        Value::Null => String::new(),
        start => format!(":{}:{}", start["line"], start["column"]),
    };
    format!("{side}{}{position}", string(value, "path"))
}

/// The text that the span covers; `None` for a whole file. Files of the policy are read from the base.
fn covered(value: &Value, folder: &Path) -> Option<String> {
    let (start, end) = (value["start"]["byte"].as_u64()?, value["end"]["byte"].as_u64()?);
    let side = if value["side"] == "head" { "head" } else { "base" };
    let source = std::fs::read(folder.join(side).join(string(value, "path"))).unwrap();
    Some(part(&source, start, end))
}

fn part(source: &[u8], start: u64, end: u64) -> String {
    let range = usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
    String::from_utf8(source[range].to_vec()).unwrap()
}

/// An edit: the place, the old text and the new text, or the file to create.
fn fix(edit: &Value, finding: &str, folder: &Path) -> String {
    let (path, new) = (string(edit, "path"), string(edit, "text"));
    if edit["create"] == true {
        return format!("create {path}{}", lines(&format!("\n{new}")));
    }
    let source = std::fs::read(folder.join("head").join(path)).unwrap();
    let (start, end) = (edit["start_byte"].as_u64().unwrap(), edit["end_byte"].as_u64().unwrap());
    let before = part(&source, 0, start);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().trim_start_matches('\u{feff}').chars().count() + 1;
    let place = if path == finding { format!("{line}:{column}") } else { format!("{path}:{line}:{column}") };
    match part(&source, start, end).as_str() {
        "" => format!("at {place} insert {}", quoted(new)),
        old => format!("at {place} replace {} with {}", quoted(old), quoted(new)),
    }
}

/// The text in backticks on one line, with control characters escaped.
fn quoted(text: &str) -> String {
    let escaped: String =
        text.chars().map(|it| if it.is_control() { it.escape_default().to_string() } else { it.to_string() }).collect();
    format!("`{escaped}`")
}

/// Indents lines after the first and puts a bar before them.
fn lines(text: &str) -> String {
    text.replace('\n', "\n    | ").replace("| \n", "|\n").trim_end_matches(' ').to_owned()
}
