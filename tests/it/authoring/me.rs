//! `@me`: where the handle of the user comes from.

use std::process::Command;

use crate::authoring::TEMPLATE;
use crate::support::{FakeGitHub, Reply, State, TOKEN, TestRepo, USER, kepgate, within_bounds};

const NEW: &[&str] =
    &["new", "--sig", "sig-node", "--number", "77", "--title", "Nap", "--author", "@me,@jon-b", "--dry-run"];
const SHORT_TEMPLATE: &str = "title: KEP Template\nkep-number: NNNN\nauthors: [\"@jane.doe\"]\nowning-sig: sig-xyz\n\
                              status: provisional\nreviewers: [TBD]\napprovers: [TBD]\n";

fn repository() -> TestRepo {
    let repo = TestRepo::repository();
    repo.write(TEMPLATE, SHORT_TEMPLATE);
    repo
}

/// The exit status, and the authors of the new KEP or else the error.
fn authors(command: &mut Command) -> (i32, String) {
    let run = within_bounds(command);
    let line = run.stdout.lines().find_map(|line| line.strip_prefix("+authors: "));
    (run.code, line.map_or(run.stderr, str::to_owned))
}

#[test]
fn me_is_looked_up_in_the_order_of_the_documentation() {
    let repo = repository();
    let github = FakeGitHub::start(repo.path(), State::default());
    let global = repo.write(".git/of-the-user", "[github]\n\tuser = of-the-user\n");
    let new = || {
        let mut command = kepgate(repo.path());
        command.args(NEW).env("GITHUB_API_URL", &github.server.url).env("GITHUB_TOKEN", TOKEN);
        command
    };
    let by = |handle: &str| (0, format!("[\"@{handle}\", \"@jon-b\"]"));
    assert_eq!(authors(&mut new()), by(USER), "the user of the token");
    let requests = github.server.requests().len();
    assert_eq!(authors(new().env("GIT_CONFIG_GLOBAL", &global)), by("of-the-user"));
    repo.git(&["config", "github.user", "of-the-repository"]);
    assert_eq!(authors(new().env("GIT_CONFIG_GLOBAL", &global)), by("of-the-repository"));
    assert_eq!(authors(new().env("KEPGATE_HANDLE", "@of-the-environment")), by("of-the-environment"));
    assert_eq!(authors(new().args(["--as", "named"]).env("KEPGATE_HANDLE", "x")), by("named"));
    assert_eq!(github.server.requests().len(), requests, "GitHub is asked last");
}

#[test]
fn an_unknown_me_is_an_error_that_says_how_to_set_it() {
    let repo = repository();
    let help = "help: add --as HANDLE, set KEPGATE_HANDLE, or run `git config --global github.user HANDLE`";
    let new = || {
        let mut command = kepgate(repo.path());
        command.args(NEW);
        command
    };
    let (code, error) = authors(&mut new());
    assert_eq!((code, error), (2, format!("kepgate: cannot tell who `@me` is\n  {help}\n")));
    let (code, error) = authors(new().env("KEPGATE_HANDLE", "Ida R"));
    assert_eq!(code, 2);
    assert!(error.contains("KEPGATE_HANDLE is `Ida R`, which is not a GitHub handle\n  help: "), "{error}");
    let refused = |_: &_, _| Some(Reply::status(403, &serde_json::json!({"message": "Resource not accessible"})));
    let github = FakeGitHub::with_override(repo.path(), State::default(), refused);
    let (code, error) = authors(new().env("GITHUB_API_URL", &github.server.url).env("GITHUB_TOKEN", TOKEN));
    assert_eq!(code, 3, "{error}");
    assert!(error.starts_with("kepgate: cannot tell who `@me` is: ") && error.contains(help), "{error}");
}

#[test]
fn queries_and_shadows_take_me() {
    let repo = repository();
    let me = ["--as", "Petra-Solm", "--prr", "@me", "--columns", "kep-number", "--output", "csv"];
    let run = within_bounds(kepgate(repo.path()).arg("query").args(me));
    assert_eq!((run.code, run.stdout.as_str()), (0, "\"KEP\"\r\n1234\r\n"), "{}", run.stderr);
    let run = within_bounds(kepgate(repo.path()).args(["query", "--author", "@me"]));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.starts_with("kepgate: cannot tell who `@me` is\n"), "{}", run.stderr);
}
