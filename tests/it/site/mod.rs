//! `kepgate site`: the pages, read as a browser would.

mod approvals;
mod arguments;
mod corpus;
mod hostile;
mod pages;
mod projects;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{KEP, PRR_FILE, SAMPLE_PRR, TestRepo, kep_with, kepgate, run};

/// The files of a site, by path.
type Site = BTreeMap<String, String>;

/// Writes a site of the repository to a new folder and reads it.
fn site(repo: &TestRepo, arguments: &[&str]) -> Site {
    written_by(kepgate(repo.path()).arg("site").args(arguments))
}

/// The same at another time.
fn site_at(repo: &TestRepo, now: &str) -> Site {
    written_by(kepgate(repo.path()).env("KEPGATE_NOW", now).arg("site"))
}

fn written_by(command: &mut Command) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("site");
    let (code, stdout, stderr) = run(command.arg("--to").arg(&to));
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    read(&to)
}

/// Reads the pages of a site.
fn read(folder: &Path) -> Site {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut site = Site::new();
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if !name.starts_with('.') {
                site.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    site
}

/// A repository whose KEPs are at several statuses and stages, with a history of several commits.
fn repository() -> TestRepo {
    let repo = TestRepo::repository();
    let add = |number: &str, slug: &str, values: &[(&str, &str)], has_prr: bool| {
        let dir = format!("keps/sig-node/{number}-{slug}");
        let kep = kep_with(&[&[("kep-number", number), ("title", slug)], values].concat());
        repo.write(format!("{dir}/kep.yaml"), kep);
        repo.write(format!("{dir}/README.md"), format!("# KEP-{number}: {slug}\n"));
        if has_prr {
            repo.write(format!("keps/prod-readiness/sig-node/{number}.yaml"), SAMPLE_PRR.replace("1234", number));
        }
    };
    add("2000", "dusk", &[("status", "provisional")], true);
    add("2001", "dawn", &[], false);
    add("2002", "noon", &[("status", "implemented"), ("latest-milestone", "v1.34"), ("milestone", "v1.34")], true);
    repo.commit();
    repo.write(KEP, kep_with(&[("latest-milestone", "v1.35"), ("milestone", "v1.35")]));
    repo.write(PRR_FILE, SAMPLE_PRR.replace("petra-solm", "hedda-rusk"));
    repo.commit();
    repo
}

/// The values of an attribute in a page, with references decoded.
fn attributes<'p>(page: &'p str, name: &str) -> Vec<String> {
    let starts = format!(" {name}=\"");
    let values = page.split(&starts).skip(1).filter_map(|rest: &'p str| rest.split('"').next());
    values.map(|value| value.replace("&amp;", "&")).collect()
}

/// The path of a link on the page at `from`, without its fragment.
fn resolve(from: &str, link: &str) -> String {
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for part in link.split('/') {
        match part {
            ".." => assert!(folders.pop().is_some(), "{from}: {link}"),
            name => folders.push(name),
        }
    }
    folders.join("/")
}

/// The pages, without other files.
fn pages(site: &Site) -> impl Iterator<Item = (&String, &String)> {
    site.iter().filter(|(_, text)| text.starts_with("<!DOCTYPE html>"))
}

/// Fails if a link of a page leads to a page or a place that does not exist.
fn assert_links_resolve(site: &Site) {
    let mut count = 0;
    for (path, page) in pages(site) {
        for link in attributes(page, "href").iter().filter(|link| !link.starts_with("https://")) {
            let (target, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if target.is_empty() { path.clone() } else { resolve(path, target) };
            let found = site.get(&target).unwrap_or_else(|| panic!("{path}: {link} leads to {target}"));
            let ids: BTreeSet<_> = attributes(found, "id").into_iter().collect();
            assert!(fragment.is_empty() || ids.contains(fragment), "{path}: {link}");
            count += 1;
        }
        let ids = attributes(page, "id");
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{path}: an id occurs twice: {ids:?}");
    }
    assert!(count > 20, "{count}");
}

/// The number in the element with this id.
fn number(page: &str, id: &str) -> u64 {
    let start = format!(" id=\"{id}\">");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("{id} is not on the page"));
    rest.split('<').next().unwrap().parse().unwrap()
}
