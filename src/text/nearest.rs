//! Finds the most similar word, for suggestions.

/// The candidate nearest to `word`, when one is near enough to be worth a suggestion.
///
/// Case, `_` and spaces against `-` count for nothing; otherwise at most one edit in three characters
/// (a transposition is one edit). The first of equally near candidates wins, so the answer is deterministic.
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
