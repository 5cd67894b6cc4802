//! Named steps one after the other, each with its time, and a table of them at the end.

use crate::Outcome;
use std::{
    fs,
    time::{Duration, Instant},
};

/// The steps so far, and the tests that they counted.
#[derive(Default)]
pub struct Steps {
    done: Vec<Done>,
    pub tests: Count,
}

/// A step that ended, and what it took.
struct Done {
    name: String,
    time: Duration,
    /// Of all processors together; where the system does not tell, none.
    processor: Duration,
}

/// How many tests did what.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count {
    pub passed: u32,
    pub failed: u32,
}

impl Steps {
    /// Does a step; the first that fails ends it all.
    pub fn step(&mut self, name: &str, work: impl FnOnce(&mut Count) -> Outcome) -> Outcome {
        eprintln!("\n=== {name}");
        let (started, before) = (Instant::now(), processor());
        let outcome = work(&mut self.tests);
        let (time, processor) = (started.elapsed(), processor().saturating_sub(before));
        self.done.push(Done { name: name.to_string(), time, processor });
        outcome.map_err(|failure| {
            self.report(Some(name));
            format!("step \"{name}\" failed: {failure}").into()
        })
    }

    /// All went well: says so.
    pub fn finish(&self) {
        self.report(None);
    }

    fn report(&self, failed: Option<&str>) {
        println!();
        let line = |mark: &str, time: Duration, processor: Duration, name: &str| {
            println!("  {mark:6}  {:>7.1} s  {:>9.1} s  {name}", time.as_secs_f32(), processor.as_secs_f32());
        };
        println!("               time  processors  step");
        for Done { name, time, processor } in &self.done {
            line(if failed == Some(name.as_str()) { "FAILED" } else { "passed" }, *time, *processor, name);
        }
        let sum = |of: fn(&Done) -> Duration| self.done.iter().map(of).sum();
        line("", sum(|done| done.time), sum(|done| done.processor), "together");
        let failures = u32::from(failed.is_some());
        println!("steps: {} passed, {failures} failed", self.done.len() - failures as usize);
        println!("wharfinger: {} passed, {} failed", self.tests.passed, self.tests.failed);
    }
}

impl Count {
    /// Adds what a line of `cargo test` or of Playwright's list says, if it is one that counts.
    pub fn read(&mut self, line: &str) {
        let line = plain(line);
        let line = line.trim();
        if let Some(result) = line.strip_prefix("test result:") {
            // test result: ok. 12 passed; 0 failed; 0 ignored; …
            for part in result.split([';', '.']) {
                self.add(part.trim());
            }
        } else if line.split_whitespace().count() <= 3 {
            // 28 passed (1.2m) / 1 failed / 2 flaky
            self.add(line);
        }
    }

    fn add(&mut self, part: &str) {
        let mut words = part.split_whitespace();
        let (Some(Ok(number)), Some(word)) = (words.next().map(str::parse::<u32>), words.next()) else { return };
        match word {
            "passed" | "flaky" => self.passed += number,
            "failed" | "interrupted" => self.failed += number,
            _ => {}
        }
    }
}

/// What programs that we started, and that have ended, took of the processors. Others running here make a step longer, not
/// this. Linux tells it, in hundredths of a second.
fn processor() -> Duration {
    let told = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    Duration::from_millis(10 * hundredths(&told).unwrap_or_default())
}

/// The sixteenth and the seventeenth word; the second is a name in parentheses, which may hold anything.
fn hundredths(told: &str) -> Option<u64> {
    let mut words = told.rsplit_once(") ")?.1.split(' ').skip(13);
    Some(words.next()?.parse::<u64>().ok()? + words.next()?.parse::<u64>().ok()?)
}

/// The line without terminal colours.
fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("\u{1b}[") {
        out.push_str(&rest[..at]);
        rest = rest[at..].find('m').map_or("", |end| &rest[at + end + 1..]);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_children_took_of_the_processors_is_read() {
        let told = "42 (a) name) S 1 2 3 4 5 6 7 8 9 10 11 12 130 7 20 0 1 0 99";
        assert_eq!(hundredths(told), Some(137));
        assert_eq!(hundredths(""), None);
    }

    #[test]
    fn the_results_of_cargo_and_of_playwright_are_counted() {
        let mut count = Count::default();
        count.read("test names::tests::a_name_is_read ... ok");
        count.read("test result: \u{1b}[32mok\u{1b}(B. 12 passed; 1 failed; 3 ignored; 0 measured; finished in 0.01s");
        count.read("  28 passed (1.2m)");
        count.read("  2 failed");
        count.read("    3 passed the harbour at noon");
        assert_eq!(count, Count { passed: 40, failed: 3 });
    }
}
