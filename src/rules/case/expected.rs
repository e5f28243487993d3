//! The expected output of a case, and what can be read from it.

/// The expected output of a case.
#[derive(Debug)]
pub struct Expected {
    /// The text between the fences, each line with its line feed.
    pub text: String,
    /// The line after the opening fence, counted from 1.
    pub line: usize,
}

/// A finding as the expected output names it.
#[derive(Debug, PartialEq, Eq)]
pub struct ExpectedFinding<'a> {
    /// `error`, `warning` or `notice`.
    pub level: &'a str,
    /// The id of the rule.
    pub rule: &'a str,
    /// False if the target branch already has it.
    pub is_new: bool,
    /// `head`, `base` or `policy`.
    pub side: &'a str,
    /// The path, without line and column.
    pub path: &'a str,
}

impl Expected {
    /// The findings that are reported, without the ignored ones.
    pub fn findings(&self) -> impl Iterator<Item = ExpectedFinding<'_>> {
        self.text.lines().filter_map(ExpectedFinding::parse)
    }

    /// The exit status, if the output names one.
    #[must_use]
    pub fn exit(&self) -> Option<i32> {
        self.text.lines().find_map(|line| line.strip_prefix("exit: ")?.parse().ok())
    }
}

impl<'a> ExpectedFinding<'a> {
    /// Reads a line such as `error[stage-invalid] new keps/sig-a/1-b/kep.yaml:3:8`.
    fn parse(line: &'a str) -> Option<Self> {
        let (level, rest) = line.split_once('[')?;
        let (rule, rest) = rest.split_once("] ")?;
        let (age, place) = rest.split_once(' ')?;
        if !matches!(level, "error" | "warning" | "notice") {
            return None;
        }
        let (side, place) = match place.split_once(':') {
            Some((side @ ("base" | "policy"), place)) => (side, place),
            _ => ("head", place),
        };
        let is_position = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let mut parts = place.rsplitn(3, ':');
        let path = match (parts.next(), parts.next(), parts.next()) {
            (Some(column), Some(line), Some(path)) if is_position(column) && is_position(line) => path,
            _ => place,
        };
        Some(Self { level, rule, is_new: age == "new", side, path })
    }
}
