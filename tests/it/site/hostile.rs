//! Text from KEPs stays text.

use std::collections::BTreeSet;

use super::{Site, assert_links_resolve, attributes, pages, site};
use crate::support::{KEP, TestRepo, kep_with, scalar};

/// Text that is dangerous somewhere: as markup, in an attribute, in a link, in a comment, to a reader.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title><style>*{display:none}</style>",
    "--><svg onload=alert(1)>",
    "]]><x/>",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;amp;",
    "` <b>`` </code>",
    "left\u{202e}thgir\u{200b}",
    "../../../../etc/passwd",
];

/// The elements that pages are made of.
const ELEMENTS: &[&str] = &[
    "!DOCTYPE",
    "a",
    "body",
    "caption",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "head",
    "header",
    "html",
    "li",
    "line",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "polyline",
    "progress",
    "rect",
    "section",
    "span",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "ul",
];

/// A repository in which every field of a KEP has such a text.
fn hostile(text: &str) -> TestRepo {
    let repo = TestRepo::repository();
    let value = scalar(text);
    let keys = [
        "title",
        "authors",
        "owning-sig",
        "participating-sigs",
        "status",
        "reviewers",
        "approvers",
        "stage",
        "see-also",
        "latest-milestone",
        "milestone",
        "metrics",
    ];
    for (index, key) in keys.iter().enumerate() {
        let number = (3000 + index).to_string();
        let dir = format!("keps/sig-node/{number}-{key}");
        repo.write(format!("{dir}/kep.yaml"), kep_with(&[("kep-number", &number), (key, &value)]));
        repo.write(format!("{dir}/README.md"), format!("# KEP-{number}: {text}\n\n{text}\n"));
        let prr = format!("kep-number: {number}\nalpha:\n  approver: {value}\n");
        repo.write(format!("keps/prod-readiness/sig-node/{number}.yaml"), prr);
    }
    let folder: String = text.chars().filter(|character| *character != '/').collect();
    repo.write(format!("keps/sig-node/4000-{folder}/kep.yaml"), kep_with(&[("kep-number", "4000")]));
    repo.write(format!("keps/{folder}/4001-x/kep.yaml"), kep_with(&[("kep-number", "4001")]));
    repo.commit();
    repo
}

/// The name of every tag of a page.
fn elements(page: &str) -> BTreeSet<&str> {
    let tags = page.split('<').skip(1).map(|rest| rest.trim_start_matches('/'));
    tags.map(|rest| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '!').next().unwrap()).collect()
}

/// A tag without the values of its attributes, and without what follows it.
fn without_values(tag: &str) -> String {
    let parts = tag.split('"').enumerate().filter(|(index, _)| index % 2 == 0);
    let mut names = String::new();
    for (_, part) in parts {
        names.push_str(part.split('>').next().unwrap());
        if part.contains('>') {
            break;
        }
    }
    names
}

/// The page without the script of the site.
fn without_filter(path: &str, page: &str) -> String {
    let script = format!("<script>{}</script>", include_str!("../../../src/site/filter.js"));
    assert_eq!(page.contains(&script), path == "index.html", "{path}");
    page.replacen(&script, "", 1)
}

fn assert_safe(site: &Site, text: &str) {
    let known: BTreeSet<_> = ELEMENTS.iter().copied().collect();
    for (path, page) in pages(site) {
        let page = &without_filter(path, page);
        let unknown: Vec<_> = elements(page).into_iter().filter(|element| !known.contains(element)).collect();
        assert!(unknown.is_empty(), "{text:?} made {unknown:?} on {path}");
        for href in attributes(page, "href") {
            let is_plain = href.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.-#".contains(&byte));
            assert!(href.starts_with("https://github.com/") || is_plain, "{text:?} made the link {href} on {path}");
        }
        let tags: String = page.split('<').skip(1).map(without_values).collect();
        for word in [" on", "javascript:", "style="] {
            assert!(!tags.to_lowercase().contains(word), "{text:?} made {word:?} on {path}");
        }
        assert!(!page.contains(['\u{202e}', '\u{200b}']), "{text:?} left an invisible character on {path}");
        let (_, policy) = page.split_once("content=\"default-src 'none'; ").unwrap();
        let (policy, _) = policy.split_once('"').unwrap();
        let (script, rest) =
            policy.split_once("; style-src").map_or((None, policy), |(script, _)| (Some(script), policy));
        assert!(rest.ends_with("style-src 'self'; base-uri 'none'; form-action 'none'"), "{policy}");
        assert_eq!(script.is_some_and(|it| it.starts_with("script-src 'sha256-")), path == "index.html", "{policy}");
    }
    for path in site.keys() {
        let is_plain =
            path.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/.-".contains(&byte));
        assert!(is_plain && !path.contains(".."), "{text:?} made the file {path}");
    }
}

#[test]
fn nothing_of_a_hostile_kep_is_alive() {
    for text in HOSTILE {
        let repo = hostile(text);
        let arguments =
            ["--release", "v1.36", "--base-url", "https://keps.example.org", "--repository", "kubernetes/enhancements"];
        let site = site(&repo, &arguments);
        assert_safe(&site, text);
        assert_links_resolve(&site);
        let feed = &site["feed.atom"];
        assert!(!feed.contains("<script") && !feed.contains("<img") && !feed.contains('\u{202e}'), "{feed}");
    }
}

/// A KEP may fill its file, but not the pages.
#[test]
fn long_text_is_cut() {
    let repo = TestRepo::repository();
    let long = "word ".repeat(4_000);
    let handles = vec!["\"@somebody\""; 1_000].join("\n  - ");
    repo.write(KEP, kep_with(&[("title", &scalar(&long)), ("authors", &handles), ("status", &scalar(&long))]));
    repo.commit();
    let site = site(&repo, &["--release", "v1.36", "--base-url", "https://keps.example.org"]);
    for (path, page) in &site {
        assert!(page.len() < 50_000, "{path} has {} bytes", page.len());
    }
    assert!(site["keps/1234.html"].contains(" and 950 more"));
}

/// The checks above can fail.
#[test]
fn markup_and_handlers_are_noticed() {
    assert!(elements("<p><script>").contains("script"));
    assert!(elements("a</code><b>").contains("b"));
    assert_eq!(without_values("p title=\"a onload=b\" onclick=\"c\">d onload=e"), "p title= onclick=");
    assert_eq!(attributes("<a class=\"x\" href=\"javascript:1\">", "href"), ["javascript:1"]);
}
