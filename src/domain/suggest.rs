//! The nearest known word to one that is not known.

/// The candidate most like `word`, if any is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    ranked(word, candidates).into_iter().next()
}

/// The candidates that are like `word`, best first, three at most.
pub fn ranked<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // Edit distance grows with the square of the length, and no name of ours
    // is this long.
    if word.len() > 100 {
        return Vec::new();
    }
    let folded = fold(word);
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|candidate| (score(&folded, &fold(candidate)), candidate))
        .filter(|(score, _)| *score >= 0.6)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// 1 for the same word, 0 for nothing in common. Half a word (`desc` for
/// `description`) counts as like it.
fn score(word: &str, candidate: &str) -> f64 {
    let edits = strsim::normalized_damerau_levenshtein(word, candidate);
    let prefix = word.len() >= 3 && (candidate.starts_with(word) || word.starts_with(candidate));
    if prefix { edits.max(0.7) } else { edits }
}

fn fold(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_far_off() {
        let keys = ["timeout", "description", "memory", "env", "entry"];
        assert_eq!(nearest("timout", keys), Some("timeout"));
        assert_eq!(nearest("Memory", keys), Some("memory"));
        assert_eq!(nearest("desc", keys), Some("description"));
        assert_eq!(nearest("schedules", keys), None);
        assert_eq!(nearest("", keys), None);
    }
}
