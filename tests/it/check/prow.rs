//! kepgate as a Prow job.

use serde_json::json;

use crate::check::action::{Project, Step, project, short};

#[test]
fn prow_job_writes_text_and_junit() {
    let project = project();
    let Project { repo, base, head, merge } = &project;
    let artifacts = repo.write(".git/artifacts/x", "");
    let artifacts = artifacts.parent().unwrap().to_str().unwrap();
    let other = {
        repo.git(&["switch", "--quiet", "--create", "other", "main"]);
        repo.write("keps/sig-apps/79-third/README.md", "# Third\n");
        repo.commit()
    };
    repo.git(&["switch", "--quiet", "--create", "batch", "merge"]);
    repo.git(&["merge", "--quiet", "--no-ff", "--message=.", "other"]);
    let batch = repo.id("HEAD");
    let refs = format!("main:{base},7:{head},8:{other}");
    let variables = [("PULL_BASE_SHA", base.as_str()), ("PULL_REFS", &refs), ("ARTIFACTS", artifacts)];
    let ended = Step::prow(repo, &variables).run();
    let line =
        format!("kepgate: a batch of pull requests #7, #8: the merged tree {} against {}", short(&batch), short(base));
    assert_eq!((ended.run.code, ended.run.stderr.trim_end()), (1, line.as_str()));
    assert!(ended.run.stdout.starts_with("KEP-79\n\nerror[metadata-missing]: "), "{}", ended.run.stdout);
    assert!(ended.run.stdout.contains("error[status-invalid]: "), "{}", ended.run.stdout);
    let cases = repo.read(".git/artifacts/junit_kepgate.xml");
    assert!(cases.contains("<testsuite name=\"keps/sig-node/1234-quiet-hours\""), "{cases}");

    // One pull request, merged or not, and a batch without its merge commit.
    let spec = json!({"type": "presubmit", "refs": {"base_sha": base, "pulls": [{"number": 7, "sha": head}]}});
    for (branch, what, tip) in [("merge", "the merged tree", merge), ("topic", "its tip", head)] {
        repo.git(&["switch", "--quiet", branch]);
        let ended = Step::prow(repo, &[("JOB_SPEC", &spec.to_string())]).run();
        let start = format!("kepgate: pull request #7: {what} {} against {}", short(tip), short(base));
        assert!(ended.run.stderr.starts_with(&start), "{}", ended.run.stderr);
        assert_eq!(ended.run.code, 1);
    }
    let ended = Step::prow(repo, &variables).run();
    assert_eq!(ended.run.code, 3);
    assert!(ended.run.stdout.contains("does not contain every pull request of the batch"), "{}", ended.run.stdout);
    // A postsubmit compares the merged commit with its parent; a periodic job checks the whole tree.
    repo.git(&["switch", "--quiet", "merge"]);
    assert_eq!(Step::prow(repo, &[("PULL_BASE_SHA", merge), ("JOB_TYPE", "postsubmit")]).run().run.code, 1);
    let swept = Step::prow(repo, &[("JOB_SPEC", r#"{"type":"periodic"}"#)]).run();
    assert_eq!(swept.run.code, 0);
    assert!(swept.run.stdout.contains("field-missing"), "{}", swept.run.stdout);
}
