//! Hostile READMEs.

use serde_json::Value;

use crate::check::hostile::judge;
use crate::support::{DIR, KEP, PAYLOADS, TestRepo, all_found, kep_with};

const TEMPLATE: &str = "\
## Summary
## Questionnaire
### Enablement
<!-- This section must be completed when targeting alpha. -->
###### How can the feature be enabled?
- [ ] Feature gate
  - Feature gate name:
###### What happens on rollback?
### Monitoring
###### Which metrics are there?
- [ ] Metrics
  - Metric name:
###### What are the reasonable SLOs (Service Level Objectives)?
";

/// The report on a change that replaces the README of the sample KEP with `content`.
fn check_readme(content: &str) -> Value {
    let repo = TestRepo::folders();
    repo.write("base/keps/NNNN-kep-template/README.md", TEMPLATE);
    repo.write(format!("head/{DIR}/README.md"), content);
    judge(&repo)
}

#[test]
fn hostile_readme_text_stays_text() {
    for payload in PAYLOADS {
        let readme = format!(
            "# {payload}\n<!-- toc -->\n- [{payload}](#x)\n<!-- /toc -->\n## {payload}\n### Enablement\n{payload}\n\
             ###### How can the feature be enabled?\n- [x] Feature gate\n  - Feature gate name: {payload} `OtherHours`\n\
             ###### {payload} What happens on rollback?\n{payload}\n<<[UNRESOLVED {payload}]>>\n"
        );
        let found = check_readme(&readme);
        let rules: Vec<_> = all_found(&found).into_iter().map(|(rule, _)| rule).collect();
        assert!(rules.contains(&"toc-stale") && rules.contains(&"readme-section-missing"), "{payload:?}: {rules:?}");
    }
}

/// Half of the limit for a file: the parser's tree doubles its capacity as it grows, and reserved memory counts here.
const BYTES: usize = 500_000;

#[test]
fn pathological_readmes_are_checked_within_bounds() {
    let objectives = "### Monitoring\n###### What are the reasonable SLOs (Service Level Objectives)?\n";
    let question = "### Enablement\n###### What happens on rollback?\n";
    for (what, start, unit) in [
        ("fences that never close", "", "```a\n"),
        ("fences of all lengths", "", "````````\n~~~~~~~\n``````\n~~~~~\n````\n"),
        ("fences with attributes that never close", "<!-- toc -->\n- [a](#a)\n<!-- /toc -->\n", "``` {a\n\n"),
        ("a tab after each fence", "", "```\t\n"),
        ("quotes", "", ">"),
        ("quotes on lines", "", "> > > > > > > >\n"),
        ("lists", "", "- "),
        ("brackets", "", "["),
        ("links", "", "[a](b"),
        ("emphasis", "", "*a **b _c "),
        ("backquotes", "", "`a``b"),
        ("open comments", "", "<!-- "),
        ("comments in one line of an answer", question, "<!-- --> "),
        ("comments in the objectives", objectives, "<!-- --> a "),
        ("bold beginnings", "", "**a\n\n"),
        ("headings", "<!-- toc -->\n<!-- /toc -->\n", "# a\n"),
        ("questions", question, "###### Is it so?\n"),
        ("a table of the same", "<!-- toc -->\n- [a](#a)\n", "- [a](#a)\n"),
        ("URLs in a heading", "# ", "https://a "),
        ("addresses in a heading", "# ", "http"),
        ("names", "###### How can the feature be enabled?\n- Feature gate name: ", "AaBb "),
        ("unresolved", "", "<<[UNRESOLVED"),
        ("lines of the template", "", "- [ ] Metrics\n"),
        ("tables", "|a|\n|-|\n", "|b|\n"),
        ("references", "", "[a]: b\n"),
        ("entities", "# ", "&amp;"),
        ("marks of a table", "", "<!-- toc --><!-- /toc -->\n# <!-- toc -->\n"),
        ("blank lines below a table", "<!-- toc -->\n<!-- /toc -->\n# A\n", "\n"),
    ] {
        let readme = format!("{start}{}", unit.repeat((BYTES - start.len()) / unit.len()));
        let report = check_readme(&readme);
        assert_eq!(report["error"], Value::Null, "{what}");
    }
}

#[test]
fn metric_of_many_words_is_compared_within_bounds() {
    // Upstream reads lines of at most 64 KiB.
    let metric = format!("{}b", "a_".repeat(30_000));
    let words = "a_".repeat(BYTES / 2);
    let repo = TestRepo::folders();
    repo.write("base/keps/NNNN-kep-template/README.md", TEMPLATE);
    repo.write(format!("head/{KEP}"), kep_with(&[("metrics", &metric)]));
    let readme =
        format!("### Monitoring\n###### Which metrics are there?\n- [x] Metrics\n  - Metric name: c_d\n{words}\n");
    repo.write(format!("head/{DIR}/README.md"), readme);
    let report = judge(&repo);
    assert_eq!(report["error"], Value::Null);
    assert!(all_found(&report).iter().any(|(rule, _)| *rule == "prr-answer-mismatch"), "{report}");
}

#[test]
fn readme_with_invalid_utf8_is_still_checked() {
    let repo = TestRepo::folders();
    repo.write("base/keps/NNNN-kep-template/README.md", TEMPLATE);
    repo.write(format!("head/{DIR}/README.md"), b"# caf\xe9 \xff\n<!-- toc -->\n- [B](#b)\n<!-- /toc -->\n## A\n");
    let report = judge(&repo);
    let stale = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "toc-stale").unwrap();
    let bytes = std::fs::read(repo.place(format!("head/{DIR}/README.md"))).unwrap();
    let byte = |end: &str| usize::try_from(stale[end]["byte"].as_u64().unwrap()).unwrap();
    assert_eq!(&bytes[byte("start")..byte("end")], b"- [B](#b)");
}
