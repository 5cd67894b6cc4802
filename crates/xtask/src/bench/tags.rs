//! The tags page under load, beside the same rows as JSON and beside a handler that does nothing.

use super::{
    lab::Lab,
    seed::{LARGE, SMALL},
    table::{Table, median, whole},
    wrk::{self, Load},
};
use crate::Outcome;

const SECONDS: u32 = 5;
/// Everything is measured this often in turns, so that what else the machine does falls on all.
const ROUNDS: usize = 3;

pub fn measure(lab: &Lab, table: &mut Table) -> Outcome {
    let serving = lab.serve()?;
    lab.warm(&serving, SMALL)?;
    lab.warm(&serving, LARGE)?;
    let plain = lab.headers();
    let brotli = [plain.clone(), vec!["Accept-Encoding: br".to_owned()]].concat();
    let subjects = [
        (serving.page(SMALL), &plain),
        (serving.json(SMALL), &plain),
        (format!("{}/bench/hello", serving.root), &plain),
        (serving.page(SMALL), &brotli),
        (serving.page(LARGE), &plain),
    ];
    let mut loads: [Vec<Load>; 5] = Default::default();
    for _ in 0..ROUNDS {
        for ((url, headers), loads) in subjects.iter().zip(&mut loads) {
            loads.push(wrk::load(url, headers, SECONDS)?);
        }
    }
    let [page, json, hello, compressed, large] = loads.map(|loads| middle(&loads));
    table.row("tags page (50 rows, warm, signed in), HTML pages a second", whole(page.per_second), "≥ 800");
    table.row("the same, p50 and p99", format!("{:.1} ms and {:.1} ms", page.p50, page.p99), "");
    table.row(
        "the same, compared with these rows as JSON",
        format!("{:.2} ({} a second)", page.per_second / json.per_second, whole(json.per_second)),
        "≥ 0.4",
    );
    table.row(
        "the same, compared with a bare axum handler",
        format!("{:.3} ({} a second)", page.per_second / hello.per_second, whole(hello.per_second)),
        "for scale",
    );
    table.row("the same, compressed with brotli", format!("{} a second", whole(compressed.per_second)), "");
    table.row("the same, of a repository with 10,000 tags", format!("{} a second", whole(large.per_second)), "");
    serving.running.end()
}

fn middle(loads: &[Load]) -> Load {
    let of = |figure: fn(&Load) -> f64| median(loads.iter().map(figure).collect());
    Load { per_second: of(|l| l.per_second), p50: of(|l| l.p50), p99: of(|l| l.p99) }
}
