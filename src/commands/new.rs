//! `kepgate new`: creates a KEP from the template of the repository. No file is overwritten.

use std::io::Write;
use std::sync::Arc;

use crate::authoring::{Draft, Naming, slug};
use crate::change::{KepState, Policy, read_kep};
use crate::cli::NewArguments;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::kep::sigs::Sigs;
use crate::kep::{KepNumber, Milestone, Stage};
use crate::project::{Grouping, Profile, layout};
use crate::query::columns;
use crate::session::Environment;
use crate::session::me::Me;
use crate::session::revise::{Goal, Workplace};
use crate::source::{Content, Snapshot as _};
use crate::text::RepoPath;
use crate::text::wording::quote;

pub(super) fn run(
    arguments: &NewArguments,
    environment: &Environment,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let mut place = Workplace::open(&arguments.place, environment)?;
    if let Some(release) = arguments.release {
        place.check_release(release)?;
        check_is_ahead(release, &place)?;
    }
    let draft = draft(arguments, &place, &place.me(&arguments.me, environment))?;
    check_is_unused(&draft, &place)?;
    let profile = Arc::clone(&place.policy.profile);
    let layout = &profile.layout;
    let template = read_kep(&place.disk, &layout.template, &profile, &mut place.files)?;
    let template = template.ok_or_else(|| {
        Error::usage(
            format!("the template {} does not exist", quote(&layout.template_metadata().to_string())),
            if profile.dialect.is_kubernetes {
                "copy it from kubernetes/enhancements"
            } else {
                "copy a KEP there and replace what is its own with placeholders, or set `project.template` in \
                 .github/kepgate.yaml on the target branch"
            },
        )
    })?;
    let readme = readme(&place)?;
    let revisions = draft.revisions(&template, readme.as_deref(), &place.policy.placeholders, &place.files)?;
    let dir = draft.dir();
    let number = draft.number.as_deref().and_then(KepNumber::parse);
    let Draft { stage_word, release, approver, .. } = draft;
    let is_gated = profile.has_reviews() && release.is_none_or(|release| profile.dialect.is_gated(release));
    let lacks_approver = is_gated && approver.is_none();
    let text = revisions.iter().find(|revision| revision.path.name().ends_with(b".md"));
    let goal = Goal {
        dir,
        number,
        stage_word,
        closed: None,
        release,
        former: None,
        lacks_approver,
        unwritten: text.map(|text| text.path.clone()),
        remarks: String::new(),
    };
    place.finish(&revisions, &goal, environment, out)
}

fn draft(arguments: &NewArguments, place: &Workplace, me: &Me<'_>) -> Result<Draft, Error> {
    check_sigs(arguments, &place.policy)?;
    let slug = arguments.slug.clone().unwrap_or_else(|| slug(&arguments.title));
    if slug.is_empty() {
        return Err(Error::usage(
            "the title has no letters or digits for the name of the directory",
            "specify the name with --slug",
        ));
    }
    let dialect = &place.policy.profile.dialect;
    let first = || dialect.stage_words().first().map_or(Stage::Alpha.word(), |word| *word).to_owned();
    let stage_word = arguments.stage.clone().unwrap_or_else(first);
    let has_at = dialect.has_at;
    let person = |handle: &String| {
        let handle = me.resolve(handle)?;
        Ok(if has_at { handle } else { handle.trim_start_matches('@').to_owned() })
    };
    let naming = naming(place);
    let number = number(arguments, &naming, &place.policy.profile)?;
    let people = |handles: &[String]| handles.iter().map(person).collect::<Result<Vec<_>, Error>>();
    Ok(Draft {
        number,
        title: arguments.title.clone(),
        profile: Arc::clone(&place.policy.profile),
        naming,
        sig: arguments.sig.clone().unwrap_or_default(),
        slug,
        authors: people(&arguments.author)?,
        reviewers: people(&arguments.reviewer)?,
        approvers: people(&arguments.approver)?,
        participating_sigs: arguments.participating_sig.clone(),
        date: arguments.date.clone().unwrap_or_else(|| place.today()),
        stage: place.policy.profile.stage(&stage_word)?,
        stage_word,
        release: arguments.release,
        approver: arguments.prr_approver.as_deref().map(|handle| place.approver(&me.resolve(handle)?)).transpose()?,
    })
}

/// How the project names its KEPs.
fn naming(place: &Workplace) -> Naming {
    let profile = &place.policy.profile;
    if profile.dialect.is_kubernetes {
        return Naming::default();
    }
    let keps = place.survey.keps.iter().map(|record| &record.dir);
    let keps = keps.filter(|dir| !profile.layout.is_nested(dir));
    Naming::of(keps, profile.layout.has_single_files())
}

/// The number as the project writes it.
fn number(arguments: &NewArguments, naming: &Naming, profile: &Profile) -> Result<Option<String>, Error> {
    let dialect = &profile.dialect;
    let Some(number) = &arguments.number else {
        if !dialect.uses("kep-number") && dialect.number_key().is_none() && !naming.has_number() {
            return Ok(None);
        }
        return Err(Error::usage("--number is required", "specify the number of the KEP's tracking issue"));
    };
    let number = naming.number(number);
    let is_valid = KepNumber::parse(&number).is_some() || (!dialect.is_kubernetes && KepNumber::is_dotted(&number));
    if is_valid {
        return Ok(Some(number));
    }
    Err(Error::usage(
        format!("--number: {} is not the number of a KEP", quote(&number)),
        "specify the number of the KEP's tracking issue, as in 1287",
    ))
}

/// Fails if a group is not known, or if the owning one is missing.
fn check_sigs(arguments: &NewArguments, policy: &Policy) -> Result<(), Error> {
    if !policy.profile.has_sigs {
        // The names are not checked, and the template may lack the field. A file can be in a folder of any name.
        let is_path = |sig: &String| !policy.profile.layout.has_single_files() || layout::is_word(sig);
        return arguments.sig.as_ref().filter(|sig| !is_path(sig)).map_or(Ok(()), |sig| {
            Err(Error::usage(format!("{} is not the name of a folder", quote(sig)), "use letters, digits, `-` and `_`"))
        });
    }
    let known: Vec<_> = policy.sigs.names().collect();
    // The name becomes part of a path.
    let can_own = |sig: &str| match policy.profile.layout.grouping {
        Grouping::None => true,
        Grouping::Sigs => sig.starts_with("sig-") && layout::is_word(sig),
        Grouping::Areas => layout::is_word(sig),
    };
    let owners: Vec<_> = known.iter().copied().filter(|sig| can_own(sig)).collect();
    let Some(owning) = &arguments.sig else {
        let help = format!("known SIGs: {}", owners.join(", "));
        return Err(Error::usage("--sig is required", help));
    };
    check_group(owning, "SIG", &owners)?;
    let mut unknown = arguments.participating_sig.iter().filter(|group| !policy.sigs.is_known(group));
    unknown.try_for_each(|group| check_group(group, "group", &known))
}

/// Fails if `name` is not one of the groups in `known`.
fn check_group(name: &str, noun: &str, known: &[&str]) -> Result<(), Error> {
    if known.contains(&name) {
        return Ok(());
    }
    let near = Sigs::near(name, known.iter().copied()).map(|near| format!("did you mean `{near}`? "));
    Err(Error::usage(
        format!("{} is not a known {noun}", quote(name)),
        format!("{}known {noun}s: {}", near.unwrap_or_default(), known.join(", ")),
    ))
}

/// Fails if `release` is out: no new KEP can be in it.
fn check_is_ahead(release: Milestone, place: &Workplace) -> Result<(), Error> {
    if place.schedule.is_out(release) != Some(true) {
        return Ok(());
    }
    let help = match place.schedule.next_open(release) {
        Some(open) => format!("use --release {open} or later"),
        None => "choose a later release".to_owned(),
    };
    Err(Error::usage(format!("--release: {release} is already out"), help))
}

/// Fails if a KEP or a PRR file with this number exists.
fn check_is_unused(draft: &Draft, place: &Workplace) -> Result<(), Error> {
    let number = draft.number.as_deref();
    let is_same = |record: &&KepState| number.is_some_and(|number| columns::is_called(record, number));
    let parsed = number.and_then(KepNumber::parse);
    let is_unread = |dir: &&RepoPath| parsed.is_some() && draft.profile.layout.number(dir) == parsed;
    let mut taken: Vec<_> = place.survey.keps.iter().filter(is_same).map(|record| record.dir.clone()).collect();
    taken.extend(place.survey.unread.iter().filter(is_unread).cloned());
    let prr_file = number.and_then(|number| draft.profile.layout.prr_file_path(&draft.sig, number));
    for path in std::iter::once(draft.dir()).chain(prr_file) {
        if place.disk.kind(&path)?.is_some() {
            taken.push(path);
        }
    }
    match taken.first() {
        None => Ok(()),
        Some(path) => Err(Error::usage(
            format!("{} already exists", quote(&path.to_string())),
            match number {
                Some(number) => format!(
                    "specify the number of this KEP's own tracking issue with --number; {number} is already in use"
                ),
                None => "specify another name with --slug".to_owned(),
            },
        )),
    }
}

/// The template of the README, if there is one.
fn readme(place: &Workplace) -> Result<Option<String>, Error> {
    let path = place.policy.profile.layout.template_readme();
    match place.disk.read(&path)? {
        Content::Bytes(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| {
            Error::usage(
                format!("the template {} is not UTF-8", quote(&path.to_string())),
                "convert the template to UTF-8",
            )
        }),
        Content::Absent | Content::Irregular(_) => Ok(None),
    }
}
