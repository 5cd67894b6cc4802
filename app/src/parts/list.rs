//! What lists share: their state as an address, headings that sort, chips that take a filter away.

use super::Icon;
use crate::{
    base::{own_path, to},
    context::path_and_query,
};
use domain::filters::field;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::fmt::Write as _;

/// The state of a list as its address says it: filter, order, place. What is empty is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    path: String,
    pairs: Vec<(&'static str, String)>,
}

impl Address {
    /// The address `path` (a path of ours, without the base) with these values of the page's own query.
    pub fn here(path: impl Into<String>, names: &[&'static str]) -> Self {
        let query = use_query_map().get_untracked();
        let values = |name: &&'static str| {
            let mut values = query.get_all(name).unwrap_or_default();
            // Of what may stand once, the last counts.
            let first = if *name == field::LABEL { 0 } else { values.len().saturating_sub(1) };
            values.drain(..first);
            let name = *name;
            values.into_iter().map(move |value| (name, value.trim().to_owned()))
        };
        Self::new(path, names.iter().flat_map(values).collect())
    }
    /// The address of a list that has filters: these, its order and its place, and what else it is called with.
    pub fn filtered(path: impl Into<String>, more: &[&'static str]) -> Self {
        let names: Vec<&'static str> =
            field::ALL.iter().chain(&["sort", "order"]).chain(more).chain(&PLACE).copied().collect();
        Self::here(path, &names)
    }
    /// The filters as they stand there.
    pub fn filters(&self) -> Vec<(String, String)> {
        let filters = self.pairs.iter().filter(|(name, _)| field::ALL.contains(name));
        filters.map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }
    /// The values of what may stand several times.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(own, _)| *own == name).map(|(_, value)| value.clone()).collect()
    }
    /// The same list at its start, with these filters instead of its own.
    #[must_use]
    pub fn with_filters(&self, filters: Vec<(&'static str, String)>) -> Self {
        let kept = self.pairs.iter().filter(|(own, _)| !field::ALL.contains(own) && !PLACE.contains(own)).cloned();
        Self { path: self.path.clone(), pairs: filters.into_iter().chain(kept).collect() }
    }
    /// Forms send their empty fields too: the same address without them, if there are any.
    pub fn tidied(&self) -> Option<String> {
        let query = path_and_query();
        let empty = query.split_once('?').is_some_and(|(_, query)| {
            query.split('&').any(|pair| pair.ends_with('=') || pair.is_empty() && !query.is_empty())
        });
        empty.then(|| self.own()).filter(|own| own_path(own).is_some())
    }
    /// The address `path` with these values.
    pub fn new(path: impl Into<String>, pairs: Vec<(&'static str, String)>) -> Self {
        Self { path: path.into(), pairs: pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect() }
    }
    /// A value; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value.as_str())
    }
    /// The same list with one value changed; an empty one is taken away. The place in the list goes with it.
    #[must_use]
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut pairs: Vec<_> =
            self.pairs.iter().filter(|(own, _)| *own != name && !PLACE.contains(own)).cloned().collect();
        if !value.is_empty() {
            pairs.push((name, value.to_owned()));
        }
        Self { path: self.path.clone(), pairs }
    }
    /// The same list with none of its filters and at its start, in the same order.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        Self {
            path: self.path.clone(),
            pairs: self.pairs.iter().filter(|(own, _)| names.contains(own)).cloned().collect(),
        }
    }
    /// As a link.
    pub fn href(&self) -> String {
        to(&self.own())
    }
    /// As a path and query of ours, without the base.
    fn own(&self) -> String {
        let mut text = self.path.clone();
        for (n, (name, value)) in self.pairs.iter().enumerate() {
            text.push(if n == 0 { '?' } else { '&' });
            text.push_str(name);
            text.push('=');
            escape(&mut text, value);
        }
        text
    }
    /// The values of the other fields of a form, to go along hidden.
    pub fn hidden(&self, names: &[&str]) -> impl IntoView + use<> {
        let kept = self.pairs.iter().filter(|(own, _)| names.contains(own)).cloned();
        kept.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()
    }
}

/// A change of filter or order begins at the start again.
const PLACE: [&str; 2] = ["after", "before"];

/// A value as it may stand in a query.
pub fn escape(text: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:@!*,".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing into a String does not fail.
            _ = write!(text, "%{byte:02X}");
        }
    }
}

/// A column's heading as a link that sorts by it; a second press turns the order round.
#[component]
pub fn SortHead(
    /// The list.
    address: Address,
    /// The value of `sort` for this column.
    key: &'static str,
    /// The order in which the list is: its column, and whether the largest comes first.
    sorted: (&'static str, bool),
    /// Does this column begin with its largest, as figures and times do?
    #[prop(optional)]
    largest_first: bool,
    /// Is it a column of figures?
    #[prop(optional)]
    num: bool,
    /// The word.
    word: &'static str,
) -> impl IntoView {
    let current = sorted.0 == key;
    let descending = if current { !sorted.1 } else { largest_first };
    let order = if descending == largest_first {
        ""
    } else if descending {
        "desc"
    } else {
        "asc"
    };
    let href = address.with("sort", key).with("order", order).href();
    let state = current.then_some(if sorted.1 { "descending" } else { "ascending" });
    view! { <th scope="col" class=num.then_some("num") aria-sort=state><a href=href>{word}</a></th> }
}

/// A filter in force: a link to the same list without it.
#[component]
pub fn Chip(
    /// What it does.
    #[prop(into)]
    word: String,
    /// The list without it.
    href: String,
) -> impl IntoView {
    view! { <a class="chip" href=href>{word} " " <Icon name="x"/><span class="sr">", take away"</span></a> }
}

/// As many rows of one document stand on a page; the raw document has all of them.
const MOST: usize = 200;

/// The first rows of a list that a registry made, and a sentence about the rest.
pub fn first<T>(mut rows: Vec<T>) -> (Vec<T>, Option<String>) {
    let more = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    (rows, (more > 0).then(|| format!("And {} more, in the raw document.", domain::text::count(more as u64))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Address {
        Address::new(
            "/registries/a",
            vec![("q", "a b&c".into()), ("sort", "size".into()), ("kind", String::new()), ("after", "x".into())],
        )
    }

    #[test]
    fn an_address_says_what_is_not_empty() {
        assert_eq!(list().href(), "/registries/a?q=a%20b%26c&sort=size&after=x");
        assert_eq!(Address::new("/a", Vec::new()).href(), "/a");
    }

    #[test]
    fn a_change_begins_at_the_start_of_the_list() {
        assert_eq!(list().with("sort", "name").href(), "/registries/a?q=a%20b%26c&sort=name");
        assert_eq!(list().with("q", "").href(), "/registries/a?sort=size");
        assert_eq!(list().only(&["sort"]).href(), "/registries/a?sort=size");
    }

    #[test]
    fn a_list_of_a_hostile_length_is_cut_and_says_so() {
        let (rows, rest) = first((0..22_000).collect());
        assert_eq!((rows.len(), rest.as_deref()), (200, Some("And 21,800 more, in the raw document.")));
        assert_eq!(first(vec![1, 2]), (vec![1, 2], None));
    }
}
