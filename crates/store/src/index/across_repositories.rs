//! Repositories of all registries at once: by name, and by their newest build.

use super::{
    AcrossSort, Index, Listing, Page, Repository, RepositoryFilter,
    paging::{Place, Plan, Sort, Step, Value, Ways},
    repositories::repository,
    repository_filter::{Seeing, among, seen_registries, sees},
    seen::Sight,
};
use crate::{Error, sql::statements};
use domain::{Id, Visible};
use sqlx::Arguments as _;

macro_rules! walk {
    () => {
        concat!("repositories r WHERE $1 AND ", sees!("$3"))
    };
}
macro_rules! seen {
    () => {
        "json_each($3) s CROSS JOIN repositories r ON r.id = s.value WHERE $1"
    };
}
/// Of the registries $2, from ($16, $19) on, to $18. The plus: all of them lie in one order by name.
macro_rules! by_name {
    ($from:expr, $after:literal, $to:literal, $direction:literal) => {
        concat!(
            "SELECT r.*, r.name AS sort_value FROM ",
            $from,
            " AND +r.registry_id IN (SELECT value FROM json_each($2)) ",
            among!(),
            "AND (r.name, r.registry_id) ",
            $after,
            " ($16, $19) AND r.name ",
            $to,
            " $18 ORDER BY r.name ",
            $direction,
            ", r.registry_id ",
            $direction,
            " LIMIT $20"
        )
    };
}
/// Of registry $2, from ($16, $17, $19) on, to $18.
macro_rules! by_newest {
    ($how:tt, $after:literal, $to:literal, $direction:literal) => {
        among!(
            $how,
            "r.*, r.newest AS sort_value",
            concat!(
                "AND (r.newest, r.name, r.registry_id) ",
                $after,
                " ($16, $17, $19) AND r.newest ",
                $to,
                " $18 ORDER BY r.newest ",
                $direction,
                ", r.name ",
                $direction,
                " LIMIT $20"
            )
        )
    };
}
/// Of registry $2 those without a build, from ($17, $19) on.
macro_rules! missing {
    ($how:tt, $after:literal, $direction:literal) => {
        among!(
            $how,
            "r.*, NULL AS sort_value",
            concat!(
                "AND r.newest IS NULL AND (r.name, r.registry_id) ",
                $after,
                " ($17, $19) ORDER BY r.name ",
                $direction,
                " LIMIT $20"
            )
        )
    };
}

statements! {
    BY_NAME_UP = by_name!(walk!(), ">", "<", "ASC");
    BY_NAME_DOWN = by_name!(walk!(), "<", ">=", "DESC");
    BY_NEWEST_UP = by_newest!(walk, ">", "<=", "ASC");
    BY_NEWEST_DOWN = by_newest!(walk, "<", ">=", "DESC");
    BY_NEWEST_MISSING_UP = missing!(walk, ">", "ASC");
    BY_NEWEST_MISSING_DOWN = missing!(walk, "<", "DESC");
    SEEN_BY_NAME_UP = by_name!(seen!(), ">", "<", "ASC");
    SEEN_BY_NAME_DOWN = by_name!(seen!(), "<", ">=", "DESC");
    SEEN_BY_NEWEST_UP = by_newest!(seen, ">", "<=", "ASC");
    SEEN_BY_NEWEST_DOWN = by_newest!(seen, "<", ">=", "DESC");
    SEEN_BY_NEWEST_MISSING_UP = missing!(seen, ">", "ASC");
    SEEN_BY_NEWEST_MISSING_DOWN = missing!(seen, "<", "DESC");
}

impl AcrossSort {
    fn of_repositories(self, few: bool) -> Sort {
        let of = |all: Ways, seen: Ways| if few { seen } else { all };
        match self {
            Self::Name => {
                let ways = of([BY_NAME_UP, BY_NAME_DOWN], [SEEN_BY_NAME_UP, SEEN_BY_NAME_DOWN]);
                Sort::by("across-repositories-name", false, ways, None)
            }
            Self::Created => {
                let ways = of([BY_NEWEST_UP, BY_NEWEST_DOWN], [SEEN_BY_NEWEST_UP, SEEN_BY_NEWEST_DOWN]);
                let all = [BY_NEWEST_MISSING_UP, BY_NEWEST_MISSING_DOWN];
                let missing = of(all, [SEEN_BY_NEWEST_MISSING_UP, SEEN_BY_NEWEST_MISSING_DOWN]);
                Sort::by("across-repositories-newest", true, ways, Some(missing))
            }
        }
    }
}

impl Index {
    /// A page of the repositories of these registries: by name, or by their newest build.
    pub async fn repositories_across(
        &self,
        visible: &Visible,
        registries: &[Id],
        filter: &RepositoryFilter,
        listing: &Listing<AcrossSort>,
    ) -> Result<Page<Repository>, Error> {
        let Listing { sort, descending, seek, limit } = listing;
        let within = match sort {
            AcrossSort::Name => filter.names(visible),
            AcrossSort::Created => filter.newest(),
        };
        let sight = self.sight(visible).await?;
        let plan = sort.of_repositories(sight.short().is_some()).plan(*descending, seek, within.as_deref())?;
        let registries = seen_registries(visible, registries);
        let mut found = Vec::new();
        for step in &plan.steps {
            let wanted = (*limit as usize + 1).saturating_sub(found.len());
            if wanted == 0 {
                break;
            }
            found.extend(self.across_step(&sight, &registries, filter, &plan, step, wanted).await?);
        }
        Ok(plan.way.page(found, *limit, None))
    }

    async fn across_step(
        &self,
        sight: &Sight,
        registries: &[Id],
        filter: &RepositoryFilter,
        plan: &Plan,
        step: &Step,
        wanted: usize,
    ) -> Result<Vec<(Place, Repository)>, Error> {
        let mut found = Vec::new();
        // By name all registries lie in one index, by time each has its own part.
        if matches!(step.to, Value::Text(_)) {
            let all = serde_json::to_string(registries)?;
            found = self.across_rows(step, filter.arguments(true, all, Seeing::page(sight, None))?, wanted).await?;
        } else {
            for registry in registries {
                let arguments = filter.arguments(true, *registry, Seeing::page(sight, Some(*registry)))?;
                found.extend(self.across_rows(step, arguments, wanted).await?);
            }
            let missing = step.to == Value::Missing;
            let rising = if missing { !plan.way.backwards } else { plan.way.upwards };
            found.sort_by(|(a, _), (b, _)| {
                let order = (&a.value, &a.name, &a.ids).cmp(&(&b.value, &b.name, &b.ids));
                if rising { order } else { order.reverse() }
            });
            found.truncate(wanted);
        }
        Ok(found)
    }

    async fn across_rows(
        &self,
        step: &Step,
        mut arguments: sqlx::sqlite::SqliteArguments,
        wanted: usize,
    ) -> Result<Vec<(Place, Repository)>, Error> {
        // A stretch of names does not hold its higher end, so that either way it begins before all registries with it.
        let registry = step.from.ids.first().copied().unwrap_or(i64::MIN);
        let mut add = || {
            step.from.value.add_to(&mut arguments)?;
            arguments.add(&step.from.name)?;
            step.to.add_to(&mut arguments)?;
            arguments.add(registry)?;
            arguments.add(i64::try_from(wanted).unwrap_or(i64::MAX))
        };
        add().map_err(sqlx::Error::Encode)?;
        let number = matches!(step.to, Value::Number(_));
        let mut found = Vec::new();
        for row in sqlx::query_with(step.sql, arguments).fetch_all(&self.pools.readers).await? {
            let repository = repository(&row)?;
            let value = if step.to == Value::Missing { Value::Missing } else { Value::of(&row, number)? };
            let (name, ids) = (repository.name.to_string(), vec![repository.registry]);
            found.push((Place { value, name, ids }, repository));
        }
        Ok(found)
    }
}
