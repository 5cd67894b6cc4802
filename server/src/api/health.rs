//! What is wrong with the content of a registry, where, and what to do about it.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path, Query},
    lists::CheckName,
    values::{Count, InRegistry, Time, bounded},
};
use domain::health::About;
use operations::health::{self, HealthQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(read_health)).routes(routes!(list_findings)).routes(routes!(switch_check))
}

/// How the content of a registry is.
#[derive(Serialize, ToSchema)]
struct ContentHealth {
    /// The checks, the worst first.
    checks: Vec<ContentCheck>,
    /// Checks that are left out because they tell of configurations.
    hidden: usize,
    /// Tags known.
    tags: u64,
    /// Tags whose image was read: of the others the checks say nothing.
    read: u64,
    /// When the registry's list was read last.
    as_of: Option<Time>,
}

/// A check.
#[derive(Serialize, ToSchema)]
struct ContentCheck {
    /// Its name.
    #[schema(value_type = CheckName)]
    name: &'static str,
    /// How bad it is.
    level: CheckLevel,
    /// What is wrong, as a heading.
    title: &'static str,
    /// What that means.
    explanation: &'static str,
    /// What to do about it.
    what_to_do: &'static str,
    /// How often it strikes, in `unit`; unknown where not everything may be seen.
    count: Option<Count>,
    /// What is counted.
    unit: CheckUnit,
    /// Where it is switched off, if it is.
    #[schema(inline)]
    off: Option<CheckOff>,
}

/// How bad a finding is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum CheckLevel {
    /// Worth knowing.
    Note,
    /// Works today and will hurt one day.
    Warn,
    /// A pull fails, or verification does.
    Danger,
}

/// What a check counts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum CheckUnit {
    /// Manifests: each once, in however many repositories it stands. Its findings name each place.
    Manifests,
    /// Tags.
    Tags,
    /// Repositories.
    Repositories,
}

impl From<About> for CheckUnit {
    fn from(about: About) -> Self {
        match about {
            About::Manifest | About::Presence => Self::Manifests,
            About::Tag => Self::Tags,
            About::Repository => Self::Repositories,
        }
    }
}

/// Where a check is switched off.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum CheckOff {
    /// In this registry.
    Here,
    /// In all registries.
    Everywhere,
}

impl From<health::CheckRow> for ContentCheck {
    fn from(row: health::CheckRow) -> Self {
        let check = row.check;
        Self {
            name: check.as_str(),
            level: match check.level() {
                domain::health::Level::Note => CheckLevel::Note,
                domain::health::Level::Warn => CheckLevel::Warn,
                domain::health::Level::Danger => CheckLevel::Danger,
            },
            title: check.title(),
            explanation: check.explanation(),
            what_to_do: check.what_to_do(),
            count: row.count.map(Count::from),
            unit: check.about().into(),
            off: row.off.map(|off| match off {
                health::Off::Here => CheckOff::Here,
                health::Off::Everywhere => CheckOff::Everywhere,
            }),
        }
    }
}

/// Where a check strikes.
#[derive(Serialize, ToSchema)]
struct CheckFindings {
    /// A page of them.
    findings: Vec<CheckFinding>,
}

/// A place where a check strikes.
#[derive(Serialize, ToSchema)]
struct CheckFinding {
    /// In which repository.
    repository: String,
    /// At which manifest, unless it is the repository itself.
    digest: Option<String>,
    /// Some of the tags that lead there.
    tags: Vec<String>,
    /// What was found, in a few words.
    detail: Option<String>,
}

impl From<health::Strike> for CheckFinding {
    fn from(strike: health::Strike) -> Self {
        Self {
            repository: strike.repository.to_string(),
            digest: strike.manifest.map(|(digest, _)| digest.to_string()),
            tags: strike.tags.iter().map(ToString::to_string).collect(),
            detail: strike.detail,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfCheck {
    /// The name of the registry here.
    #[param(example = "demo", min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    registry: String,
    /// The name of the check.
    #[param(example = "missing-children", value_type = CheckName, inline)]
    check: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
#[derive(Default)]
struct FindingsWanted {
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 2000)]
    cursor: String,
}

/// Is a check made?
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "on": true }))]
struct CheckSwitch {
    /// Is it?
    on: bool,
    /// In all registries, not only in this one?
    #[serde(default)]
    everywhere: bool,
}

/// Read how the content of a registry is
///
/// Every check with how often it strikes, what that means and what to do about it.
#[utoipa::path(get, path = "/registries/{registry}/health", tag = "Health", operation_id = "readHealth", params(InRegistry),
    responses((status = 200, description = "The checks.", body = ContentHealth)))]
async fn read_health(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    let shown = asked.operations.health(&asked.actor, &at.registry, &HealthQuery::default()).await?;
    asked.answer(&ContentHealth {
        checks: shown.checks.into_iter().map(ContentCheck::from).collect(),
        hidden: shown.hidden,
        tags: shown.covered.tags,
        read: shown.covered.read,
        as_of: shown.as_of.map(Time),
    })
}

/// List where a check strikes
///
/// 50 a page. Checks that tell of configurations need the permission `repository.pull`.
#[utoipa::path(get, path = "/registries/{registry}/health/{check}", tag = "Health", operation_id = "listFindings",
    params(OfCheck, FindingsWanted), responses((status = 200, description = "A page of findings.", body = CheckFindings)))]
async fn list_findings(asked: Asked, Path(at): Path<OfCheck>, Query(wanted): Query<FindingsWanted>) -> Answer {
    bounded("cursor", &wanted.cursor, 2000)?;
    let query = HealthQuery { check: at.check, after: wanted.cursor, before: String::new() };
    let shown = asked.operations.health(&asked.actor, &at.registry, &query).await?.shown;
    let (rows, next) = shown.map(|(_, page)| (page.rows, page.next)).unwrap_or_default();
    let page = CheckFindings { findings: rows.into_iter().map(CheckFinding::from).collect() };
    asked.page(&page, next.as_deref())
}

/// Switch a check on or off
#[utoipa::path(put, path = "/registries/{registry}/health/{check}/on", tag = "Health", operation_id = "switchCheck",
    params(OfCheck), request_body = CheckSwitch, responses((status = 204, description = "It is so.")))]
async fn switch_check(asked: Asked, Path(at): Path<OfCheck>, Json(switch): Json<CheckSwitch>) -> Answer {
    let CheckSwitch { on, everywhere } = switch;
    asked.operations.switch_check(&asked.actor, &at.registry, &at.check, on, everywhere).await?;
    done()
}
