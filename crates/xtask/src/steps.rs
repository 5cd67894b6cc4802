//! Named steps one after the other, each with its time, and a table of them at the end.

use crate::Outcome;
use std::time::{Duration, Instant};

/// The steps so far, and the tests that they counted.
#[derive(Default)]
pub struct Steps {
    done: Vec<(String, Duration)>,
    pub tests: Count,
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
        let started = Instant::now();
        let outcome = work(&mut self.tests);
        self.done.push((name.to_string(), started.elapsed()));
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
        for (name, time) in &self.done {
            let mark = if failed == Some(name.as_str()) { "FAILED" } else { "passed" };
            println!("  {mark}  {:>7.1} s  {name}", time.as_secs_f32());
        }
        let whole: Duration = self.done.iter().map(|(_, time)| *time).sum();
        println!("          {:>7.1} s  together", whole.as_secs_f32());
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
