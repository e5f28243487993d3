//! Generates repositories with many KEPs from a real one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// The branches. Each one is a pull request.
pub(super) const PULLS: [&str; 3] = ["kep-yaml", "readme", "new-kep"];

/// The maximum number of copies for which each copy has its own README. With more, they would only fill the disk.
const MAX_DISTINCT: usize = 10;

/// A generated bare repository: `main`, and a branch for each pull request.
pub(super) struct Generated {
    pub(super) dir: PathBuf,
}

/// A file of the real repository.
struct File {
    mode: String,
    id: String,
    path: String,
}

/// A stream for `git fast-import`.
struct Import<W: Write>(W);

impl Generated {
    /// Opens the repository with `copies` of each KEP in `clone`. It is generated if it does not exist.
    pub(super) fn new(clone: &Path, parent: &Path, copies: usize) -> Result<Self> {
        let dir = parent.join(format!("keps-{copies}x.git"));
        let generated = Self { dir };
        if !generated.dir.join("generated").exists() {
            generated.generate(clone, copies).with_context(|| format!("could not generate {copies} copies"))?;
            fs::write(generated.dir.join("generated"), "")?;
        }
        Ok(generated)
    }

    fn generate(&self, clone: &Path, copies: usize) -> Result<()> {
        if self.dir.exists() {
            fs::remove_dir_all(&self.dir)?;
        }
        fs::create_dir_all(&self.dir)?;
        git(&self.dir, &["init", "--quiet", "--bare", "--initial-branch=main", "."])?;
        let objects = PathBuf::from(git(clone, &["rev-parse", "--absolute-git-dir"])?.trim()).join("objects");
        fs::write(self.dir.join("objects/info/alternates"), format!("{}\n", objects.display()))?;
        let files = files(clone)?;
        let mut child = Command::new("git")
            .args(["fast-import", "--quiet", "--force"])
            .current_dir(&self.dir)
            .stdin(Stdio::piped())
            .spawn()?;
        let mut import = Import(std::io::BufWriter::new(child.stdin.take().context("no input")?));
        import.main(clone, &files, copies)?;
        import.pulls(clone, &files)?;
        import.0.flush()?;
        drop(import);
        ensure!(child.wait()?.success(), "git fast-import failed");
        git(&self.dir, &["repack", "-a", "-d", "-l", "--quiet"])?;
        Ok(())
    }

    /// Writes a file with the ids of the files in `main` whose paths match one of the patterns.
    pub(super) fn list(&self, patterns: &[&str]) -> Result<PathBuf> {
        let listed = git(&self.dir, &["ls-tree", "-r", "main", "keps"])?;
        let is_wanted = |line: &&str| patterns.iter().any(|pattern| line.ends_with(pattern.trim_end_matches('$')));
        let ids = listed.lines().filter(is_wanted).filter_map(|line| line.split_whitespace().nth(2));
        let list = self.dir.join(format!("list-{}", patterns.len()));
        fs::write(&list, ids.fold(String::new(), |ids, id| ids + id + "\n"))?;
        Ok(list)
    }

    /// Writes a configuration that turns off the rules that need READMEs.
    pub(super) fn without_readmes(&self) -> Result<PathBuf> {
        let mut off = String::new();
        for entry in fs::read_dir(crate::root()?.join("src/rules"))? {
            let path = entry?.path();
            if path.is_file() && fs::read_to_string(&path)?.contains("needs: &[Need::Readme") {
                let id = path.file_stem().unwrap_or_default().to_string_lossy().replace('_', "-");
                off.push_str(&format!("  {id}: off\n"));
            }
        }
        ensure!(!off.is_empty(), "no rule needs READMEs");
        let file = self.dir.join("without-readmes.yaml");
        fs::write(&file, format!("rules:\n{off}"))?;
        Ok(std::path::absolute(file)?)
    }
}

impl<W: Write> Import<W> {
    /// Writes the branch `main`: every file of `clone`, and copies of its KEPs with other numbers.
    fn main(&mut self, clone: &Path, files: &[File], copies: usize) -> Result<()> {
        self.commit("main", None)?;
        for file in files {
            writeln!(self.0, "M {} {} {}", file.mode, file.id, quoted(&file.path))?;
        }
        for file in files {
            let Some(place) = Place::of(&file.path) else { continue };
            let is_yaml = Path::new(&file.path).extension().is_some_and(|extension| extension == "yaml");
            let is_distinct = is_yaml || (file.path.ends_with("/README.md") && copies <= MAX_DISTINCT);
            let content = if is_distinct && copies > 1 { cat(clone, &file.id)? } else { Vec::new() };
            for copy in 1..copies {
                let (path, number) = place.copy(copy);
                if is_yaml {
                    self.file(&path, &renumbered(&content, place.number, number))?;
                } else if is_distinct {
                    self.file(&path, &[&content[..], format!("\nCopy {copy}.\n").as_bytes()].concat())?;
                } else {
                    writeln!(self.0, "M {} {} {}", file.mode, file.id, quoted(&path))?;
                }
            }
        }
        Ok(())
    }

    /// Writes a branch for each kind of pull request. All of them change the same KEP.
    fn pulls(&mut self, clone: &Path, files: &[File]) -> Result<()> {
        let find = |path: &str| files.iter().find(|file| file.path == path);
        let is_complete = |file: &&File| {
            let Some(Place { folder, number, .. }) = Place::of(&file.path) else { return false };
            let prr_file = format!("keps/prod-readiness/{}/{number}.yaml", folder.trim_start_matches("keps/"));
            file.path.ends_with("/kep.yaml")
                && find(&file.path.replace("kep.yaml", "README.md")).is_some()
                && find(&prr_file).is_some()
        };
        let metadata = files.iter().filter(is_complete).nth(20).context("no KEP has all files")?;
        let readme = find(&metadata.path.replace("kep.yaml", "README.md")).context("it has a README")?;
        let edited = |file: &File| Ok::<_, anyhow::Error>([&cat(clone, &file.id)?[..], b"\n# edited\n"].concat());
        let [kep, new_readme] = [edited(metadata)?, edited(readme)?];
        self.commit("kep-yaml", Some("main"))?;
        self.file(&metadata.path, &kep)?;
        self.commit("readme", Some("main"))?;
        self.file(&metadata.path, &kep)?;
        self.file(&readme.path, &new_readme)?;
        let place = Place::of(&metadata.path).context("it is a KEP")?;
        let number = 4_000_000;
        let folder = format!("{}/{number}-new", place.folder);
        self.commit("new-kep", Some("main"))?;
        self.file(&format!("{folder}/kep.yaml"), &renumbered(&cat(clone, &metadata.id)?, place.number, number))?;
        self.file(&format!("{folder}/README.md"), &new_readme)?;
        Ok(())
    }

    fn commit(&mut self, branch: &str, parent: Option<&str>) -> Result<()> {
        writeln!(self.0, "commit refs/heads/{branch}\ncommitter Bench <bench@example.com> 1771000000 +0000\ndata 0")?;
        if let Some(parent) = parent {
            writeln!(self.0, "from refs/heads/{parent}")?;
        }
        Ok(())
    }

    fn file(&mut self, path: &str, content: &[u8]) -> Result<()> {
        writeln!(self.0, "M 100644 inline {}\ndata {}", quoted(path), content.len())?;
        self.0.write_all(content)?;
        writeln!(self.0)?;
        Ok(())
    }
}

/// The location of a file of a numbered KEP.
struct Place<'a> {
    /// The folder that contains the KEP's directory or the production-readiness file.
    folder: &'a str,
    number: usize,
    /// The part of the path after the number.
    rest: &'a str,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let below = path.strip_prefix("keps/")?;
        let depth = if below.starts_with("prod-readiness/") { 2 } else { 1 };
        let (at, _) = below.match_indices('/').nth(depth - 1)?;
        let (folder, name) = (path.get(.."keps/".len() + at)?, below.get(at + 1..)?);
        let digits = name.find(|character: char| !character.is_ascii_digit()).filter(|digits| *digits > 0)?;
        let (number, rest) = name.split_at(digits);
        let is_kep = rest.starts_with('-') && rest.contains('/');
        (is_kep || rest == ".yaml").then_some(Self { folder, number: number.parse().ok()?, rest })
    }

    /// The path and number of a copy.
    fn copy(&self, copy: usize) -> (String, usize) {
        let number = self.number + copy * 10_000;
        (format!("{}/{number}{}", self.folder, self.rest), number)
    }
}

/// Changes the number in a `kep.yaml` or a production-readiness file.
fn renumbered(content: &[u8], old: usize, new: usize) -> Vec<u8> {
    let text = String::from_utf8_lossy(content);
    let line = |line: &str| match line.split_once("kep-number:") {
        Some((before, number)) if number.trim().parse() == Ok(old) => format!("{before}kep-number: {new}\n"),
        _ => line.to_owned(),
    };
    text.split_inclusive('\n').map(line).collect::<String>().into_bytes()
}

fn files(clone: &Path) -> Result<Vec<File>> {
    let listed = git(clone, &["ls-tree", "-r", "-z", "HEAD"])?;
    let file = |line: &str| {
        let (head, path) = line.split_once('\t')?;
        let mut head = head.split(' ');
        let (mode, _, id) = (head.next()?, head.next()?, head.next()?);
        Some(File { mode: mode.to_owned(), id: id.to_owned(), path: path.to_owned() })
    };
    Ok(listed.split('\0').filter_map(file).filter(|file| file.mode != "160000").collect())
}

fn cat(clone: &Path, id: &str) -> Result<Vec<u8>> {
    let output = Command::new("git").args(["cat-file", "blob", id]).current_dir(clone).output()?;
    ensure!(output.status.success(), "{id} cannot be read");
    Ok(output.stdout)
}

/// Quotes a path for `git fast-import`.
fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git").args(arguments).current_dir(folder).output()?;
    ensure!(output.status.success(), "git {arguments:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::{Place, renumbered};

    #[test]
    fn copies_have_their_own_numbers() {
        let copy = |path: &str| Place::of(path).map(|place| place.copy(3).0);
        assert_eq!(copy("keps/sig-node/0752-a/kep.yaml").as_deref(), Some("keps/sig-node/30752-a/kep.yaml"));
        assert_eq!(
            copy("keps/prod-readiness/sig-node/752.yaml").as_deref(),
            Some("keps/prod-readiness/sig-node/30752.yaml")
        );
        for other in [
            "keps/README.md",
            "keps/sig-node/README.md",
            "keps/prod-readiness/OWNERS",
            "keps/NNNN-kep-template/kep.yaml",
        ] {
            assert_eq!(copy(other), None, "{other}");
        }
        assert_eq!(renumbered(b"title: A\nkep-number: 0752\n", 752, 30752), b"title: A\nkep-number: 30752\n");
    }
}
