//! Who may do what where: people, robots and those that are always there by the places of grants.

use super::{
    AccessHead, AccessTab,
    grants_table::{kind, last_day},
};
use crate::{
    api,
    base::to,
    parts::{
        Address, Badge, Chip, Pager, page,
        slots::{SlotsLegend, names},
    },
};
use domain::{Permission, access::PermissionSet, text};
use leptos::prelude::*;
use operations::matrix::{Column, Matrix as Window, MatrixQuery, MatrixRow, Shown, Source, WINDOW};

/// What the address of the page holds.
const FIELDS: [&str; 7] = ["who", "registry", "may", "patterns", "row", "column", "cell"];

/// The five rights that a cell shows.
const FIVE: [Permission; 5] = [
    Permission::RepositoryView,
    Permission::RepositoryPull,
    Permission::RepositoryPush,
    Permission::TagDelete,
    Permission::GrantManage,
];

/// The page.
#[component]
pub fn Matrix() -> impl IntoView {
    let address = Address::here("/access/matrix", &FIELDS);
    page(async move {
        let get = |name: &str| address.get(name).to_owned();
        let number = |name: &str| address.get(name).parse::<usize>().unwrap_or(0);
        let query = MatrixQuery {
            who: get("who"),
            registry: get("registry"),
            may: get("may"),
            patterns: get("patterns"),
            row: number("row"),
            column: number("column"),
        };
        let window = api::matrix::window(&query).await?;
        let registries: Vec<String> =
            api::overview::rail().await?.into_iter().map(|row| row.name.to_string()).collect();
        let export =
            Address::new("/exports/matrix.csv", FIELDS[..4].iter().map(|name| (*name, get(name))).collect()).href();
        let actions = view! { <a class="button" href=export download="">"Export CSV"</a> };
        let chosen = chosen(&window, address.get("cell"));
        let chips: Vec<_> = ["who", "registry", "may", "patterns"]
            .into_iter()
            .filter(|name| !address.get(name).is_empty())
            .map(|name| {
                (
                    format!("{name} {}", text::visible(address.get(name), 60)),
                    address.only(&FIELDS[..4]).with(name, "").href(),
                )
            })
            .collect();
        let left_out = window.left_out.join(", ");
        let none = window.rows.is_empty() || window.columns.is_empty();
        Ok(view! {
            <AccessHead tab=AccessTab::Matrix actions=actions.into_any()/>
            <Filter query=query.clone() registries=registries/>
            {(!chips.is_empty()).then(|| view! { <div class="cluster">{chips.into_iter().map(|(word, href)| view! { <Chip word=word href=href/> }).collect_view()}</div> })}
            {(!left_out.is_empty()).then(|| view! { <p class="note">{format!("Left out, for they are no places where you may see who may do what: {}.", text::visible(&left_out, 200))}</p> })}
            {if none {
                view! { <p class="empty">"No subject and place fit. Take a filter away."</p> }.into_any()
            } else {
                view! {
                    <SlotsLegend/>
                    <p class="note">"A mark counts where the right holds for the whole place. “Partly” names those that hold for some of it."</p>
                    <div class="split" data-side="narrow">
                        <div class="stack"><Table address=address.clone() window=window.clone()/></div>
                        {chosen.map(|(row, column, cell)| view! { <Chosen row=row column=column cell=cell/> })}
                    </div>
                    <Places address=address window=window query=query/>
                }.into_any()
            }}
        })
    })
}

#[component]
fn Filter(
    /// What is asked for.
    query: MatrixQuery,
    /// The registries to choose from.
    registries: Vec<String>,
) -> impl IntoView {
    view! {
        <form class="filters" action=to("/access/matrix")>
            <label class="wide">"Who"<input name="who" type="search" value=query.who placeholder="a name"/></label>
            <label class="wide">"Places"<input class="mono" name="patterns" type="search" value=query.patterns placeholder="production/team-a/**" spellcheck="false"/></label>
            <label>"Registry"
                <select name="registry"><option value="">"any registry"</option>
                    {registries.into_iter().map(|name| view! { <option value=name.clone() selected=name == query.registry>{name.clone()}</option> }).collect_view()}
                </select>
            </label>
            <label>"May"
                <select name="may"><option value="">"anything"</option>
                    {Permission::ALL.iter().filter(|one| one.is_grantable()).map(|one| view! { <option value=one.as_str() selected=one.as_str() == query.may>{one.as_str()}</option> }).collect_view()}
                </select>
            </label>
            <button>"Filter"</button>
        </form>
    }
}

/// The cell that the address names.
fn chosen(window: &Window, cell: &str) -> Option<(MatrixRow, Column, Shown)> {
    let (subject, place) = cell.split_once('@')?;
    let row = window.rows.iter().find(|row| row.subject.to_string() == subject)?;
    let at = window.columns.iter().position(|column| column.text == place)?;
    Some((row.clone(), window.columns[at].clone(), row.cells[at].clone()?))
}

#[component]
fn Table(
    /// The page's address.
    address: Address,
    /// What it shows.
    window: Window,
) -> impl IntoView {
    let columns = window.columns.clone();
    let cell_of = address.get("cell").to_owned();
    let body = window.rows.into_iter().map(|row| {
        let cells = row.cells.into_iter().zip(&columns).map(|(cell, column)| {
            let name = format!("{}@{}", row.subject, column.text);
            let label = column.text.clone();
            match cell {
                None => view! { <td class="none" data-label=label><span class="note">"none"</span></td> }.into_any(),
                Some(cell) => {
                    let is_chosen = name == cell_of;
                    let href = address.with("cell", &name).href();
                    view! { <td data-label=label class=is_chosen.then_some("chosen")><a href=href aria-current=is_chosen.then_some("true")><CellText cell=cell/></a></td> }.into_any()
                }
            }
        }).collect_view();
        view! {
            <tr><th scope="row">{text::visible(&row.name, 60)}<small class="quiet">{kind(row.subject)}{(!row.acts).then(|| view! { " "<Badge word="may not act"/> })}</small></th>{cells}</tr>
        }
    }).collect_view();
    view! {
        <div class="wide-table" tabindex="0" role="region" aria-label="Who may do what where">
            <table class="matrix" data-fold="">
                <thead><tr><th scope="col">"Who"</th>{window.columns.into_iter().map(|column| view! { <th scope="col"><span class="mono">{column.text}</span></th> }).collect_view()}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
}

/// A cell in short: its marks, what gives most, and through whom.
#[component]
fn CellText(
    /// What holds.
    cell: Shown,
) -> impl IntoView {
    let marks = FIVE.map(|permission| view! { <i class=cell.all.contains(permission).then_some("on")></i> });
    let title = cell.by.first().map(|source| source.role.clone()).unwrap_or_default();
    let through = cell.by.first().map(through).unwrap_or_default();
    let others = cell.by.len() + cell.more - 1;
    let others = if others > 0 { format!(" and {others} more") } else { String::new() };
    let held =
        FIVE.iter().filter(|one| cell.all.contains(**one)).map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
    let partly = cell.some.without(cell.all);
    let partly = (!partly.is_empty()).then_some("partly ");
    view! {
        <span class="role"><span class="slots" aria-hidden="true">{marks}</span>" "{partly}{title}</span>
        <span class="sr">": all of "{held}</span>
        <small>{through}{others}</small>
    }
}

fn through(source: &Source) -> String {
    source.through.clone().unwrap_or_else(|| "own grant".to_owned())
}

/// The cell that was chosen: what holds, and by which grants.
#[component]
fn Chosen(
    /// Whose.
    row: MatrixRow,
    /// Where.
    column: Column,
    /// What.
    cell: Shown,
) -> impl IntoView {
    let said = |set: PermissionSet| if set.is_empty() { "nothing".to_owned() } else { names(set) };
    let partly = cell.some.without(cell.all);
    let literal = column.scope.repositories().is_none_or(domain::patterns::Pattern::is_literal);
    let registry = column.scope.registry().is_some() || column.scope.is_everything();
    let explain = (literal && registry).then(|| {
        let pairs = vec![
            ("who", row.subject.to_string()),
            ("act", "repository.pull".to_owned()),
            ("where", column.text.clone()),
        ];
        Address::new("/access/explain", pairs).href()
    });
    let sources = cell.by.into_iter().map(|source| {
        let until = source.until.map(|until| format!(", until {}", last_day(until))).unwrap_or_default();
        view! {
            <li><span class="state" data-tone="good"><span class="sr">"gives:"</span></span>
                <span><b>{source.role.clone()}</b>", "{through(&source)}{until}" "
                    {source.grant.map(|id| view! { <a class="note" href=to(&format!("/access/grants/{id}"))>{format!("grant {id}")}</a> })}</span></li>
        }
    }).collect_view();
    view! {
        <aside class="sided stack" aria-labelledby="cell">
            <h2 id="cell">{text::visible(&row.name, 60)}" on "<code>{column.text.clone()}</code></h2>
            <p>"All of it: "{said(cell.all)}"."</p>
            {(!partly.is_empty()).then(|| view! { <p>"Some of it: "{said(partly)}"."</p> })}
            <ol class="notes">{sources}</ol>
            {(cell.more > 0).then(|| view! { <p class="note">{format!("And {} more grants.", cell.more)}</p> })}
            {explain.map(|href| view! { <p class="actions"><a class="button" href=href>"Explain"</a></p> })}
        </aside>
    }
}

/// The neighbouring windows, down and across.
#[component]
fn Places(
    /// The page's address.
    address: Address,
    /// What it shows.
    window: Window,
    /// What was asked for.
    query: MatrixQuery,
) -> impl IntoView {
    let pager = |name: &'static str, word: &str, from: usize, count: usize, all: usize| {
        let at = |n: usize| {
            address.only(&FIELDS[..6]).with(name, &if n == 0 { String::new() } else { n.to_string() }).href()
        };
        let shown = format!("{word} {} to {} of {}", from + 1, from + count, text::count(all as u64));
        let previous = (from > 0).then(|| at(from.saturating_sub(WINDOW)));
        let next = (from + count < all).then(|| at(from + count));
        view! { <Pager shown=shown previous=previous next=next/> }
    };
    view! {
        {pager("row", "Rows", query.row, window.rows.len(), window.all_rows)}
        {pager("column", "Places", query.column, window.columns.len(), window.all_columns)}
    }
}
