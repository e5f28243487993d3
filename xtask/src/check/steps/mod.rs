//! The steps of the check.

mod cargo;
mod fuzz;
mod image;
mod judges;
mod rust;
mod tools;

use super::{Cost, Step};

const fn step(
    name: &'static str,
    about: &'static str,
    needs: &'static [&'static str],
    cost: Cost,
    run: fn(&mut super::job::Job<'_>) -> anyhow::Result<super::Outcome>,
) -> Step {
    Step { name, about, needs, cost, run }
}

/// Every step, after the steps that it needs. If several can start, the first one does: the image, because its last
/// minutes keep only one core busy, and then the tests, which take longest. The other Cargo steps need the clone, so
/// that they do not start before the tests.
pub(super) static STEPS: &[Step] = &[
    step("clone", "clone the repository", &[], Cost::Compute, rust::clone),
    step("python", "install the tools that come from PyPI", &[], Cost::Download, tools::python),
    step("node", "install the tools that come from npm", &[], Cost::Download, tools::node),
    step("docker", "find or start a Docker engine with the base images", &[], Cost::Download, tools::docker),
    step("image", "build the image", &["docker"], Cost::Compute, image::build),
    step("demo", "the README's first command, in the clone", &["clone"], Cost::Cargo, rust::demo),
    step("tests", "the README's test command, in the clone", &["demo"], Cost::Cargo, rust::tests),
    step("fuzz-build", "build the fuzz targets", &["demo"], Cost::Cargo, fuzz::build),
    step("clippy", "lints of every crate", &["clone"], Cost::Cargo, cargo::clippy),
    step("docs", "build the API documentation", &["clone"], Cost::Cargo, cargo::docs),
    step("scaffold", "a new rule's scaffold builds", &["clone"], Cost::Cargo, cargo::scaffold),
    step("package", "the package for crates.io builds", &["clone"], Cost::Cargo, cargo::package),
    step("xtask", "unit tests of xtask", &["clone"], Cost::Cargo, cargo::xtask),
    step("fmt", "formatting of every Rust file", &[], Cost::Compute, cargo::fmt),
    step("deny", "licenses, sources and versions of dependencies", &["python"], Cost::Compute, judges::deny),
    step("links", "links between the pages of the documentation", &["python"], Cost::Compute, judges::links),
    step("workflows", "actionlint, zizmor and action-validator", &["python", "node"], Cost::Compute, judges::workflows),
    step("schemas", "reports match their schemas", &["python", "node", "demo"], Cost::Compute, judges::schemas),
    step(
        "documents",
        "`kepgate schema`, lists, the calendar and keps.json",
        &["python", "demo"],
        Cost::Compute,
        judges::documents,
    ),
    step(
        "escaping",
        "escaping and events match GitHub's own",
        &["python", "node", "demo"],
        Cost::Compute,
        judges::escaping,
    ),
    step(
        "site",
        "pages of the site are valid HTML, accessible in a browser, and their links resolve",
        &["python", "node", "demo"],
        Cost::Compute,
        judges::site,
    ),
    step("api", "requests match GitHub's API description", &["node", "tests"], Cost::Compute, judges::api),
    step("container", "the image, as GitHub Actions and Prow run it", &["image"], Cost::Compute, image::container),
    step("act", "the documented workflow, in act", &["image", "python"], Cost::Compute, image::act),
    step("fuzz", "the fuzz targets: seeds, then a fixed number of inputs", &["fuzz-build"], Cost::Compute, fuzz::run),
];
