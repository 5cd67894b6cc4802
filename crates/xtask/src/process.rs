//! Starting other programs: always from the root of the workspace, always saying what runs and how it ended.

use crate::Outcome;
use std::{
    env,
    ffi::OsString,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf).unwrap_or_default()
}

/// Where cargo puts what it builds: the person's own choice, else `target`.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The cargo that started us, so that a chosen toolchain stays chosen.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = program(&env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.args(arguments);
    command
}

/// Any program, started in the root of the workspace.
pub fn program(name: &(impl AsRef<std::ffi::OsStr> + ?Sized)) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Runs to the end, with the output on our terminal.
pub fn run(command: &mut Command) -> Outcome {
    let said = said(command);
    eprintln!("+ {said}");
    let status = command.status().map_err(|e| format!("`{said}` did not start: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{said}` failed ({status})").into()) }
}

/// Runs to the end and gives what it wrote; its errors stay on our terminal.
pub fn output(command: &mut Command) -> Outcome<String> {
    let said = said(command);
    let output = command.stderr(Stdio::inherit()).output().map_err(|e| format!("`{said}` did not start: {e}"))?;
    if !output.status.success() {
        return Err(format!("`{said}` failed ({})", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Finds a program in PATH, also where a person's PATH often lacks the folders of system programs.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// PATH with the folders that `find` also looks in, for tests that start system programs by name.
pub fn wide_path() -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
    env::join_paths(folders).unwrap_or(path)
}

/// The command as one would type it, with paths below the root shortened.
fn said(command: &Command) -> String {
    let root = format!("{}/", root().display());
    let name = Path::new(command.get_program());
    // Whose cargo it is says the toolchain; the name is enough here.
    let name = if name.starts_with(&root) { name.as_os_str() } else { name.file_name().unwrap_or_default() };
    std::iter::once(name)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().replace(&root, ""))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs to the end, passes its output on line by line and lets `read` see each.
pub fn read_along(command: &mut Command, mut read: impl FnMut(&str)) -> Outcome {
    read_quietly(command, |line| {
        println!("{line}");
        read(line);
    })
}

/// Runs to the end and lets `read` see each line of its output, which goes nowhere else.
pub fn read_quietly(command: &mut Command, mut read: impl FnMut(&str)) -> Outcome {
    let said = said(command);
    eprintln!("+ {said}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|e| format!("`{said}` did not start: {e}"))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            read(&String::from_utf8_lossy(&line?));
        }
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(format!("`{said}` failed ({status})").into()) }
}
