//! Checks untrusted files and renders the report in every format: nothing panics, and no input injects commands or
//! tags.
//!
//! An input is up to five files with a line `%%` between them: kep.yaml, its production-readiness file and
//! OWNERS_ALIASES at head, kep.yaml at base, and the slug of the KEP's directory.
#![no_main]

use std::borrow::Cow;

use kepgate::check::resolved::{Place, Region, ResolvedEdit};
use kepgate::check::result::Report;
use kepgate::escape::one_line;
use kepgate::report::{github, json, junit, markdown, sarif, text};
use kepgate::text::RepoPath;
use kepgate::text::Span;
use kepgate_fuzz::{KEP, PRR_FILE, holds, judge, parts, target_branch};
use libfuzzer_sys::fuzz_target;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

/// Real runs use a random token, which no input can contain.
const TOKEN: &str = "5f0c8a7e1b2d4c3f9a6e7d8c0b1a2f3e";

fuzz_target!(|bytes: &[u8]| {
    if bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()) {
        return;
    }
    let [kep, prr_file, aliases, base, slug] = parts(bytes);
    let path = match slug.map(|slug| slug.trim_ascii()).filter(|slug| !slug.is_empty()) {
        Some(slug) => {
            let slug: Vec<_> = slug.iter().map(|byte| if matches!(byte, 0 | b'/') { b'-' } else { *byte }).collect();
            RepoPath::from("keps/sig-node").join([b"1234-", slug.as_slice()].concat()).join("kep.yaml")
        }
        None => RepoPath::from(KEP),
    };
    let mut before = target_branch();
    let mut head = target_branch().file(path.clone(), kep.unwrap_or_default());
    if let Some(prr_file) = prr_file {
        head = head.file(PRR_FILE, prr_file);
    }
    if let Some(aliases) = aliases {
        head = head.file("OWNERS_ALIASES", aliases);
    }
    if let Some(base) = base {
        before = before.file(path, base);
    }
    let report = judge(before, head, bytes.len() % 2 == 1, bytes.len() % 4 >= 2);
    assert!(report.error.is_none(), "the policy is sane, and everything can be read: {:?}", report.error);
    findings(&report);
    in_text(&report);
    in_github(&report);
    in_markdown(&markdown::render(&report));
    in_json(&report);
    in_sarif(&sarif::render(&report), report.findings().len());
    for line in junit::render(&report).split(['\n', '\r']) {
        assert!(!line.trim().starts_with("::") && !line.contains("##["), "{line:?}");
    }
});

/// Every place in the findings is valid.
fn findings(report: &Report) {
    let outcome = report.outcome.as_ref().expect("there is an outcome");
    let is_place = |place: &Place, what: &str| {
        if let Some(Region { start, end, span }) = place.region {
            assert!(start.byte <= end.byte && span.start <= span.end, "{what}: {place:?}");
            assert_eq!(end.byte - start.byte, span.end - span.start, "{what}: {place:?} is within its file");
        }
    };
    for triaged in &outcome.findings {
        let finding = &triaged.finding;
        assert_eq!(triaged.fingerprint.len(), 16);
        assert!(!finding.message.trim().is_empty());
        is_place(&finding.place, finding.rule.id);
        finding.labels.iter().for_each(|label| is_place(&label.place, finding.rule.id));
        for edit in &finding.fix {
            if let ResolvedEdit::Replace(edit) = edit {
                is_place(&edit.place, finding.rule.id);
            }
        }
        for excerpt in finding.sources.iter().filter_map(|source| source.excerpt.as_ref()) {
            for (range, _) in &excerpt.places {
                holds(&excerpt.text, Span::new(range.start, range.end), finding.rule.id);
            }
        }
    }
}

fn in_text(report: &Report) {
    let is_unsafe = |character: &char| {
        character.is_control() && !matches!(character, '\n' | '\t')
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let plain = text::render(report, text::Options::default());
    assert_eq!(plain.chars().find(is_unsafe), None, "{plain:?}");
    let styled = text::render(report, text::Options { color: true, ..text::Options::default() });
    assert_eq!(styled.chars().filter(|character| *character != '\u{1b}').find(is_unsafe), None, "{styled:?}");
    let plain = ["\u{1b}[", "\u{1b}]8;;", "\u{1b}\\"].iter().fold(styled.clone(), |text, ours| text.replace(ours, ""));
    assert!(!plain.contains('\u{1b}'), "only colors and links of ours: {styled:?}");
}

/// Parses the log like the runner, but treats every command name as a registered command.
fn in_github(report: &Report) {
    let log = github::render(report, TOKEN, text::Detail::Full);
    let outcome = report.outcome.as_ref().expect("there is an outcome");
    let paths: Vec<String> = outcome.findings.iter().map(|it| one_line(&it.finding.place.path.to_string())).collect();
    let mut is_stopped = false;
    let mut counts = [0; 3];
    for line in log.split(['\n', '\r']).filter(|line| !line.is_empty()) {
        let line = line.trim();
        if is_stopped {
            // Even where the token stops commands, no line is a command.
            if line == format!("::{TOKEN}::") {
                is_stopped = false;
            } else {
                assert!(!line.starts_with("::") && !line.contains("##["), "{line:?}");
            }
            continue;
        }
        let rest = line.strip_prefix("::").unwrap_or_else(|| panic!("no command: {line:?}"));
        let (info, data) = rest.split_once("::").unwrap_or_else(|| panic!("no command: {line:?}"));
        let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
        if name == "stop-commands" {
            assert_eq!((data, properties), (TOKEN, ""));
            is_stopped = true;
            continue;
        }
        let level = ["error", "warning", "notice"].iter().position(|level| *level == name);
        counts[level.unwrap_or_else(|| panic!("{name:?} is not ours"))] += 1;
        let data = unescaped(data, &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]);
        assert!(!data.trim().is_empty() && data.chars().count() <= 4096, "{data:?}");
        annotation(properties, &paths);
    }
    assert!(!is_stopped, "the log is let go of");
    assert!(counts.iter().all(|count| *count <= 10), "{counts:?}");
}

/// All properties are known, and the runner accepts the lines and columns.
fn annotation(properties: &str, paths: &[String]) {
    let mut numbers = [None; 4];
    for property in properties.split(',') {
        let (name, value) = property.split_once('=').unwrap_or_else(|| panic!("{property:?} in {properties:?}"));
        let value =
            unescaped(value, &[("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]).into_owned();
        match ["line", "endLine", "col", "endColumn"].iter().position(|known| *known == name) {
            Some(at) => numbers[at] = Some(value.parse::<usize>().expect("a number")),
            None if name == "file" => assert!(paths.contains(&value), "{value:?}"),
            None => assert!(name == "title" && is_title(&value), "{property:?}"),
        }
    }
    let [line, end_line, column, end_column] = numbers;
    assert!(line.is_some() == end_line.is_some() && line <= end_line && line != Some(0), "{properties:?}");
    assert!(column.is_some() == end_column.is_some() && column <= end_column && column != Some(0), "{properties:?}");
    assert!(column.is_none() || line == end_line, "{properties:?}");
}

fn is_title(title: &str) -> bool {
    let rule = match title.split_once(" · KEP-") {
        Some((rule, number)) => number.parse::<u32>().is_ok().then_some(rule),
        None => Some(title),
    };
    title == "kepgate" || rule.is_some_and(|rule| kepgate::rules::find(rule).is_some())
}

fn unescaped<'a>(text: &'a str, escapes: &[(&str, &str)]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    for (escape, character) in escapes {
        text = Cow::Owned(text.replace(escape, character));
    }
    text
}

/// The tags that the summary uses.
const TAGS: &[&str] = &["code", "pre", "details", "summary", "sub"];

/// Outside code, there are no mentions, images or foreign links, and no tags except [`TAGS`].
fn in_markdown(page: &str) {
    const FILES: &str = "https://github.com/kubernetes/enhancements/blob/";
    assert!(page.len() <= 1_000_000);
    let (mut html, mut is_code) = (String::new(), false);
    for event in Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::End(TagEnd::CodeBlock) => is_code = false,
            Event::Text(text) if !is_code => {
                let live = ["@", "://", "www."].into_iter().find(|live| text.contains(live));
                assert_eq!(live, None, "{text:?} in {page}");
            }
            Event::Html(part) | Event::InlineHtml(part) => html.push_str(&part),
            Event::Start(Tag::Link { dest_url, .. }) => assert!(dest_url.starts_with(FILES), "{dest_url:?} in {page}"),
            Event::Start(Tag::Image { .. }) => panic!("an image: {page}"),
            _ => {}
        }
    }
    assert!(!html.contains('@'), "a mention: {page}");
    for (at, _) in html.match_indices('<') {
        let tag = html[at + 1..].split('>').next().unwrap_or_default();
        assert!(TAGS.contains(&tag.trim_start_matches('/')), "a tag {tag:?}: {page}");
    }
    for tag in TAGS {
        let [opened, closed] = [format!("<{tag}>"), format!("</{tag}>")].map(|tag| html.matches(&tag).count());
        assert_eq!(opened, closed, "{tag}: {page}");
    }
}

fn in_sarif(text: &str, count: usize) {
    let log: Value = serde_json::from_str(text).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), count);
    assert!(results.iter().all(|result| !result["message"]["text"].as_str().expect("a text").contains("](")));
}

fn in_json(report: &Report) {
    let document: Value = serde_json::from_str(&json::render(report)).expect("JSON");
    let entries = document["findings"].as_array().expect("findings");
    assert_eq!(entries.len(), report.findings().len());
    for entry in entries {
        let [start, end] = ["start", "end"].map(|end| entry[end]["byte"].as_u64());
        assert!(start.is_some() == end.is_some() && start <= end, "{entry}");
    }
}
