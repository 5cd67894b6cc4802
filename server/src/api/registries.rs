//! Registries as those see them who use them: how each is, what its probe found.

use super::{
    answer::{Answer, accepted},
    asked::{Asked, Interface, Path},
    problem::Problem,
    values::{Health, HealthTone, InRegistry, Time},
};
use domain::probe;
use operations::{Error, overview};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(list_registries, super::connections::add_registry))
        .routes(routes!(read_registry, super::connections::remove_registry))
        .routes(routes!(read_probe, run_probe))
}

/// The registries that may be seen.
#[derive(Serialize, ToSchema)]
struct Registries {
    /// By name.
    registries: Vec<Registry>,
}

/// A registry.
#[derive(Serialize, ToSchema)]
pub(super) struct Registry {
    /// Its name here.
    name: String,
    /// Where it is: what stands before a repository in a pull command.
    address: String,
    /// How it is.
    health: Health,
    /// What it runs, where it told.
    software: Option<String>,
    /// Repositories known.
    repositories: Option<u64>,
    /// Tags in those repositories whose tags were listed.
    tags: Option<u64>,
    /// When its repositories were listed.
    as_of: Option<Time>,
    /// What is risky about the way it is reached.
    risk: Option<Risk>,
}

/// What is risky about the way a registry is reached.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Risk {
    /// Without TLS.
    Plain,
    /// Its certificate is left unchecked.
    Unverified,
}

impl From<overview::RegistryRow> for Registry {
    fn from(row: overview::RegistryRow) -> Self {
        Self {
            name: row.name.to_string(),
            address: row.address,
            health: row.health.into(),
            software: row.software,
            repositories: row.repositories,
            tags: row.tags,
            as_of: row.as_of.map(Time),
            risk: row.risk.map(|risk| match risk {
                overview::Risk::Plain => Risk::Plain,
                overview::Risk::Unverified => Risk::Unverified,
            }),
        }
    }
}

/// What a probe found.
#[derive(Serialize, ToSchema)]
pub(super) struct Probe {
    /// When it was run.
    at: Time,
    /// What was looked at, in order.
    findings: Vec<Finding>,
    /// What follows for what can be done here.
    capabilities: Capabilities,
}

/// One thing that a probe looked at.
#[derive(Serialize, ToSchema)]
struct Finding {
    /// What it is about, such as `tls` or `catalogue`.
    topic: String,
    /// How good or bad it is.
    tone: HealthTone,
    /// What was seen.
    seen: String,
    /// What that means, where it means something.
    means: Option<String>,
    /// What would mend it, to be pasted elsewhere.
    mend: Option<String>,
}

/// What a registry can do, as far as the probe saw.
#[derive(Serialize, ToSchema)]
struct Capabilities {
    /// Lists its repositories.
    catalogue: Ability,
    /// Deletes manifests.
    deleting: Ability,
    /// Offers the referrers API.
    referrers_api: Ability,
    /// Pages lists of tags.
    tag_paging: Ability,
}

/// Can it, can't it, or was it not seen?
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Ability {
    /// It can.
    Yes,
    /// It can't.
    No,
    /// It was not asked, or did not tell.
    Unknown,
}

impl From<probe::Ability> for Ability {
    fn from(ability: probe::Ability) -> Self {
        match ability {
            probe::Ability::Yes => Self::Yes,
            probe::Ability::No => Self::No,
            probe::Ability::Unknown => Self::Unknown,
        }
    }
}

impl From<probe::ProbeReport> for Probe {
    fn from(report: probe::ProbeReport) -> Self {
        let finding = |finding: probe::Finding| Finding {
            topic: serde_json::to_value(finding.topic)
                .ok()
                .and_then(|topic| Some(topic.as_str()?.to_owned()))
                .unwrap_or_default(),
            tone: finding.tone.into(),
            seen: finding.seen,
            means: finding.means,
            mend: finding.mend.map(|snippet| snippet.text),
        };
        let can = report.capabilities;
        Self {
            at: report.at.into(),
            findings: report.findings.into_iter().map(finding).collect(),
            capabilities: Capabilities {
                catalogue: can.catalogue.into(),
                deleting: can.deleting.into(),
                referrers_api: can.referrers_api.into(),
                tag_paging: can.tag_paging.into(),
            },
        }
    }
}

/// List the registries
///
/// All that may be seen, with how each is.
#[utoipa::path(get, path = "/registries", tag = "Registries", operation_id = "listRegistries",
    responses((status = 200, description = "The registries.", body = Registries)))]
async fn list_registries(asked: Asked) -> Answer {
    let shown = asked.operations.overview(&asked.actor).await?;
    asked.answer(&Registries { registries: shown.registries.into_iter().map(Registry::from).collect() })
}

/// Read a registry
#[utoipa::path(get, path = "/registries/{registry}", tag = "Registries", operation_id = "readRegistry", params(InRegistry),
    responses((status = 200, description = "The registry.", body = Registry)))]
async fn read_registry(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    let shown = asked.operations.overview(&asked.actor).await?;
    let found = shown.registries.into_iter().find(|row| row.name.as_str() == at.registry);
    let found = found.ok_or_else(|| Error::not_found(format!("registry {}", at.registry)))?;
    asked.answer(&Registry::from(found))
}

/// Read what the last probe found
#[utoipa::path(get, path = "/registries/{registry}/probe", tag = "Registries", operation_id = "readProbe", params(InRegistry),
    responses((status = 200, description = "What was found.", body = Probe)))]
async fn read_probe(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    asked.answer(&last_probe(&asked, &at.registry).await?)
}

/// Probe a registry again
///
/// Looks at everything anew. A registry that takes longer than a few seconds is looked at in the background: then the
/// answer is 202, and the report is there later.
#[utoipa::path(post, path = "/registries/{registry}/probe", tag = "Registries", operation_id = "runProbe", params(InRegistry),
    responses((status = 200, description = "What was found.", body = Probe), (status = 202, description = "It goes on.")))]
async fn run_probe(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    asked.operations.probe_registry(&asked.actor, &at.registry).await?;
    if asked.operations.connection(&asked.actor, &at.registry).await?.probing {
        return accepted();
    }
    Ok(axum::response::IntoResponse::into_response(axum::Json(last_probe(&asked, &at.registry).await?)))
}

async fn last_probe(asked: &Asked, registry: &str) -> Result<Probe, Problem> {
    let details = asked.operations.connection(&asked.actor, registry).await?;
    let report = details.report.ok_or_else(|| Error::not_found(format!("probe of {registry} yet")))?;
    Ok(report.into())
}
