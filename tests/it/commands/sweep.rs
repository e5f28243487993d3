//! `kepgate readiness --sweep`: KEPs with outdated metadata.

use serde_json::Value;

use crate::support::{KEP, PRR_FILE, TestRepo, kep_with, kepgate, run};

#[test]
fn sweep_lists_keps_with_outdated_metadata() {
    let repo = TestRepo::repository();
    let lags = |values: &[(&str, &str)], at: &str| {
        repo.write(KEP, kep_with(values));
        let mut command = kepgate(repo.path());
        command.args(["readiness", "--sweep", "--output", "json"]).env("KEPGATE_NOW", at);
        let (code, stdout, stderr) = run(&mut command);
        assert_eq!((code, stderr.as_str()), (0, ""));
        let list: Value = serde_json::from_str(&stdout).unwrap();
        let mut command = kepgate(repo.path());
        let status = run(command.args(["status", "1234", "--output", "json"]).env("KEPGATE_NOW", at)).1;
        let status: Value = serde_json::from_str(&status).unwrap();
        let of = |list: &Value| {
            let entries = list.as_array().unwrap().iter();
            entries.map(|it| (it["lag"].clone(), it["what"].clone())).collect::<Vec<_>>()
        };
        // A status reports the others as findings.
        let is_finding = |lag: &Value| ["unclear", "still-provisional"].iter().any(|known| lag == known);
        let listed: Vec<_> = of(&list).into_iter().filter(|(lag, _)| !is_finding(lag)).collect();
        assert_eq!(of(&status["outdated"]), listed, "the status of a KEP says the same");
        let entries = list.as_array().unwrap().iter();
        entries.map(|it| (it["lag"].as_str().unwrap().to_owned(), it["days"].as_u64())).collect::<Vec<_>>()
    };
    let lag = |key: &str, days| vec![(key.to_owned(), days)];
    let stable = [("stage", "stable"), ("milestone", "v1.33\n  stable: v1.34"), ("latest-milestone", "v1.34")];
    // v1.34 was released on 2025-08-27, a day that ended at noon UTC of the next day.
    assert_eq!(lags(&stable, "2025-08-28T11:59Z"), []);
    assert_eq!(lags(&stable, "2025-09-07T12:00Z"), lag("not-implemented", Some(10)));
    assert_eq!(lags(&[&stable[..], &[("status", "implemented")]].concat(), "2025-09-07"), []);
    let planned = [("milestone", "v1.33\n  beta: v1.34"), ("latest-milestone", "v1.33")];
    // The Enhancements Freeze of v1.34 was at 2025-06-20 21:00 UTC.
    assert_eq!(lags(&planned, "2025-06-20T20:59Z"), []);
    assert_eq!(lags(&planned, "2025-06-30"), lag("milestone-passed", Some(10)));
    let explained = [&planned[..], &[("stage", "alpha # beta waits for another KEP, see #7")]].concat();
    assert_eq!(lags(&explained, "2025-06-30"), lag("explained", Some(10)));
    assert_eq!(lags(&[("status", "provisional")], "2025-09-07"), lag("still-provisional", None));
    for misspelled in [("status", "implementeable"), ("stage", "Alfa"), ("status", ""), ("stage", "")] {
        assert_eq!(lags(&[misspelled], "2025-09-07"), lag("unclear", None), "{misspelled:?}");
    }
    assert_eq!(lags(&[("status", "withdrawn"), ("stage", "Alfa")], "2025-09-07"), []);
    repo.remove(PRR_FILE);
    assert_eq!(lags(&[("status", "provisional")], "2025-09-07"), []);
}

/// The calendar does not have the dates of old releases, but these KEPs lag the most.
#[test]
fn the_oldest_come_first_even_without_a_date() {
    let repo = TestRepo::repository();
    for (number, planned) in [("2001", "v1.34"), ("2002", "v1.20"), ("2003", "v1.33"), ("2004", "v1.19")] {
        let milestone = format!("v1.18\n  beta: {planned}");
        let values = [("kep-number", number), ("milestone", milestone.as_str()), ("latest-milestone", "v1.18")];
        repo.write(format!("keps/sig-node/{number}-nap/kep.yaml"), kep_with(&values));
    }
    repo.write("keps/sig-node/2005-nap/kep.yaml", kep_with(&[("kep-number", "2005"), ("status", "done")]));
    let mut command = kepgate(repo.path());
    command.args(["readiness", "--sweep", "--output", "json"]).env("KEPGATE_NOW", "2025-09-07");
    let list: Value = serde_json::from_str(&run(&mut command).1).unwrap();
    let numbers: Vec<_> = list.as_array().unwrap().iter().map(|kep| kep["kep"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [2004, 2002, 2003, 2001, 2005]);
}

#[test]
fn sweep_compares_feature_gates_with_kubernetes() {
    let repo = TestRepo::repository();
    let lags = |values: &[(&str, &str)], stages: &str, at: &str| {
        repo.write(KEP, kep_with(values));
        repo.write("lists.yaml", format!("kubernetes: v1.35\nfeature-gates:\n  QuietHours: {stages}\nmetrics: []\n"));
        let mut command = kepgate(repo.path());
        command.args(["readiness", "--sweep", "--kubernetes-lists", "lists.yaml", "--output", "json"]);
        let (code, stdout, stderr) = run(command.env("KEPGATE_NOW", at));
        assert_eq!((code, stderr.as_str()), (0, ""));
        let list: Value = serde_json::from_str(&stdout).unwrap();
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
        let entries = list.as_array().unwrap().iter();
        entries.map(|it| (text(it, "lag"), text(it, "what"), it["days"].as_u64().unwrap())).collect::<Vec<_>>()
    };
    let beta = [("stage", "beta"), ("milestone", "v1.34\n  beta: v1.35"), ("latest-milestone", "v1.35")];
    // The Code Freeze of v1.35 was on 2025-11-07 at 12:00 UTC.
    assert_eq!(lags(&beta, "Alpha 1.34", "2025-11-07T11:59Z"), []);
    assert_eq!(
        lags(&beta, "Alpha 1.34", "2025-11-17T12:00Z"),
        [(
            "gate-behind".into(),
            "`QuietHours` is alpha since v1.34 in Kubernetes v1.35, not beta since v1.35".into(),
            10
        )]
    );
    let mut command = kepgate(repo.path());
    command.args(["readiness", "--sweep", "--kubernetes-lists", "lists.yaml"]).env("KEPGATE_NOW", "2025-11-17T12:00Z");
    let (_, text, _) = run(&mut command);
    assert!(text.contains("1 KEP with outdated metadata: 1 gate-behind"), "{text}");
    assert_eq!(lags(&beta, "Alpha 1.34, Beta 1.35", "2025-12-01"), []);
    assert_eq!(lags(&[&beta[..], &[("status", "implemented")]].concat(), "Alpha 1.34", "2025-12-01"), []);
    // v1.35 was released on 2025-12-17.
    assert_eq!(
        lags(&beta, "Alpha 1.34, GA 1.35", "2025-12-28T12:00Z"),
        [("gate-ahead".into(), "`QuietHours` is generally available since v1.35, but `stage` is beta".into(), 10)]
    );
}

#[test]
fn sweep_reports_releases_without_dates() {
    let repo = TestRepo::repository();
    repo.write(
        KEP,
        kep_with(&[("stage", "stable"), ("milestone", "v1.36\n  stable: v1.40"), ("latest-milestone", "v1.40")]),
    );
    let (code, _, stderr) = run(kepgate(repo.path()).args(["readiness", "--sweep"]).env("KEPGATE_NOW", "2027-09-01"));
    assert_eq!(code, 3);
    assert!(stderr.contains("the calendar does not say whether v1.40 is frozen or out"), "{stderr}");
}
