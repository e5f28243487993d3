use super::readme::{Answer, Readme};
use crate::questionnaire::template::Outline;
use crate::text::RepoPath;
use crate::text::{Files, Side, SourceFile, Spanned};

const TEMPLATE: &str = "\
## Questionnaire
### Rollback
<!-- This section must be completed when targeting alpha. -->
###### How can the feature be enabled?
<!--
Pick one of these and delete the rest.
-->
- [ ] Feature gate (also in `kep.yaml`)
  - Feature gate name:
  - Components:
- [ ] Other
  - Describe the mechanism:
  - Will it need downtime of the control
    plane?
###### What happens on rollback?
<!-- Be paranoid. -->
### Monitoring
###### Which metrics?
- [ ] Metrics
  - Metric name:
";

fn read(text: &str) -> Readme {
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Head, RepoPath::from("README.md"), text));
    Readme::read(file, text, Some(&Outline::read(TEMPLATE)))
}

/// The answer to `What happens on rollback?` with `text` below it.
fn answer(text: &str) -> Answer {
    let readme = read(&format!("### Rollback\n###### What happens on rollback?\n{text}\n\n### Monitoring\ntext\n"));
    readme.sections[1].answers[1].answer
}

/// The same for `How can the feature be enabled?`.
fn choice(text: &str) -> Answer {
    let readme = read(&format!(
        "### Rollback\n###### How can the feature be enabled?\n{text}\n###### What happens on rollback?\n"
    ));
    readme.sections[1].answers[0].answer
}

fn names(names: &[Spanned<String>]) -> Vec<&str> {
    names.iter().map(|name| name.value.as_str()).collect()
}

#[test]
fn what_is_no_answer() {
    for text in [
        "",
        "\n\n",
        "<!-- Be paranoid. -->",
        "<!-- a comment of the author's -->",
        "Be paranoid.",
        "TBD",
        "- TODO: link the test",
        "_TBD for beta_",
        "N/A yet",
        "To be determined.",
        "<<[UNRESOLVED beta]>> Fill in for beta. <<[/UNRESOLVED]>>",
        "---",
        "\u{2014}",
        // What a reader does not see.
        "<br>",
        "<a id=\"what-happens\"></a>",
        "<p align=\"center\">\n</p>",
        "<div>&nbsp;</div>",
        "<a title=\"<!--\"></a>",
        "[x]: y",
        "[x]: y\n[x]: z",
        "[comment]: # (The answer is in the code.)",
        "&nbsp;",
        "<?x?>",
        "![](a.png)",
        "[](https://example.com)",
        "\u{200b}",
        "\u{3164}",
        "\u{2800}",
        "```go\n```",
        "- [x] <br>",
        "1.",
        "**&nbsp;**",
    ] {
        assert_eq!(answer(text), Answer::Missing, "{text:?}");
    }
}

#[test]
fn what_is_an_answer() {
    for text in [
        "No.",
        "None",
        "N/A, since nothing is stored.",
        "Not applicable: nothing is stored.",
        "<!-- Be paranoid. -->\nNothing.",
        "```\nkubectl get pods\n```",
        "![a picture](x.png)",
        "\u{2705}",
        "#### On nodes\nThey forget.",
        "TODO was the word here once, but by now all of this has been written down at length.",
        "Ja, es geht \u{fc}ber Nacht.",
        "<p>Nothing.</p>",
        "<a title=\"<!--\">Nothing.<a title=\"-->\">",
        "[Nothing](https://example.com).",
        "<https://example.com/answer>",
        "`x`",
        "- [x] Yes.",
    ] {
        assert_eq!(answer(text), Answer::Given, "{text:?}");
    }
}

#[test]
fn not_applicable_is_recognized() {
    let text = "### Rollback\n###### What happens on rollback?\n\n- N/A.\n";
    let answer = read(text).sections[1].answers[1].answer;
    let Answer::NotApplicable(place) = answer else { panic!("{answer:?}") };
    assert_eq!(&text[place], "- N/A.");
}

#[test]
fn a_choice_needs_a_tick_and_its_fields() {
    for (text, expected) in [
        ("- [ ] Feature gate (also in `kep.yaml`)\n  - Feature gate name:\n  - Components:\n", Answer::Missing),
        ("- [x] Feature gate (also in `kep.yaml`)\n  - Feature gate name:\n", Answer::Missing),
        ("- [x] Feature gate (also in `kep.yaml`)\n  - Feature gate name: A\n", Answer::Given),
        ("- [ ] Feature gate (also in `kep.yaml`)\n  - Feature gate name: A\n", Answer::Given),
        ("- [x] Other\n", Answer::Given),
        (
            "- [X] Other\n  - Describe the mechanism:\n  - Will it need downtime of the control\n    plane?\n",
            Answer::Missing,
        ),
        ("- [ ] Feature gate of an older template\n  - Name of the gate:\n- [ ] Another\n", Answer::Missing),
        ("- [x] Feature gate of an older template\n", Answer::Given),
    ] {
        assert_eq!(choice(text), expected, "{text:?}");
    }
}

#[test]
fn an_answer_ends_at_the_next_question() {
    let readme =
        read("### Rollback\n###### What happens on rollback?\n###### An older question?\nYes.\n### Monitoring\n");
    assert_eq!(readme.sections[1].answers[1].answer, Answer::Missing);
    let readme = read("### Rollback\n###### What happens on rollback?\n## Another chapter\nText.\n");
    assert_eq!(readme.sections[1].answers[1].answer, Answer::Missing);
}

#[test]
fn a_reworded_question_is_the_same_and_is_found_once() {
    let text = "### Rollback\n###### How can this feature be enabled or disabled?\nBy a flag.\n";
    let readme = read(text);
    let [enabled, rollback] = readme.sections[1].answers[..] else { panic!() };
    assert_eq!(
        (enabled.answer, &text[enabled.heading.unwrap()]),
        (Answer::Given, "###### How can this feature be enabled or disabled?")
    );
    assert_eq!((rollback.answer, rollback.heading), (Answer::Absent, None));
}

#[test]
fn names_are_read_from_their_fields() {
    let text = "\
###### How can the feature be enabled?
- [x] Feature gate
  - Feature gate name: `QuietHours`, LoudHours (formerly RudeHours)
  - Components: kubelet, KubeProxy
###### Which metrics?
- Metric name: `a_total{b_c}`, d_total should be 0
  - Labels: `i_j`
- Metric name:
  - `e_total`, `f_total`: with the label `g_h`
    - `n_m`: a value of the label
- Components: `k_l`
";
    let readme = read(text);
    assert_eq!(names(&readme.gates), ["QuietHours", "LoudHours"]);
    assert_eq!(names(&readme.metrics), ["a_total", "d_total", "e_total", "f_total"]);
    for name in readme.gates.iter().chain(&readme.metrics) {
        assert_eq!(&text[name.span.range()], name.value);
    }
}

#[test]
fn other_counts_only_without_a_feature_gate() {
    let place =
        |text: &str| read(&format!("###### How can the feature be enabled?\n{text}")).enabled_otherwise.is_some();
    assert!(place("- [x] Other\n  - Describe the mechanism: a flag\n"));
    assert!(!place("- [ ] Other\n"));
    assert!(!place("- [x] Feature gate\n- [x] Other\n"));
}

#[test]
fn template_text_is_distinguished_from_the_authors() {
    let text = "<!-- Be paranoid. -->\n<!-- Mine. -->\n- [ ] Other\n- [x] Other\n<!--\n- [ ] Other\n-->\n";
    let readme = read(text);
    let comments: Vec<_> = readme.template_comments.iter().map(|comment| &text[comment.range()]).collect();
    let lines: Vec<_> = readme.template_lines.iter().map(|line| &text[line.range()]).collect();
    assert_eq!((comments, lines), (vec!["<!-- Be paranoid. -->"], vec!["- [ ] Other"]));
}

#[test]
fn without_a_template_nothing_is_required() {
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Head, RepoPath::from("README.md"), ""));
    let readme = Readme::read(file, "### Rollback\n<<[UNRESOLVED]>>\n", None);
    assert!(readme.sections.is_empty() && readme.gates.is_empty());
    assert_eq!(readme.unresolved.len(), 1);
}

const METRICS_TEMPLATE: &str = "\
## Questionnaire
### Rollout
###### What specific metrics should inform a rollback?
### Monitoring
###### What are the reasonable SLOs (Service Level Objectives) for the enhancement?
###### What are the SLIs (Service Level Indicators) an operator can use to determine the health of the service?
- [ ] Metrics
  - Metric name:
###### Are there any missing metrics that would be useful?
### Troubleshooting
###### How does this feature react if the API server and/or etcd is unavailable?
###### What are other known failure modes?
";

/// A README and the outline of `METRICS_TEMPLATE`.
fn read_metrics(text: &str) -> (Readme, Outline) {
    let outline = Outline::read(METRICS_TEMPLATE);
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Head, RepoPath::from("README.md"), text));
    (Readme::read(file, text, Some(&outline)), outline)
}

/// True if a README with these answers to the questions about rollback metrics and indicators states that there are none.
fn states_no_metric(rollback: &str, indicators: &str) -> bool {
    let text = format!(
        "## Questionnaire\n### Rollout\n###### What specific metrics should inform a rollback?\n{rollback}\n### Monitoring\n\
         ###### What are the SLIs (Service Level Indicators) an operator can use to determine the health of the service?\n\
         {indicators}\n###### Are there any missing metrics that would be useful?\nNo.\n"
    );
    let (readme, outline) = read_metrics(&text);
    readme.states_no_metric(&text, &outline)
}

#[test]
fn authors_can_state_in_prose_that_there_are_no_metrics() {
    for indicators in [
        "N/A",
        "None.",
        "Not applicable, the feature is a library.",
        "No new SLIs are needed.",
        "There are no metrics, because only the tests run it.",
        "- [ ] Metrics\n  - Metric name:\n\nNothing: there is no service.",
    ] {
        assert!(states_no_metric("Crashes.", indicators), "{indicators:?}");
    }
    let existing = "It inherits the existing SLIs of the proxy.";
    assert!(states_no_metric("There are no metrics that would show it.", existing));
    assert!(states_no_metric("No metrics are required.", existing));
}

#[test]
fn what_is_no_statement_that_there_are_no_metrics() {
    for (rollback, indicators) in [
        ("Crashes.", ""),
        ("Crashes.", "TBD"),
        ("Crashes.", "None yet."),
        ("Crashes.", "N/A for alpha"),
        ("Crashes.", "No metrics exist now. They are to be added before beta."),
        ("Crashes.", "The number of errors is not exported as a metric."),
        ("Crashes.", "Normal latency."),
        // A metric is named elsewhere, so it can be listed.
        ("`kubelet_quiet_hours_total` rises.", "N/A"),
        ("Crashes.", "None but kubelet_quiet_hours_total."),
        // What is denied is not the metrics.
        ("N/A", "Latency of requests."),
        ("No rollback is possible.", "Latency of requests."),
        // The indicators have no answer at all.
        ("There are no metrics that would show it.", ""),
    ] {
        assert!(!states_no_metric(rollback, indicators), "{rollback:?}, {indicators:?}");
    }
}

#[test]
fn one_statement_may_stand_for_the_whole_questionnaire() {
    let states_none = |text: &str| {
        let (readme, outline) = read_metrics(text);
        readme.states_no_metric(text, &outline)
    };
    assert!(states_none("## Questionnaire\nN/A as this is only a helper function.\n## Drawbacks\n"));
    assert!(states_none("## Questionnaire\n### Monitoring\nNot applicable: it runs in tests.\n## Drawbacks\n"));
    assert!(!states_none("## Questionnaire\nA few questions.\n## Drawbacks\nNone.\n"));
    let answered = "###### What are the SLIs (Service Level Indicators) an operator can use to determine the health of the service?\nLatency.\n";
    assert!(!states_none(&format!("## Questionnaire\nN/A for nodes.\n### Monitoring\n{answered}")));
}

#[test]
fn a_question_that_opens_alike_counts_in_any_section() {
    let text = "### Monitoring\n### Troubleshooting\n###### What are the reasonable SLOs for the service?\nNone lost.\n\
                ###### What are the SLIs of the service?\nLosses.\n###### How does this feature react if the cloud provider is unavailable?\nFine.\n";
    let (readme, outline) = read_metrics(text);
    let answers: Vec<Vec<_>> =
        readme.sections.iter().map(|reply| reply.answers.iter().map(|it| it.answer).collect()).collect();
    assert_eq!(outline.sections.len(), 4);
    assert_eq!(answers[2], [Answer::Given, Answer::Given, Answer::Absent]);
    // Another dependency is another question.
    assert_eq!(answers[3], [Answer::Absent, Answer::Absent]);
}
