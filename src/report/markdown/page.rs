//! A page of limited size.

use crate::text::wording::count as plural;

/// GitHub drops a summary of more than 1 MiB. This leaves room for the output of the rest of the step.
pub(super) const MAX_BYTES: usize = 1_000_000;
/// The space reserved for the sentence about omitted parts.
const RESERVE: usize = 1_000;

/// Text of limited size in bytes. Omitted parts are counted.
pub(crate) struct Page {
    text: String,
    left_out: usize,
    most: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self::within(MAX_BYTES)
    }
}

impl Page {
    /// An empty page of at most `most` bytes. `most` must be at least 2,000.
    pub(super) fn within(most: usize) -> Self {
        Self { text: String::new(), left_out: 0, most }
    }

    /// Adds the text if there is room, and returns whether there was.
    pub(crate) fn add(&mut self, text: &str) -> bool {
        let fits = self.left_out == 0 && self.text.len() + text.len() <= self.most.saturating_sub(RESERVE);
        if fits {
            self.text.push_str(text);
        } else {
            self.left_out += 1;
        }
        fits
    }

    /// Adds a folded section. Parts that do not fit are omitted; the section is always closed.
    pub(super) fn fold(&mut self, title: &str, parts: impl IntoIterator<Item = String>) {
        if self.add(&format!("<details><summary>{title}</summary>\n\n")) {
            for part in parts {
                self.add(&part);
            }
            self.text.push_str("\n</details>\n\n");
        }
    }

    pub(crate) fn finish(mut self) -> String {
        if self.left_out > 0 {
            let more = plural(self.left_out, "entry").replace("entrys", "entries");
            self.text.push_str(&format!("\n\n**{more} omitted** because of the size limit; see the log.\n"));
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, Page};

    #[test]
    fn a_page_is_bounded_and_reports_omissions() {
        let mut page = Page::default();
        for _ in 0..1_100 {
            page.add(&"x".repeat(1_000));
        }
        let text = page.finish();
        assert!(text.len() <= MAX_BYTES);
        assert!(text.contains("**101 entries omitted**"), "{}", &text[text.len() - 200..]);
    }

    #[test]
    fn a_folded_part_is_closed_although_its_text_does_not_fit() {
        let mut page = Page::within(3_000);
        page.fold("many", (0..5).map(|_| "x".repeat(500)));
        let text = page.finish();
        assert!(text.len() <= 3_000, "{}", text.len());
        assert!(text.contains("\n</details>\n") && text.contains("**2 entries omitted**"), "{text}");
    }
}
