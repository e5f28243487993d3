//! Fields whose value is unknown although the file may have one.

use super::Kep;
use crate::kep::Milestone;
use crate::kep::fault::{self, FaultKind};
use crate::kep::field::Field;
use crate::kep::fields;
use crate::syntax::yaml;
use crate::text::Span;

impl Kep {
    /// True if an unknown key at the root is probably a misspelling of `key`, which its own finding already reports.
    /// Keys that upstream accepts by accident do not count, because their findings do not mention `key`.
    #[must_use]
    pub fn is_misspelt(&self, key: &str) -> bool {
        fault::misspellings(&self.faults, "", key).any(|unknown| !fields::ACCIDENTAL_KEYS.contains(&unknown))
    }

    /// True if an unknown key in `mapping` is probably a misspelling of `key`.
    #[must_use]
    pub fn is_misspelt_below(&self, mapping: &str, key: &str) -> bool {
        fault::misspellings(&self.faults, mapping, key).next().is_some()
    }

    /// True if the value of the field `key` is unknown although the file may have one: it is unreadable, duplicated or
    /// in a merge conflict, a part of it has the wrong type, it mentions a release without being one, or the key is
    /// misspelled, in text that is not an entry, or in a part of the file that is not valid YAML.
    #[must_use]
    pub fn is_lost(&self, key: &str) -> bool {
        let Some(value) = self.value(key) else { return false };
        let field = value.outline();
        // Invalid YAML does not hide a field that the project does not have.
        let is_swallowed = || self.has_lost_content() && self.dialect.uses(key);
        let is_absent = field.key.is_none() && (self.has_stray_text || is_swallowed() || self.is_misspelt(key));
        value.is_broken()
            || is_absent
            || self.has_conflict
            || self.has_twice(key, &field)
            || self.has_unread_part(&field)
            || self.has_unclear_release(key)
    }

    /// True if it is not valid YAML, so that something of it is lost.
    #[must_use]
    pub fn has_lost_content(&self) -> bool {
        self.faults.iter().any(fault::Fault::loses_content)
    }

    /// True if `latest-milestone` mentions a release, but is not one.
    fn has_unclear_release(&self, key: &str) -> bool {
        let text = self.latest_milestone.text();
        key == "latest-milestone" && Milestone::parse(text).is_none() && Milestone::mentioned(text).next().is_some()
    }

    /// True if a part of the field has the wrong type, such as a mapping in a list of handles.
    fn has_unread_part(&self, field: &Field<()>) -> bool {
        let Some(((), content)) = field.value() else { return false };
        let is_inside = |span: Span| content.start <= span.start && span.end <= content.end;
        let mut faults = self.faults.iter().filter(|fault| fault.span.is_some_and(is_inside));
        faults.any(|fault| fault.loses_content() || matches!(fault.kind, FaultKind::WrongType { .. }))
    }

    /// True if the field, or a key in it, is duplicated.
    fn has_twice(&self, key: &str, field: &Field<()>) -> bool {
        let content = field.value().map(|((), span)| span);
        self.faults.iter().any(|fault| match &fault.kind {
            FaultKind::Yaml(yaml::FaultKind::DuplicateKey { key: twice, first }) => {
                let is_inside = content.is_some_and(|content| content.start <= first.start && first.end <= content.end);
                is_inside || (twice == key && Some(*first) == field.key)
            }
            _ => false,
        })
    }
}
