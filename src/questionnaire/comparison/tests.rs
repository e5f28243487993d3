//! Comparisons of small READMEs.

use super::{Change, Comparison, Place, Segment, Version, Versions};
use crate::questionnaire::Readme;
use crate::questionnaire::answers::Answer;
use crate::questionnaire::template::Outline;
use crate::text::{FileId, Files, RepoPath, Side, SourceFile};

const TEMPLATE: &str = "## Proposal\n## Questionnaire\n### Rollout\n\
    <!--\nThis section must be completed when targeting beta to a release.\n-->\n\
    ###### How can a rollout fail?\n###### What metrics inform a rollback?\n<!--\nName them.\n-->\n\
    ### Monitoring\n###### How can an operator see it?\n- [ ] Events\n  - Event Reason:\n";

fn file(text: &str) -> FileId {
    Files::default().add(SourceFile::new(Side::Head, RepoPath::from("README.md"), text))
}

fn versions<'a>(readmes: &'a [Readme; 2], texts: [&'a str; 2], outline: &'a Outline) -> Versions<'a> {
    let [before, after] = [0, 1].map(|at| Version { readme: &readmes[at], text: texts[at] });
    Versions { before, after, outline }
}

fn compare_with(templates: [&str; 2], texts: [&str; 2]) -> Vec<Comparison> {
    let [former, now] = templates.map(Outline::read);
    let [by_former, by_now] = [&former, &now].map(|outline| texts.map(|it| Readme::read(file(it), it, Some(outline))));
    let compared = versions(&by_now, texts, &now);
    if templates[0] == templates[1] {
        return compared.compare();
    }
    compared.compare_with_former(&versions(&by_former, texts, &former))
}

/// The comparisons with changes.
fn compare(before: &str, after: &str) -> Vec<Comparison> {
    let mut compared = compare_with([TEMPLATE; 2], [before, after]);
    compared.retain(|comparison| !comparison.changes.is_empty());
    compared
}

/// The number of answers whose text changed.
fn altered(before: &str, after: &str) -> usize {
    compare(before, after).iter().filter(|it| it.is_altered()).count()
}

fn rollout(answer: &str) -> String {
    format!("## Questionnaire\n### Rollout\n###### How can a rollout fail?\n{answer}\n")
}

#[test]
fn only_words_that_a_reader_sees_count() {
    let before = rollout("It can fail if the kubelet\nrestarts.\n\nThen retry.");
    for after in [
        "It can fail\nif the   kubelet restarts.\n\n\nThen retry.",
        "It can fail if the kubelet restarts.\n<!-- a note -->\nThen retry.",
        "- It can fail if the kubelet restarts.\n- Then retry.",
        "<!--\nThis section must be completed when targeting beta to a release.\n-->\nIt can fail if the kubelet restarts. Then\nretry.",
        "It can fail, if the kubelet restarts.\n\nThen retry!\n- [ ] Events\n  - Event Reason:",
    ] {
        assert_eq!(compare(&before, &rollout(after)), [], "{after}");
    }
}

#[test]
fn a_reworded_answer_shows_which_words_changed() {
    let compared = compare(
        &rollout("It can fail if the kubelet restarts while pods are starting."),
        &rollout("It can fail if the kubelet is replaced while pods are starting."),
    );
    let [comparison] = compared.as_slice() else { panic!("{compared:#?}") };
    assert_eq!(comparison.question.question.as_deref(), Some("How can a rollout fail?"));
    assert_eq!(comparison.question.required_from, Some(crate::kep::Stage::Beta));
    let [same, removed, added, rest] = [
        Segment::Same("It can fail if the kubelet".to_owned()),
        Segment::Removed("restarts".to_owned()),
        Segment::Added("is replaced".to_owned()),
        Segment::Same("while pods are starting.".to_owned()),
    ];
    assert_eq!(comparison.changes, [Change::Reworded(vec![same, removed, added, rest])]);
    assert_eq!((comparison.changed_words(), comparison.words_before), (3, 11));
    assert!(comparison.is_altered());
}

#[test]
fn an_answer_that_is_new_or_gone_is_shown_as_a_whole() {
    let empty = rollout("TBD");
    let answered = rollout("It cannot fail in a way that matters.");
    let [given] = &compare(&empty, &answered)[..] else { panic!() };
    assert_eq!((given.before, given.after), (Answer::Missing, Answer::Given));
    assert_eq!(
        given.changes,
        [Change::Removed("TBD".to_owned()), Change::Added("It cannot fail in a way that matters.".to_owned())]
    );
    let [gone] = &compare(&answered, "## Proposal\n")[..] else { panic!() };
    assert_eq!((gone.before, gone.after), (Answer::Given, Answer::Absent));
    assert_eq!(gone.changes, [Change::Removed("It cannot fail in a way that matters.".to_owned())]);
}

#[test]
fn moved_text_is_not_a_change() {
    let [one, two] = ["The kubelet counts restarts of all pods.", "Watch the number of failed restarts first."];
    let before = format!("{}\n{two}\n###### What metrics inform a rollback?\nNo.\n", rollout(one));
    // In the same answer.
    let after = format!("{}\n{one}\n###### What metrics inform a rollback?\nNo.\n", rollout(&format!("{two}\n")));
    let [comparison] = &compare(&before, &after)[..] else { panic!() };
    assert!(!comparison.is_altered());
    assert!(matches!(comparison.changes[..], [Change::MovedHere(_, Place::Here)]), "{comparison:#?}");
    // To another answer. The indices count the questionnaire and the sections.
    let after = format!("{}\n###### What metrics inform a rollback?\nNo.\n\n{two}\n", rollout(one));
    let [from, to] = &compare(&before, &after)[..] else { panic!() };
    assert_eq!(from.changes, [Change::MovedAway(two.to_owned(), Place::Answer(3))]);
    assert_eq!(to.changes, [Change::MovedHere(two.to_owned(), Place::Answer(2))]);
    // Out of the questionnaire, and back.
    let outside = format!("## Proposal\n{two}\n{}\n###### What metrics inform a rollback?\nNo.\n", rollout(one));
    let [comparison] = &compare(&before, &outside)[..] else { panic!() };
    assert_eq!(comparison.changes, [Change::MovedAway(two.to_owned(), Place::Elsewhere)]);
    let [comparison] = &compare(&outside, &before)[..] else { panic!() };
    assert_eq!(comparison.changes, [Change::MovedHere(two.to_owned(), Place::Elsewhere)]);
}

/// Every word of the questionnaire is compared, whatever headings an author puts around it.
#[test]
fn text_below_other_headings_is_compared() {
    let with = |word: &str| {
        [
            format!("{}### Notes\nIt is {word}.\n", rollout("It cannot fail.")),
            format!("{}#### Notes\nIt is {word}.\n", rollout("It cannot fail.")),
            format!("{}###### And at night?\nIt is {word}.\n", rollout("It cannot fail.")),
            format!("{}### Notes\nIt is {word}.\n### Monitoring\nNo.\n", rollout("It cannot fail.")),
            format!(
                "{}## Notes\nIt is {word}.\n###### What metrics inform a rollback?\nNo.\n",
                rollout("It cannot fail.")
            ),
            rollout("Yes.").replace("### Rollout\n", &format!("### Rollout\n#### Notes\nIt is {word}.\n")),
            rollout("Yes.").replace("### Rollout\n", &format!("### Notes\nIt is {word}.\n### Rollout\n")),
            format!("## Questionnaire\n### Rollout\n**Notes** It is {word}.\n"),
            format!("## Questionnaire\n### Rollout\n###### How can a rollout fail? It is {word}.\n"),
            // A copy of the question, or of the whole questionnaire, before the one that readers take for the answer.
            format!(
                "<details>\n\n{}\n</details>\n\n{}",
                rollout("It cannot fail."),
                rollout(&format!("It is {word}."))
            ),
            rollout(&format!("It cannot fail.\n\n###### How can a rollout fail?\nIt is {word}.")),
            format!("###### How can a rollout fail?\nYes.\n## Proposal\n{}", rollout(&format!("It is {word}."))),
        ]
    };
    for (before, after) in with("safe").iter().zip(with("dangerous")) {
        let compared = compare(before, &after);
        let [comparison] = compared.as_slice() else { panic!("{before}\n{compared:#?}") };
        assert!(comparison.is_altered() && comparison.before.is_given() && comparison.after.is_given(), "{before}");
    }
}

#[test]
fn text_after_the_questionnaire_is_not_compared() {
    let with = |word: &str| format!("{}## Proposal\nIt is {word}.\n## Notes\nIt is {word}.\n", rollout("Yes."));
    assert_eq!(compare(&with("safe"), &with("dangerous")), []);
}

#[test]
fn short_answers_do_not_move() {
    let before = format!("{}\n###### What metrics inform a rollback?\nYes.\n", rollout("No."));
    let after = format!("{}\n###### What metrics inform a rollback?\nNo.\n", rollout("Yes."));
    let compared = compare(&before, &after);
    assert_eq!(compared.len(), 2);
    assert!(compared.iter().all(Comparison::is_altered));
}

#[test]
fn targets_of_links_count_wherever_they_are() {
    let answer = rollout("See [the test].");
    let elsewhere = |target: &str| format!("{answer}## Proposal\n[the test]: {target}\n");
    let within = format!("{}## Proposal\n", rollout("See [the test].\n\n[the test]: https://a.example\n"));
    assert_eq!(altered(&elsewhere("https://a.example"), &within), 0);
    assert_eq!(altered(&elsewhere("https://a.example"), &elsewhere("https://b.example")), 1);
}

/// The template's own lines say nothing, but what is below them says something else below another one.
#[test]
fn text_below_another_line_of_the_template_is_altered() {
    let template = "## Questionnaire\n### Rollout\n###### How can a rollout fail?\n- [ ] Metrics\n  - Metric name:\n  \
                    - Components exposing the metric:\n- [ ] Other\n  - Details:\n";
    let altered = |before: &str, after: &str| {
        let compared = compare_with([template; 2], [&rollout(before), &rollout(after)]);
        compared.iter().filter(|it| it.has_other_text()).count()
    };
    let named =
        "- [x] Metrics\n  - Metric name: quiet_total\n  - Components exposing the metric:\n- [ ] Other\n  - Details:\n";
    let detail =
        "- [x] Metrics\n  - Components exposing the metric:\n- [ ] Other\n  - Details:\n  - Metric name: quiet_total\n";
    assert_eq!(altered(named, detail), 1);
    for (name, details, first) in [
        ("  - Metric name:\n    quiet_total\n", "  - Details:\n    quiet_total\n", ""),
        ("  - Metric name:\n\n    - quiet_total\n", "  - Details:\n\n    - quiet_total\n", ""),
        ("  - Metric name:\n", "  - Details:\n    quiet_total\n", "quiet_total\n\n"),
    ] {
        let before = format!("{first}- [x] Metrics\n{name}- [ ] Other\n  - Details:\n");
        let after = format!("- [x] Metrics\n  - Metric name:\n- [ ] Other\n{details}");
        assert_eq!(altered(&before, &after), 1, "{before}");
        // It does not matter which lines of the template are left.
        let cleaned = format!("- [x] Metrics\n{name}").replace("- [x] Metrics\n", &format!("{first}- [x] Metrics\n"));
        assert_eq!(altered(&before, &cleaned), 0, "{before}");
    }
    let text = "It cannot fail in a way that matters.";
    let below = format!("- [ ] Metrics\n  - Metric name:\n- [ ] Other\n  - Details:\n\n{text}\n");
    assert_eq!(altered(&below, text), 0);
    assert_eq!(altered(&below, &format!("- [ ] Metrics\n\n{text}\n")), 0);
}

/// A change that says nothing, such as a full stop, does not hide another one.
#[test]
fn small_changes_count_behind_trivial_ones() {
    let moved = ["Nodes wait for the morning before they restart.", "Then they start all of their own Pods."];
    for (old, new) in [("It is safe.", "It is safe!"), ("It is *safe*.", "It is safe."), ("It is safe.", "it is safe.")]
    {
        for (before, after) in [("- Shift: +", "- Shift: -"), ("It waits -1 hours.", "It waits 1 hours."), ("?", "!")] {
            let [one, other] = [(old, before), (new, after)].map(|(it, and)| rollout(&format!("{it}\n\n{and}")));
            assert!(compare(&one, &other).iter().any(Comparison::has_other_text), "{one}{other}");
        }
        let linked = |text: &str, target: &str| {
            format!("{}## Proposal\n[the test]: {target}\n", rollout(&format!("{text}\n\nSee [the test].")))
        };
        assert_eq!(altered(&linked(old, "https://a.example"), &linked(new, "https://b.example")), 1, "{old}");
        assert_eq!(compare(&linked(old, "https://a.example"), &linked(new, "https://a.example")), [], "{old}");
    }
    let in_order =
        |order: [usize; 2], rest: &str| rollout(&format!("{}\n\n{}\n\n{rest}", moved[order[0]], moved[order[1]]));
    assert_eq!(altered(&in_order([0, 1], "It waits -1 hours."), &in_order([1, 0], "It waits 1 hours.")), 1);
    assert_eq!(altered(&in_order([0, 1], "It waits -1 hours."), &in_order([1, 0], "It waits -1 hours.")), 0);
}

#[test]
fn labels_of_footnotes_do_not_count() {
    let with = |label: &str, text: &str| rollout(&format!("Yes[^{label}].\n\n[^{label}]: {text}\n"));
    assert_eq!(altered(&with("1", "On a full disk."), &with("disk", "On a full disk.")), 0);
    assert_eq!(altered(&with("1", "On a full disk."), &with("disk", "On an empty disk.")), 1);
}

#[test]
fn a_copy_is_new_text() {
    let text = "The kubelet counts restarts of all pods.";
    let before = format!("## Proposal\n{text}\n{}", rollout("No."));
    let after = format!("## Proposal\n{text}\n{}", rollout(text));
    let [comparison] = &compare(&before, &after)[..] else { panic!() };
    assert!(comparison.is_altered());
}

#[test]
fn a_tick_is_an_answer() {
    let question = "## Questionnaire\n### Monitoring\n###### How can an operator see it?\n";
    let before = format!("{question}- [ ] Events\n  - Event Reason:\n");
    let after = format!("{question}- [x] Events\n  - Event Reason: Quiet\n");
    let [comparison] = &compare(&before, &after)[..] else { panic!() };
    assert_eq!(comparison.changes, [Change::Added("- [x] Events\n- Event Reason: Quiet".to_owned())]);
}

#[test]
fn questions_of_the_older_template_are_compared_too() {
    let former = TEMPLATE.replace("How can a rollout fail?", "Who is on call for it at night?");
    let before = "## Questionnaire\n### Rollout\n###### Who is on call for it at night?\nNobody is.\n";
    let after = rollout("It cannot fail.");
    let compared = compare_with([&former, TEMPLATE], [before, &after]);
    let changed: Vec<_> = compared.iter().filter(|it| !it.changes.is_empty()).collect();
    let [new, gone] = changed.as_slice() else { panic!("{changed:#?}") };
    assert_eq!((new.question.is_former, new.after), (false, Answer::Given));
    assert_eq!((gone.question.is_former, gone.before, gone.after), (true, Answer::Given, Answer::Absent));
    assert_eq!(gone.changes, [Change::Removed("Nobody is.".to_owned())]);
}

#[test]
fn a_question_with_another_wording_is_the_same() {
    let former = TEMPLATE.replace("How can a rollout fail?", "How can a rollout or rollback fail?");
    let before = rollout("It cannot fail.").replace("rollout fail?", "rollout or rollback fail?");
    let compared = compare_with([&former, TEMPLATE], [&before, &rollout("It cannot fail.")]);
    assert!(compared.iter().all(|it| it.changes.is_empty() && !it.question.is_former), "{compared:#?}");
}

#[test]
fn large_readmes_are_compared_in_time() {
    let text = |word: &str| {
        let lines: Vec<_> = (0..60_000).map(|at| format!("{word} {} of many words\n", at % 7)).collect();
        rollout(&lines.join("\n"))
    };
    let letters = |shift: usize| {
        let letters: String = (0..400_000).map(|at| if (at * at + shift) % 7 < 3 { "a " } else { "b " }).collect();
        rollout(&letters)
    };
    let start = std::time::Instant::now();
    assert_eq!(compare(&text("one"), &text("other")).len(), 1);
    assert_eq!(compare(&letters(0), &letters(1)).len(), 1);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
