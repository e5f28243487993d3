//! Shows differences that the passages of two answers do not show.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use super::{Part, Version, Versions, wording};
use crate::questionnaire::own_text::{Templates, template_lines};
use crate::questionnaire::template::Outline;
use crate::syntax::markdown::rendered_within;
use crate::text::Span;
use crate::text::words::words;

/// With more passages than this that only one version has, they are not compared as a reader sees them, which takes time.
const MAX_ALIKE: usize = 1_000;

impl Versions<'_> {
    /// Shows what differs if the passages of both versions are alike, although a reader sees a difference.
    pub(super) fn show_unsaid(&self, templates: &[&Outline], before: &mut Part, after: &mut Part) {
        if before.is_like(after) {
            // The difference may be in what says nothing on its own, such as signs and fences.
            let [old, new] = [(&self.before, &*before), (&self.after, &*after)]
                .map(|(version, part)| version.passages(&part.extent, Templates::strict(templates)));
            if before.passages == after.passages || !are_alike(&old, &new) {
                (before.passages, after.passages) = (old, new);
            }
        }
        if before.is_like(after) {
            self.show_labels(templates, before, after);
        }
        let sorted = |text: &str| {
            let mut words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let alone =
            |version: &Version<'_>, part: &Part| sorted(&seen_words(&version.rendered(&part.extent, &BTreeMap::new())));
        if before.is_like(after)
            && sorted(&before.seen) != sorted(&after.seen)
            && alone(&self.before, before) == alone(&self.after, after)
        {
            // The difference is in the targets of links, which are elsewhere.
            before.passages = vec![self.before.rendered(&before.extent, &self.before.readme.markdown.targets)];
            after.passages = vec![self.after.rendered(&after.extent, &self.after.readme.markdown.targets)];
        }
    }

    /// Adds the line of the template that a passage is below to both versions of it if these are different lines: a name
    /// below `Metric name:` says something else below `Details:`. Lines that only one version has do not count.
    fn show_labels(&self, templates: &[&Outline], before: &mut Part, after: &mut Part) {
        let lines =
            |version: &Version<'_>, part: &Part| version.template_lines(&part.extent, Templates::shown(templates));
        let (mut old, mut new) = (lines(&self.before, before), lines(&self.after, after));
        let [in_old, in_new] = [&old, &new].map(|lines| counts(lines.iter().map(|(_, line)| words(line))));
        for lines in [&mut old, &mut new] {
            lines.retain(|(_, line)| in_old.get(&words(line)) == in_new.get(&words(line)));
        }
        for (at, (one, other)) in before.passages.iter_mut().zip(&mut after.passages).enumerate() {
            let labels = [&old, &new].map(|lines| lines.iter().rev().find(|(passages, _)| *passages <= at));
            let [before, after] = labels.map(|it| it.map_or("", |(_, line)| line.as_str()));
            if words(before) != words(after) {
                for (label, passage) in
                    [(before, one), (after, other)].into_iter().filter(|(label, _)| !label.is_empty())
                {
                    passage.insert_str(0, &format!("{label} "));
                }
            }
        }
    }
}

impl Version<'_> {
    /// The lines of the template in `extent`, each with the number of passages before it.
    fn template_lines(&self, extent: &[Span], templates: Templates<'_>) -> Vec<(usize, String)> {
        let (mut lines, mut passages) = (Vec::new(), 0);
        for span in extent {
            let (here, count) = template_lines(self.text, *span, &self.readme.markdown, templates);
            lines.extend(here.into_iter().map(|(before, said)| (passages + before, said)));
            passages += count;
        }
        lines
    }
}

impl Part {
    /// True if both have the same passages in any order, as a reader sees them.
    fn is_like(&self, other: &Self) -> bool {
        are_alike(&self.passages, &other.passages)
    }
}

/// The words of a rendered text that make a difference to a reader.
pub(super) fn seen_words(rendered: &str) -> String {
    let mut seen = String::new();
    for word in rendered.split_whitespace() {
        let word = wording::core(word);
        let is_value = word.starts_with(|it: char| it.is_ascii_digit());
        seen.push_str(&if is_value { word.to_owned() } else { word.to_lowercase() });
        seen.push(' ');
    }
    seen
}

/// True if a reader sees the same passages in both, in any order.
fn are_alike(before: &[String], after: &[String]) -> bool {
    let seen = |passages: &[String], others: &[String]| {
        let mut others = counts(others.iter().map(String::as_str));
        let is_own = |it: &&String| match others.get_mut(it.as_str()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        let own: Vec<_> = passages.iter().filter(is_own).take(MAX_ALIKE + 1).collect();
        if own.len() > MAX_ALIKE {
            return None;
        }
        let mut seen: Vec<_> = own.iter().map(|it| seen_words(&rendered_within(it, &BTreeMap::new()))).collect();
        seen.retain(|it| !it.is_empty());
        seen.sort_unstable();
        Some(seen)
    };
    before == after || seen(before, after).is_some_and(|it| Some(it) == seen(after, before))
}

fn counts<T: Eq + Hash>(texts: impl Iterator<Item = T>) -> HashMap<T, usize> {
    let mut counts = HashMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    counts
}
