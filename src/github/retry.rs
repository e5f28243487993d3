//! When a request is worth another try, and after how long: a decision without a clock or a network.

use std::time::Duration;

/// How often a request is made at most.
pub(super) const MAX_ATTEMPTS: u32 = 4;

/// The longest that is waited for a rate limit at once. GitHub's primary limit may last an hour, for which nobody
/// waits in front of a log.
const MAX_WAIT: Duration = Duration::from_mins(1);

/// The wait before the second try, which doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The connection broke, or took too long.
    Broken,
    /// There was an answer.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The rate limit, where the answer speaks of one.
        limit: Option<Limit>,
    },
}

/// A rate limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    /// In how many seconds there is room again, when GitHub says so.
    pub(super) seconds: Option<u64>,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Take the answer, or the fault, as it is.
    Take,
    /// Try again after this long.
    After(Duration),
}

/// What to do after the attempt numbered `attempt` (from 1) of a request that may be repeated. `jitter` is a number
/// from 0 to 255 that spreads those who were refused together.
pub(super) fn next(attempt: u32, ended: Ended, jitter: u8) -> Next {
    if attempt >= MAX_ATTEMPTS {
        return Next::Take;
    }
    match ended {
        Ended::Answered { limit: Some(limit), .. } => match limit.seconds.map(Duration::from_secs) {
            // A little later than told, for clocks differ.
            Some(wait) if wait <= MAX_WAIT => Next::After(wait + spread(FIRST_WAIT, jitter)),
            // Whoever is refused without being told for how long is asked to keep away for a minute or longer.
            _ => Next::Take,
        },
        Ended::Answered { status, .. } if status < 500 => Next::Take,
        Ended::Broken | Ended::Answered { .. } => {
            let wait = FIRST_WAIT * 2_u32.pow(attempt - 1);
            Next::After(wait / 2 + spread(wait / 2, jitter))
        }
    }
}

/// From nothing to all of `most`.
fn spread(most: Duration, jitter: u8) -> Duration {
    most * u32::from(jitter) / u32::from(u8::MAX)
}

/// The rate limit that an answer with `status` speaks of: 403 or 429 with no requests remaining, or with a time after
/// which to try again. `now` is in seconds since 1970, as `x-ratelimit-reset` is.
pub(super) fn limit(status: u16, header: impl Fn(&str) -> Option<String>, said: &str, now: u64) -> Option<Limit> {
    if !matches!(status, 403 | 429) {
        return None;
    }
    let number = |name: &str| header(name).and_then(|value| value.trim().parse::<u64>().ok());
    if let Some(seconds) = number("retry-after") {
        return Some(Limit { seconds: Some(seconds) });
    }
    if number("x-ratelimit-remaining") == Some(0) {
        let reset = number("x-ratelimit-reset").map(|reset| reset.saturating_sub(now));
        return Some(Limit { seconds: reset });
    }
    let is_secondary = status == 429 || said.to_lowercase().contains("rate limit");
    is_secondary.then_some(Limit { seconds: None })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Ended, Limit, MAX_ATTEMPTS, Next, limit, next};

    const DOWN: Ended = Ended::Answered { status: 502, limit: None };

    fn limited(seconds: Option<u64>) -> Ended {
        Ended::Answered { status: 429, limit: Some(Limit { seconds }) }
    }

    #[test]
    fn a_server_that_is_down_is_asked_again_ever_later() {
        let waits: Vec<_> = (1..=MAX_ATTEMPTS).map(|attempt| next(attempt, DOWN, 255)).collect();
        let after = |millis| Next::After(Duration::from_millis(millis));
        assert_eq!(waits, [after(200), after(400), after(800), Next::Take]);
        assert_eq!(next(1, Ended::Broken, 0), after(100), "half of it is jitter");
    }

    #[test]
    fn an_answer_is_taken_at_its_word() {
        for status in [200, 304, 401, 403, 404, 422] {
            assert_eq!(next(1, Ended::Answered { status, limit: None }, 0), Next::Take, "{status}");
        }
    }

    #[test]
    fn a_limit_is_waited_for_when_it_is_short() {
        assert_eq!(next(1, limited(Some(3)), 0), Next::After(Duration::from_secs(3)));
        assert_eq!(next(1, limited(Some(61)), 0), Next::Take);
        assert_eq!(next(1, limited(None), 0), Next::Take);
        assert_eq!(next(MAX_ATTEMPTS, limited(Some(0)), 0), Next::Take);
    }

    #[test]
    fn both_kinds_of_limits_are_told_from_a_refusal() {
        let with = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let primary = with(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1100")]);
        assert_eq!(limit(403, primary, "", 1000), Some(Limit { seconds: Some(100) }));
        assert_eq!(limit(403, with(&[("retry-after", "30")]), "", 0), Some(Limit { seconds: Some(30) }));
        assert_eq!(limit(429, with(&[]), "", 0), Some(Limit { seconds: None }));
        let said = "You have exceeded a secondary rate limit.";
        assert_eq!(limit(403, with(&[]), said, 0), Some(Limit { seconds: None }));
        assert_eq!(limit(403, with(&[("x-ratelimit-remaining", "7")]), "Resource not accessible", 0), None);
        assert_eq!(limit(200, with(&[("x-ratelimit-remaining", "0")]), "", 0), None);
    }
}
