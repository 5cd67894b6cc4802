//! Lists for somebody with a thousand grants, few of whose repositories lie side by side: the same as everybody's, without
//! what they may not see.

use super::{NOW, ada, fresh};
use crate::index::{
    AcrossSort, CatalogueList, Index, Listing, Page, Repository, RepositoryFilter, RepositorySort, Seek, TagFilter,
    TagList,
};
use domain::{
    Actor, Id, Permission, RepositoryName, Tag, Visible,
    access::{Held, Rights, Scope},
};
use std::{collections::BTreeMap, sync::Arc};

fn name(text: &str) -> RepositoryName {
    text.parse().expect("a name")
}

fn seeing(scopes: impl Iterator<Item = (Option<Id>, String)>) -> Visible {
    let permissions = [Permission::RepositoryView].into_iter().collect();
    let held = scopes.map(|(registry, pattern)| {
        let scope = Scope::new(registry, Some(pattern.parse().expect("a pattern")));
        Arc::new(Held { grant: Some(1), permissions, scope })
    });
    Visible::to(&Actor { rights: Rights::new(held.collect()), ..ada() })
}

/// A thousand names of two registries, a beginning, and a pattern that begins anyhow.
fn thousand() -> Visible {
    let exactly = (0..1_000).map(|n| (Some(1 + n % 2), format!("team-{}/app-{n}", n % 40)));
    let others = [(Some(1), "deep/**".to_owned()), (None, "*/tool-?".to_owned())];
    seeing(exactly.chain(others))
}

async fn catalogue(index: &Index, registry: Id, names: &[RepositoryName]) {
    let list = CatalogueList { names, complete: true, doubt: None };
    index.save_catalogue(registry, list, NOW).await.expect("saved");
}

/// Two registries with the same names: half of those with a number are seen in each.
async fn filled(index: &Index) {
    let numbered = (0..1_500).map(|n| name(&format!("team-{}/app-{n}", n % 40)));
    let more = ["deep/a", "deep/b/c", "deeper/a", "x/tool-1", "x/tool-12", "team-1/app-1/web"].map(name);
    let names: Vec<RepositoryName> = numbered.chain(more).collect();
    for registry in [1, 2] {
        catalogue(index, registry, &names).await;
        for n in (0..1_500).step_by(7) {
            let row = index.ensure_repository(registry, &names[n], NOW).await.expect("known");
            let tags: Vec<Tag> = (0..n % 5).map(|tag| format!("v{tag}").parse().expect("a tag")).collect();
            index.save_tag_list(row, TagList { tags: &tags, complete: true, doubt: None }, NOW).await.expect("listed");
        }
    }
}

/// Every page, forwards.
async fn pages<S: Clone>(
    listing: &Listing<S>,
    read: impl AsyncFn(&Listing<S>) -> Page<Repository>,
) -> Vec<(Id, RepositoryName)> {
    let (mut all, mut listing) = (Vec::new(), listing.clone());
    loop {
        let page = read(&listing).await;
        all.extend(page.rows.into_iter().map(|row| (row.registry, row.name)));
        let Some(next) = page.next else { return all };
        listing.seek = Seek::After(next);
    }
}

const SORTS: [RepositorySort; 5] = {
    use RepositorySort as S;
    [S::Name, S::Tags, S::Newest, S::Bytes, S::Exclusive]
};

/// What lists show to one who sees less is what they show to one who sees all, without the rest.
async fn check(index: &Index, some: &Visible, filter: &RepositoryFilter) {
    let all = &Visible::to(&ada());
    let theirs = |rows: Vec<(Id, RepositoryName)>| -> Vec<_> {
        rows.into_iter().filter(|(registry, name)| some.repository(*registry, name)).collect()
    };
    for sort in SORTS {
        for descending in [false, true] {
            let listing = Listing { sort, descending, limit: 90, ..Listing::default() };
            let read = async |visible: &Visible| {
                pages(&listing, async |listing: &_| {
                    index.repositories(visible, 1, filter, listing).await.expect("a page")
                })
                .await
            };
            assert_eq!(read(some).await, theirs(read(all).await), "{sort:?} {descending}");
        }
    }
    for sort in [AcrossSort::Name, AcrossSort::Created] {
        for descending in [false, true] {
            let listing = Listing { sort, descending, limit: 170, ..Listing::default() };
            let read = async |visible: &Visible| {
                let page = async |listing: &_| {
                    index.repositories_across(visible, &[1, 2], filter, listing).await.expect("a page")
                };
                pages(&listing, page).await
            };
            assert_eq!(read(some).await, theirs(read(all).await), "{sort:?} {descending}");
        }
    }
    let listing = Listing { limit: 40_000, ..Listing::default() };
    let rows = index.repositories(all, 1, filter, &listing).await.expect("a page").rows;
    let names: Vec<RepositoryName> =
        rows.into_iter().map(|row| row.name).filter(|name| some.repository(1, name)).collect();
    let count = index.count_repositories(some, 1, filter, 30_000).await.expect("counted");
    assert_eq!((count.number, count.exact), (names.len() as u64, true));
    let mut namespaces: BTreeMap<String, u64> = BTreeMap::new();
    for name in &names {
        *namespaces.entry(name.namespace().unwrap_or_default().to_owned()).or_default() += 1;
    }
    let found = index.namespaces(some, 1, filter, None, 900).await.expect("grouped");
    let found: BTreeMap<String, u64> = found.into_iter().map(|one| (one.name, one.repositories)).collect();
    assert_eq!(found, namespaces);
    let beginnings = ["team-1", "team-3", "deep", "deeper", "x", "wide"];
    let below = index.count_below(some, 1, filter.text.as_deref(), &beginnings).await.expect("counted");
    for beginning in beginnings {
        let own = names.iter().filter(|name| name.as_str().starts_with(&format!("{beginning}/"))).count();
        assert_eq!(below[beginning], own as u64, "{beginning}");
    }
}

#[tokio::test]
async fn lists_of_one_with_a_thousand_grants_are_everybody_s_without_the_rest() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    filled(index).await;
    let some = thousand();
    check(index, &some, &RepositoryFilter::default()).await;
    check(index, &some, &RepositoryFilter { text: Some("p-1".into()), ..RepositoryFilter::default() }).await;
    let sums = index.all_totals(&some).await.expect("summed");
    // By number half of a thousand in each, `deep/` in one only, and the tool.
    assert_eq!((sums[&1].repositories, sums[&2].repositories), (503, 501));

    // What comes later is seen by the same person at once, and what is not theirs is not.
    for registry in [1, 2] {
        catalogue(index, registry, &["deep/new", "team-9/new"].map(name)).await;
    }
    check(index, &some, &RepositoryFilter::default()).await;
    let sums = index.all_totals(&some).await.expect("summed");
    assert_eq!((sums[&1].repositories, sums[&2].repositories), (504, 501));

    let listing = Listing { limit: 1_000, ..Listing::default() };
    let tags = async |visible: &Visible| {
        let page = index.tags_across(visible, &[1, 2], &TagFilter::default(), &listing).await.expect("a page");
        page.rows.into_iter().map(|tag| (tag.registry, tag.repository, tag.row.tag)).collect::<Vec<_>>()
    };
    let mut all = tags(&Visible::to(&ada())).await;
    all.retain(|(registry, name, _)| some.repository(*registry, name));
    assert!(!all.is_empty());
    assert_eq!(tags(&some).await, all);
}

#[tokio::test]
async fn lists_of_one_who_sees_more_than_can_be_named_are_everybody_s_without_the_rest() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let wide = (0..20_400).map(|n| name(&format!("wide/app-{n}")));
    let names: Vec<RepositoryName> = wide.chain((0..600).map(|n| name(&format!("hidden-{}/app-{n}", n % 9)))).collect();
    catalogue(index, 1, &names).await;
    catalogue(index, 2, &names[..50]).await;
    let exactly = (0..1_000).map(|n| (Some(1), format!("hidden-{}/app-{n}", n * 2 % 9)));
    let some = seeing(exactly.chain([(Some(1), "wide/**".to_owned())]));
    let filter = RepositoryFilter { text: Some("app-2".into()), ..RepositoryFilter::default() };
    check(index, &some, &filter).await;
    // Few enough to be named, and too many to be sorted for each page.
    let between = seeing(std::iter::once((Some(1), "wide/app-1*".to_owned())));
    check(index, &between, &filter).await;
    let sums = index.all_totals(&some).await.expect("summed");
    let seen = names.iter().filter(|name| some.repository(1, name)).count() as u64;
    assert!(seen > 20_400 && seen < 21_000);
    assert_eq!((sums[&1].repositories, sums.get(&2)), (seen, None));
    catalogue(index, 1, &["hidden-4/app-2", "wide/new", "hidden/new"].map(name)).await;
    // Two of the three are theirs, one of them by its own name.
    assert_eq!(index.all_totals(&some).await.expect("summed")[&1].repositories, seen + 2);
}
