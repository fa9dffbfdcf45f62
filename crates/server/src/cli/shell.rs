//! Words as a shell reads them.

/// A word that the shell takes as it is, in quotes if it needs them.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    match word.chars().all(is_plain) && !word.is_empty() {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_where_they_must_be() {
        for (word, expected) in [
            ("http://[::1]:4100", "'http://[::1]:4100'"),
            ("a/b.c", "a/b.c"),
            ("it's *", r"'it'\''s *'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
