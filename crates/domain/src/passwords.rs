//! Which passwords are good enough: long, not among those that are tried first, and not put together by their rules.

mod pieces;

use crate::FieldError;

/// The fewest characters.
pub const FEWEST: usize = 12;
/// The most characters.
pub const MOST: usize = 128;
/// What has to be left of a password beside words, years and rows of keys: four such pieces and some are guessed.
const ENOUGH: usize = 10;

/// Checks a new password of the person called `name`; the error belongs to the field `field`.
///
/// # Errors
/// What is wrong with it, in a sentence that says what would be right.
pub fn check(field: &str, password: &str, name: &str) -> Result<(), FieldError> {
    let bad = |why: &str| Err(FieldError::new(field, why));
    let length = password.chars().count();
    if length < FEWEST {
        return bad("A password has at least 12 characters. Four words one can remember do well.");
    }
    if length > MOST {
        return bad("A password has at most 128 characters.");
    }
    let lower = password.to_lowercase();
    let name = name.to_lowercase();
    if lower == name || !core(&name).is_empty() && core(&lower) == core(&name) {
        return bad("The password is the name. Choose another.");
    }
    if is_monotonous(&lower) {
        return bad("The password repeats itself, or is a row of the keyboard. Choose another.");
    }
    if is_common(&lower) {
        return bad("This password is among those that are tried first. Choose another.");
    }
    let names: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() > 2).collect();
    if pieces::worth(&lower, &names) < ENOUGH {
        return bad("The password is made of common words, names, years or rows of the keyboard. Choose another.");
    }
    Ok(())
}

/// What is left of a password without the digits and signs put before and after it.
fn core(lower: &str) -> &str {
    lower.trim_matches(|c: char| !c.is_alphabetic())
}

/// Made of one character or a short piece again and again, or of characters in order, forwards or backwards.
fn is_monotonous(lower: &str) -> bool {
    const ROWS: [&str; 7] = [
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890123456789",
        "qwertyuiop[]",
        "asdfghjkl;'",
        "zxcvbnm,./",
        "qwertzuiop",
        "azertyuiop",
    ];
    let chars: Vec<char> = lower.chars().collect();
    let repeats = |piece: usize| chars.iter().zip(chars.iter().skip(piece)).all(|(a, b)| a == b);
    if (1..=chars.len() / 2).filter(|piece| *piece <= 6).any(repeats) {
        return true;
    }
    // How many steps go along a row: a password of such steps only is a walk, not a secret.
    let rows: Vec<Vec<char>> = ROWS.iter().map(|row| row.chars().collect()).collect();
    let along = |a: char, b: char| {
        a == b
            || rows
                .iter()
                .any(|row| row.windows(2).any(|pair| (pair[0], pair[1]) == (a, b) || (pair[1], pair[0]) == (a, b)))
    };
    let steps = chars.windows(2).filter(|pair| along(pair[0], pair[1])).count();
    steps + 3 >= chars.len()
}

/// Is it a common password, written plainly, with digits and signs around it, or with digits for letters?
fn is_common(lower: &str) -> bool {
    let listed = |text: &str| COMMON.split_ascii_whitespace().any(|common| common == text);
    let plain: String = lower.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '.')).collect();
    let spelled: String = plain.chars().map(letter).collect();
    [plain.as_str(), core(&plain), spelled.as_str(), core(&spelled)].iter().any(|text| listed(text))
        || listed(core(&plain).trim_end_matches(|c: char| !c.is_alphabetic()))
        || twice(core(&plain)).is_some_and(|half| COMMON.split_ascii_whitespace().any(|common| common == half))
        || [core(&plain), core(&spelled)].iter().any(|text| is_short_favourite(text))
}

/// The half of a text that is the same twice.
fn twice(text: &str) -> Option<&str> {
    let (first, second) = text.split_at_checked(text.len() / 2)?;
    (first == second).then_some(first)
}

/// A short favourite with nothing but digits and signs around it, or two in a row: `welcome`, `adminpassword`.
fn is_short_favourite(text: &str) -> bool {
    let short = |text: &str| SHORT.split_ascii_whitespace().any(|common| common == text);
    short(text) || text.char_indices().any(|(at, _)| short(&text[..at]) && short(&text[at..]))
}

fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        other => other,
    }
}

/// Words that are too short to be passwords, but common in pairs and with digits around them.
const SHORT: &str = "admin administrator root user guest test demo docker registry password passwort secret welcome login hello \
    changeme change letmein master qwerty system server default super harbor wharfinger kubernetes access temp my your the \
    love iloveyou monkey dragon sunshine princess football baseball summer winter spring autumn please company manager";

/// Common passwords of eight characters and more, and longer ones as they stand.
const COMMON: &str = include_str!("passwords/common.txt");

#[cfg(test)]
mod tests;
