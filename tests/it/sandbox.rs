//! Small repositories and folders made up in code, and kepgate run on them within bounds.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::kepgate;

/// The directory of the sound KEP.
pub(crate) const DIR: &str = "keps/sig-node/1234-quiet-hours";
pub(crate) const KEP: &str = "keps/sig-node/1234-quiet-hours/kep.yaml";
pub(crate) const APPROVAL: &str = "keps/prod-readiness/sig-node/1234.yaml";

pub(crate) const ALIASES: &str = "\
aliases:
  sig-apps-leads:
    - ines-orrin
  sig-node-leads:
    - corin-hale
  prod-readiness-approvers:
    - petra-solm
    - hedda-rusk
  prod-readiness-approvers-emeritus:
    - quillon-b
";

pub(crate) const SOUND_APPROVAL: &str = "kep-number: 1234\nalpha:\n  approver: \"@petra-solm\"\n";

/// The fields of a sound KEP: the key, how it is written, and what stands in it.
pub(crate) const FIELDS: &[(&str, &str, &str)] = &[
    ("title", "title: {}", "Quiet Hours"),
    ("kep-number", "kep-number: {}", "1234"),
    ("authors", "authors:\n  - {}", "\"@sunniva-t\""),
    ("owning-sig", "owning-sig: {}", "sig-node"),
    ("participating-sigs", "participating-sigs:\n  - {}", "sig-apps"),
    ("status", "status: {}", "implementable"),
    ("creation-date", "creation-date: {}", "2025-02-28"),
    ("last-updated", "last-updated: {}", "2025-03-01"),
    ("reviewers", "reviewers:\n  - {}", "\"@odile-varga\""),
    ("approvers", "approvers:\n  - {}", "\"@corin-hale\""),
    ("see-also", "see-also:\n  - {}", "https://example.org/x"),
    ("replaces", "replaces:\n  - {}", "none"),
    ("superseded-by", "superseded-by:\n  - {}", "none"),
    ("stage", "stage: {}", "alpha"),
    ("latest-milestone", "latest-milestone: {}", "v1.36"),
    ("milestone", "milestone:\n  alpha: {}", "v1.36"),
    ("feature-gates", "feature-gates:\n  - name: {}\n    components:\n      - {}", "QuietHours"),
    ("disable-supported", "disable-supported: {}", "true"),
    ("metrics", "metrics:\n  - {}", "kubelet_quiet_hours_total"),
];

/// The sound KEP's `kep.yaml`, with these values, as YAML, in place of its own.
pub(crate) fn kep_with(values: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (key, shape, sound) in FIELDS {
        let value = values.iter().find(|(name, _)| name == key).map_or(*sound, |(_, value)| *value);
        text.push_str(&shape.replace("{}", value));
        text.push('\n');
    }
    text
}

/// What a stranger writes to steer the runner, the page or the terminal.
pub(crate) const PAYLOADS: &[&str] = &[
    "::error::pwned",
    "::error file=a.go,line=1,title=x::pwned",
    "::set-output name=x::pwned",
    "::save-state name=x::pwned",
    "::stop-commands::pwned",
    "::add-mask::kep",
    "::add-matcher::keps/matcher.json",
    "::debug::pwned",
    "##[error]pwned",
    "x ##[add-mask]kep",
    "##[stop-commands]pwned",
    "##[group]pwned",
    "  ::warning::pwned",
    "x\n::error::pwned",
    "x\r::error::pwned",
    "x\r\n##[error]pwned",
    "\u{85}::error::pwned",
    "\u{a0}::error::pwned",
    "\u{2028}::error::pwned",
    "\u{2029}::error::pwned",
    "\u{3000}\u{1680}\u{205f}::error::pwned",
    "\u{b}\u{c}::error::pwned",
    "%0A::error::pwned",
    "%250A,title=x::pwned",
    "<img src=https://evil.example/x>",
    "![x](https://evil.example/x)",
    "[x](https://evil.example/x)",
    "</code></pre><a href=https://evil.example>x</a>",
    "`@everyone` @kubernetes/all #1 www.evil.example",
    "| a | b |\n|---|---|\n\n# x\n\n@everyone",
    "</details><script>x</script><!--",
    "\u{1b}[31mred\u{1b}]8;;https://evil.example\u{7}x",
    "\u{9b}31mred\u{90}x\u{9c}",
    "\u{202e}dekcehc\u{2066}",
    "a\u{200b}b\u{200d}\u{2060}\u{feff}\u{ad}\u{fe0f}",
    "\u{e0001}\u{e0041}\u{1d173}\u{3164}\u{ffa0}\u{115f}",
    "@x\u{200b} a@b.example GH-99 0123456789abcdef0123456789abcdef01234567",
    "``a` | b\\| c\\",
    "\0\u{8}\u{7f}",
    "${{ github.token }} $(id) `id` ; rm -rf /",
];

/// `text` as a YAML scalar that means it.
pub(crate) fn scalar(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            other => quoted.push_str(&format!("\\U{:08X}", u32::from(other))),
        }
    }
    quoted + "\""
}

/// A folder that is deleted in the end.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A repository on the branch `main` with one commit that holds the sound KEP.
    pub(crate) fn repository() -> Self {
        let sandbox = Self::new();
        sandbox.git(&["init", "--quiet", "--initial-branch=main"]);
        sandbox.write_sound("");
        sandbox.commit();
        sandbox
    }

    /// The folders `base` and `head`, alike, with the sound KEP in each.
    pub(crate) fn folders() -> Self {
        let sandbox = Self::new();
        sandbox.write_sound("base/");
        sandbox.write_sound("head/");
        sandbox
    }

    fn write_sound(&self, root: &str) {
        self.write(format!("{root}OWNERS_ALIASES"), ALIASES);
        self.write(format!("{root}{KEP}"), kep_with(&[]));
        self.write(format!("{root}{DIR}/README.md"), "# KEP-1234: Quiet Hours\n");
        self.write(format!("{root}{APPROVAL}"), SOUND_APPROVAL);
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where `path`, of any bytes, is on disk.
    pub(crate) fn place(&self, path: impl AsRef<[u8]>) -> PathBuf {
        self.path().join(OsStr::from_bytes(path.as_ref()))
    }

    pub(crate) fn write(&self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> PathBuf {
        let place = self.place(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, content).unwrap();
        place
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.place(path)).unwrap()
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.place(path)).unwrap();
    }

    /// Runs git here and gives what it says, trimmed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(self.path(), arguments)
    }

    /// Commits all that is in the work tree, and gives the commit's id.
    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.commit_index()
    }

    /// Begins the branch `name` at the current commit and stands on it.
    pub(crate) fn branch(&self, name: &str) {
        self.git(&["switch", "--quiet", "--create", name]);
    }

    /// Commits what is in the index, which may be what was committed before.
    pub(crate) fn commit_index(&self) -> String {
        self.git(&["commit", "--quiet", "--allow-empty", "--message=."]);
        self.id("HEAD")
    }

    pub(crate) fn id(&self, revision: &str) -> String {
        self.git(&["rev-parse", "--verify", "--end-of-options", revision])
    }

    /// A clone over `file://`, so that `--depth` means something, with these options.
    pub(crate) fn clone_with(&self, options: &[&str]) -> Self {
        let clone = Self::new();
        let url = format!("file://{}", self.path().display());
        git(clone.path(), &[&["clone", "--quiet"], options, &[&url, "."]].concat());
        clone
    }

    /// `kepgate check` with these arguments, for JSON on standard output: how it ends, and the report.
    pub(crate) fn check(&self, arguments: &[&str]) -> (i32, Value) {
        let mut command = kepgate(self.path());
        let run = within_bounds(command.args(["check", "--output", "json"]).args(arguments));
        let report = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
        (run.code, report)
    }
}

/// Commits get ever later dates, as git's walks go by them.
fn next_date() -> String {
    static COMMITS: AtomicU64 = AtomicU64::new(1_700_000_000);
    format!("{} +0000", COMMITS.fetch_add(1, Ordering::Relaxed))
}

/// Runs git in `folder`, with nothing of the caller's environment and configuration, and gives what it says, trimmed.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    git_at(folder, arguments, &next_date())
}

/// The same, with the date that a commit made by it gets.
pub(crate) fn git_at(folder: &Path, arguments: &[&str], date: &str) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "A KEP author")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "author@example.org")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_DATE"), date)))
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What a run may take, in this build, which is hardly optimised: seconds of processor time, KiB of heap, and time on
/// the clock of a machine that does other things too. The release build has to do with 1 s and 100 MiB in all.
const SECONDS: u32 = 2;
const HEAP_KIB: u32 = 90 * 1024;
const CLOCK: Duration = Duration::from_secs(20);

/// Runs `command` under the bounds, of which the system sees to the first two: it ends whoever goes beyond them.
pub(crate) fn within_bounds(command: &Command) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let [out, err] = ["out", "err"].map(|name| folder.path().join(name));
    let bounds = format!("ulimit -c 0; ulimit -t {SECONDS}; ulimit -d {HEAP_KIB}; exec \"$0\" \"$@\"");
    let mut bounded = Command::new("sh");
    bounded.args(["-c", &bounds]).arg(command.get_program()).args(command.get_args()).env_clear();
    bounded.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bounded.current_dir(command.get_current_dir().unwrap());
    bounded.stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let started = Instant::now();
    let mut child = bounded.spawn().unwrap();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > CLOCK {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let [stdout, stderr] = [out, err].map(|file| String::from_utf8(fs::read(file).unwrap()).unwrap());
    let code = status.code().unwrap_or_else(|| panic!("{status} after {:?}: {stderr}", started.elapsed()));
    assert!((0..=3).contains(&code) && !stderr.contains("panicked"), "exit {code}: {stderr}");
    Run { code, stdout, stderr }
}

/// The rules that new errors are of, with the paths that they are in, sorted.
pub(crate) fn new_errors(report: &Value) -> Vec<(&str, &str)> {
    of(report, |finding| finding["level"] == "error" && finding["new"] == true)
}

/// The rules of all that was found, with the paths, sorted.
pub(crate) fn all_found(report: &Value) -> Vec<(&str, &str)> {
    of(report, |_| true)
}

fn of(report: &Value, is_meant: impl Fn(&Value) -> bool) -> Vec<(&str, &str)> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| is_meant(finding));
    let mut found: Vec<_> =
        findings.map(|finding| (finding["rule"].as_str().unwrap(), finding["path"].as_str().unwrap())).collect();
    found.sort_unstable();
    found
}

/// What the runner of GitHub Actions makes of a line: a command's name, its properties and its data, unescaped.
#[derive(Debug)]
pub(crate) struct Annotation {
    pub(crate) name: String,
    pub(crate) properties: Vec<(String, String)>,
    pub(crate) data: String,
}

/// Every command that the runner finds in a step's log. A name that it does not know is a command here, too: which
/// names it knows is its own affair.
pub(crate) fn commands(log: &str) -> Vec<Annotation> {
    let mut stopped_until = None;
    let mut found = Vec::new();
    for command in log.split(['\n', '\r']).filter_map(|line| new_command(line).or_else(|| old_command(line))) {
        match &stopped_until {
            Some(token) if *token == command.name => stopped_until = None,
            Some(_) => {}
            None if command.name == "stop-commands" => stopped_until = Some(command.data),
            None => found.push(command),
        }
    }
    assert_eq!(stopped_until, None, "commands stay switched off for the steps to come");
    found
}

/// `::name key=value,key=value::data`, after any white space.
fn new_command(line: &str) -> Option<Annotation> {
    let (head, data) = line.trim().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let properties = properties.split(',').filter_map(|property| property.split_once('='));
    let unescaped = |text: &str| text.replace("%3A", ":").replace("%2C", ",");
    let properties = properties.map(|(key, value)| (key.to_owned(), unescaped_data(&unescaped(value))));
    Some(Annotation { name: name.to_owned(), properties: properties.collect(), data: unescaped_data(data) })
}

/// `##[name key=value;key=value]data`, anywhere in the line.
fn old_command(line: &str) -> Option<Annotation> {
    let (_, rest) = line.split_once("##[")?;
    let (head, data) = rest.split_once(']')?;
    let name = head.split(' ').next().unwrap_or_default();
    Some(Annotation { name: name.to_owned(), properties: Vec::new(), data: data.to_owned() })
}

fn unescaped_data(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

/// Sees that the log of a step holds no commands but annotations that kepgate means: at most ten of each level, each
/// with words, titled with a rule of the report or the program's name, at a place inside the repository.
pub(crate) fn check_log(log: &str, report: &Value) {
    let commands = commands(log);
    let rules: Vec<_> = report["findings"].as_array().unwrap().iter().map(|it| it["rule"].as_str().unwrap()).collect();
    let path = |finding: &Value| kepgate::escape::one_line(finding["path"].as_str().unwrap());
    let paths: Vec<_> = report["findings"].as_array().unwrap().iter().map(path).collect();
    for level in ["error", "warning", "notice"] {
        assert!(commands.iter().filter(|command| command.name == level).count() <= 10, "{log}");
    }
    for Annotation { name, properties, data } in &commands {
        assert!(matches!(name.as_str(), "error" | "warning" | "notice"), "::{name}::{data} in\n{log}");
        assert!(!data.trim().is_empty() && data.chars().count() <= 4096, "{data:?}");
        for (key, value) in properties {
            let is_meant = match key.as_str() {
                "file" => paths.contains(value) && !value.starts_with('/') && !value.contains("../"),
                "line" | "endLine" | "col" | "endColumn" => value.parse::<usize>().is_ok_and(|number| number > 0),
                "title" => value == "kepgate" || rules.contains(&value.as_str()),
                _ => false,
            };
            assert!(is_meant, "{key}={value:?} in {log}");
        }
        assert!(properties.iter().any(|(key, _)| key == "title"), "{log}");
    }
}

/// The tags that the summary is made of.
const TAGS: [&str; 10] =
    ["<code>", "</code>", "<pre>", "</pre>", "<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>"];

/// Sees that nothing in the summary lives but what kepgate means: its own tags, in pairs, links below `links` alone,
/// no image, no mention and no address. `.ci/judges/markdown.py` does the same with GitHub's own parser.
pub(crate) fn check_summary(summary: &str, links: Option<&str>) {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
    assert!(summary.len() < 1_000_000, "{} bytes", summary.len());
    let (mut tags, mut code_blocks) = (String::new(), 0);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(summary, options) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code_blocks += 1,
            Event::End(TagEnd::CodeBlock) => code_blocks -= 1,
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(links.is_some_and(|prefix| dest_url.starts_with(prefix)), "{dest_url}");
                let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:%#".contains(&byte);
                assert!(dest_url.bytes().all(is_plain), "{dest_url}");
            }
            Event::Start(Tag::Image { .. } | Tag::Emphasis | Tag::Strikethrough | Tag::BlockQuote(_)) => {
                panic!("{event:?} in {summary}")
            }
            Event::Html(html) | Event::InlineHtml(html) => tags.push_str(&html),
            Event::Text(text) if code_blocks == 0 => {
                let lower = text.to_ascii_lowercase();
                for live in ["@", "#", "://", "www.", "gh-"] {
                    assert!(!lower.contains(live), "{text:?} in {summary}");
                }
            }
            _ => {}
        }
    }
    for (at, _) in tags.match_indices('<') {
        assert!(TAGS.iter().any(|tag| tags[at..].starts_with(tag)), "{}", &tags[at..]);
    }
    for pair in TAGS.chunks(2) {
        let [opened, closed] = [pair[0], pair[1]].map(|tag| tags.matches(tag).count());
        assert_eq!(opened, closed, "{} and its end in a summary of {} bytes", pair[0], summary.len());
    }
}

/// Sees that SARIF holds what was found, at places inside the repository, without a link, and that none of its lines is a
/// command.
pub(crate) fn check_sarif(text: &str, report: &Value) {
    assert!(commands(text).is_empty());
    let sarif: Value = serde_json::from_str(text).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let found = |key: &str| report[key].as_array().unwrap().len();
    assert_eq!(results.len(), found("findings") + found("suppressed"));
    for result in results {
        for message in [&result["message"]["text"], &result["fixes"][0]["description"]["text"]] {
            assert!(!message.as_str().unwrap_or_default().contains("]("), "{message}");
        }
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./%".contains(&byte);
        assert!(uri.bytes().all(is_plain) && !uri.starts_with('/') && !uri.contains("../"), "{uri}");
    }
}

/// Sees that test cases are well-formed, that a failure stands there if and only if something failed, and that no line
/// is a command.
pub(crate) fn check_junit(text: &str, report: &Value) {
    assert!(commands(text).is_empty(), "{text}");
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut failures = 0;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error} in {text}")) {
            quick_xml::events::Event::Start(element) if element.name().as_ref() == "failure" => failures += 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(failures > 0, !new_errors(report).is_empty(), "{text}");
    let is_allowed = |character: char| matches!(character, '\n' | ' '..) && !matches!(character, '\u{7f}'..='\u{9f}');
    assert!(text.chars().all(is_allowed), "{text}");
}

/// Sees that text has no character that a reader does not see.
pub(crate) fn check_text(text: &str) {
    let is_hidden = |character: &char| kepgate::escape::is_unsafe(*character) && !matches!(character, '\n' | '\t');
    if let Some(found) = text.chars().find(is_hidden) {
        let line = text.lines().find(|line| line.contains(found));
        panic!("{found:?} in {line:?}");
    }
}

#[test]
fn the_stand_in_for_the_runner_finds_every_command() {
    let log = "no ::error::x\rx\n\u{a0} ::error file=a%3Ab%2Cc,line=1::d%0Ae%25\nx ##[warning]y\r::notice::z\n\
               ::stop-commands::t\n::error::hidden\n##[error]hidden\n  ::t::\n::debug::seen";
    let found = commands(log);
    let names: Vec<_> = found.iter().map(|command| command.name.as_str()).collect();
    assert_eq!(names, ["error", "warning", "notice", "debug"]);
    assert_eq!(found[0].properties, [("file", "a:b,c"), ("line", "1")].map(|(key, value)| (key.into(), value.into())));
    assert_eq!(found[0].data, "d\ne%");
    for living in ["<img src=x>", "[x](https://x)", "@x", "<code>@x</code>", "https://x", "<details>", "*x*"] {
        assert!(std::panic::catch_unwind(|| check_summary(living, None)).is_err(), "{living}");
    }
}
