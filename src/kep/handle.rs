//! GitHub handles.

/// A GitHub handle without its `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle(String);

/// What an invalid entry in a list of people probably is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandleFault {
    /// A handle that is not preceded by exactly one `@`.
    BareHandle(Handle),
    /// A handle followed by other text.
    TrailingText {
        /// The handle.
        handle: Handle,
        /// The other text.
        rest: String,
    },
    /// `TBD` or a similar word.
    Undecided,
    /// `@org/team`, or the name of a SIG or working group.
    Team,
    /// An e-mail address.
    Mail,
    /// A name with spaces, or anything else.
    Other,
}

impl Handle {
    /// The maximum length of a handle on GitHub, in characters.
    const MAX_LENGTH: usize = 39;

    /// The handle `name` (without `@`): at most 39 letters, digits and `-`, not beginning with `-`. Handles that end
    /// with `-` are accepted, because some old ones do.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let is_handle = (1..=Self::MAX_LENGTH).contains(&name.len())
            && !name.starts_with('-')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_handle.then(|| Self(name.to_owned()))
    }

    /// Parses exactly `@name`.
    ///
    /// # Errors
    /// What the text probably is.
    pub fn parse(text: &str) -> Result<Self, HandleFault> {
        if let Some(handle) = text.strip_prefix('@').and_then(Self::from_name) {
            return Ok(handle);
        }
        Err(fault(text))
    }

    /// The handle without its `@`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// The form that is used to compare people: lowercase, without `@`.
///
/// Only ASCII letters are converted, because handles have no others: the Kelvin sign `K` is not a `k`.
#[must_use]
pub fn folded(text: &str) -> String {
    text.trim().trim_start_matches('@').to_ascii_lowercase()
}

/// Removes the remark from an entry such as `@foo, for networking` or `@foo (networking)`. Returns the whole text if nothing
/// follows the handle, or if what follows names somebody else.
#[must_use]
pub fn without_remark(text: &str) -> &str {
    let trimmed = text.trim();
    let name = trimmed.strip_prefix('@').unwrap_or_default();
    let end = name.find(|character: char| !character.is_ascii_alphanumeric() && character != '-').unwrap_or(name.len());
    let (handle, rest) = name.split_at(end);
    let is_remark = rest.trim_start().starts_with([',', '(', ':', ';', '-', '\u{2013}', '\u{2014}']);
    if is_remark && !rest.contains('@') && Handle::from_name(handle).is_some() {
        return trimmed.get(..=end).unwrap_or(text);
    }
    text
}

/// True if a word is a placeholder such as `TBD`.
#[must_use]
pub fn is_undecided(text: &str) -> bool {
    let word = folded(text);
    matches!(word.as_str(), "tbd" | "todo" | "n/a" | "none")
}

fn fault(text: &str) -> HandleFault {
    let trimmed = text.trim();
    if is_undecided(trimmed) {
        return HandleFault::Undecided;
    }
    let name = trimmed.trim_start_matches('@');
    if name.contains('@') && !name.contains(' ') {
        return HandleFault::Mail;
    }
    if name.contains('/') || name.starts_with("sig-") || name.starts_with("wg-") {
        return HandleFault::Team;
    }
    if let Some(handle) = Handle::from_name(name) {
        return HandleFault::BareHandle(handle);
    }
    match name.split_once([' ', '\t', ',', '(']) {
        Some((first, rest)) if trimmed.starts_with('@') => match Handle::from_name(first) {
            Some(handle) => HandleFault::TrailingText { handle, rest: rest.trim().to_owned() },
            None => HandleFault::Other,
        },
        _ => HandleFault::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Handle, HandleFault, folded, without_remark};

    #[test]
    fn only_ascii_letters_are_folded() {
        assert_eq!(folded(" @Marta-K "), "marta-k");
        for other in ["marta-\u{212a}", "mart\u{e1}-k", "marta\u{2010}k", "\u{ff4d}arta-k"] {
            assert_ne!(folded(other), "marta-k", "{other:?}");
        }
        for (one, other) in [("\u{130}da-r", "ida-r"), ("\u{131}da-r", "IDA-R"), ("\u{17f}olm", "solm")] {
            assert_ne!(folded(one), folded(other), "{one:?}");
        }
    }

    #[test]
    fn a_handle_follows_one_at_sign() {
        assert_eq!(Handle::parse("@marta-k").unwrap().name(), "marta-k");
        assert_eq!(Handle::parse("marta-k"), Err(HandleFault::BareHandle(Handle("marta-k".to_owned()))));
        assert_eq!(Handle::parse("@@marta"), Err(HandleFault::BareHandle(Handle("marta".to_owned()))));
    }

    #[test]
    fn invalid_handles_are_classified() {
        assert_eq!(Handle::parse("TBD"), Err(HandleFault::Undecided));
        assert_eq!(Handle::parse("@kubernetes/sig-node-leads"), Err(HandleFault::Team));
        assert_eq!(Handle::parse("sig-node-leads"), Err(HandleFault::Team));
        assert_eq!(Handle::parse("marta@example.com"), Err(HandleFault::Mail));
        assert_eq!(Handle::parse("Marta Kowal"), Err(HandleFault::Other));
        let Err(HandleFault::TrailingText { handle, rest }) = Handle::parse("@marta-k (SIG Node)") else { panic!() };
        assert_eq!((handle.name(), rest.as_str()), ("marta-k", "(SIG Node)"));
    }

    #[test]
    fn a_remark_after_a_handle_is_not_part_of_it() {
        for text in
            ["@foo-1, for networking", "@foo-1 (networking)", "@foo-1: API", " @foo-1 - for the API", "@foo-1(x)"]
        {
            assert_eq!(without_remark(text), "@foo-1", "{text}");
        }
        for text in
            ["@foo", "foo, for networking", "@foo, @bar", "@foo bar", "@org/team", "@foo.bar", "@, x", "@é, x", ""]
        {
            assert_eq!(without_remark(text), text);
        }
    }
}
