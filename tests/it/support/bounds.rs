//! Runs kepgate with limited time and memory.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The exit status and the output of a run.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The limit of processor time per run, in seconds. The limits are for slow debug builds; the release build must stay
/// below 1 s and 100 MiB.
const SECONDS: u32 = 2;

/// The same for a run over a whole tree, which takes a debug build 2 s on a machine with other work to do.
const SECONDS_OF_A_TREE: u32 = 5;

const HEAP_KIB: u32 = 90 * 1024;

const CLOCK: Duration = Duration::from_secs(20);

/// Runs `command` within the limits. The operating system enforces those on processor time and heap by killing the
/// process.
pub(crate) fn within_bounds(command: &Command) -> Run {
    within(SECONDS, command)
}

/// Like [`within_bounds`], for a run over a whole tree.
pub(crate) fn within_bounds_of_a_tree(command: &Command) -> Run {
    within(SECONDS_OF_A_TREE, command)
}

fn within(seconds: u32, command: &Command) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let [out, err] = ["out", "err"].map(|name| folder.path().join(name));
    let bounds = format!("ulimit -c 0; ulimit -t {seconds}; ulimit -d {HEAP_KIB}; exec \"$0\" \"$@\"");
    let mut bounded = Command::new("/bin/sh");
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
