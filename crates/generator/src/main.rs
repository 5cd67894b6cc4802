//! Makes data for benchmarks: an index with `generator DATA_DIR S` or `generator DATA_DIR L`, people and grants with
//! `generator DATA_DIR access GRANTS`; `generator DATA_DIR disable ROBOT` disables one of these robots beside a serving
//! program, and `generator - rules` measures the rules themselves. A development tool, not part of the
//! program. What it writes goes through the same functions of `store` that a fill uses; the registry it stands for does
//! not exist.

mod access;
mod chance;
mod images;
mod rules;
mod shapes;

use domain::{
    Actor, Digest, Id, Permission, Place, RepositoryName, Tag, Timestamp, audit::Act, connection::Connection,
    permission::allows,
};
use shapes::{Size, TAGS_A_MANIFEST};
use std::{
    error::Error,
    path::PathBuf,
    process::ExitCode,
    time::{Instant, SystemTime},
};
use store::{
    AddRegistry, SecretsEdit, Store, StoreOptions,
    index::{CatalogueList, Refreshed, TagList},
};
use tokio::sync::mpsc;

/// The registry's name.
const REGISTRY: &str = "generated";
/// Images are kept in batches of so many.
const BATCH: usize = 160;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// A repository, made and ready to be kept.
struct Made {
    number: u64,
    tags: Vec<Tag>,
    images: images::Images,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [folder, "access", grants] => match grants.parse() {
            Ok(grants) => access::generate(PathBuf::from(folder), grants).await,
            Err(_) => return usage(),
        },
        ["-", "rules"] => {
            rules::print();
            Ok(())
        }
        [folder, "disable", robot] => access::disable(PathBuf::from(folder), robot).await,
        [folder, size] => match Size::named(size) {
            Some(size) => generate(PathBuf::from(folder), size).await,
            None => return usage(),
        },
        _ => return usage(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!(
        "usage: generator DATA_DIR S|L, generator DATA_DIR access GRANTS, generator DATA_DIR disable ROBOT, generator - rules"
    );
    ExitCode::from(2)
}

async fn generate(data_dir: PathBuf, size: Size) -> Outcome {
    let started = Instant::now();
    let now = now()?;
    let store = Store::open(&StoreOptions { data_dir, now }).await?;
    let registry = connect(&store, now).await?;
    let names: Vec<_> = (0..size.repositories).map(shapes::repository).collect();
    let list = CatalogueList { names: &names, complete: true, doubt: None };
    store.index().save_catalogue(registry, list, now).await?;

    let (maker, mut made) = mpsc::channel::<Made>(64);
    let making = tokio::task::spawn_blocking(move || make(size, now, &maker));
    let (mut repositories, mut tags) = (0_u64, 0);
    while let Some(one) = made.recv().await {
        tags += one.tags.len();
        repositories += 1;
        keep(&store, registry, &names[usize::try_from(one.number)?], one, now).await?;
        if repositories.is_multiple_of(1_000) {
            eprintln!("  {repositories} repositories, {tags} tags after {:.0} s", started.elapsed().as_secs_f32());
        }
    }
    making.await?;
    store.index().filled(registry, now).await?;
    store.close().await;
    eprintln!("  {repositories} repositories, {tags} tags in {:.0} s", started.elapsed().as_secs_f32());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a tool for development has no other clock")]
fn now() -> Outcome<Timestamp> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Timestamp(i64::try_from(since.as_micros())?))
}

/// The registry that all of it is said to be in: a port at which nothing answers.
async fn connect(store: &Store, now: Timestamp) -> Outcome<Id> {
    let permit =
        allows(&Actor::cli(), Permission::RegistryManage, Place::System).map_err(|refusal| refusal.to_string())?;
    let opened = store.open_act(permit, &Act::new("registry.add", REGISTRY), now).await?;
    let change = AddRegistry {
        name: REGISTRY.parse()?,
        description: "Made for benchmarks".to_owned(),
        connection: Connection::new("http://127.0.0.1:9".parse()?),
        secrets: SecretsEdit::default(),
    };
    Ok(store.write(opened, change, now).await?)
}

/// Makes all repositories, on a core of its own.
fn make(size: Size, now: Timestamp, maker: &mpsc::Sender<Made>) {
    for (number, count) in (0_u64..).zip(size.spread()) {
        let name = shapes::repository(number);
        let images = images::of_repository(number, name.as_str(), (count / TAGS_A_MANIFEST).max(1), now);
        let made = Made { number, tags: shapes::tags(number, count), images };
        if maker.blocking_send(made).is_err() {
            return;
        }
    }
}

async fn keep(store: &Store, registry: Id, name: &RepositoryName, made: Made, now: Timestamp) -> Outcome {
    let index = store.index();
    let id = index.ensure_repository(registry, name, now).await?;
    index.save_tag_list(id, TagList { tags: &made.tags, complete: true, doubt: None }, now).await?;
    for contents in made.images.contents.chunks(BATCH) {
        index.save_content(id, contents, now).await?;
    }
    let digests = made.images.tagged;
    let last = digests.len() - 1;
    // The first tags are `latest` and `main`: the newest build; the others follow the builds.
    let place = |at: usize| if at < 2 { last } else { at * digests.len() / made.tags.len() };
    let pointed: Vec<(Tag, Digest)> =
        made.tags.iter().enumerate().map(|(at, tag)| (tag.clone(), digests[place(at)].clone())).collect();
    index.set_tag_digests(id, &pointed, now).await?;
    let due_at = now.plus_seconds(86_400);
    index.refreshed(id, &Refreshed { at: now, trouble: None, due_at }).await?;
    Ok(())
}
