//! Reads any text as a README and as a template: all spans are valid, and updating a table of contents is idempotent.
//!
//! An input is a README and, after a line `%%`, a template.
#![no_main]

use kepgate::questionnaire::Readme;
use kepgate::questionnaire::template::Outline;
use kepgate::syntax::markdown::Markdown;
use kepgate::syntax::toc;
use kepgate::syntax::toc::Place;
use kepgate::text::RepoPath;
use kepgate::text::{Files, Side, SourceFile};
use kepgate_fuzz::{holds, parts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let [readme, template] = parts(text.as_bytes());
    let [readme, template] =
        [readme, template].map(|bytes| std::str::from_utf8(bytes.unwrap_or_default()).expect("a part of text is text"));
    let outline = Outline::read(template);
    for section in &outline.sections {
        assert!((2..=5).contains(&section.level) && !section.title.contains("(Optional)"), "{section:?}");
        assert!(section.parent.is_none_or(|parent| outline.sections[parent].level < section.level), "{section:?}");
    }
    read(readme, &outline);
    table(readme);
});

fn read(text: &str, outline: &Outline) {
    let mut files = Files::default();
    let file = files.add(SourceFile::new(Side::Head, RepoPath::from("README.md"), text));
    let readme = Readme::read(file, text, Some(outline));
    elements(text, &readme.markdown);
    assert_eq!(readme.sections.len(), outline.sections.len());
    for (reply, section) in readme.sections.iter().zip(&outline.sections) {
        assert_eq!(reply.answers.len(), section.questions.len());
        assert!(reply.answered() <= section.questions.len());
        let places = reply.answers.iter().map(|answered| answered.heading).chain([reply.heading]);
        places.flatten().for_each(|place| holds(text, place, "a heading"));
    }
    for name in readme.gates.iter().chain(&readme.metrics) {
        assert_eq!(text[name.span.range()], name.value, "a name stands as written");
    }
    for span in readme.unresolved.iter().chain(&readme.template_comments).chain(&readme.template_lines) {
        holds(text, *span, "text of the template");
        assert!(!span.is_empty());
    }
}

fn elements(text: &str, markdown: &Markdown) {
    let Markdown { headings, leads, comments, code, inline_code, checkboxes, images, hidden, targets: _ } = markdown;
    let spans = [
        headings.iter().map(|heading| heading.span).collect::<Vec<_>>(),
        leads.iter().map(|lead| lead.span).collect(),
        comments.clone(),
        code.clone(),
        inline_code.clone(),
        images.clone(),
        hidden.clone(),
        checkboxes.iter().map(|checkbox| checkbox.span).collect(),
    ];
    for spans in spans {
        spans.iter().for_each(|span| holds(text, *span, "an element"));
        assert!(spans.is_sorted(), "elements stand in order: {spans:?}");
    }
    assert!(comments.iter().all(|comment| text[comment.range()].starts_with("<!--")), "{comments:?}");
    assert!(checkboxes.iter().all(|it| text[it.span.range()].starts_with('[')), "{checkboxes:?}");
}

/// Only the table changes, and updating it twice changes nothing more: its entries depend only on what comes after it.
fn table(text: &str) {
    let Place::Table(table) = toc::place(text) else { return };
    for entry in toc::entries(text, table.end) {
        holds(text, entry.heading.span, "a heading");
        assert!((1..=5).contains(&entry.heading.level) && !entry.line.contains('\n'), "{entry:?}");
    }
    let once = toc::written(text, table);
    assert_eq!(once[..table.start], text[..table.start]);
    assert!(once.ends_with(&text[table.end..]));
    let Place::Table(again) = toc::place(&once) else { panic!("the marks are gone: {once:?}") };
    assert_eq!(toc::written(&once, again), once, "{text:?}");
}
