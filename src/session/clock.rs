//! What time it is for a command, and what it is told of exceptions.

use std::path::Path;

use jiff::Timestamp;

use super::Environment;
use crate::cli::{ExceptionsArgument, Moment};
use crate::error::Error;
use crate::kep::Milestone;
use crate::release::Exceptions;
use crate::source::MAX_FILE_BYTES;
use crate::text::RepoPath;
use crate::text::local_file::read_local;
use crate::text::{Side, SourceFile};

/// The time that the caller names, else that of `KEPGATE_NOW`, else the system's: read here and nowhere else.
pub(crate) fn now(argument: Option<Moment>, environment: &Environment) -> Result<Timestamp, Error> {
    match (argument, &environment.now) {
        (Some(moment), _) => Ok(moment.0),
        (None, Some(text)) => text
            .parse()
            .map(|moment: Moment| moment.0)
            .map_err(|help| Error::Usage { message: format!("KEPGATE_NOW is {text:?}, which is no time"), help }),
        (None, None) => Ok(Timestamp::now()),
    }
}

/// The exceptions of these files; `release` is what a file is about that does not say.
pub(crate) fn exceptions(
    arguments: &[ExceptionsArgument],
    release: Option<Milestone>,
    environment: &Environment,
) -> Result<Exceptions, Error> {
    let mut exceptions = Exceptions::default();
    for argument in arguments {
        let name = argument.file.display();
        let release = argument.release.or(release).ok_or_else(|| Error::Usage {
            message: format!("--exceptions {name} does not say which release it is about"),
            help: format!("write the release before it, as in --exceptions v1.36={name}"),
        })?;
        let text = named_file(&argument.file, "--exceptions", environment)?;
        exceptions.add(release, &text).map_err(|fault| {
            let source = SourceFile::new(Side::Policy, RepoPath::root(), &text);
            let place = fault.span.map(|span| format!(":{}", source.position(span.start).line)).unwrap_or_default();
            Error::Usage {
                message: format!("--exceptions {name}{place}: {}", fault.message),
                help: "name a releases/release-1.N/exceptions.yaml of kubernetes/sig-release, v1.25 or later"
                    .to_owned(),
            }
        })?;
    }
    Ok(exceptions)
}

/// The text of a file that the caller names: UTF-8, at most 1 MiB.
pub(crate) fn named_file(file: &Path, option: &str, environment: &Environment) -> Result<String, Error> {
    let fault = |what: String| Error::Usage {
        message: format!("{option} {}: {what}", file.display()),
        help: "name a file of UTF-8 text, of at most 1 MiB".to_owned(),
    };
    read_local(&environment.folder.join(file), MAX_FILE_BYTES).map_err(|error| fault(error.to_string()))
}
