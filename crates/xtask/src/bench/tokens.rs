//! Tokens for registries, with 10, 1,000 and 100,000 grants: at saturation, at a steady rate, beside passwords, and how soon a
//! revoked secret is refused.

use super::{
    curl, folder,
    load::{self, Asked, Pace, Went},
    running::pause,
    serving::{self, Serving},
    table::{Table, megabytes, milliseconds, whole},
    wrk,
};
use crate::{
    Outcome,
    process::{self, root},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Another number makes other data.
const EDITION: u32 = 2;
const GRANTS: [usize; 3] = [10, 1_000, 100_000];
const TIME: Duration = Duration::from_secs(5);
/// Connections at saturation, and at a steady rate (as many as may wait at once).
const BUSY: usize = 16;
const WAITING: usize = 64;
/// At the steady rate, and beside passwords.
const STEADY: u32 = 2_500;
const BESIDE: u32 = 1_000;

/// What the generator printed: who may ask.
struct Known {
    service: String,
    /// User name and secret, and the number of the team whose repositories they may push to.
    asking: Vec<(String, String, usize)>,
    password: String,
}

pub fn measure(table: &mut Table, program: &Path) -> Outcome {
    let mut rates = Vec::new();
    for grants in GRANTS {
        let (data, known) = made(grants)?;
        let serving = serving::serve(program, &data)?;
        let host = serving.root.trim_start_matches("http://").to_owned();
        let requests = known.requests(&host);
        let asked = Asked { host: &host, requests: &requests, status: "200" };
        load::run(&asked, Pace::Saturating, BUSY, Duration::from_secs(1))?;
        let most = load::run(&asked, Pace::Saturating, BUSY, TIME)?;
        let steady = load::run(&asked, Pace::Steady(STEADY), WAITING, TIME)?;
        let label = whole(figure(grants));
        table.row(
            &format!("tokens with secrets of robots and people, {label} grants, at saturation ({BUSY} connections)"),
            format!("{}/s, p99 {:.1} ms", whole(most.rate()), milliseconds(most.within(0.99))),
            "≥ 5,000/s, flat",
        );
        table.row(
            &format!("the same at a steady {}/s (open loop)", whole(f64::from(STEADY))),
            told(&steady),
            "p99 ≤ 10 ms",
        );
        rates.push(most.rate());
        if grants == GRANTS[2] {
            matrix(table, &serving)?;
        }
        if grants == GRANTS[1] {
            passwords(table, &host, &known, &requests)?;
            revoked(table, &serving, &data, &host, &known)?;
        }
        serving.running.end()?;
    }
    table.row(
        "tokens at saturation: 10 grants against 100,000",
        format!("{:.2}", rates[0] / rates[rates.len() - 1]),
        "flat (≤ 1.2)",
    );
    rules(table)
}

impl Known {
    fn read(text: &str) -> Outcome<Self> {
        let mut known = Self { service: String::new(), asking: Vec::new(), password: String::new() };
        let mut seen = [0_usize; 2];
        for line in text.lines() {
            let mut words = line.splitn(3, ' ');
            let (kind, user, rest) = (words.next(), words.next(), words.next());
            let (Some(kind), Some(user), Some(rest)) = (kind, user, rest) else { continue };
            match kind {
                "service" => user.clone_into(&mut known.service),
                "password" => rest.clone_into(&mut known.password),
                "robot" | "token" => {
                    let seen = &mut seen[usize::from(kind == "token")];
                    known.asking.push((user.to_owned(), rest.to_owned(), *seen));
                    *seen += 1;
                }
                _ => {}
            }
        }
        if known.asking.is_empty() { Err("the generator named nobody who may ask".into()) } else { Ok(known) }
    }

    fn request(&self, host: &str, user: &str, secret: &str, scope: &str) -> String {
        let basic = base64(format!("{user}:{secret}").as_bytes());
        let (service, account) = (&self.service, user.replace('+', "%2B"));
        format!(
            "GET /token?account={account}&scope={scope}&service={service} HTTP/1.1\r\nHost: {host}\r\n\
             User-Agent: bench\r\nAuthorization: Basic {basic}\r\n\r\n"
        )
    }

    fn requests(&self, host: &str) -> Vec<String> {
        let one = |(user, secret, team): &(String, String, usize)| {
            self.request(host, user, secret, &format!("repository:team-{team}/app:pull,push"))
        };
        self.asking.iter().map(one).collect()
    }
}

fn told(went: &Went) -> String {
    format!(
        "{}/s, p50 {:.1}, p99 {:.1}, longest {:.1} ms",
        whole(went.rate()),
        milliseconds(went.within(0.5)),
        milliseconds(went.within(0.99)),
        milliseconds(went.within(1.0))
    )
}

/// Passwords of people who were not asked for yet, while others come with secrets.
fn passwords(table: &mut Table, host: &str, known: &Known, requests: &[String]) -> Outcome {
    let each: Vec<String> = (5..1_000).map(|n| known.request(host, &format!("p{n}"), &known.password, "")).collect();
    let with_passwords = Asked { host, requests: &each, status: "200" };
    let with_secrets = Asked { host, requests, status: "200" };
    let (slow, others) = std::thread::scope(|scope| {
        let slow = scope.spawn(|| load::run(&with_passwords, Pace::Saturating, 2, TIME).map_err(|e| e.to_string()));
        let others = load::run(&with_secrets, Pace::Steady(BESIDE), WAITING, TIME).map_err(|e| e.to_string());
        (slow.join().map_err(|_| "the thread ended".to_owned()).and_then(|went| went), others)
    });
    let (slow, others) = (slow?, others?);
    table.row(
        &format!(
            "tokens with passwords (argon2id), each person's first, beside {}/s with secrets",
            whole(f64::from(BESIDE))
        ),
        format!("{}/s; the others: p99 {:.1} ms", whole(slow.rate()), milliseconds(others.within(0.99))),
        "the rate; p99 of the others ≤ 25 ms",
    );
    Ok(())
}

/// Another process takes a robot's secret away while it is used: until the first refusal.
fn revoked(table: &mut Table, serving: &Serving, data: &Path, host: &str, known: &Known) -> Outcome {
    let (user, secret, team) = &known.asking[0];
    let request = known.request(host, user, secret, &format!("repository:team-{team}/app:pull"));
    let requests = [request];
    let good = Asked { host, requests: &requests, status: "200" };
    load::run(&good, Pace::Steady(20), 1, Duration::from_millis(200))?;
    let begun = Instant::now();
    generator(&[data.as_os_str().to_str().unwrap_or_default(), "disable", user])?;
    let refused = Asked { host, requests: &requests, status: "401" };
    while load::run(&refused, Pace::Steady(100), 1, Duration::from_millis(5)).is_err() {
        if begun.elapsed() > Duration::from_secs(5) {
            return Err(format!("{user} still gets tokens; see {}", serving.root).into());
        }
        pause(Duration::from_millis(2));
    }
    table.row(
        "from starting another process that disables a robot to the first refused token",
        format!("{:.0} ms", milliseconds(begun.elapsed())),
        "≤ 1 s",
    );
    Ok(())
}

/// The table of who may do what, a window of it and the whole.
fn matrix(table: &mut Table, serving: &Serving) -> Outcome {
    let headers = vec![serving::sign_in(serving)?, "Accept: text/html,application/xhtml+xml".to_owned()];
    let page = format!("{}/access/matrix", serving.root);
    curl::ask(&page, &headers, &[])?;
    let window = wrk::load_with(&page, &headers, 4, 1)?;
    table.row(
        "a page of the matrix, 50 × 50, of 1,100 subjects and 100,000 grants, one after the other",
        format!("p50 {:.1}, p99 {:.1} ms", window.p50, window.p99),
        "≤ 50 ms",
    );
    let why = format!("{}/access/explain?who=p0&act=tag.delete&where=generated/group-1~app-1~web", serving.root);
    let why = wrk::load_with(&why, &headers, 4, 1)?;
    table.row(
        "why somebody may or may not do something, at 1,000 people and 100,000 grants, one after the other",
        format!("p50 {:.1}, p99 {:.1} ms", why.p50, why.p99),
        "≤ 50 ms",
    );
    let begun = Instant::now();
    let weight = curl::weight(&format!("{}/exports/matrix.csv", serving.root), &headers)?;
    table.row(
        "its whole CSV",
        format!("{:.1} s, {}", begun.elapsed().as_secs_f64(), megabytes(weight)),
        "≤ 10 s, streamed",
    );
    Ok(())
}

/// What the rules themselves cost: measured in one process, without a server.
fn rules(table: &mut Table) -> Outcome {
    for line in generator(&["-", "rules"])?.lines() {
        let mut parts = line.splitn(3, '\t');
        if let (Some(what), Some(figure), Some(goal)) = (parts.next(), parts.next(), parts.next()) {
            table.row(what, figure, goal);
        }
    }
    Ok(())
}

fn generator(words: &[&str]) -> Outcome<String> {
    let mut command = process::cargo(&["run", "-q", "--release", "-p", "generator", "--"]);
    process::output(command.args(words).current_dir(root()))
}

/// The data directory for so many grants, and who may ask; copied afresh, so that a run finds what the last one found.
fn made(grants: usize) -> Outcome<(PathBuf, Known)> {
    let folder = folder()?;
    let (kept, used) = (folder.join(format!("access-{grants}")), folder.join("access-used"));
    let schema = fs::read_to_string(root().join("migrations/0003_access.sql"))?;
    let (stamp, wanted) = (kept.join("made-from"), format!("{EDITION} {}", schema.len()));
    if fs::read_to_string(&stamp).ok().as_deref() != Some(wanted.as_str()) {
        _ = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept)?;
        eprintln!("  making {grants} grants");
        let data = kept.join("data");
        let said = generator(&[data.to_str().unwrap_or_default(), "access", &grants.to_string()])?;
        fs::write(kept.join("known"), said)?;
        fs::write(&stamp, wanted)?;
    }
    _ = fs::remove_dir_all(&used);
    process::run(process::program("cp").arg("-a").arg(kept.join("data")).arg(&used))?;
    Ok((used, Known::read(&fs::read_to_string(kept.join("known"))?)?))
}

#[expect(clippy::cast_precision_loss, reason = "a hundred thousand at most")]
fn figure(number: usize) -> f64 {
    number as f64
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_u32, |all, byte| all << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_secret_go_as_basic_credentials() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        let known = Known::read("service registry-1 -\nrobot r0 a b\nrobot r1 c\ntoken p0 d\npassword p x y\n");
        let known = known.expect("somebody");
        assert_eq!((known.service.as_str(), known.password.as_str()), ("registry-1", "x y"));
        let teams: Vec<usize> = known.asking.iter().map(|(_, _, team)| *team).collect();
        assert_eq!(teams, [0, 1, 0], "robots and people are counted apart");
        assert!(known.requests("h")[1].contains("scope=repository:team-1/app:pull,push&service=registry-1 HTTP/1.1"));
    }
}
