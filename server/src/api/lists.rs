//! What every list is asked by: filters, order, place. Read from the query by one rule, for `label` may stand in it
//! several times.

use super::{
    asked::Asked,
    problem::Problem,
    values::{bounded, limit},
};
use domain::filters::{Filters, List, field};
use operations::lists::Pairs;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::schema::{ObjectBuilder, Type},
};

/// Which way a list goes.
#[derive(Clone, Copy, serde::Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// From the least.
    Asc,
    /// From the greatest.
    Desc,
}

/// Which part of a list is wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document reads it; requests are read by `Wanted`")]
pub struct Part {
    /// Which way; without, what suits the column: names from a, all else from the greatest.
    #[param(inline)]
    order: Option<Order>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u16>,
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 2000)]
    cursor: Option<String>,
}

/// The name of a check of health.
pub struct CheckName;

impl PartialSchema for CheckName {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let names = domain::health::Check::ALL.iter().map(|check| check.as_str());
        let names = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
        names.description(Some("The name of a check of health.")).into()
    }
}

impl ToSchema for CheckName {}

/// What a list is asked for.
pub struct Wanted {
    /// The filters, checked.
    pub filters: Pairs,
    /// By what to sort; empty for the usual.
    pub sort: String,
    /// `asc`, `desc`, or empty.
    pub order: String,
    /// Rows of a page.
    pub limit: Option<u32>,
    /// Where to go on.
    pub cursor: String,
    /// Of a list over several registries: only what this one holds; empty for all.
    pub registry: String,
}

/// The word of a unit variant, if `value` is one of `T`.
fn word_of<T: DeserializeOwned + Serialize>(name: &str, value: &str) -> Result<String, Problem> {
    let known = serde_json::from_value::<T>(value.into()).is_ok();
    known.then(|| value.to_owned()).ok_or_else(|| Problem::malformed(name, format!("{name} can’t be {value:?}.")))
}

impl Wanted {
    /// Reads the query of a list that is sorted by the words of `S`. What is unknown is refused: a filter with a slip would
    /// let everything through.
    pub fn read<S: DeserializeOwned + Serialize>(asked: &Asked, list: List) -> Result<Self, Problem> {
        Self::of::<S>(asked, list, false)
    }

    /// The same of a list over several registries, which may be asked for one of them.
    pub fn read_across<S: DeserializeOwned + Serialize>(asked: &Asked, list: List) -> Result<Self, Problem> {
        Self::of::<S>(asked, list, true)
    }

    fn of<S: DeserializeOwned + Serialize>(asked: &Asked, list: List, across: bool) -> Result<Self, Problem> {
        let query = asked.uri.query().unwrap_or_default().as_bytes();
        let mut wanted = Self {
            filters: Pairs::new(),
            sort: String::new(),
            order: String::new(),
            limit: None,
            cursor: String::new(),
            registry: String::new(),
        };
        for (name, value) in url::form_urlencoded::parse(query) {
            match name.as_ref() {
                "sort" => wanted.sort = word_of::<S>("sort", &value)?,
                "order" => wanted.order = word_of::<Order>("order", &value)?,
                "limit" => {
                    let rows = value.parse().map_err(|_| Problem::malformed("limit", "A limit is a number."))?;
                    wanted.limit = limit(Some(rows))?;
                }
                "cursor" => {
                    bounded("cursor", &value, 2000)?;
                    wanted.cursor = value.into_owned();
                }
                "registry" if across => {
                    bounded("registry", &value, 40)?;
                    wanted.registry = filter("registry", &value)?.1;
                }
                name if list.offers(name) => wanted.filters.push(filter(name, &value)?),
                name => return Err(Problem::malformed(name, format!("This list is not asked by {name}."))),
            }
        }
        let pairs = wanted.filters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let (_, errors) = Filters::read(list, pairs);
        if errors.is_empty() { Ok(wanted) } else { Err(operations::Error::invalid(errors.0).into()) }
    }
}

/// A filter as operations take it: the pages' forms send empty fields along, programs do not.
fn filter(name: &str, value: &str) -> Result<(String, String), Problem> {
    if value.trim().is_empty() && name != field::NAME {
        return Err(Problem::malformed(name, format!("Leave {name} out where it is to filter nothing.")));
    }
    // People write some of these in several ways; here there is one word for each.
    let one_of = |words: &[&str]| {
        let known = words.contains(&value);
        known.then(|| value.to_owned()).ok_or_else(|| Problem::malformed(name, format!("{name} can’t be {value:?}.")))
    };
    let value = match name {
        field::KIND => super::tags::kind_word(value)?,
        field::TAGGED => one_of(&["yes", "no"])?,
        field::REFERRERS => one_of(&["shown", "only"])?,
        _ => value.to_owned(),
    };
    Ok((name.to_owned(), value))
}

/// What is wrong with filters that were read after all.
pub fn no_errors(errors: domain::FieldErrors) -> Result<(), Problem> {
    errors.or(()).map_err(|errors| operations::Error::invalid(errors.0).into())
}
