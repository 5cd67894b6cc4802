//! How registries are read in the background, and what can be done about it; what was seen to move.

use super::{
    answer::{Answer, accepted, done},
    asked::{Asked, Interface, Json, Path, Query},
    problem::Problem,
    values::{InRegistry, InRepository, Time, bounded, cursor, limit, read_cursor, repository},
};
use operations::{
    history::{self, HistoryQuery, Moved},
    sync::{DeparturesQuery, Phase, Sync, SyncState},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(read_sync))
        .routes(routes!(pause_sync))
        .routes(routes!(refresh_registry))
        .routes(routes!(refresh_repository))
        .routes(routes!(list_moves))
        .routes(routes!(list_departures))
}

/// How a registry is read.
#[derive(Serialize, ToSchema)]
struct RegistrySync {
    /// `off`, `paused`, `filling`, `refreshing`, `resting`, `elsewhere`, `waiting`, `stopped` or `disk-full`.
    state: &'static str,
    /// Since when it is paused, or until when nothing is asked.
    moment: Option<Time>,
    /// Why nothing is asked: what the registry said, or what stopped the reading.
    why: Option<String>,
    /// Repositories known.
    repositories: u64,
    /// Those whose tags were listed.
    listed: u64,
    /// Tags known.
    tags: u64,
    /// Tags whose image was not read yet.
    unread: u64,
    /// When the registry's list was read last.
    as_of: Option<Time>,
    /// Why that list was not believed about what it lacks.
    doubt: Option<String>,
    /// When everything had been read for the first time.
    filled: Option<Time>,
    /// Tags asked for per second, lately.
    per_second: f64,
    /// Seconds until everything is read for the first time, as far as that can be told.
    left: Option<u64>,
    /// When the next look at anything is due.
    next: Option<Time>,
    /// How the registry is being asked; for those who may manage it, once it was asked.
    pace: Option<Pace>,
    /// Repositories in trouble or in doubt, the first 20 by name.
    in_trouble: Vec<RepositoryTrouble>,
}

/// How a registry is being asked: the program adapts to what it bears.
#[derive(Serialize, ToSchema)]
struct Pace {
    /// The most requests at a time that the connection allows.
    allowed: u32,
    /// The most that reading in the background uses at this moment.
    limit: u32,
    /// Requests under way.
    under_way: u32,
    /// Requests that wait for their turn.
    waiting: u32,
    /// How many times longer answers take than the best seen lately.
    slowness: f64,
    /// Requests that ended since the program was started, or the connection changed.
    requests: u64,
    /// Of these: refused for being too many, failed, not answered in time, or answered with a fault of the server.
    errors: u64,
}

impl From<registry::PaceState> for Pace {
    fn from(pace: registry::PaceState) -> Self {
        Self {
            allowed: pace.cap,
            limit: pace.limit,
            under_way: pace.in_flight,
            waiting: pace.people_waiting + pace.background_waiting,
            slowness: pace.slowness,
            requests: pace.requests,
            errors: pace.errors,
        }
    }
}

/// A repository that could not be read as it should.
#[derive(Serialize, ToSchema)]
struct RepositoryTrouble {
    /// Which.
    name: String,
    /// Why its list of tags is not believed about what it lacks.
    doubt: Option<String>,
    /// What stopped the last look.
    trouble: Option<String>,
}

impl From<Sync> for RegistrySync {
    fn from(sync: Sync) -> Self {
        let paused = sync.pause.map(|(until, why)| (until, why.to_string())).unzip();
        let (moment, why) = match &sync.state {
            SyncState::Paused(at) => (Some(*at), None),
            SyncState::Running(Phase::Waiting { until, why }) => (Some(*until), Some(why.clone())),
            SyncState::Running(Phase::Stopped { until, trouble }) => (Some(*until), Some(trouble.message.clone())),
            SyncState::Running(Phase::DiskFull { until }) => (Some(*until), None),
            _ => paused,
        };
        let catalogue = sync.catalogue;
        let in_trouble = sync.in_trouble.into_iter().map(|one| RepositoryTrouble {
            name: one.name.to_string(),
            doubt: one.doubt,
            trouble: one.trouble,
        });
        Self {
            state: sync.state.as_str(),
            moment: moment.map(Time),
            why,
            repositories: sync.totals.repositories,
            listed: sync.totals.listed,
            tags: sync.totals.tags,
            unread: sync.totals.unread,
            as_of: catalogue.as_ref().map(|catalogue| Time(catalogue.listed_at)),
            filled: catalogue.as_ref().and_then(|catalogue| catalogue.filled_at).map(Time),
            doubt: catalogue.and_then(|catalogue| catalogue.doubt),
            per_second: sync.per_second,
            left: sync.left,
            next: sync.next.map(Time),
            pace: sync.pace.map(Pace::from),
            in_trouble: in_trouble.collect(),
        }
    }
}

/// Is the reading in the background paused?
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "paused": false }))]
struct Pause {
    /// Is it?
    paused: bool,
}

/// Read how a registry is read
///
/// Progress, what is in the way, and when the next look is due.
#[utoipa::path(get, path = "/registries/{registry}/sync", tag = "Reading", operation_id = "readSync", params(InRegistry),
    responses((status = 200, description = "How it is.", body = RegistrySync)))]
async fn read_sync(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    asked.answer(&RegistrySync::from(asked.operations.sync(&asked.actor, &at.registry).await?))
}

/// Pause the reading of a registry, or let it go on
#[utoipa::path(put, path = "/registries/{registry}/sync/paused", tag = "Reading", operation_id = "pauseSync",
    params(InRegistry), request_body = Pause, responses((status = 204, description = "It is so.")))]
async fn pause_sync(asked: Asked, Path(at): Path<InRegistry>, Json(pause): Json<Pause>) -> Answer {
    asked.operations.pause_sync(&asked.actor, &at.registry, pause.paused).await?;
    done()
}

/// Look at everything in a registry now
#[utoipa::path(post, path = "/registries/{registry}/refresh", tag = "Reading", operation_id = "refreshRegistry",
    params(InRegistry), responses((status = 202, description = "Everything is due now.")))]
async fn refresh_registry(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    asked.operations.refresh_registry(&asked.actor, &at.registry).await?;
    accepted()
}

/// Look at a repository now
#[utoipa::path(post, path = "/registries/{registry}/repositories/{repository}/refresh", tag = "Reading",
    operation_id = "refreshRepository", params(InRepository), responses((status = 202, description = "It is due now.")))]
async fn refresh_repository(asked: Asked, Path(at): Path<InRepository>) -> Answer {
    let name = repository(&at.repository)?;
    asked.operations.refresh_repository_now(&asked.actor, &at.registry, &name).await?;
    accepted()
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
#[derive(Default)]
struct MovesWanted {
    /// Only of this tag.
    #[param(max_length = 128, pattern = "^[a-zA-Z0-9_][a-zA-Z0-9._-]*$", example = "latest")]
    tag: Option<String>,
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 2000)]
    cursor: String,
}

/// What was seen to move, newest first.
#[derive(Serialize, ToSchema)]
struct TagMoves {
    /// The moves.
    moves: Vec<TagMove>,
    /// Since when moves are seen.
    watched_since: Option<Time>,
    /// Of the tag that was asked for: where it points now.
    now: Option<String>,
}

/// A tag came, moved or left.
#[derive(Serialize, ToSchema)]
struct TagMove {
    /// When it was seen: it happened between the look before and then.
    at: Time,
    /// Which tag.
    tag: String,
    /// Where it pointed to; none where it came.
    from: Option<String>,
    /// Where it points to from then on; none where it left.
    to: Option<String>,
    /// Where it left: why it was believed to be gone, as in the departures of the registry.
    evidence: Option<&'static str>,
    /// That evidence in words.
    detail: Option<String>,
}

impl TagMove {
    fn of(moved: Moved, departure: Option<history::Departure>) -> Self {
        let own = moved.movement;
        let (evidence, detail) = departure.map(|own| (own.evidence.as_str(), own.detail)).unzip();
        Self {
            evidence,
            detail,
            at: moved.at.into(),
            tag: own.tag.to_string(),
            from: own.from.map(String::from),
            to: own.to.map(String::from),
        }
    }
}

/// List what a repository's tags pointed to
///
/// A record, 50 moves a page: it stays when a tag or the repository is gone.
#[utoipa::path(get, path = "/registries/{registry}/repositories/{repository}/moves", tag = "Tags", operation_id = "listMoves",
    params(InRepository, MovesWanted), responses((status = 200, description = "What was seen to move.", body = TagMoves)))]
async fn list_moves(asked: Asked, Path(at): Path<InRepository>, Query(wanted): Query<MovesWanted>) -> Answer {
    let tag = wanted.tag.map(|tag| tag.parse::<domain::Tag>()).transpose();
    let tag = tag.map_err(|why| Problem::malformed("tag", why.0))?.map(String::from).unwrap_or_default();
    bounded("cursor", &wanted.cursor, 2000)?;
    let query = HistoryQuery { tag, after: wanted.cursor, before: String::new() };
    let name = repository(&at.repository)?;
    let shown = asked.operations.history(&asked.actor, &at.registry, &name, &query).await?;
    let moves = shown.moves.iter().map(|moved| {
        let departed = shown.evidence(moved).map(|departed| departed.departure.clone());
        TagMove::of(moved.clone(), departed)
    });
    let page = TagMoves {
        moves: moves.collect(),
        watched_since: shown.watched_since.map(Time),
        now: shown.now.map(|(digest, _)| digest.to_string()),
    };
    asked.page(&page, shown.next.as_deref())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
#[derive(Default)]
struct DeparturesWanted {
    /// Departures of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u16>,
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 2000)]
    cursor: String,
}

/// What left the list of a registry, newest first.
#[derive(Serialize, ToSchema)]
struct Departures {
    /// The departures.
    departures: Vec<Departure>,
}

/// Something is no longer shown, for it was found to be gone.
#[derive(Serialize, ToSchema)]
struct Departure {
    /// When.
    at: Time,
    /// The repository, or where the tag was.
    repository: String,
    /// The tag; none where the whole repository left.
    tag: Option<String>,
    /// `not-found`: the registry answered 404 for the thing itself; `two-lists`: two whole lists lacked it; `deleted`: it was
    /// deleted from here.
    evidence: &'static str,
    /// The evidence in words: what was asked, and what came back.
    detail: String,
}

/// List what left a registry
///
/// A record: when something was found to be gone, and on what evidence. It needs the permission `registry.manage`.
#[utoipa::path(get, path = "/registries/{registry}/departures", tag = "Reading", operation_id = "listDepartures",
    params(InRegistry, DeparturesWanted), responses((status = 200, description = "A page of what left.", body = Departures)))]
async fn list_departures(asked: Asked, Path(at): Path<InRegistry>, Query(wanted): Query<DeparturesWanted>) -> Answer {
    bounded("cursor", &wanted.cursor, 2000)?;
    let below = if wanted.cursor.is_empty() { None } else { Some(read_cursor("departure", &wanted.cursor)?) };
    let query = DeparturesQuery { below, above: None, limit: limit(wanted.limit)? };
    let shown = asked.operations.departures(&asked.actor, &at.registry, query).await?;
    let rows = shown.rows.into_iter().map(|row| Departure {
        at: row.at.into(),
        repository: row.departure.repository.to_string(),
        tag: row.departure.tag.map(String::from),
        evidence: row.departure.evidence.as_str(),
        detail: row.departure.detail,
    });
    asked.page(&Departures { departures: rows.collect() }, shown.older.map(|id| cursor("departure", id)).as_deref())
}
