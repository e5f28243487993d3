//! Decides whether a request is retried, and when. Pure: no clock, no network.

use std::time::Duration;

/// The maximum number of attempts for one request.
pub(super) const MAX_ATTEMPTS: u32 = 4;

/// The longest single wait for a rate limit. GitHub's primary limit can last an hour, and nobody watches a log for that
/// long.
const MAX_WAIT: Duration = Duration::from_mins(1);

/// The wait before the second attempt. It doubles for each further attempt.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The connection broke or timed out.
    Broken,
    /// There was an answer.
    Answered {
        /// The HTTP status.
        status: u16,
        /// Set if the answer says that a rate limit is reached.
        limit: Option<RateLimit>,
    },
}

/// A rate limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RateLimit {
    /// Seconds until it resets, if GitHub says so.
    pub(super) seconds: Option<u64>,
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Use the result as it is.
    Stop,
    /// Try again after this long.
    RetryAfter(Duration),
}

/// Decides what to do after attempt `number` (from 1) of a request that may be repeated. `jitter` (0 to 255) spreads
/// clients that were refused at the same time.
pub(super) fn decide(number: u32, attempt: Attempt, jitter: u8) -> Decision {
    if number >= MAX_ATTEMPTS {
        return Decision::Stop;
    }
    match attempt {
        Attempt::Answered { limit: Some(limit), .. } => match limit.seconds.map(Duration::from_secs) {
            // A little later than GitHub says, because clocks differ.
            Some(wait) if wait <= MAX_WAIT => Decision::RetryAfter(wait + share(FIRST_WAIT, jitter)),
            // If GitHub gives no time, it asks clients to wait for at least a minute.
            _ => Decision::Stop,
        },
        Attempt::Answered { status, .. } if status < 500 => Decision::Stop,
        Attempt::Broken | Attempt::Answered { .. } => {
            let wait = FIRST_WAIT * 2_u32.pow(number - 1);
            Decision::RetryAfter(wait / 2 + share(wait / 2, jitter))
        }
    }
}

/// The fraction `jitter`/255 of `most`.
fn share(most: Duration, jitter: u8) -> Duration {
    most * u32::from(jitter) / u32::from(u8::MAX)
}

/// Detects a rate limit: status 403 or 429 with no requests remaining, with a time to wait, or with a message that
/// says so. `now` is in seconds since 1970, like `x-ratelimit-reset`. From "Best practices for using the REST API" in
/// GitHub's documentation.
pub(super) fn rate_limit(
    status: u16,
    header: impl Fn(&str) -> Option<String>,
    message: &str,
    now: u64,
) -> Option<RateLimit> {
    if !matches!(status, 403 | 429) {
        return None;
    }
    let number = |name: &str| header(name).and_then(|value| value.trim().parse::<u64>().ok());
    if let Some(seconds) = number("retry-after") {
        return Some(RateLimit { seconds: Some(seconds) });
    }
    if number("x-ratelimit-remaining") == Some(0) {
        let reset = number("x-ratelimit-reset").map(|reset| reset.saturating_sub(now));
        return Some(RateLimit { seconds: reset });
    }
    let is_secondary = status == 429 || message.to_lowercase().contains("rate limit");
    is_secondary.then_some(RateLimit { seconds: None })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Attempt, Decision, MAX_ATTEMPTS, RateLimit, decide, rate_limit};

    const DOWN: Attempt = Attempt::Answered { status: 502, limit: None };

    fn limited(seconds: Option<u64>) -> Attempt {
        Attempt::Answered { status: 429, limit: Some(RateLimit { seconds }) }
    }

    #[test]
    fn waits_double_while_a_server_is_down() {
        let waits: Vec<_> = (1..=MAX_ATTEMPTS).map(|attempt| decide(attempt, DOWN, 255)).collect();
        let after = |millis| Decision::RetryAfter(Duration::from_millis(millis));
        assert_eq!(waits, [after(200), after(400), after(800), Decision::Stop]);
        assert_eq!(decide(1, Attempt::Broken, 0), after(100), "half of it is jitter");
    }

    #[test]
    fn other_answers_are_not_retried() {
        for status in [200, 304, 401, 403, 404, 422, 499] {
            assert_eq!(decide(1, Attempt::Answered { status, limit: None }, 0), Decision::Stop, "{status}");
        }
        for status in [500, 502, 503] {
            let decision = decide(1, Attempt::Answered { status, limit: None }, 0);
            assert!(matches!(decision, Decision::RetryAfter(_)), "{status}");
        }
    }

    #[test]
    fn short_rate_limits_are_waited_for() {
        assert_eq!(decide(1, limited(Some(3)), 0), Decision::RetryAfter(Duration::from_secs(3)));
        assert_eq!(decide(1, limited(Some(61)), 0), Decision::Stop);
        assert_eq!(decide(1, limited(None), 0), Decision::Stop);
        assert_eq!(decide(MAX_ATTEMPTS, limited(Some(0)), 0), Decision::Stop);
    }

    #[test]
    fn rate_limits_are_told_from_missing_permissions() {
        let with = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let primary = with(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1100")]);
        assert_eq!(rate_limit(403, primary, "", 1000), Some(RateLimit { seconds: Some(100) }));
        assert_eq!(rate_limit(403, with(&[("retry-after", "30")]), "", 0), Some(RateLimit { seconds: Some(30) }));
        assert_eq!(rate_limit(429, with(&[]), "", 0), Some(RateLimit { seconds: None }));
        let message = "You have exceeded a secondary rate limit.";
        assert_eq!(rate_limit(403, with(&[]), message, 0), Some(RateLimit { seconds: None }));
        assert_eq!(rate_limit(403, with(&[("x-ratelimit-remaining", "7")]), "Resource not accessible", 0), None);
        assert_eq!(rate_limit(200, with(&[("x-ratelimit-remaining", "0")]), "", 0), None);
    }
}
