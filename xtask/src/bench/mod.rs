//! Measures the program on generated trees of KEPs, side by side with git.
//!
//! Two programs run alternately, and the ratio of each pair counts, because other work on the machine slows down both.

mod measure;
mod peers;
mod tree;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use measure::{Ratio, compare, memory};
use tree::{Generated, PULLS};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// A clone of kubernetes/enhancements
    #[arg(long)]
    clone: PathBuf,
    /// The program to measure [default: target/release/kepgate]
    #[arg(long)]
    program: Option<PathBuf>,
    /// The number of copies of each KEP in the trees
    #[arg(long, value_delimiter = ',', default_value = "1,10,100")]
    sizes: Vec<usize>,
    /// The number of pairs for each row
    #[arg(long, default_value_t = 40)]
    rounds: usize,
    /// The folder for the generated trees [default: target/bench]
    #[arg(long)]
    dir: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let root = crate::root()?;
    let program = options.program.clone().unwrap_or_else(|| root.join("target/release/kepgate"));
    ensure!(program.exists(), "{} does not exist: run `cargo build --release` first", program.display());
    let program = std::path::absolute(program)?;
    let dir = options.dir.clone().unwrap_or_else(|| root.join("target/bench"));
    println!("| KEPs | command | ratio | kepgate | compared with | memory |\n|---|---|---|---|---|---|");
    for size in &options.sizes {
        let tree = Generated::new(&options.clone, &dir, *size)?;
        Bench { program: &program, tree: &tree, rounds: options.rounds, size: *size }.run()?;
    }
    Ok(())
}

struct Bench<'a> {
    program: &'a Path,
    tree: &'a Generated,
    rounds: usize,
    size: usize,
}

impl Bench<'_> {
    fn run(&self) -> Result<()> {
        for pull in PULLS {
            let diff = self.git(&["diff", "--raw", "-M", "main", pull]);
            let check = self.kepgate(&["check", "--base", "main", "--head", pull, "--output", "json"]);
            self.row(&format!("check, {pull}"), (&check, &diff), "git diff --raw -M")?;
        }
        let config = self.tree.without_readmes()?;
        let config = config.to_str().context("the path is not UTF-8")?;
        let all = ["check", "--all", "--head", "main", "--output", "json"];
        let metadata = [&all[..], &["--config", config]].concat();
        let with_readmes = ["yaml$", "README.md$"];
        self.whole("check --all", &all, &with_readmes)?;
        self.whole("check --all, README rules off", &metadata, &["yaml$"])?;
        self.whole("query", &["query", "--head", "main", "--output", "json"], &["yaml$"])?;
        let release = ["readiness", "--release", "v1.35", "--head", "main", "--output", "json"];
        self.whole("readiness", &release, &["yaml$"])?;
        if self.size == 1 {
            self.peers(&all, &metadata)?;
        }
        Ok(())
    }

    /// Compares other tools with `check --all`. They are slow, so a few pairs are enough.
    fn peers(&self, all: &[&str], metadata: &[&str]) -> Result<()> {
        const ROUNDS: usize = 5;
        for (name, reads_readmes, command) in peers::commands(&self.tree.dir)? {
            let kepgate = self.kepgate(if reads_readmes { all } else { metadata });
            let Ratio { median: ratio, subject: time, other } = compare(&command, &kepgate, ROUNDS.min(self.rounds))?;
            println!("| 1x | {name} | {ratio:.1} | {time:.0} ms | kepgate check --all: {other:.1} ms | |");
        }
        Ok(())
    }

    /// Compares a command that reads the whole tree with `git cat-file`, which only reads the same files.
    fn whole(&self, name: &str, arguments: &[&str], files: &[&str]) -> Result<()> {
        let list = self.tree.list(files)?;
        let cat = format!("git cat-file --batch --buffer < {} > /dev/null", list.display());
        let mut read = Command::new("sh");
        read.args(["-c", &cat]).current_dir(&self.tree.dir);
        self.row(name, (&self.kepgate(arguments), &read), "git cat-file --batch")
    }

    fn row(&self, name: &str, (subject, other): (&Command, &Command), other_name: &str) -> Result<()> {
        // The largest tree takes long, and its times vary little.
        let rounds = if self.size >= 100 { (self.rounds / 4).max(3) } else { self.rounds };
        let Ratio { median: ratio, subject: time, other } = compare(subject, other, rounds)?;
        let memory = memory(subject)?.map_or("unknown".to_owned(), |kib| format!("{:.1} MB", kib / 1000.0));
        println!("| {}x | {name} | {ratio:.2} | {time:.1} ms | {other_name}: {other:.1} ms | {memory} |", self.size);
        Ok(())
    }

    fn kepgate(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.args(arguments).current_dir(&self.tree.dir).env("KEPGATE_NOW", "2026-02-20T00:00:00Z");
        command
    }

    fn git(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(&self.tree.dir);
        command
    }
}
