//! Memory at rest and under load, and how soon a start is ready.

use super::{
    lab::Lab,
    running::pause,
    seed::SMALL,
    table::{Table, median, megabytes, milliseconds},
    wrk,
};
use crate::Outcome;
use std::{thread, time::Duration};

const STARTS: usize = 5;
const LOAD: u32 = 10;
/// Between work and the look at rest: allocators give back late.
const REST: Duration = Duration::from_secs(10);

pub fn measure(lab: &Lab, table: &mut Table) -> Outcome {
    // What one looks at is read first: by a program that is then measured for that, too.
    lab.forget()?;
    let serving = lab.serve()?;
    lab.warm(&serving, SMALL)?;
    pause(REST);
    let read = serving.running.anonymous_memory()?;
    serving.running.end()?;

    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let serving = lab.serve()?;
        starts.push(milliseconds(serving.took));
        serving.running.end()?;
    }
    table.row("start to ready, with a data directory", format!("{:.0} ms", median(starts)), "≤ 1 s");

    let serving = lab.serve()?;
    lab.warm(&serving, SMALL)?;
    pause(Duration::from_secs(2));
    let rest = serving.running.anonymous_memory()?;
    let (url, headers) = (serving.page(SMALL), lab.headers());
    let loading = thread::spawn(move || wrk::load(&url, &headers, LOAD).map_err(|e| e.to_string()));
    let mut most = 0;
    while !loading.is_finished() {
        most = most.max(serving.running.anonymous_memory()?);
        pause(Duration::from_millis(20));
    }
    loading.join().map_err(|_| "wrk could not be waited for")??;
    pause(REST);
    let after = serving.running.anonymous_memory()?;
    table.row("memory (RssAnon) at rest, after some pages", megabytes(rest), "≤ 60 MB");
    table.row("the same, ten seconds after it read the registry for the first time", megabytes(read), "≤ 60 MB");
    table.row(
        "memory (RssAnon) under load, and ten seconds later",
        format!("{} and {}", megabytes(most), megabytes(after)),
        "",
    );
    serving.running.end()
}
