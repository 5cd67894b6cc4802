//! What a key means: a pure table, so that it can be read and tested without a browser.

/// How long `g` waits for the letter after it, in milliseconds.
const SEQUENCE: f64 = 1_000.0;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    Search,
    Help,
    /// To the link of the rail that carries this letter.
    Go(char),
    /// To the next (1) or the previous (-1) row.
    Row(i32),
    Pick,
    CopyDigest,
    Filter,
    Newer,
    Older,
}

impl Stroke {
    /// May a key that is held down repeat it?
    pub fn repeats(self) -> bool {
        matches!(self, Self::Row(_))
    }
}

/// Remembers a `g` for a second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strokes {
    g_at: Option<f64>,
}

impl Strokes {
    /// Reads one key, pressed at `at` milliseconds.
    pub fn read(&mut self, key: &str, at: f64) -> Option<Stroke> {
        let after_g = self.g_at.take().is_some_and(|g| at - g <= SEQUENCE);
        match key {
            "o" | "r" | "a" | "c" | "l" if after_g => key.chars().next().map(Stroke::Go),
            "g" => {
                self.g_at = Some(at);
                None
            }
            "/" => Some(Stroke::Search),
            "?" => Some(Stroke::Help),
            "j" => Some(Stroke::Row(1)),
            "k" => Some(Stroke::Row(-1)),
            "x" => Some(Stroke::Pick),
            "y" => Some(Stroke::CopyDigest),
            "f" => Some(Stroke::Filter),
            "[" => Some(Stroke::Newer),
            "]" => Some(Stroke::Older),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g_and_a_letter_within_a_second_go_somewhere() {
        let mut keys = Strokes::default();
        assert_eq!(keys.read("g", 5_000.0), None);
        assert_eq!(keys.read("c", 5_900.0), Some(Stroke::Go('c')));
        assert_eq!(keys.read("c", 5_901.0), None, "a letter alone goes nowhere");
    }

    #[test]
    fn a_letter_that_comes_too_late_goes_nowhere() {
        let mut keys = Strokes::default();
        keys.read("g", 5_000.0);
        assert_eq!(keys.read("o", 6_001.0), None);
    }

    #[test]
    fn another_key_ends_the_sequence_and_keeps_its_own_meaning() {
        let mut keys = Strokes::default();
        keys.read("g", 0.0);
        assert_eq!(keys.read("j", 10.0), Some(Stroke::Row(1)));
        assert_eq!(keys.read("a", 20.0), None);
        keys.read("g", 30.0);
        keys.read("g", 900.0);
        assert_eq!(keys.read("l", 1_800.0), Some(Stroke::Go('l')), "the second g counts");
    }

    #[test]
    fn only_moving_repeats_while_a_key_is_held() {
        let mut keys = Strokes::default();
        let repeating = ["/", "?", "j", "k", "x", "y", "f", "[", "]"]
            .into_iter()
            .filter(|key| keys.read(key, 0.0).expect("every key of the table means something").repeats());
        assert_eq!(repeating.collect::<Vec<_>>(), ["j", "k"]);
    }

    #[test]
    fn capitals_mean_nothing() {
        let mut keys = Strokes::default();
        assert_eq!(keys.read("J", 0.0), None);
        assert_eq!(keys.read("Enter", 0.0), None);
    }
}
