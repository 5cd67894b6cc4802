//! How much of a password is left once everything is taken out that a guesser puts together by rule: favourite words
//! (with digits for letters), names, years, walks over the keyboard, sequences and repetitions.

use super::letter;

/// Words that people make passwords of: accounts, what this program is about, and what stands on the desk. Those who
/// guess try them in pairs and triples, with years and signs between.
const WORDS: &str = "admin administrator root user guest test testing demo docker registry password passwort passwd secret welcome \
    login hello changeme change letmein master system server default super harbor wharf wharfinger kubernetes access temp \
    my your our the love iloveyou monkey dragon sunshine princess football baseball please company manager \
    container containers image images repo repository push pull build deploy deployment release cluster node pod podman skopeo \
    containerd helm chart quay artifact artifactory nexus mirror proxy cache cloud devops platform infra internal \
    prod production stage staging dev develop development local localhost host backup database data postgres mysql redis \
    nginx apache linux ubuntu debian centos fedora alpine windows github gitlab jenkins ansible terraform vault grafana \
    monitor monitoring service services account office work home network security private public new old first last pass \
    spring summer autumn fall winter january february march april may june july august september october november december \
    monday tuesday wednesday thursday friday saturday sunday red green blue yellow orange purple black white silver golden \
    qwerty qwertz azerty one two three four five six seven eight nine zero";

/// Where keys lie: of each layout its rows from the top, each key below and a little right of the one above it.
const KEYBOARDS: [[&str; 4]; 4] = [
    ["1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"],
    ["1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm,.-"],
    ["1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn,;:!"],
    ["!@#$%^&*()_+", "", "", ""],
];

/// What one piece is worth, however long it is: there are some hundreds of each kind.
const PIECE: usize = 2;
/// What a repetition of what stands before it is worth.
const AGAIN: usize = 1;

/// How many characters a guesser without rules would have to find: one for each that belongs to no piece, [`PIECE`] for
/// each piece, nothing for what parts words. `names` are pieces too.
pub(super) fn worth(lower: &str, names: &[&str]) -> usize {
    let chars: Vec<char> = lower.chars().collect();
    let mut least: Vec<usize> = vec![usize::MAX; chars.len() + 1];
    least[0] = 0;
    for at in 0..chars.len() {
        let so_far = least[at];
        let mut reach = |length: usize, worth: usize| {
            let to = &mut least[at + length];
            *to = (*to).min(so_far + worth);
        };
        reach(1, usize::from(!is_parting(chars[at])));
        for word in WORDS.split_ascii_whitespace().chain(names.iter().copied()) {
            if let Some(length) = spelled(&chars[at..], word) {
                reach(length, PIECE);
            }
        }
        for length in 3..=run(&chars[at..]) {
            reach(length, PIECE);
        }
        if is_year(&chars[at..]) {
            reach(4, PIECE);
        }
        for length in (2..=at).filter(|length| chars[at..].starts_with(&chars[at - length..at])) {
            reach(length, AGAIN);
        }
    }
    least[chars.len()]
}

fn is_parting(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '.')
}

/// The length of a word that stands at the beginning, plainly or with digits and signs for letters.
fn spelled(chars: &[char], word: &str) -> Option<usize> {
    let mut at = 0;
    for wanted in word.chars() {
        let found = *chars.get(at)?;
        if found != wanted && letter(found) != wanted {
            return None;
        }
        at += 1;
    }
    (at > 1).then_some(at)
}

/// A year that people have lived in, or will soon.
fn is_year(chars: &[char]) -> bool {
    matches!(chars, ['1', '9', c, d, ..] | ['2', '0', c, d, ..] if c.is_ascii_digit() && d.is_ascii_digit())
}

/// How many characters at the beginning are one character again and again, go on by one in their order, or lie in a
/// straight line on a keyboard.
fn run(chars: &[char]) -> usize {
    let along = |step: &dyn Fn(char, char) -> Option<(i32, i32)>| {
        let mut steps = chars.windows(2).map(|pair| step(pair[0], pair[1]));
        let Some(first) = steps.next().flatten() else { return 1 };
        2 + steps.take_while(|step| *step == Some(first)).count()
    };
    let order = |a: char, b: char| {
        let step = i64::from(u32::from(b)) - i64::from(u32::from(a));
        let same_kind =
            a == b || (a.is_ascii_digit() && b.is_ascii_digit()) || (a.is_alphabetic() && b.is_alphabetic());
        (same_kind && step.abs() <= 1).then(|| (i32::try_from(step).unwrap_or(0), 0))
    };
    let walks = KEYBOARDS.iter().map(|keyboard| along(&|a, b| beside(keyboard, a, b))).max();
    along(&order).max(walks.unwrap_or(1))
}

/// The step from a key to one beside, above or below it.
fn beside(keyboard: &[&str; 4], a: char, b: char) -> Option<(i32, i32)> {
    let place = |wanted: char| {
        let mut rows = (0..).zip(keyboard.iter());
        rows.find_map(|(row, keys)| Some(((0..).zip(keys.chars()).find(|(_, key)| *key == wanted)?.0, row)))
    };
    let ((x, y), (to_x, to_y)): ((i32, i32), (i32, i32)) = (place(a)?, place(b)?);
    let step = (to_x - x, to_y - y);
    (step != (0, 0) && step.0.abs() <= 1 && step.1.abs() <= 1).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_kind_of_piece_is_worth_little() {
        for (text, expected) in [
            ("docker", 2),
            ("d0ck3r", 2),
            ("2026", 2),
            ("1987", 2),
            ("2187", 4),
            ("qwertyuiop", 2),
            ("poiuyt", 2),
            ("1qaz", 2),
            ("3edc4rfv", 4),
            ("!@#$%", 2),
            ("efghij", 2),
            ("987654", 2),
            ("$$$$$", 2),
            ("kxvqkxvq", 5),
            ("kxvqkxvqkxvq", 6),
            ("docker-registry_2026", 6),
            ("kxv", 3),
            ("", 0),
        ] {
            assert_eq!(worth(text, &[]), expected, "{text}");
        }
        assert_eq!(worth("lovelace1815", &["lovelace"]), 6);
        assert_eq!(worth("ab", &["ab"]), 2, "a short name takes nothing away");
    }

    #[test]
    fn all_words_can_be_typed_and_none_stands_twice() {
        let words: Vec<_> = WORDS.split_ascii_whitespace().collect();
        let different: std::collections::BTreeSet<_> = words.iter().collect();
        assert_eq!(different.len(), words.len());
        assert!(words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase())));
    }

    proptest! {
        #[test]
        fn a_whole_is_never_worth_more_than_its_parts(text in "[a-z0-9 !-]{0,20}", more in "[a-z0-9!]{0,6}") {
            let both = worth(&[text.as_str(), more.as_str()].concat(), &[]);
            prop_assert!(both <= worth(&text, &[]) + worth(&more, &[]));
            prop_assert!(worth(&text, &[]) <= text.chars().count());
        }

        #[test]
        fn what_comes_by_chance_is_worth_about_its_length(text in "[b-df-hj-np-tv-z0-9]{16}") {
            prop_assert!(worth(&text, &[]) >= 10, "{}", text);
        }
    }
}
