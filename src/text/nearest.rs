//! Finds the most similar word, for suggestions.

/// The candidate most similar to `word`, if it is similar enough to suggest.
///
/// Case is ignored, and `_` and spaces are the same as `-`. At most one edit is allowed for every three characters of
/// the candidate (a transposition is one edit). Of equally similar candidates the first wins, so the result is
/// deterministic.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = normalise(word);
    if wanted.is_empty() || wanted.len() > 64 {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &normalise(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn normalise(word: &str) -> String {
    word.trim().to_lowercase().replace(['_', ' '], "-")
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typos_case_and_underscores_are_near() {
        assert_eq!(nearest("implementeable", ["provisional", "implementable", "implemented"]), Some("implementable"));
        assert_eq!(nearest("Stage", ["status", "stage"]), Some("stage"));
        assert_eq!(nearest("latest_milestone", ["milestone", "latest-milestone"]), Some("latest-milestone"));
    }

    #[test]
    fn another_word_is_not_near() {
        assert_eq!(nearest("superseded", ["provisional", "implementable", "implemented"]), None);
        assert_eq!(nearest("", ["stage"]), None);
    }
}
