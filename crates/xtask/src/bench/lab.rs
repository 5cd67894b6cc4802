//! The program with somebody signed in and a registry connected, ready to be measured.

use super::{
    curl, folder,
    registry::Registry,
    seed::Set,
    serving::{self, REGISTRY, Serving},
};
use crate::{Outcome, process::target};
use std::{fs, path::PathBuf};

/// As many requests are sent to the registry at once.
pub const CONCURRENCY: &str = "8";

/// Everything that a measurement starts from.
pub struct Lab {
    pub registry: Registry,
    /// A header that says who is signed in.
    pub cookie: String,
    token: String,
    program: PathBuf,
    data: PathBuf,
}

impl Lab {
    /// Starts the registry, makes a data directory with a person and a connection in it, and signs in.
    pub fn set_up(program: PathBuf, set: Set) -> Outcome<Self> {
        let registry = Registry::start(set)?;
        let folder = folder()?;
        let data = folder.join("data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::write(folder.join("wharfinger.log"), "")?;
        let mut lab = Self { registry, cookie: String::new(), token: String::new(), program, data };
        let serving = lab.serve()?;
        lab.cookie = serving::sign_in(&serving)?;
        lab.token = serving::token(&lab.program, &lab.data)?;
        let answer = serving.post(
            "/do/registry-add",
            Some(&lab.cookie),
            &[
                ("name", REGISTRY),
                ("address", &lab.registry.address),
                ("sign_in", "none"),
                ("trust", "system"),
                ("concurrency", CONCURRENCY),
            ],
        )?;
        if !answer.header("location").is_some_and(|to| to.contains("saved=added")) {
            return Err(format!("the registry could not be added:\n{}", answer.head).into());
        }
        serving.running.end()?;
        Ok(lab)
    }

    /// Starts the program over what is in the data directory.
    pub fn serve(&self) -> Outcome<Serving> {
        serving::serve(&self.program, &self.data)
    }

    /// Forgets what was read from the registry, as if it had never been looked at.
    pub fn forget(&self) -> Outcome {
        for entry in fs::read_dir(&self.data)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("index.db") {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Does the program say that everything there is to read was read?
    pub fn rests(&self, serving: &Serving) -> Outcome<bool> {
        let url = format!("{}/api/v1/registries/{REGISTRY}/sync", serving.root);
        let answer = curl::ask(&url, &[format!("Authorization: Bearer {}", self.token)], &[])?;
        Ok(answer.text().contains("\"state\":\"resting\""))
    }

    /// Waits until everything was read, and nothing is asked behind the pages any more.
    pub fn wait_for_rest(&self, serving: &Serving) -> Outcome {
        self.registry.until_left_alone(|| Ok(()), || self.rests(serving)).map(drop)
    }

    /// Looks at a repository until everything that reads by itself is read.
    pub fn warm(&self, serving: &Serving, repository: &str) -> Outcome {
        self.page(serving, repository)?;
        self.wait_for_rest(serving)?;
        let page = self.page(serving, repository)?;
        let rows = page.matches("name=\"pick\"").count();
        if rows != 50 || page.contains("not read yet") {
            return Err(format!("the page of {repository} has {rows} rows, and they should be 50 that are read").into());
        }
        Ok(())
    }

    fn page(&self, serving: &Serving, repository: &str) -> Outcome<String> {
        Ok(curl::ask(&serving.page(repository), &self.headers(), &[])?.text())
    }

    /// What a browser says with each page.
    pub fn headers(&self) -> Vec<String> {
        vec![self.cookie.clone(), "Accept: text/html,application/xhtml+xml".to_owned()]
    }

    /// The names of the release's assets by their roles.
    pub fn assets() -> Outcome<Vec<(String, PathBuf)>> {
        let folder = target().join("site/release");
        let list = fs::read_to_string(folder.join("assets.txt"))?;
        Ok(list
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(role, name)| (role.to_owned(), folder.join(name)))
            .collect())
    }
}
