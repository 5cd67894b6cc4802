//! The table of repositories, in groups or flat.

use crate::parts::{Address, Bytes, Count, Pager, PostForm, SortHead, When, place};
use domain::{RegistryName, text};
use leptos::prelude::*;
use operations::repositories::{Group, Repositories as Shown, RepositoryRow};

/// The table, with the way to other rows.
#[component]
pub fn Table(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let sorted = shown.sorted;
    let registry = shown.registry.clone();
    let plus = if shown.matching.exact { "" } else { "+" };
    let rows: usize = shown.groups.iter().map(|group| group.rows.len()).sum();
    let text = format!("{rows} of {}{plus} repositories", text::count(shown.matching.number));
    let previous = shown.previous.map(|place| address.with("before", &place).href());
    let next = shown.next.map(|place| address.with("after", &place).href());
    let groups = shown.groups.into_iter().map(|group| {
        view! { <Rows group=group grouped=shown.grouped registry=registry.clone()/> }
    });
    view! {
        <table data-fold="">
            <thead>
                <tr>
                    <SortHead address=address.clone() key="name" sorted=sorted word="Repository"/>
                    <SortHead address=address.clone() key="tags" sorted=sorted word="Tags" largest_first=true num=true/>
                    <SortHead address=address.clone() key="exclusive" sorted=sorted word="Freed if gone" largest_first=true num=true/>
                    <SortHead address=address.clone() key="bytes" sorted=sorted word="Stored" largest_first=true num=true/>
                    <SortHead address=address key="newest" sorted=sorted word="Newest built" largest_first=true num=true/>
                    <th scope="col" class="num">"Tags as of"</th>
                    <th scope="col"><span class="sr">"Take from the list"</span></th>
                </tr>
            </thead>
            {groups.collect_view()}
        </table>
        <Pager shown=text previous=previous next=next/>
    }
}

/// Repositories below one first component, with a heading where they are grouped.
#[component]
fn Rows(
    /// Which.
    group: Group,
    /// Is the list grouped?
    grouped: bool,
    /// In which registry.
    registry: RegistryName,
) -> impl IntoView {
    let key =
        group.name.clone().unwrap_or_else(|| group.rows.first().map(|row| row.name.to_string()).unwrap_or_default());
    let heading = group.name.filter(|_| grouped).map(|name| {
        let below = Address::new(place::registry_path(registry.as_str()), vec![("q", format!("{name}/"))]).href();
        let count = group.count.map(|count| text::counted(count, "repository", "repositories"));
        view! {
            <tr class="group" data-key=format!("group-{name}")>
                <th scope="rowgroup"><a class="mono" href=below>{format!("{name}/")}</a></th>
                <td colspan="6" class="note num">{count}</td>
            </tr>
        }
    });
    let rows = group.rows.into_iter().map(|row| view! { <Row row=row registry=registry.clone()/> });
    view! { <tbody data-key=key>{heading}{rows.collect_view()}</tbody> }
}

#[component]
fn Row(
    /// Which.
    row: RepositoryRow,
    /// In which registry.
    registry: RegistryName,
) -> impl IntoView {
    let href = place::repository(registry.as_str(), &row.name);
    let namespace =
        row.name.namespace().map(|namespace| view! { <span class="quiet">{format!("{namespace}/")}</span> });
    let (last, name) = (row.name.last().to_owned(), row.name.to_string());
    view! {
        <tr>
            <th scope="row"><a class="mono" href=href>{namespace}{last}</a></th>
            <td class="num" data-label="tags">{match row.tags {
                Some(count) => view! { <Count count=count/> }.into_any(),
                None => view! { <span class="note">"not counted yet"</span> }.into_any(),
            }}</td>
            <Held bytes=row.exclusive read=row.listed_at.is_some() whole=row.whole label="freed if gone"/>
            <Held bytes=row.bytes read=row.listed_at.is_some() whole=row.whole label="stored"/>
            <td class="note num" data-label="newest built">{row.newest.map(|at| view! { <When at=at/> })}</td>
            <td class="note num" data-label="tags as of" data-fold="hide">{row.listed_at.map(|at| view! { <When at=at/> })}</td>
            <td class="num">{row.entered.then(|| view! {
                <PostForm action="/do/repository-forget">
                    <input type="hidden" name="registry" value=registry.to_string()/>
                    <input type="hidden" name="repository" value=name.clone()/>
                    <button data-tone="plain" data-size="small" aria-label=format!("Take {name} from the list")>"Take from the list"</button>
                </PostForm>
            })}</td>
        </tr>
    }
}

/// Bytes, as far as they are known.
#[component]
fn Held(
    /// How many.
    bytes: u64,
    /// Are its tags listed?
    read: bool,
    /// Are all of them read?
    whole: bool,
    /// What it is called where the table folds.
    label: &'static str,
) -> impl IntoView {
    let known = read && (whole || bytes > 0);
    view! {
        <td class="num nowrap" data-label=label data-fold="hide">{known.then(|| view! {
            <Bytes count=bytes/>{(!whole).then(|| view! { <span class="quiet" title="As far as its tags are read">" so far"</span> })}
        })}</td>
    }
}
