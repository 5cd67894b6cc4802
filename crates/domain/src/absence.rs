//! When what a list lacks, or a registry says that it does not know, may be believed to be gone. Absence is never invented:
//! a list that broke off, is empty or shrank suddenly proves nothing, one list alone never does, and a registry that
//! answers 404 for a great part of what it had may only have lost sight of its storage.

use crate::{Timestamp, text};

/// Two lists without a thing have to lie this many seconds apart, so that one hiccup of a registry does not count twice.
pub const APART: i64 = 60;
/// What was doubted because too much of it was gone at once is believed when a whole list this many seconds later lacks
/// it too, and the registry still answers 404 for it.
pub const CONFIRMED: i64 = 3_600;
/// Up to this many names may leave at once: a clean-up of a small repository is nothing strange.
const FEW: u64 = 10;
/// More than one name in this many that leaves at once is strange.
const SHARE: u64 = 5;

/// A list, compared with what was known before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// How many names it has.
    pub listed: u64,
    /// How many were known.
    pub known: u64,
    /// How many of those it lacks.
    pub lost: u64,
}

/// Why a list is not believed about what it lacks, in a sentence; nothing: it is. `what` names the things: `tags`.
/// `broken` says why it was not read to its end.
pub fn doubt(list: Compared, broken: Option<&str>, what: &str) -> Option<String> {
    let Compared { listed, known, lost } = list;
    if let Some(why) = broken {
        return Some(format!("The list was not read to its end: {}.", why.trim_end_matches('.')));
    }
    if listed == 0 && known > 0 {
        return Some(format!("The list is empty, and {} {what} were known.", text::count(known)));
    }
    let shrunk = lost > FEW && lost.saturating_mul(SHARE) > known;
    shrunk
        .then(|| format!("The list lacks {} of the {} {what} that were known.", text::count(lost), text::count(known)))
}

/// What a registry answered when it was asked for things one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// For how many it was asked.
    pub asked: u64,
    /// For how many of them it answered 404.
    pub gone: u64,
}

/// Why so many 404s are not believed, in a sentence; nothing: they are. `what` names the things: `tags`.
pub fn mass(answers: Asked, what: &str) -> Option<String> {
    let Asked { asked, gone } = answers;
    let strange = gone > FEW && gone > asked / SHARE;
    strange.then(|| {
        let (gone, asked) = (text::count(gone), text::count(asked));
        format!("The registry answers 404 for {gone} of the {asked} {what} it was asked for. Its storage may be missing: they are kept.")
    })
}

/// The same without its numbers, for who sees only some of what was counted.
pub const MASS: &str =
    "The registry answers 404 for very much of what it was asked for. Its storage may be missing: it is kept.";

/// Does this text count a registry's repositories, as [`mass`] does?
pub fn counts_repositories(text: &str) -> bool {
    text.starts_with("The registry answers 404 for ") && text.contains(" repositories it was asked for")
}

/// Is what was doubted `since` then believed now, if nothing but the time is wanting?
pub fn is_confirmed(since: Option<Timestamp>, now: Timestamp) -> bool {
    since.is_some_and(|since| since.plus_seconds(CONFIRMED) <= now)
}

/// Have complete, believed lists lacked a thing for long enough, if the first one did `since` then and the one of `now`
/// does too?
pub fn is_proven(since: Option<Timestamp>, now: Timestamp) -> bool {
    since.is_some_and(|since| since.plus_seconds(APART) <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(listed: u64, known: u64, lost: u64) -> Option<String> {
        doubt(Compared { listed, known, lost }, None, "tags")
    }

    #[test]
    fn a_list_that_lost_a_few_names_is_believed() {
        assert_eq!(of(0, 0, 0), None);
        assert_eq!(of(1, 11, 10), None, "ten may always go");
        assert_eq!(of(80, 100, 20), None, "a fifth");
        assert_eq!(of(500, 100, 0), None);
    }

    #[test]
    fn an_empty_a_shrunken_and_a_broken_list_are_not() {
        assert!(of(0, 1, 1).is_some_and(|why| why.contains("empty")));
        assert!(of(89, 100, 21).is_some_and(|why| why.contains("21 of the 100 tags")));
        assert!(of(100, 100, 100).is_some(), "as many names, all of them others");
        let broken = doubt(Compared { listed: 3, known: 3, lost: 0 }, Some("the connection broke off."), "tags");
        assert_eq!(broken.as_deref(), Some("The list was not read to its end: the connection broke off."));
    }

    #[test]
    fn one_list_is_no_proof_and_two_at_once_are_none_either() {
        let first = Timestamp(1_000_000);
        assert!(!is_proven(None, first));
        assert!(!is_proven(Some(first), first.plus_seconds(APART - 1)));
        assert!(is_proven(Some(first), first.plus_seconds(APART)));
    }

    #[test]
    fn what_counts_a_registry_is_told_from_what_counts_a_repository() {
        let of = |what| mass(Asked { asked: 30, gone: 30 }, what).expect("strange");
        assert!(counts_repositories(&of("repositories")) && !counts_repositories(&of("tags")));
        assert!(!counts_repositories(MASS) && !MASS.contains("30"));
    }

    #[test]
    fn many_404s_at_once_are_not_believed() {
        let table = [
            // Asked, gone, believed.
            (0, 0, true),
            (10, 10, true),
            (11, 11, false),
            (55, 11, true),
            (54, 11, false),
            (1_000, 200, true),
            (1_000, 201, false),
            (u64::MAX, u64::MAX, false),
        ];
        for (asked, gone, believed) in table {
            let doubt = mass(Asked { asked, gone }, "tags");
            assert_eq!(doubt.is_none(), believed, "{gone} of {asked}: {doubt:?}");
        }
        assert!(
            mass(Asked { asked: 40, gone: 40 }, "tags").is_some_and(|why| why.contains("404 for 40 of the 40 tags"))
        );
    }

    #[test]
    fn what_was_doubted_is_believed_only_much_later() {
        let first = Timestamp(1_000_000);
        assert!(!is_confirmed(None, first));
        assert!(!is_confirmed(Some(first), first.plus_seconds(CONFIRMED - 1)));
        assert!(is_confirmed(Some(first), first.plus_seconds(CONFIRMED)));
    }
}
