//! Programs that a measurement starts: they end with it, however it ends.

use crate::{Outcome, process};
use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a program may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(15);

/// A program that runs. It is killed when this is dropped.
pub struct Running {
    name: String,
    child: Child,
}

impl Running {
    /// Starts it; what it writes goes to the two files (the same one may be given twice).
    pub fn start(command: &mut Command, output: &Path, errors: &Path) -> Outcome<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let file = |path| fs::File::options().create(true).append(true).open(path);
        let child = command
            .stdin(Stdio::null())
            .stdout(file(output)?)
            .stderr(file(errors)?)
            .spawn()
            .map_err(|e| format!("{name} did not start: {e}"))?;
        Ok(Self { name, child })
    }

    /// An error that says so if it has ended.
    pub fn still(&mut self) -> Outcome {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("{} ended ({status})", self.name).into()),
        }
    }

    /// Memory that belongs to no file, in bytes: what the program itself asked for.
    pub fn anonymous_memory(&self) -> Outcome<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        anonymous(&status).ok_or_else(|| "this system does not tell RssAnon".into())
    }

    /// Asks it to end, as a service manager would, and waits.
    pub fn end(mut self) -> Outcome {
        process::program("kill").arg(self.child.id().to_string()).status()?;
        until("the end of a program", PATIENCE, || Ok(self.child.try_wait()?.map(drop)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn anonymous(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// A port that nothing uses at this moment.
pub fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Asks again and again until there is an answer, and says what it waited for when there is none in time.
pub fn until<T>(what: &str, patience: Duration, mut ask: impl FnMut() -> Outcome<Option<T>>) -> Outcome<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if started.elapsed() > patience {
            return Err(format!("waited {} s for {what}", patience.as_secs()).into());
        }
        pause(Duration::from_millis(2));
    }
}

#[expect(clippy::disallowed_methods, reason = "a program without an async runtime that has nothing else to do")]
pub fn pause(time: Duration) {
    thread::sleep(time);
}

/// How many programs wanted to run, on average over the last minute. What else runs here spoils the figures.
pub fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anonymous_memory_is_read_in_bytes() {
        assert_eq!(anonymous("VmRSS:\t   900 kB\nRssAnon:\t     512 kB\nRssFile:\t 9 kB\n"), Some(524_288));
        assert_eq!(anonymous("VmRSS:\t   900 kB\n"), None);
    }
}
