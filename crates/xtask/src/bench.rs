//! `cargo xtask bench`: measures a release on this machine and prints the rows of the README's table. Only loopback,
//! everything bounded in time, and nothing fails for being slow: the figures are for people to judge.

mod bare;
mod chromium;
mod curl;
mod fill;
mod lab;
mod load;
mod memory;
mod registry;
pub mod running;
mod scale;
mod seed;
mod serving;
mod table;
mod tags;
mod tokens;
mod warmth;
mod wire;
mod wrk;

use crate::{
    Outcome, dist, machine,
    process::{root, target},
};
use lab::Lab;
use seed::Set;
use std::{
    env, fs,
    path::{Path, PathBuf},
};
use table::Table;

/// What can be measured alone.
const PARTS: [(&str, Part); 7] = [
    ("tags", Part::Lab(tags::measure)),
    ("chromium", Part::Lab(chromium::measure)),
    ("wire", Part::Lab(wire::measure)),
    ("memory", Part::Lab(memory::measure)),
    ("fill", Part::Program(fill::measure)),
    ("scale", Part::Program(scale::measure)),
    ("tokens", Part::Program(tokens::measure)),
];

#[derive(Clone, Copy)]
enum Part {
    /// Measured over the registry of [`seed::Set::Visits`].
    Lab(fn(&Lab, &mut Table) -> Outcome),
    /// Sets up for itself what it needs.
    Program(fn(&mut Table, &Path) -> Outcome),
}

pub fn command(arguments: &[String]) -> Outcome {
    let parts = chosen(arguments)?;
    machine::ready_to_bench(parts.iter().any(|(name, _)| *name == "chromium"))?;
    // The browser tests know the same variable: it names a program that is there already.
    let program = match env::var_os("WHARFINGER_BIN") {
        Some(program) => root().join(program),
        None => dist::release(None, Some("bench"))?,
    };
    let mut table = Table::default();
    table.busy_before = running::load_average();
    let mut lab = None;
    for (name, part) in parts {
        eprintln!("\n=== {name}");
        match part {
            Part::Lab(measure) => {
                if lab.is_none() {
                    lab = Some(Lab::set_up(program.clone(), Set::Visits)?);
                }
                measure(lab.as_ref().ok_or("it was just set up")?, &mut table)?;
            }
            Part::Program(measure) => {
                lab = None;
                measure(&mut table, &program)?;
            }
        }
    }
    println!("\n{table}");
    Ok(())
}

fn chosen(arguments: &[String]) -> Outcome<Vec<(&'static str, Part)>> {
    match arguments {
        [] => Ok(PARTS.to_vec()),
        [one] => match PARTS.iter().find(|(name, _)| name == one) {
            Some(part) => Ok(vec![*part]),
            None => Err(format!(
                "there is no part {one:?}; usage: cargo xtask bench [tags|chromium|wire|memory|fill|scale|tokens]"
            )
            .into()),
        },
        _ => Err("usage: cargo xtask bench [tags|chromium|wire|memory|fill|scale|tokens]".into()),
    }
}

/// Where everything is kept that the benchmarks make.
fn folder() -> Outcome<PathBuf> {
    let folder = target().join("bench");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_word_everything_is_measured_and_a_word_chooses() {
        let names = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            chosen(&arguments).map(|parts| parts.iter().map(|(name, _)| *name).collect::<Vec<_>>())
        };
        assert_eq!(names(&[]).expect("all"), ["tags", "chromium", "wire", "memory", "fill", "scale", "tokens"]);
        assert_eq!(names(&["wire"]).expect("one"), ["wire"]);
        assert!(names(&["speed"]).is_err());
    }
}
