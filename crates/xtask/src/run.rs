//! `cargo xtask run`: from a fresh clone to the demo in the browser.

use crate::{
    Outcome, machine,
    process::{self, cargo, program, target},
    site,
};
use std::{path::PathBuf, process::Command};

pub fn command(arguments: &[String]) -> Outcome {
    machine::ready_to_build()?;
    let server = build()?;
    become_program(program(&server).args(serve(arguments)))
}

/// Builds both halves for development and says where the program is.
pub fn build() -> Outcome<PathBuf> {
    site::build(false)?;
    process::run(&mut cargo(&["build", "-p", "server"]))?;
    Ok(target().join("debug/wharfinger"))
}

/// The arguments of the demo, except where the person says otherwise. A command instead of a flag is taken as it is:
/// `cargo xtask run serve --data-dir data` starts without the demo.
pub fn serve(own: &[String]) -> Vec<String> {
    let own = own.strip_prefix(&["--".to_string()]).unwrap_or(own);
    if own.first().is_some_and(|first| !first.starts_with('-')) {
        return own.to_vec();
    }
    let says = |flag: &str| own.iter().any(|word| word.split('=').next() == Some(flag));
    let mut arguments = vec!["serve".to_string()];
    if !says("--demo") {
        arguments.push("--demo".into());
    }
    if !says("--listen") {
        arguments.extend(["--listen".into(), "127.0.0.1:3000".into()]);
    }
    if !says("--data-dir") {
        arguments.extend(["--data-dir".into(), target().join("demo-data").display().to_string()]);
    }
    arguments.extend_from_slice(own);
    arguments
}

/// Puts the program in our place, so that it gets Ctrl-C itself and ends as it likes.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    let failure = command.exec();
    Err(format!("{} did not start: {failure}", command.get_program().display()).into())
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Outcome {
    process::run(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn the_demo_is_the_default() {
        let arguments = serve(&[]).join(" ");
        assert!(arguments.starts_with("serve --demo --listen 127.0.0.1:3000 --data-dir "), "{arguments}");
    }

    #[test]
    fn what_a_person_says_wins_and_is_said_once() {
        let arguments = serve(&words("-- --listen=[::]:80 --data-dir x"));
        assert_eq!(arguments, words("serve --demo --listen=[::]:80 --data-dir x"));
    }

    #[test]
    fn another_command_is_taken_as_it_is() {
        assert_eq!(serve(&words("admin create ann")), words("admin create ann"));
    }
}
