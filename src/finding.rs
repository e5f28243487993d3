//! Findings of rules.

use crate::rule::{Level, Renewal, Rule};
use crate::text::RepoPath;
use crate::text::{FileId, Span};

/// A problem in a file, with spans that point into the files that the rule read.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How serious it is.
    pub level: Level,
    /// The directory of the KEP that it is about; `None` if it is not about a KEP.
    pub kep: Option<RepoPath>,
    /// The file that it is in.
    pub file: FileId,
    /// The offending value; `None` for the file as a whole.
    pub span: Option<Span>,
    /// The message, without a full stop.
    pub message: String,
    /// The help: what to write instead, and why if that is not obvious.
    pub help: Option<String>,
    /// Labels on related places.
    pub labels: Vec<Label>,
    /// The edits that fix it, if the right text is certain.
    pub fix: Option<Fix>,
    /// The changes that make it count as new although the base had it.
    pub renewal: Renewal,
    /// The field, as a route without positions (`milestone.beta`, `approvers`).
    pub route: String,
    /// The offending value, which distinguishes findings of the same field.
    pub value: String,
    /// Values of smaller findings of the same field that this one includes. If the base had this one, they are not new.
    pub covers: Vec<String>,
}

/// A label on a related place.
#[derive(Debug, Clone)]
pub struct Label {
    /// The file.
    pub file: FileId,
    /// The place; `None` for the file as a whole.
    pub span: Option<Span>,
    /// The text.
    pub text: String,
}

/// Edits that belong together.
#[derive(Debug, Clone)]
pub struct Fix {
    /// The edits. Those of one file do not overlap.
    pub edits: Vec<Edit>,
}

/// One edit.
#[derive(Debug, Clone)]
pub enum Edit {
    /// Replaces a span.
    Replace {
        /// The file.
        file: FileId,
        /// What to replace; empty to insert.
        span: Span,
        /// The new text.
        text: String,
    },
    /// Adds a file.
    Create {
        /// Its path.
        path: RepoPath,
        /// Its content.
        text: String,
    },
}

impl Finding {
    /// Creates a finding of `rule` at its default level.
    #[must_use]
    pub fn new(rule: &'static Rule, file: FileId, span: Option<Span>, message: impl Into<String>) -> Self {
        Self {
            rule,
            level: rule.level,
            kep: None,
            file,
            span,
            message: message.into(),
            help: None,
            labels: Vec::new(),
            fix: None,
            renewal: rule.renewal,
            route: String::new(),
            value: String::new(),
            covers: Vec::new(),
        }
    }

    /// Sets a level other than the rule's default.
    #[must_use]
    pub fn at_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Overrides which changes make it count as new.
    #[must_use]
    pub fn renewed_by(mut self, renewal: Renewal) -> Self {
        self.renewal = renewal;
        self
    }

    /// Sets the field and the offending value.
    #[must_use]
    pub fn on(mut self, route: impl Into<String>, value: impl Into<String>) -> Self {
        self.route = route.into();
        self.value = value.into();
        self
    }

    /// Sets the help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a label on a related place.
    #[must_use]
    pub fn label(mut self, file: FileId, span: Option<Span>, text: impl Into<String>) -> Self {
        self.labels.push(Label { file, span, text: text.into() });
        self
    }

    /// Adds an edit that replaces `span` of the finding's own file.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        let edit = Edit::Replace { file: self.file, span, text: text.into() };
        self.fix.get_or_insert(Fix { edits: Vec::new() }).edits.push(edit);
        self
    }

    /// Adds an edit that creates a file.
    #[must_use]
    pub fn create(mut self, path: RepoPath, text: impl Into<String>) -> Self {
        let edit = Edit::Create { path, text: text.into() };
        self.fix.get_or_insert(Fix { edits: Vec::new() }).edits.push(edit);
        self
    }
}
