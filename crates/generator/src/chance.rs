//! Numbers that look like chance and are the same at each run: figures can be compared only over the same data.

/// A sequence made from a seed (Steele, Lea and Flood's `SplitMix64`).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of a thing, named by numbers: whoever makes the thing again gets the same.
    pub fn of(parts: &[u64]) -> Self {
        let mut chance = Self(0x9e37_79b9_7f4a_7c15);
        for part in parts {
            chance.0 ^= part.wrapping_mul(0xff51_afd7_ed55_8ccd);
            chance.next();
        }
        chance
    }
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }
    /// A number below `end`, the small ones far more often: a few things are popular.
    pub fn popular(&mut self, end: u64) -> u64 {
        let (a, b, c) = (self.below(end), self.below(end), self.below(end));
        a.min(b).min(c)
    }
    /// One of these.
    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let place = self.below(of.len() as u64);
        of[usize::try_from(place).unwrap_or_default()]
    }
    /// One of these, the first ones far more often.
    pub fn one_popular<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let place = self.popular(of.len() as u64);
        of[usize::try_from(place).unwrap_or_default()]
    }
    /// Does it happen, so many times in a hundred?
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_gets_the_same_chances() {
        let draw = |parts: &[u64]| {
            let mut chance = Chance::of(parts);
            [chance.next(), chance.next()]
        };
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
    }
}
