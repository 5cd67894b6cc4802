//! The figures as rows of a table in Markdown.

use std::{fmt, time::Duration};

/// The rows so far.
#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 3]>,
    /// The load of the machine when measuring began.
    pub busy_before: Option<f64>,
}

impl Table {
    /// Adds a row: what was measured, the figures, and what is to be reached.
    pub fn row(&mut self, what: &str, figures: impl Into<String>, goal: &str) {
        let figures = figures.into();
        eprintln!("{what}: {figures}");
        self.rows.push([what.into(), figures, goal.into()]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | measured | to reach |\n|---|---|---|")?;
        for [what, figures, goal] in &self.rows {
            writeln!(f, "| {what} | {figures} | {goal} |")?;
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let load = self.busy_before.map(|load| format!(", load {load:.1} before")).unwrap_or_default();
        writeln!(f, "\nEverything on the same {cores} cores: program, registry, browser and what measures{load}.")
    }
}

/// The one in the middle; of an even number the mean of the two there.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

/// `1,234`
pub fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Thousands of bytes.
#[expect(clippy::cast_precision_loss, reason = "a size for a person to read")]
pub fn kilobytes(bytes: u64) -> String {
    format!("{} KB", whole(bytes as f64 / 1e3))
}

/// Millions of bytes.
#[expect(clippy::cast_precision_loss, reason = "a size for a person to read")]
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_order_and_outliers() {
        assert!((median(vec![9000.0, 1.0, 3.0]) - 3.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 90.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!(whole(7.0), "7");
        assert_eq!(whole(999.6), "1,000");
        assert_eq!(whole(1_234_567.0), "1,234,567");
    }

    #[test]
    fn a_row_is_a_line_of_markdown() {
        let mut table = Table::default();
        table.row("pages", "9 a second", "≥ 8");
        assert!(table.to_string().contains("\n| pages | 9 a second | ≥ 8 |\n"));
    }
}
