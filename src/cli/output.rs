//! `--output`: what to write, and where to.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text for a terminal.
    Text,
    /// Annotations in GitHub Actions.
    Github,
    /// Markdown for the job summary.
    Markdown,
    /// JSON for other programs.
    Json,
    /// SARIF for code scanning.
    Sarif,
    /// Test reports in XML.
    Junit,
}

/// `--output`: a format, and a file unless it goes to standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputArgument<F = Format> {
    /// The format.
    pub(crate) format: F,
    /// The file.
    pub(crate) file: Option<PathBuf>,
}

/// The format and the file of `FORMAT[=FILE]`.
fn split(text: &str) -> Result<(&str, Option<PathBuf>), String> {
    match text.split_once('=') {
        Some((_, "")) => Err("specify a file after the `=`".to_owned()),
        Some((format, file)) => Ok((format, Some(PathBuf::from(file)))),
        None => Ok((text, None)),
    }
}

impl<F: ValueEnum> std::str::FromStr for OutputArgument<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, file) = split(text)?;
        let formats: Vec<_> = F::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        let names: Vec<_> = formats.iter().map(PossibleValue::get_name).collect();
        let format = F::from_str(format, false).map_err(|_| format!("the formats are {}", names.join(", ")))?;
        Ok(Self { format, file })
    }
}

/// The parser of `--output` for commands whose help lists the formats.
pub(super) fn parser<F: ValueEnum + Send + Sync + 'static>() -> OutputParser<F> {
    OutputParser(EnumValueParser::new())
}

/// Parses `FORMAT[=FILE]`.
#[derive(Clone)]
pub(super) struct OutputParser<F: ValueEnum + Send + Sync + 'static>(EnumValueParser<F>);

impl<F: ValueEnum + Send + Sync + 'static> TypedValueParser for OutputParser<F> {
    type Value = OutputArgument<F>;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        let text = value.to_str().unwrap_or_default();
        let (format, file) = match split(text) {
            Ok(parts) => parts,
            Err(help) => {
                let name = argument.map(ToString::to_string).unwrap_or_default();
                let message = format!("invalid value '{text}' for '{name}': {help}\n");
                return Err(clap::Error::raw(clap::error::ErrorKind::InvalidValue, message).with_cmd(command));
            }
        };
        let format = self.0.parse_ref(command, argument, OsStr::new(format))?;
        Ok(OutputArgument { format, file })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.0.possible_values()
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, OutputArgument};

    #[test]
    fn a_file_follows_the_format() {
        let parse = |text: &str| text.parse::<OutputArgument>();
        assert_eq!(parse("json").unwrap(), OutputArgument { format: Format::Json, file: None });
        assert_eq!(parse("json=a=b").unwrap(), OutputArgument { format: Format::Json, file: Some("a=b".into()) });
        assert!(parse("json=").is_err() && parse("xml").unwrap_err().starts_with("the formats are text, github"));
    }
}
