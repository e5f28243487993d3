//! Reads and verifies reports.

use serde_json::Value;

use crate::support::{Annotation, commands};

/// The rules and paths of new errors, sorted.
pub(crate) fn new_errors(report: &Value) -> Vec<(&str, &str)> {
    of(report, |finding| finding["level"] == "error" && finding["new"] == true)
}

/// The rules and paths of all findings, sorted.
pub(crate) fn all_found(report: &Value) -> Vec<(&str, &str)> {
    of(report, |_| true)
}

fn of(report: &Value, is_meant: impl Fn(&Value) -> bool) -> Vec<(&str, &str)> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| is_meant(finding));
    let mut found: Vec<_> =
        findings.map(|finding| (finding["rule"].as_str().unwrap(), finding["path"].as_str().unwrap())).collect();
    found.sort_unstable();
    found
}

/// Asserts that the log of a step has no commands except annotations: at most ten of each level, each with a message,
/// the title of a rule in the report or of the program, and a place inside the repository.
pub(crate) fn check_log(log: &str, report: &Value) {
    let commands = commands(log);
    let rules: Vec<_> = report["findings"].as_array().unwrap().iter().map(|it| it["rule"].as_str().unwrap()).collect();
    let path = |finding: &Value| kepgate::escape::one_line(finding["path"].as_str().unwrap());
    let paths: Vec<_> = report["findings"].as_array().unwrap().iter().map(path).collect();
    for level in ["error", "warning", "notice"] {
        assert!(commands.iter().filter(|command| command.name == level).count() <= 10, "{log}");
    }
    for Annotation { name, properties, data } in &commands {
        assert!(matches!(name.as_str(), "error" | "warning" | "notice"), "::{name}::{data} in\n{log}");
        assert!(!data.trim().is_empty() && data.chars().count() <= 4096, "{data:?}");
        for (key, value) in properties {
            let is_meant = match key.as_str() {
                "file" => paths.contains(value) && !value.starts_with('/') && !value.contains("../"),
                "line" | "endLine" | "col" | "endColumn" => value.parse::<usize>().is_ok_and(|number| number > 0),
                "title" => {
                    let rule = value.split_once(" · KEP-").map_or(value.as_str(), |(rule, _)| rule);
                    value == "kepgate" || rules.contains(&rule)
                }
                _ => false,
            };
            assert!(is_meant, "{key}={value:?} in {log}");
        }
        assert!(properties.iter().any(|(key, _)| key == "title"), "{log}");
    }
}

/// The HTML tags that the summary uses.
const TAGS: [&str; 10] =
    ["<code>", "</code>", "<pre>", "</pre>", "<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>"];

/// Asserts that the summary has only kepgate's own markup: its tags in pairs, links that start with `links`, and no
/// image, mention or address. `.ci/judges/markdown.py` does the same with GitHub's own parser.
pub(crate) fn check_summary(summary: &str, links: Option<&str>) {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
    assert!(summary.len() < 1_000_000, "{} bytes", summary.len());
    let (mut tags, mut code_blocks) = (String::new(), 0);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(summary, options) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code_blocks += 1,
            Event::End(TagEnd::CodeBlock) => code_blocks -= 1,
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(links.is_some_and(|prefix| dest_url.starts_with(prefix)), "{dest_url}");
                let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:%#".contains(&byte);
                assert!(dest_url.bytes().all(is_plain), "{dest_url}");
            }
            Event::Start(Tag::Image { .. } | Tag::Emphasis | Tag::Strikethrough | Tag::BlockQuote(_)) => {
                panic!("{event:?} in {summary}")
            }
            Event::Html(html) | Event::InlineHtml(html) => tags.push_str(&html),
            Event::Text(text) if code_blocks == 0 => {
                let lower = text.to_ascii_lowercase();
                for live in ["@", "#", "://", "www.", "gh-"] {
                    assert!(!lower.contains(live), "{text:?} in {summary}");
                }
            }
            _ => {}
        }
    }
    for (at, _) in tags.match_indices('<') {
        assert!(TAGS.iter().any(|tag| tags[at..].starts_with(tag)), "{}", &tags[at..]);
    }
    for pair in TAGS.chunks(2) {
        let [opened, closed] = [pair[0], pair[1]].map(|tag| tags.matches(tag).count());
        assert_eq!(opened, closed, "{} and its end in a summary of {} bytes", pair[0], summary.len());
    }
}

/// Asserts that SARIF has every finding at a place inside the repository and no links, and that none of its lines is a
/// workflow command.
pub(crate) fn check_sarif(text: &str, report: &Value) {
    assert!(commands(text).is_empty());
    let sarif: Value = serde_json::from_str(text).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let found = |key: &str| report[key].as_array().unwrap().len();
    assert_eq!(results.len(), found("findings") + found("suppressed"));
    for result in results {
        for message in [&result["message"]["text"], &result["fixes"][0]["description"]["text"]] {
            assert!(!message.as_str().unwrap_or_default().contains("]("), "{message}");
        }
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./%".contains(&byte);
        assert!(uri.bytes().all(is_plain) && !uri.starts_with('/') && !uri.contains("../"), "{uri}");
    }
}

/// Asserts that `JUnit` XML is well-formed, has a failure if and only if there is a new error, and that none of its
/// lines is a workflow command.
pub(crate) fn check_junit(text: &str, report: &Value) {
    assert!(commands(text).is_empty(), "{text}");
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut failures = 0;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error} in {text}")) {
            quick_xml::events::Event::Start(element) if element.name().as_ref() == "failure" => failures += 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(failures > 0, !new_errors(report).is_empty(), "{text}");
    let is_allowed = |character: char| matches!(character, '\n' | ' '..) && !matches!(character, '\u{7f}'..='\u{9f}');
    assert!(text.chars().all(is_allowed), "{text}");
}

/// Asserts that the text has no invisible characters.
pub(crate) fn check_text(text: &str) {
    let is_hidden = |character: &char| kepgate::escape::is_unsafe(*character) && !matches!(character, '\n' | '\t');
    if let Some(found) = text.chars().find(is_hidden) {
        let line = text.lines().find(|line| line.contains(found));
        panic!("{found:?} in {line:?}");
    }
}

#[test]
fn workflow_command_parser_finds_every_command() {
    let log = "no ::error::x\rx\n\u{a0} ::error file=a%3Ab%2Cc,line=1::d%0Ae%25\nx ##[warning]y\r::notice::z\n\
               ::stop-commands::t\n::error::hidden\n##[error]hidden\n  ::t::\n::debug::seen";
    let found = commands(log);
    let names: Vec<_> = found.iter().map(|command| command.name.as_str()).collect();
    assert_eq!(names, ["error", "warning", "notice", "debug"]);
    assert_eq!(found[0].properties, [("file", "a:b,c"), ("line", "1")].map(|(key, value)| (key.into(), value.into())));
    assert_eq!(found[0].data, "d\ne%");
    for living in ["<img src=x>", "[x](https://x)", "@x", "<code>@x</code>", "https://x", "<details>", "*x*"] {
        assert!(std::panic::catch_unwind(|| check_summary(living, None)).is_err(), "{living}");
    }
}
