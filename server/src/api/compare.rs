//! Two images beside each other.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Query},
    problem::Problem,
    values::{Time, Trouble, bounded},
};
use domain::compare::{self, Comparison, Group};
use operations::{
    Error, Kind,
    comparisons::{Choice, Wanted as Asking},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(compare_images))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The first image: `registry/repository:tag` or `registry/repository@digest`.
    #[param(example = "demo/storefront/web:latest", max_length = 600)]
    a: String,
    /// The second.
    #[param(example = "demo/storefront/web:latest", max_length = 600)]
    b: String,
    /// Of indexes: which platform to compare.
    #[serde(default)]
    #[param(max_length = 200)]
    platform: String,
}

/// How two images differ.
#[derive(Serialize, ToSchema)]
struct Compared {
    /// The first.
    a: Side,
    /// The second.
    b: Side,
    /// Platforms to choose from: those of both first.
    platforms: Vec<String>,
    /// The layers, base first; where both go apart, those of A come before those of B.
    layers: Vec<LayerRow>,
    /// Layers in both.
    shared: Sum,
    /// Layers only in A.
    removed: Sum,
    /// Layers only in B.
    added: Sum,
    /// What else differs.
    fields: Vec<Field>,
    /// Fields of the configuration that are the same in both.
    same: Vec<String>,
    /// Could the configurations be compared? It needs the permission `repository.pull` on both.
    configs_compared: bool,
}

/// One of the two images.
#[derive(Serialize, ToSchema)]
struct Side {
    /// By its full name.
    name: String,
    /// What it points to.
    digest: String,
    /// When the registry last said that the tag points there; a digest needs no asking.
    checked: Option<Time>,
    /// What stopped us from asking again, if something did.
    trouble: Option<Trouble>,
    /// When it was built.
    created: Option<Time>,
    /// The platform compared.
    platform: Option<String>,
    /// Bytes of its layers.
    size: u64,
}

/// A layer of A, B or both.
#[derive(Serialize, ToSchema)]
struct LayerRow {
    /// Whose it is.
    change: Change,
    /// The line that made it; empty if that is not told or may not be seen.
    line: String,
    /// Its digest.
    digest: String,
    /// Bytes.
    size: u64,
}

/// How B differs from A.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Change {
    /// In both.
    Same,
    /// Only in A.
    Removed,
    /// Only in B.
    Added,
    /// In both, but different.
    Changed,
}

/// What a field belongs to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Of {
    /// The configuration itself.
    Config,
    /// The environment.
    Env,
    /// The labels.
    Label,
    /// The annotations of the manifest.
    Annotation,
}

/// A field that differs.
#[derive(Serialize, ToSchema)]
struct Field {
    /// What it belongs to.
    of: Of,
    /// Its name.
    name: String,
    /// How it differs.
    change: Change,
    /// In A; none if it is not set.
    a: Option<String>,
    /// In B; none if it is not set.
    b: Option<String>,
}

/// How many layers, and how many bytes.
#[derive(Serialize, ToSchema)]
struct Sum {
    /// Layers.
    layers: u64,
    /// Bytes.
    bytes: u64,
}

impl From<compare::Sum> for Sum {
    fn from(sum: compare::Sum) -> Self {
        Self { layers: sum.layers, bytes: sum.bytes }
    }
}

impl From<compare::Change> for Change {
    fn from(change: compare::Change) -> Self {
        match change {
            compare::Change::Same => Self::Same,
            compare::Change::Removed => Self::Removed,
            compare::Change::Added => Self::Added,
            compare::Change::Changed => Self::Changed,
        }
    }
}

impl From<compare::FieldRow> for Field {
    fn from(row: compare::FieldRow) -> Self {
        let of = match row.group {
            Group::Config => Of::Config,
            Group::Env => Of::Env,
            Group::Label => Of::Label,
            Group::Annotation => Of::Annotation,
        };
        Self { of, name: row.name, change: row.change.into(), a: row.a, b: row.b }
    }
}

impl From<compare::LayerRow> for LayerRow {
    fn from(row: compare::LayerRow) -> Self {
        Self { change: row.change.into(), line: row.line, digest: row.digest.to_string(), size: row.size }
    }
}

/// Compare two images
///
/// Wherever they are: layers, configuration, environment, labels and annotations.
#[utoipa::path(get, path = "/compare", tag = "Images", operation_id = "compareImages", params(Wanted),
    responses((status = 200, description = "How they differ.", body = Compared)))]
async fn compare_images(asked: Asked, Query(wanted): Query<Wanted>) -> Answer {
    for (name, text, most) in [("a", &wanted.a, 600), ("b", &wanted.b, 600), ("platform", &wanted.platform, 200)] {
        bounded(name, text, most)?;
    }
    let asking = Asking { a: wanted.a, b: wanted.b, platform: wanted.platform, ticked: false };
    let mut shown = asked.operations.compare(&asked.actor, &asking).await?;
    let comparison: Option<Comparison> = shown.comparison.take();
    let sizes = comparison.as_ref().map_or((0, 0), |comparison| (comparison.a_size, comparison.b_size));
    let (a, b) = (side("a", shown.a, sizes.0)?, side("b", shown.b, sizes.1)?);
    let comparison =
        comparison.ok_or_else(|| Error::new(Kind::NotFound, "These two can’t be laid beside each other."))?;
    asked.answer(&Compared {
        a,
        b,
        platforms: shown.platforms,
        layers: comparison.layers.into_iter().map(LayerRow::from).collect(),
        shared: comparison.shared.into(),
        removed: comparison.removed.into(),
        added: comparison.added.into(),
        fields: comparison.fields.into_iter().map(Field::from).collect(),
        same: comparison.same,
        configs_compared: comparison.configs_known,
    })
}

/// One of the two, or why there is none.
fn side(field: &str, choice: Choice, size: u64) -> Result<Side, Problem> {
    if let Some((kind, trouble)) = choice.trouble {
        let error = Error { tried: trouble.tried, ..Error::new(kind, trouble.message.clone()) };
        return Err(if kind == Kind::Invalid { Error::field(field, trouble.message).into() } else { error.into() });
    }
    let side = choice.side.ok_or_else(|| Problem::from(Error::field(field, "Name an image.")))?;
    Ok(Side {
        name: side.name.to_string(),
        digest: side.digest.to_string(),
        checked: side.freshness.checked.map(Time),
        trouble: side.freshness.trouble.map(Trouble::from),
        created: side.created.map(Time),
        platform: side.platform,
        size,
    })
}
