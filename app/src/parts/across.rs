//! What the lists over all registries share: where is looked, what is in force, and how far the list goes.

use super::{
    Address, Chip, Head, Pager, WhyNot, denied,
    filters::{Chips, FilterForm, Offer, is_narrowed},
};
use crate::{
    base::{redirect, to},
    context::set_status,
};
use domain::{Permission, RegistryName, filters::List, text};
use leptos::prelude::*;
use operations::{
    Kind,
    across::{Across, AcrossQuery},
    lists::needs_content,
};

/// What the address asks for; nothing where the browser is sent to a tidier one.
pub fn asked(address: &Address) -> Option<AcrossQuery> {
    if let Some(tidy) = address.tidied() {
        redirect(&tidy);
        return None;
    }
    let value = |name: &str| address.get(name).to_owned();
    Some(AcrossQuery {
        filters: address.filters(),
        registry: value("registry"),
        sort: value("sort"),
        order: value("order"),
        after: value("after"),
        before: value("before"),
        limit: None,
    })
}

/// The page around the table of a list.
pub fn around<T>(
    title: &'static str,
    words: [&'static str; 2],
    offer: Offer,
    across: Across<T>,
    table: impl FnOnce(Vec<T>) -> AnyView,
) -> AnyView {
    if !across.errors.is_empty() {
        set_status(Kind::Invalid.status());
    }
    let (address, list_of) = (offer.address.clone(), offer.list);
    let Across { rows, registries, only, filters, previous, next, cut, tags, unread, sorted, .. } = across;
    let count = rows.len();
    let none = registries.is_empty();
    let chosen = only.as_ref().map(|name| {
        view! { <Chip word=format!("in {name}") href=address.with("registry", "").href()/> }
    });
    let (chips, narrowed) = (filters.clone(), is_narrowed(&filters));
    let by_content = sorted.0 == "newest" || needs_content(&filters);
    let cover = (by_content && unread > 0).then(|| {
        let (unread, tags) = (text::count(unread), text::count(tags));
        view! { <p class="note">{format!("{unread} of {tags} tags known are not read yet: nothing is told by them here.")}</p> }
    });
    let order = match sorted {
        ("name", false) => "by name",
        ("name", true) => "by name, from the end",
        (_, false) => "oldest build first",
        (_, true) => "newest build first",
    };
    let shown = format!("{}, {order}", text::counted(count as u64, words[0], words[1]));
    let more = next.clone().map(|place| address.with("after", &place).href());
    let cut = cut.then(|| {
        view! {
            <p class="note" role="status">
                "So many were looked at that this page was given up before it was full. "
                {more.clone().map(|href| view! { <a href=href>"Look on"</a> })}
            </p>
        }
    });
    let previous = previous.map(|place| address.with("before", &place).href());
    let list = if count > 0 {
        table(rows)
    } else if none {
        view! {
            <div class="empty stack">
                {if denied::may(Permission::RegistryManage) {
                    view! {
                        <h2>"No registry is connected"</h2>
                        <p class="actions"><a class="button" href=to("/settings/registries/new")>"Add a registry"</a></p>
                    }.into_any()
                } else {
                    view! {
                        <h2>"There is nothing here that you may see yet"</h2>
                        <p><WhyNot what="see more" permission=Permission::RepositoryView place="everything"/></p>
                    }.into_any()
                }}
            </div>
        }
        .into_any()
    } else {
        let clear = address.with_filters(Vec::new()).with("registry", "").href();
        view! {
            <div class="empty stack">
                <h2>{format!("Nothing to show of the {} known", words[1])}</h2>
                {narrowed.then(|| view! {
                    <p class="cluster">"In force: " <Chips address=address.clone() filters=filters/></p>
                    <p class="actions"><a class="button" href=clear>"Clear all filters"</a></p>
                })}
            </div>
        }
        .into_any()
    };
    let choice = choice(registries, only.as_ref());
    view! {
        <Head title=title/>
        <nav class="tabs" aria-label="All registries">
            <a href=to("/tags") aria-current=(list_of == List::Tags).then_some("page")>"Tags"</a>
            <a href=to("/repositories") aria-current=(list_of == List::Repositories).then_some("page")>"Repositories"</a>
        </nav>
        <FilterForm offer=offer more=choice/>
        <section class="stack" id="rows" aria-label=title>
            {(narrowed || only.is_some()).then(|| view! { <div class="cluster">{chosen}<Chips address=address.clone() filters=chips/></div> })}
            {cover}
            {list}
            {cut}
            {(count > 0 || previous.is_some() || more.is_some()).then(|| view! { <Pager shown=shown previous=previous next=more/> })}
        </section>
    }
    .into_any()
}

/// Which registries.
fn choice(registries: Vec<RegistryName>, only: Option<&RegistryName>) -> AnyView {
    let options = registries.into_iter().map(|name| {
        let chosen = only == Some(&name);
        view! { <option value=name.to_string() selected=chosen>{name.to_string()}</option> }
    });
    view! { <label>"Registry"<select name="registry"><option value="">"all"</option>{options.collect_view()}</select></label> }
        .into_any()
}
