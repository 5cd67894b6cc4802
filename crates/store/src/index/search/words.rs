//! What people type, as the index of words takes it: three characters at a time. Nothing in it is a wildcard.

/// Any part of a name is found from so many characters on; less finds whole names and their beginnings.
pub const SHORTEST: usize = 3;

/// So many groups of three characters are asked for: the rest of a long text is compared afterwards anyway.
const MOST: usize = 40;

/// The expression that finds what has every three characters of these texts, in any case; `None` if all are too short.
/// What it finds is still to be compared: the groups may stand in another order. Letters seldom do, so that texts without a
/// digit are asked for as in [`words_apart`]; the digits of versions often do.
pub(super) fn words(texts: &[&str]) -> Option<String> {
    let digits = texts.iter().any(|text| text.contains(|c: char| c.is_ascii_digit()));
    groups(texts, if digits { 1 } else { SHORTEST })
}

/// [`words`] side by side instead of at every character: each character is looked for once, so that less is read and a little
/// more is found.
pub(in crate::index) fn words_apart(texts: &[&str]) -> Option<String> {
    groups(texts, SHORTEST)
}

/// Three characters at every `step`, and the last three.
fn groups(texts: &[&str], step: usize) -> Option<String> {
    let mut groups = Vec::new();
    for text in texts {
        let characters: Vec<char> = text.chars().filter(|c| *c != '\0').collect();
        let Some(last) = characters.len().checked_sub(SHORTEST) else { continue };
        for from in (0..last).step_by(step).chain([last]) {
            let group: String = characters[from..from + SHORTEST].iter().collect();
            let quoted = format!("\"{}\"", group.replace('"', "\"\""));
            if !groups.contains(&quoted) {
                groups.push(quoted);
            }
        }
    }
    groups.truncate(MOST);
    (!groups.is_empty()).then(|| groups.join(" AND "))
}

/// The first text that no longer begins with `text`.
pub(super) fn after(text: &str) -> String {
    format!("{text}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_asked_for_three_characters_at_a_time() {
        assert_eq!(words(&["web"]).as_deref(), Some("\"web\""));
        assert_eq!(words(&["team"]).as_deref(), Some("\"tea\" AND \"eam\""));
        assert_eq!(words(&["v1.2.3"]).as_deref(), Some("\"v1.\" AND \"1.2\" AND \".2.\" AND \"2.3\""));
        assert_eq!(words(&["gateway"]), words_apart(&["gateway"]), "letters are asked for once");
        assert_eq!(words(&["aaaa", "aaa"]).as_deref(), Some("\"aaa\""));
        assert_eq!(words(&["a\"b*"]).as_deref(), Some("\"a\"\"b\" AND \"\"\"b*\""));
        assert_eq!(words(&["äöü"]).as_deref(), Some("\"äöü\""));
        assert_eq!(words(&["ab", ""]), None);
    }

    #[test]
    fn side_by_side_each_character_is_asked_for_once_and_the_end_too() {
        assert_eq!(words_apart(&["web"]).as_deref(), Some("\"web\""));
        assert_eq!(words_apart(&["0.14-al"]).as_deref(), Some("\"0.1\" AND \"4-a\" AND \"-al\""));
        assert_eq!(words_apart(&["alpine", "v1."]).as_deref(), Some("\"alp\" AND \"ine\" AND \"v1.\""));
        assert_eq!(words_apart(&["ab", ""]), None);
    }
}
