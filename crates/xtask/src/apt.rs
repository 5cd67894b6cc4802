//! Packages of Debian and Ubuntu, installed without any of their services starting.

use crate::{
    Outcome,
    process::{find, output, program, run},
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

const POLICY: &str = "/usr/sbin/policy-rc.d";
const MARK: &str = "# wharfinger: packages are installed for tests only";

/// As root installs the packages; else says the command and stops.
pub fn install(packages: &[&str]) -> Outcome {
    let names = packages.join(" ");
    let command = format!("apt-get install -y --no-install-recommends {names}");
    if find("apt-get").is_none() {
        return Err(format!("the tests need what Debian calls: {names}").into());
    }
    if !is_root()? {
        return Err(format!("the tests need some packages of the system:\n\n  sudo {command}").into());
    }
    let quiet = Quiet::begin(Path::new(POLICY))?;
    let apt = |arguments: &[&str]| run(program("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    // The lists of a fresh machine are empty or old. If they can't be renewed, what is there may still do.
    if let Err(failure) = apt(&["update", "-q"]) {
        eprintln!("{failure}; going on");
    }
    let outcome = apt(&arguments);
    drop(quiet);
    outcome
}

/// May we install packages?
pub fn is_root() -> Outcome<bool> {
    Ok(output(program("id").arg("-u"))?.trim() == "0")
}

/// While this lives, packages that are installed start no services. What was there before comes back.
struct Quiet {
    policy: PathBuf,
    before: PathBuf,
}

impl Quiet {
    fn begin(policy: &Path) -> Outcome<Quiet> {
        let quiet = Quiet { policy: policy.to_path_buf(), before: policy.with_extension("d.before-wharfinger") };
        // A run that was killed may have left ours in place.
        if fs::read_to_string(policy).is_ok_and(|text| text.contains(MARK)) {
            quiet.restore()?;
        }
        if policy.exists() {
            fs::rename(policy, &quiet.before)?;
        }
        fs::write(policy, format!("#!/bin/sh\n{MARK}\nexit 101\n"))?;
        fs::set_permissions(policy, fs::Permissions::from_mode(0o755))?;
        Ok(quiet)
    }

    fn restore(&self) -> std::io::Result<()> {
        if self.before.exists() { fs::rename(&self.before, &self.policy) } else { fs::remove_file(&self.policy) }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Err(e) = self.restore() {
            eprintln!("{} could not be put back: {e}", self.policy.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("wharfinger-policy-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the test");
        folder
    }

    #[test]
    fn a_policy_that_was_there_comes_back() {
        let folder = folder("kept");
        let policy = folder.join("policy-rc.d");
        fs::write(&policy, "theirs").expect("written");
        let quiet = Quiet::begin(&policy).expect("begun");
        assert!(fs::read_to_string(&policy).expect("ours").ends_with("exit 101\n"));
        // As after a kill: a second one finds ours in place and still knows theirs.
        std::mem::forget(quiet);
        drop(Quiet::begin(&policy).expect("begun again"));
        let after = fs::read_to_string(&policy).expect("theirs");
        fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(after, "theirs");
    }

    #[test]
    fn where_there_was_none_none_is_left() {
        let folder = folder("none");
        let policy = folder.join("policy-rc.d");
        drop(Quiet::begin(&policy).expect("begun"));
        let left = fs::read_dir(&folder).expect("the folder").count();
        fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(left, 0);
    }
}
