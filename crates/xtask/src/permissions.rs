//! The permission table in README.md: made by the program's own rules, and never older than they are.

use crate::{
    Outcome,
    process::{self, cargo, root},
};
use std::fs;

const BEGIN: &str = "<!-- permissions: written by `cargo xtask permissions` -->";
const END: &str = "<!-- end of permissions -->";

/// Writes the table into README.md.
pub fn command() -> Outcome {
    let file = root().join("README.md");
    let text = fs::read_to_string(&file)?;
    let new = with(&text, &table()?)?;
    if new != text {
        fs::write(&file, new)?;
        println!("README.md has the permissions as they are now");
    }
    Ok(())
}

/// Is the table what the rules say?
pub fn check() -> Outcome {
    let text = fs::read_to_string(root().join("README.md"))?;
    if with(&text, &table()?)? == text {
        Ok(())
    } else {
        Err("the permissions in README.md are not what the rules say; `cargo xtask permissions` writes them anew"
            .into())
    }
}

fn table() -> Outcome<String> {
    process::output(&mut cargo(&["run", "--quiet", "-p", "domain", "--example", "permissions"]))
}

/// The text with this table between the two marks.
fn with(text: &str, table: &str) -> Outcome<String> {
    let (before, rest) = text.split_once(BEGIN).ok_or("README.md has no place for the permissions")?;
    let (_, after) = rest.split_once(END).ok_or("the permissions in README.md have no end")?;
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", table.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_between_its_marks_and_nothing_else_is_touched() {
        let text = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        let new = with(&text, "| new |\n").expect("written");
        assert_eq!(new, format!("a\n{BEGIN}\n\n| new |\n\n{END}\nb\n"));
        assert_eq!(with(&new, "| new |\n").expect("written"), new, "a second time changes nothing");
        assert!(with("no marks", "x").is_err() && with(BEGIN, "x").is_err());
    }
}
