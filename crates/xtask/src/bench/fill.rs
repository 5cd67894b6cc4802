//! The first fill of a registry, and the refresh of what did not change, beside a bare load loop over the same requests.

use super::{
    bare::{self, Request},
    lab::{CONCURRENCY, Lab},
    registry::Registry,
    running::pause,
    seed::{self, LARGE, Set},
    serving::{REGISTRY, Serving},
    table::{Table, median, megabytes, whole},
};
use crate::Outcome;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Fills, each beside a bare loop over what it asked for.
const PAIRS: usize = 5;
/// Refreshes, each beside the bare conditional HEADs.
const REFRESHES: usize = 3;
/// What was asked for a moment ago is not asked for again: a refresh begins so long after the one before.
const APART: Duration = Duration::from_secs(11);

pub fn measure(table: &mut Table, program: &Path) -> Outcome {
    fill(table, program)?;
    refresh(table, program)
}

fn fill(table: &mut Table, program: &Path) -> Outcome {
    let lab = Lab::set_up(program.to_owned(), Set::Fill)?;
    let connections: usize = CONCURRENCY.parse()?;
    let (mut ours, mut bare, mut counts, mut most) = (Vec::new(), Vec::new(), Vec::new(), 0);
    // The first fills what the registry itself keeps in memory, where each bare loop finds it too.
    one(&lab, &mut most)?;
    for _ in 0..PAIRS {
        let (mark, took) = one(&lab, &mut most)?;
        let asked = lab.registry.asked_since(mark)?;
        #[expect(clippy::cast_precision_loss, reason = "some ten thousand requests")]
        let count = asked.len() as f64;
        ours.push(count / took.as_secs_f64());
        counts.push(count);
        let requests = same(&lab.registry, &asked);
        bare.push(count / bare::run(&lab.registry.address, &requests, connections)?.as_secs_f64());
        eprintln!("  fill: {count} requests in {:.1} s, bare loop {:.0}/s", took.as_secs_f32(), bare[bare.len() - 1]);
    }
    let shares = ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect();
    table.row(
        "first fill of docker-registry, 100 repositories of 100 tags: share of a bare load loop, median of 5 pairs",
        format!(
            "{:.2} ({} of {} requests a second; {} requests)",
            median(shares),
            whole(median(ours)),
            whole(median(bare)),
            whole(median(counts))
        ),
        "≥ 0.8",
    );
    table.row("memory (RssAnon) during a fill, the most that was seen in 5 of them", megabytes(most), "≤ 200 MB");
    Ok(())
}

/// Fills an empty index; gives the place in the registry's log where it begins, and its time. `most`: the most memory seen.
fn one(lab: &Lab, most: &mut u64) -> Outcome<(u64, Duration)> {
    lab.forget()?;
    let mark = lab.registry.mark()?;
    let serving = lab.serve()?;
    let look = || {
        *most = serving.running.anonymous_memory()?.max(*most);
        Ok(())
    };
    let took = lab.registry.busy_while(mark, look, || lab.rests(&serving))?;
    serving.running.end()?;
    Ok((mark, took))
}

fn refresh(table: &mut Table, program: &Path) -> Outcome {
    let lab = Lab::set_up(program.to_owned(), Set::Visits)?;
    let connections: usize = CONCURRENCY.parse()?;
    let mark = lab.registry.mark()?;
    let serving = lab.serve()?;
    let rested = || lab.rests(&serving);
    lab.registry.busy_while(mark, || Ok(()), rested)?;
    let conditional = conditional(&lab.registry)?;
    let (mut shares, mut ours, mut bare, mut heads, mut manifests) = (Vec::new(), Vec::new(), Vec::new(), 0, 0_usize);
    let mut ended = Instant::now();
    for _ in 0..REFRESHES {
        // The bare loop takes a part of that time.
        pause(APART.saturating_sub(ended.elapsed()));
        let mark = lab.registry.mark()?;
        refresh_now(&lab, &serving)?;
        let took = lab.registry.busy_while(mark, || Ok(()), rested)?;
        ended = Instant::now();
        let asked = lab.registry.asked_since(mark)?;
        heads = asked.iter().filter(|(method, _)| method == "HEAD").count();
        let fetched = asked.iter().filter(|(method, url)| method == "GET" && url.contains("/manifests/")).count();
        manifests = manifests.max(fetched);
        #[expect(clippy::cast_precision_loss, reason = "some ten thousand requests")]
        let (count, least) = (asked.len() as f64, conditional.len() as f64);
        ours.push(count / took.as_secs_f64());
        bare.push(least / bare::run(&lab.registry.address, &conditional, connections)?.as_secs_f64());
        shares.push(ours[ours.len() - 1] / bare[bare.len() - 1]);
    }
    table.row(
        "refresh of an unchanged repository of 10,000 tags: share of the bare conditional HEADs, median of 3 pairs",
        format!("{:.2} ({} of {} a second)", median(shares), whole(median(ours)), whole(median(bare))),
        "≥ 0.8",
    );
    table.row("the same: requests", format!("{heads} HEAD, {manifests} GET of manifests"), "no manifest GET at all");
    serving.running.end()
}

/// Asks for a refresh, as the button on the page does.
fn refresh_now(lab: &Lab, serving: &Serving) -> Outcome {
    serving.post("/do/sync-refresh", Some(&lab.cookie), &[("registry", REGISTRY), ("repository", LARGE)])?;
    Ok(())
}

fn same(registry: &Registry, asked: &[(String, String)]) -> Vec<Request> {
    let path = |url: &str| url.strip_prefix(&registry.address).unwrap_or(url).to_owned();
    // What the program asked once about the registry itself is no part of the load.
    let asked = asked.iter().filter(|(_, url)| !url.contains("/_oci/"));
    asked.map(|(method, url)| Request { method: method.clone(), path: path(url), known: None }).collect()
}

/// The HEADs that a refresh can't do without, each with the digest that is known.
fn conditional(registry: &Registry) -> Outcome<Vec<Request>> {
    let request = |number| {
        let tag = seed::tag(number);
        let digest = seed::pointed_to(&registry.data, LARGE, &tag)?;
        Ok(Request {
            method: "HEAD".to_owned(),
            path: format!("/v2/{LARGE}/manifests/{tag}"),
            known: Some(format!("\"{digest}\"")),
        })
    };
    (0..10_000).map(request).collect()
}
