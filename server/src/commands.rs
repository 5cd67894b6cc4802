//! The commands beside `serve`. They work on the same records, also while a server runs, and leave the same entries.

use crate::{
    serve::{Opening, data_dir, open},
    settings::{Settings, Wrong, duration, visible},
    setup::read_password,
    stopped::Stopped,
};
use domain::{Actor, access::Subject};
use operations::{Clock, Operations};
use std::path::Path;
use store::{StoreOptions, Verified};

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

/// Lets the next key sign tokens for registries; a server that runs beside takes it up within a second.
pub async fn rotate_keys(settings: &Settings, algorithm: &str) -> Result<(), Stopped> {
    beside(settings).await?.rotate_signing_key(&Actor::cli(), algorithm, None).await?;
    println!("The next {} key signs tokens from now on; a new one comes after it.", visible(algorithm));
    println!("Before the next rotation, give every registry the new bundle (/token/certificates.pem) and restart it.");
    Ok(())
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
