//! A repository of 10,000 tags in a real browser: how soon the first row is seen, and what the registry is asked.

use super::{
    curl, folder,
    lab::Lab,
    running::pause,
    seed::{LARGE, MANIFEST},
    serving::Serving,
    table::{Table, kilobytes, median, milliseconds, whole},
};
use crate::{Outcome, machine};
use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Stdio},
    time::Duration,
};

const FIRST_VISITS: usize = 3;
const SECOND_VISITS: usize = 5;
/// For so long the program believes what it read, and asks the registry nothing; a second visit comes later than that.
const FRESH: Duration = Duration::from_secs(11);

/// What one visit came to.
struct Visit {
    /// Milliseconds until the first row was painted.
    first_row: f64,
    /// Bytes that the browser received until then.
    bytes: u64,
    /// What the registry was asked until then; the reading of all the rest goes on behind the page.
    asked: Vec<(String, String)>,
    /// Milliseconds that curl takes for the same.
    curl: f64,
}

pub fn measure(lab: &Lab, table: &mut Table) -> Outcome {
    let mut browser = Browser::start(&lab.cookie)?;
    let mut firsts = Vec::new();
    let mut seconds = Vec::new();
    for round in 1..=FIRST_VISITS {
        lab.forget()?;
        let serving = lab.serve()?;
        firsts.push(visit(lab, &serving, &mut browser, "first")?);
        if round == FIRST_VISITS {
            for _ in 0..SECOND_VISITS {
                pause(FRESH);
                seconds.push(visit(lab, &serving, &mut browser, "again")?);
            }
        }
        serving.running.end()?;
    }
    report(table, "first visit", &firsts, "");
    report(table, "second visit", &seconds, "≤ 300 ms");
    Ok(())
}

fn visit(lab: &Lab, serving: &Serving, browser: &mut Browser, which: &str) -> Outcome<Visit> {
    let mark = lab.registry.mark()?;
    let (first_row, bytes) = browser.visit(which, &serving.page(LARGE))?;
    let asked = lab.registry.asked_since(mark)?;
    lab.wait_for_rest(serving)?;
    let accept = format!("{MANIFEST}, application/json, */*");
    let times = (0..3).map(|_| Ok(milliseconds(curl::replay(&asked, &accept)?))).collect::<Outcome<Vec<f64>>>()?;
    eprintln!("  {which}: {first_row:.0} ms, {} requests", asked.len());
    Ok(Visit { first_row, bytes, asked, curl: median(times) })
}

fn report(table: &mut Table, which: &str, visits: &[Visit], goal: &str) {
    let of = |figure: &dyn Fn(&Visit) -> f64| median(visits.iter().map(figure).collect());
    let first_row = of(&|visit| visit.first_row);
    let curl = of(&|visit| visit.curl);
    table.row(
        &format!("10,000 tags in Chromium, {which}: to the first row"),
        format!("{first_row:.0} ms ({:.2} of curl's {curl:.0} ms for the same requests)", first_row / curl),
        goal,
    );
    let count = |method: &str| {
        #[expect(clippy::cast_precision_loss, reason = "some hundred requests")]
        let count = |visit: &Visit| visit.asked.iter().filter(|(own, _)| own == method).count() as f64;
        whole(of(&count))
    };
    let bytes = visits.last().map_or(0, |visit| visit.bytes);
    table.row(
        &format!("the same, {which}: requests to the registry until then; received by the browser"),
        format!("{} GET, {} HEAD; {}", count("GET"), count("HEAD"), kilobytes(bytes)),
        "",
    );
}

/// A Chromium that waits for addresses to visit; it ends with this.
struct Browser {
    node: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Browser {
    fn start(cookie: &str) -> Outcome<Self> {
        let errors = fs::File::create(folder()?.join("chromium.log"))?;
        let mut command = machine::end2end("node");
        command.arg("bench.mjs").env("COOKIE", cookie.trim_start_matches("Cookie: "));
        if let Some(chromium) = machine::chromium() {
            command.env("CHROMIUM", chromium);
        }
        let mut node = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(|e| format!("node did not start: {e}"))?;
        let output = BufReader::new(node.stdout.take().ok_or("node has no output")?);
        Ok(Self { input: node.stdin.take(), output, node })
    }

    /// Visits the address; `first` in a browser that was never there. Milliseconds to the first row, and bytes.
    fn visit(&mut self, which: &str, url: &str) -> Outcome<(f64, u64)> {
        let input = self.input.as_mut().ok_or("node is not listening")?;
        writeln!(input, "{which} {url}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let mut words = line.split_whitespace();
        match (words.next().map(str::parse), words.next().map(str::parse)) {
            (Some(Ok(time)), Some(Ok(bytes))) => Ok((time, bytes)),
            _ => Err("the browser did not get to the first row; see target/bench/chromium.log".into()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without input it closes the browser and ends; its output ends with it.
        drop(self.input.take());
        _ = std::io::copy(&mut self.output, &mut std::io::sink());
        _ = self.node.wait();
    }
}
