//! Growth as a line: a pure function from points to what is drawn, a sentence that says the finding, and a table for
//! whoever reads figures.

use super::Bytes;
use crate::context::page_time;
use domain::{Timestamp, text};
use leptos::prelude::*;

/// The drawing's size, in its own units.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 150.0;
/// Parts of the scale.
const PARTS: u64 = 4;
/// As many rows has the table of figures; of more points some are left out, never the last.
const ROWS: usize = 53;

/// How much there was at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// How many bytes.
    pub bytes: u64,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The line, as SVG takes it.
    pub points: String,
    /// The marks of the scale, the highest first.
    pub scale: Vec<String>,
    /// The times below, the earliest first.
    pub axis: Vec<String>,
    /// What it shows, in a sentence.
    pub finding: String,
}

/// Draws points in the order of their times; fewer than two, or all of one time, are no line.
pub fn draw(points: &[Point], now: Timestamp) -> Option<Drawn> {
    let (first, last) = (points.first()?, points.last()?);
    let span = last.at.0.checked_sub(first.at.0).filter(|span| *span > 0)?;
    let top = round_up(points.iter().map(|point| point.bytes).max().unwrap_or_default());
    let place = |point: &Point| {
        let x = share(point.at.0.saturating_sub(first.at.0).unsigned_abs(), span.unsigned_abs()) * WIDTH;
        let y = HEIGHT - share(point.bytes, top) * HEIGHT;
        format!("{x:.1},{y:.1}")
    };
    let line: Vec<String> = points.iter().map(place).collect();
    // Round numbers need no places.
    let mark = |n| text::bytes_text(top / PARTS * n).replace(".00 ", " ").replace(".0 ", " ");
    let scale = (0..=PARTS).rev().map(mark).collect();
    let axis = (0..=4).map(|n| text::date(Timestamp(first.at.0 + span / 4 * n), now)).collect();
    Some(Drawn { points: line.join(" "), scale, axis, finding: finding(points, *first, *last, now) })
}

/// The next round number that four parts divide well: 4, 8, 12, 20 or 40 times a power of ten or of a thousand.
fn round_up(most: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for times in [4, 8, 12, 20, 32] {
            let round = unit.saturating_mul(times);
            if round >= most {
                return round;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

#[expect(clippy::cast_precision_loss, reason = "places on a drawing")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64).clamp(0.0, 1.0) }
}

fn finding(points: &[Point], first: Point, last: Point, now: Timestamp) -> String {
    let since = text::date(first.at, now);
    let (from, to) = (text::bytes_text(first.bytes), text::bytes_text(last.bytes));
    let highest = points.iter().max_by_key(|point| point.bytes).copied().unwrap_or(last);
    let verb = match first.bytes.cmp(&last.bytes) {
        std::cmp::Ordering::Less => format!("grew from {from} on {since} to {to}"),
        std::cmp::Ordering::Equal => format!("are {to}, as on {since}"),
        std::cmp::Ordering::Greater => format!("shrank from {from} on {since} to {to}"),
    };
    let peak = (highest.bytes > first.bytes.max(last.bytes))
        .then(|| format!(" The most were {} on {}.", text::bytes_text(highest.bytes), text::date(highest.at, now)));
    format!("Stored bytes {verb}.{}", peak.unwrap_or_default())
}

/// Some of the points: the last of each stretch.
fn some(points: &[Point]) -> Vec<Point> {
    let step = points.len().div_ceil(ROWS).max(1);
    let mut some: Vec<Point> = points.iter().rev().step_by(step).copied().collect();
    some.truncate(ROWS);
    some
}

/// How stored bytes grew: a chart with its sentence and its figures. Of less than two days there is none yet.
#[component]
pub fn Growth(
    /// A point a day at most, the first one first.
    points: Vec<Point>,
    /// The heading.
    #[prop(into)]
    heading: String,
) -> impl IntoView {
    let drawn = draw(&points, page_time());
    let rows = some(&points);
    view! {
        <section class="stack" aria-labelledby="growth">
            <h2 id="growth">{heading}</h2>
            {match drawn {
                None => view! {
                    <p class="note">"Once a day a sample is kept. The chart begins when there are samples of two days."</p>
                }.into_any(),
                Some(drawn) => view! {
                    <figure class="chart">
                        <div class="scale" aria-hidden="true">{drawn.scale.into_iter().map(|mark| view! { <span>{mark}</span> }).collect_view()}</div>
                        <svg viewBox="0 0 1000 150" preserveAspectRatio="none" role="img" aria-label=drawn.finding.clone()>
                            <path class="grid" d="M0 0H1000M0 37.5H1000M0 75H1000M0 112.5H1000"></path>
                            <polyline class="line" points=drawn.points></polyline>
                            <path class="base" d="M0 150H1000"></path>
                        </svg>
                        <div class="axis" aria-hidden="true">{drawn.axis.into_iter().map(|mark| view! { <span>{mark}</span> }).collect_view()}</div>
                    </figure>
                    <p class="note">{drawn.finding}</p>
                    <details>
                        <summary>"Figures"</summary>
                        <table>
                            <thead><tr><th scope="col">"Day"</th><th scope="col" class="num">"Stored"</th></tr></thead>
                            <tbody>{rows.into_iter().map(|point| view! {
                                <tr><th scope="row">{point.at.utc().chars().take(10).collect::<String>()}</th><td class="num"><Bytes count=point.bytes/></td></tr>
                            }).collect_view()}</tbody>
                        </table>
                    </details>
                }.into_any(),
            }}
        </section>
    }
}

/// A share of a whole, as a bar that nobody need see: the figure stands beside it.
#[component]
pub fn Bar(
    /// The part.
    part: u64,
    /// The whole.
    whole: u64,
    /// Is it the one to look at?
    #[prop(optional)]
    accent: bool,
) -> impl IntoView {
    let width = format!("{:.0}", (share(part, whole) * 100.0).max(if part > 0 { 1.0 } else { 0.0 }));
    view! {
        <svg class="bar" data-tone=accent.then_some("accent") viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width=width height="8"></rect></svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400 * 1_000_000;
    const NOW: Timestamp = Timestamp(20_000 * DAY);

    fn points(of: &[(i64, u64)]) -> Vec<Point> {
        of.iter().map(|(day, bytes)| Point { at: Timestamp(day * DAY), bytes: *bytes }).collect()
    }

    #[test]
    fn a_line_goes_from_edge_to_edge_and_stays_inside() {
        let drawn = draw(&points(&[(19_000, 0), (19_500, 4_000), (20_000, 2_000)]), NOW).expect("a line");
        assert_eq!(drawn.points, "0.0,150.0 500.0,0.0 1000.0,75.0");
        assert_eq!(drawn.scale, ["4 kB", "3 kB", "2 kB", "1 kB", "0 B"].map(String::from));
        assert_eq!(drawn.axis.len(), 5);
    }

    #[test]
    fn the_finding_says_what_happened_and_when_it_was_most() {
        let told = |of: &[(i64, u64)]| draw(&points(of), NOW).expect("a line").finding;
        let grew = told(&[(19_990, 1_000), (20_000, 3_000)]);
        assert!(grew.starts_with("Stored bytes grew from 1.00 kB on") && grew.ends_with("to 3.00 kB."), "{grew}");
        let fell = told(&[(19_990, 3_000), (19_995, 9_000), (20_000, 1_000)]);
        assert!(fell.contains("shrank from 3.00 kB") && fell.contains("The most were 9.00 kB"), "{fell}");
        assert!(told(&[(19_990, 5), (20_000, 5)]).contains("are 5 B, as on"));
    }

    #[test]
    fn one_day_is_no_line_and_nothing_is_drawn_flat() {
        assert_eq!(draw(&points(&[(20_000, 5)]), NOW), None);
        assert_eq!(draw(&points(&[(20_000, 5), (20_000, 6)]), NOW), None);
        assert_eq!(draw(&[], NOW), None);
        let empty = draw(&points(&[(19_999, 0), (20_000, 0)]), NOW).expect("a line");
        assert_eq!(empty.points, "0.0,150.0 1000.0,150.0");
        assert!(draw(&points(&[(19_999, u64::MAX), (20_000, 0)]), NOW).is_some(), "the largest number there is");
    }

    #[test]
    fn the_table_has_the_newest_first_and_never_too_many_rows() {
        let many: Vec<(i64, u64)> = (0..400_i64).map(|n| (n, n.unsigned_abs())).collect();
        let rows = some(&points(&many));
        assert!(rows.len() <= ROWS && rows[0].bytes == 399, "{}", rows.len());
        assert_eq!(some(&points(&[(1, 1), (2, 2)])).len(), 2);
    }
}
