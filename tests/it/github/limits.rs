//! A check is protected against GitHub moving its commits, listing too much, or taking too long.

use std::time::Duration;

use serde_json::json;

use crate::support::pull_request::{anonymous, command, misspelt, report, topic};
use crate::support::{
    FakeGitHub, KEP, PRR_FILE, Reply, Request, SAMPLE_PRR, Server, TestRepo, kep_with, new_errors, within_bounds,
};

#[test]
fn pull_request_with_too_many_files_is_unchecked() {
    let mut topic = misspelt();
    topic.pull.changed_files = Some(3001);
    let run = within_bounds(&command(TestRepo::new().path(), &topic.hub()));
    let message = report(&run)["error"]["message"].as_str().unwrap().to_owned();
    assert_eq!(run.code, 3);
    assert!(message.contains("changes 3001 files, but GitHub lists at most 3000"), "{message}");
}

/// GitHub lists the latest reviews last, and those decide.
#[test]
fn reviews_are_not_read_in_part() {
    let topic = topic(|repo| {
        let values = [("stage", "beta"), ("milestone", "v1.36\n  beta: v1.37"), ("latest-milestone", "v1.37")];
        repo.write(KEP, kep_with(&values));
        repo.write(PRR_FILE, format!("{SAMPLE_PRR}beta:\n  approver: \"@hedda-rusk\"\n"));
    });
    let review =
        json!({"user": {"login": "x"}, "body": "", "state": "COMMENTED", "submitted_at": "1", "commit_id": null});
    for (count, expected) in [(3000, ""), (3001, "more than 30 pages")] {
        let reviews = Reply::json(&json!(vec![review.clone(); count]));
        let hub = topic.with_override(move |it, _| it.path.ends_with("/pulls/7/reviews").then(|| reviews.clone()));
        let report = report(&within_bounds(&anonymous(TestRepo::new().path(), &hub)));
        let unchecked = report["unchecked"].as_array().unwrap().iter().find(|it| it["rule"] == "prr-not-approved");
        let reason = unchecked.map_or("", |it| it["reason"].as_str().unwrap());
        assert!(reason.contains(expected) && reason.is_empty() == expected.is_empty(), "{count}: {report}");
    }
}

/// The check uses the head from the first answer, even if someone pushes in the meantime.
#[test]
fn push_during_the_check_is_ignored() {
    let topic = misspelt();
    topic.repo.git(&["switch", "--quiet", "topic"]);
    topic.repo.write(KEP, kep_with(&[("title", "Another One")]));
    let moved = topic.repo.commit();
    let (state, head) = (topic.state(), topic.pull.head.clone());
    let hub = FakeGitHub::start(topic.repo.path(), state);
    let shared = std::sync::Arc::clone(&hub.state);
    let front = Server::start({
        let url = hub.server.url.clone();
        move |request| {
            let reply = forward(&url, request);
            shared.lock().unwrap().pulls.get_mut(&7).unwrap().head.clone_from(&moved);
            reply
        }
    });
    let folder = TestRepo::new();
    let mut command = command(folder.path(), &hub);
    let run = within_bounds(command.env("GITHUB_API_URL", &front.url));
    let report = report(&run);
    assert_eq!(new_errors(&report), [("status-invalid", KEP)], "{report}");
    assert_eq!(report["keps"][0]["title"], "Quiet Hours");
    assert_ne!(hub.state.lock().unwrap().pulls[&7].head, head);
}

/// Forwards a request to another server and returns its answer.
fn forward(url: &str, request: &Request) -> Reply {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let mut text = format!("{} {}?{} HTTP/1.1\r\nconnection: close\r\n", request.method, request.path, request.query);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("\r\n{}", request.body));
    stream.write_all(text.as_bytes()).unwrap();
    // The server keeps the connection open, so the answer is as long as its header says.
    let (mut reader, mut answer, mut length) = (BufReader::new(stream), Vec::new(), 0);
    while !answer.ends_with(b"\r\n\r\n") {
        let start = answer.len();
        reader.read_until(b'\n', &mut answer).unwrap();
        let line = String::from_utf8_lossy(&answer[start..]).to_ascii_lowercase();
        length = line.strip_prefix("content-length:").map_or(length, |value| value.trim().parse().unwrap());
    }
    let start = answer.len();
    answer.resize(start + length, 0);
    reader.read_exact(&mut answer[start..]).unwrap();
    Reply::Bytes(answer)
}

#[test]
fn slow_check_exits_with_3_at_the_deadline() {
    let topic = misspelt();
    let hub = topic.with_override(|_, _| Some(Reply::Drip(Duration::from_millis(20))));
    let folder = TestRepo::new();
    let started = std::time::Instant::now();
    let run = within_bounds(command(folder.path(), &hub).args(["--timeout", "1s", "--output", "markdown=summary.md"]));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let report = report(&run);
    assert_eq!((run.code, &report["verdict"]), (3, &json!("unchecked")), "{report}");
    assert!(report["error"]["message"].as_str().unwrap().contains("the check did not finish within 1s"), "{report}");
    assert!(folder.read("summary.md").contains("the check did not finish within 1s"));
}
