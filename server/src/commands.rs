//! The commands beside `serve`. They work on the same records, also while a server runs, and leave the same entries.

use crate::{
    serve::{Opening, data_dir, open},
    settings::{Settings, Wrong, duration, visible},
    setup::read_password,
    stopped::Stopped,
};
use domain::{Actor, access::Subject, token_check::Bundle};
use operations::{
    Clock, Operations,
    token_keys::{Algorithm, KeyState, Readiness},
};
use std::path::Path;
use store::{StoreOptions, Verified};

/// As many registries are named in a line.
const NAMED: usize = 50;

async fn beside(settings: &Settings) -> Result<Operations, Stopped> {
    open(settings, Opening::Beside).await
}

/// Adds a person, with all rights if that was said; a password that was made up is printed once.
pub async fn create_person(
    settings: &Settings,
    name: &str,
    password_file: Option<&Path>,
    administrator: bool,
) -> Result<(), Stopped> {
    let password =
        password_file.map(read_password).transpose().map_err(|why| Wrong(format!("--password-file: {why}.")))?;
    let (operations, cli) = (beside(settings).await?, Actor::cli());
    let (id, made) = if administrator {
        operations.add_administrator(&cli, name, password).await?
    } else {
        operations.add_person(&cli, name, password).await?
    };
    println!("{} can sign in now.", visible(name));
    match operations.rights_of(Subject::Person(id)).await?.title() {
        "Administrator" => println!("They may do everything."),
        _ => println!("They have no rights yet: grant them some under Access, or say --administrator."),
    }
    tell("Password", made.as_deref());
    Ok(())
}

/// Gives a person a new password, and ends their sessions.
pub async fn reset_password(settings: &Settings, name: &str) -> Result<(), Stopped> {
    let made = beside(settings).await?.reset_password(&Actor::cli(), name, None).await?;
    println!("{} has a new password, and is signed out everywhere.", visible(name));
    tell("Password", made.as_deref());
    Ok(())
}

/// Lets the next key sign tokens for registries; a server that runs beside takes it up within a second. Registries that may
/// be cut off by it are named, and nothing is rotated unless that was said to be done `anyway`.
pub async fn rotate_keys(settings: &Settings, algorithm: &str, anyway: bool) -> Result<(), Stopped> {
    let (operations, cli) = (beside(settings).await?, Actor::cli());
    let wanted = Algorithm::from_name(algorithm);
    let all = operations.signing_keys(&cli).await?;
    let own = all.into_iter().find(|own| Some(own.algorithm) == wanted);
    let unready = own.as_ref().map(|own| unready(&own.readiness)).unwrap_or_default();
    if !unready.is_empty() && !anyway {
        let message = format!("{unready}\nNothing was rotated. With --anyway, the keys are rotated all the same.");
        return Err(Stopped::new(message));
    }
    // If somebody else rotates meanwhile, what was said of the registries is about another key.
    let signs = own.and_then(|own| own.keys.into_iter().find(|key| key.state == KeyState::Current));
    operations.rotate_signing_key(&cli, algorithm, signs.as_ref().map(|key| key.kid.as_str())).await?;
    println!("The next {} key signs tokens from now on; a new one comes after it.", visible(algorithm));
    if !unready.is_empty() {
        println!("{unready}");
    }
    println!("Before the next rotation, give every registry the new bundle (/token/certificates.pem) and restart it.");
    Ok(())
}

/// Says which registries a rotation may cut off from their clients; nothing where it cuts off none.
fn unready(all: &[Readiness]) -> String {
    let open = all.iter().filter(|one| one.is_open());
    let (old, unknown): (Vec<_>, Vec<_>) = open.partition(|one| one.found == Some(Bundle::Old));
    let line = |what: &str, of: Vec<&Readiness>, todo: &str| {
        let names: Vec<&str> = of.iter().take(NAMED).map(|one| one.registry.as_str()).collect();
        let more = if of.len() > NAMED { format!(" and {} more", of.len() - NAMED) } else { String::new() };
        (!of.is_empty()).then(|| format!("{what}: {}{more}. {todo}", names.join(", ")))
    };
    let old = line(
        "With an old bundle, and refusing every token that the next key signs",
        old,
        "Copy the new one (/token/certificates.pem) there and restart them first.",
    );
    let unknown = line(
        "Not known whether they have the bundle with the next key",
        unknown,
        "Check them first, on their pages Tokens.",
    );
    old.into_iter().chain(unknown).collect::<Vec<_>>().join("\n")
}

/// Makes an access token for a person.
pub async fn make_token(settings: &Settings, name: &str, expires: &str) -> Result<(), Stopped> {
    let life = duration(expires).map_err(|why| Wrong(format!("--expires {why}.")))?;
    let seconds = i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
    let token = beside(settings).await?.add_token(&Actor::cli(), name, seconds).await?;
    println!("A token that acts for {} for {expires}:", visible(name));
    tell("Token", Some(&token));
    Ok(())
}

/// What is shown once and kept nowhere.
fn tell(what: &str, secret: Option<&str>) {
    if let Some(secret) = secret {
        println!("{what}, shown only this once: {secret}");
    }
}

/// Checks the audit log's chain.
pub async fn verify_audit(settings: &Settings) -> Result<(), Stopped> {
    match beside(settings).await?.verify_audit(&Actor::cli()).await? {
        Verified::Whole { entries, head } => {
            println!("The audit log is whole: {entries} entries. Its last hash, to keep elsewhere: {head}");
            Ok(())
        }
        Verified::Broken { sequence, why } => {
            Err(Stopped::new(format!("The audit log is broken at entry {sequence}: {why}")))
        }
    }
}

/// Copies the records into `file`.
pub async fn backup(settings: &Settings, file: &Path) -> Result<(), Stopped> {
    beside(settings).await?.backup(&Actor::cli(), file).await?;
    println!("The records are in {}.", file.display());
    println!("The key of the stored credentials is not: keep {} too, in another place.", key_file(settings)?);
    Ok(())
}

fn key_file(settings: &Settings) -> Result<String, Stopped> {
    Ok(data_dir(settings)?.join("wharfinger.key").display().to_string())
}

/// Puts a backup in the place of the present records.
pub async fn restore(settings: &Settings, file: &Path) -> Result<(), Stopped> {
    let options = StoreOptions { data_dir: data_dir(settings)?, now: Clock::system().now() };
    let restored = operations::restore(&Actor::cli(), &options, file).await?;
    println!(
        "The records of {} are back, with {} audit entries. Everybody signs in anew.",
        file.display(),
        restored.entries
    );
    if let Some(former) = restored.former {
        println!("The former records are kept as {}.", former.display());
    }
    if restored.while_serving {
        println!("The program that serves from there goes on with them.");
    }
    if let Some(why) = restored.index_trouble {
        let why = visible(&why);
        println!(
            "The index could not be emptied ({why}): stop the program, delete index.db beside the records, start it."
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn those_that_a_rotation_may_cut_off_are_named_and_the_others_are_not() {
        let one = |name: &str, found: Option<Bundle>| Readiness {
            registry: name.parse().expect("a name"),
            found,
            at: found.map(|_| Timestamp(0)),
        };
        assert_eq!(unready(&[one("ready", Some(Bundle::Current)), one("idle", Some(Bundle::Unused))]), "");
        let said = unready(&[one("behind", Some(Bundle::Old)), one("ready", Some(Bundle::Current)), one("new", None)]);
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines[0].contains("refusing every token that the next key signs: behind."), "{said}");
        assert!(lines[1].contains("Not known whether they have the bundle with the next key: new."), "{said}");
        assert!(!said.contains("ready,") && !said.contains("idle"), "{said}");
        let many: Vec<Readiness> = (0..53).map(|n| one(&format!("r{n}"), None)).collect();
        assert!(unready(&many).contains("r49 and 3 more."));
    }
}
