//! The report as test cases, for tools such as Prow's deck: a suite for each KEP, and a case for each table of the
//! catalog. The format is `JUnit` as Prow and most other tools read it.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::check::result::Report;
use crate::check::triage::Triaged;
use crate::escape::{one_line, xml_document, xml_text};
use crate::rule::{FailOn, Family, Need};
use crate::rules;
use crate::text::RepoPath;
use crate::text::wording::count as plural;

/// The suite for findings without a KEP.
const NO_KEP: &str = "repository";
/// The case for the run as a whole, and its suite.
const RUN: &str = "kepgate";

/// A test case and its result.
struct Case<'a> {
    name: &'static str,
    ending: Ending,
    /// The findings that fail the check.
    failing: Vec<&'a Triaged>,
    /// The other findings.
    passing: Vec<&'a Triaged>,
}

enum Ending {
    Passed,
    Failed,
    /// Unchecked, with the reason.
    Skipped(String),
    /// The run itself failed.
    Error(String),
}

/// The report as XML, with a line feed at its end.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory cannot fail, and the output is always text.
    let _ = document(report, &mut writer);
    let mut text = String::from_utf8(writer.into_inner()).unwrap_or_default();
    text.push('\n');
    xml_document(&text)
}

fn document(report: &Report, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
    let suites = suites(report);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let total: Vec<_> = suites.iter().flat_map(|(_, cases)| cases).collect();
    let counts = counts(&total);
    let time = format!("{:.3}", report.elapsed.as_secs_f64());
    let attributes = counts.iter().map(|(name, count)| (*name, count.as_str()));
    let root = writer.create_element("testsuites").with_attribute(("name", RUN)).with_attributes(attributes);
    root.with_attribute(("time", time.as_str()))
        .write_inner_content(|writer| suites.iter().try_for_each(|(name, cases)| suite(report, name, cases, writer)))?;
    Ok(())
}

fn suite(report: &Report, name: &str, cases: &[Case<'_>], writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
    let name = xml_text(&one_line(name));
    let counts = counts(&cases.iter().collect::<Vec<_>>());
    let attributes = counts.iter().map(|(name, count)| (*name, count.as_str()));
    let element = writer.create_element("testsuite").with_attribute(("name", name.as_str()));
    element
        .with_attributes(attributes)
        .write_inner_content(|writer| cases.iter().try_for_each(|one| case(report, &name, one, writer)))?;
    Ok(())
}

fn case(report: &Report, suite: &str, case: &Case<'_>, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
    let element = writer.create_element("testcase").with_attributes([("name", case.name), ("classname", suite)]);
    let failing = listing(report, &case.failing);
    let passing = listing(report, &case.passing);
    if matches!(case.ending, Ending::Passed) && passing.is_empty() {
        return element.write_empty().map(|_| ());
    }
    element.write_inner_content(|writer| {
        match &case.ending {
            Ending::Passed => {}
            Ending::Failed => {
                let message = plural(case.failing.len(), "finding");
                let failure = writer.create_element("failure").with_attribute(("message", message.as_str()));
                failure.write_text_content(BytesText::new(&failing))?;
            }
            Ending::Skipped(why) => {
                let why = xml_text(why).replace('\n', " ");
                writer.create_element("skipped").with_attribute(("message", why.as_str())).write_empty()?;
            }
            Ending::Error(why) => {
                let why = xml_text(why).replace('\n', " ");
                writer.create_element("error").with_attribute(("message", why.as_str())).write_empty()?;
            }
        }
        if !passing.is_empty() {
            writer.create_element("system-out").write_text_content(BytesText::new(&passing))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The suites in order: the run as a whole if it failed, each KEP, and findings without a KEP.
fn suites(report: &Report) -> Vec<(String, Vec<Case<'_>>)> {
    let mut suites = Vec::new();
    if let Some(error) = &report.error {
        let ending = Ending::Error(format!("{}: {}", error.describe(), error.help()));
        suites.push((RUN.to_owned(), vec![Case { name: "check", ending, failing: Vec::new(), passing: Vec::new() }]));
    }
    let Some(outcome) = &report.outcome else { return suites };
    let mut found: BTreeMap<Option<&RepoPath>, Vec<&Triaged>> = BTreeMap::new();
    for triaged in &outcome.findings {
        found.entry(triaged.finding.kep.as_ref()).or_default().push(triaged);
    }
    let apart = found.remove(&None);
    suites.extend(report.keps().map(|dir| {
        let found = found.get(&Some(dir)).map(Vec::as_slice).unwrap_or_default();
        (dir.to_string(), cases(report, found, true))
    }));
    suites.extend(apart.map(|found| (NO_KEP.to_owned(), cases(report, &found, false))));
    suites
}

/// One case for each table of the catalog with findings and, for a KEP, for each other one that runs by default.
fn cases<'a>(report: &Report, found: &[&'a Triaged], is_kep: bool) -> Vec<Case<'a>> {
    let families = Family::ALL.into_iter().filter_map(|family| {
        let of_family = found.iter().copied().filter(|triaged| triaged.finding.rule.family == family);
        let fails = |triaged: &&Triaged| report.threshold.fail_on != FailOn::Never && report.threshold.counts(triaged);
        let (failing, passing): (Vec<_>, Vec<_>) = of_family.partition(fails);
        let is_silent = failing.is_empty() && passing.is_empty();
        if is_silent && (!is_kep || !runs_by_default(family)) {
            return None;
        }
        let ending = match unchecked(report, family) {
            _ if !failing.is_empty() => Ending::Failed,
            Some(why) => Ending::Skipped(why),
            None => Ending::Passed,
        };
        Some(Case { name: family.title(), ending, failing, passing })
    });
    families.collect()
}

/// True if a rule of the table runs by default in every repository.
fn runs_by_default(family: Family) -> bool {
    rules::ALL.iter().any(|rule| rule.family == family && rule.enabled && !rule.needs.contains(&Need::TechLeads))
}

/// Why a table cannot have passed; `None` if all of its rules were checked.
fn unchecked(report: &Report, family: Family) -> Option<String> {
    if let Some(error) = &report.error {
        return Some(format!("the check is incomplete: {}", error.describe()));
    }
    let of_family = |id: &str| rules::find(id).is_some_and(|rule| rule.family == family);
    let unchecked = report.unchecked.iter().find(|unchecked| of_family(unchecked.rule))?;
    Some(format!("{} was not checked: {}", unchecked.rule, unchecked.reason))
}

fn counts(cases: &[&Case<'_>]) -> [(&'static str, String); 4] {
    let count = |is: fn(&Ending) -> bool| cases.iter().filter(|case| is(&case.ending)).count().to_string();
    [
        ("tests", cases.len().to_string()),
        ("failures", count(|ending| matches!(ending, Ending::Failed))),
        ("errors", count(|ending| matches!(ending, Ending::Error(_)))),
        ("skipped", count(|ending| matches!(ending, Ending::Skipped(_)))),
    ]
}

/// `path:line:column: error[rule]: message` and the help for each finding.
fn listing(report: &Report, found: &[&Triaged]) -> String {
    if report.outcome.is_none() {
        return String::new();
    }
    found.iter().map(|triaged| entry(triaged)).collect::<Vec<_>>().join("\n")
}

fn entry(triaged: &Triaged) -> String {
    let finding = &triaged.finding;
    let mut place = one_line(&finding.place.path.to_string());
    if let Some(region) = finding.place.region {
        let start = region.start;
        place.push_str(&format!(":{}:{}", start.line, start.column));
    }
    let old = if triaged.is_new { "" } else { " (pre-existing)" };
    let due = triaged.due.as_ref().map(|due| format!("\n  {due}")).unwrap_or_default();
    let help = finding.help.as_ref().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    xml_text(&format!("{place}: {}[{}]{old}: {}{due}{help}", finding.level, finding.rule.id, finding.message))
}
