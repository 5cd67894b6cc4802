//! The section about who may do what: its head, its tabs, and its pages, a file each.

mod asking;
pub mod explain;
pub mod grant;
mod grant_form;
pub mod grant_new;
pub mod grants;
mod grants_table;
pub mod keys;
pub mod matrix;
pub mod overview;
pub mod people;
pub mod person;
mod preview;
pub mod requests;
pub mod review;
pub mod robot;
pub mod robots;
pub mod role;
mod role_form;
pub mod role_new;
pub mod roles;
pub mod subject;
pub mod team;
pub mod teams;
pub mod templates;

use crate::{
    api,
    base::to,
    context::actor,
    parts::{Count, Crumb, Head, page::suspended},
};
use domain::{Actor, Permission, Place, permission::allows};
use leptos::prelude::*;

/// A part of the section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTab {
    /// Who can do what, by repository, by subject, by role.
    Overview,
    /// Who may do what where, as a table.
    Matrix,
    /// Why somebody may or may not.
    Explain,
    /// What people ask to be granted.
    Requests,
    /// What was granted.
    Grants,
    /// Who can sign in.
    People,
    /// Groups of people.
    Teams,
    /// Machines' accounts.
    Robots,
    /// Sets of permissions.
    Roles,
    /// What signs tokens for registries.
    Keys,
    /// What should be looked at again.
    Review,
}

impl AccessTab {
    /// All of them, from left to right.
    const ALL: [Self; 11] = [
        Self::Overview,
        Self::Matrix,
        Self::Explain,
        Self::Requests,
        Self::Grants,
        Self::People,
        Self::Teams,
        Self::Robots,
        Self::Roles,
        Self::Keys,
        Self::Review,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Matrix => "Matrix",
            Self::Explain => "Explain",
            Self::Requests => "Requests",
            Self::Grants => "Grants",
            Self::People => "People",
            Self::Teams => "Teams",
            Self::Robots => "Robots",
            Self::Roles => "Roles",
            Self::Keys => "Keys",
            Self::Review => "Review",
        }
    }
    /// Its address, without the base.
    pub fn path(self) -> &'static str {
        match self {
            Self::Overview => "/access",
            Self::Matrix => "/access/matrix",
            Self::Explain => "/access/explain",
            Self::Requests => "/access/requests",
            Self::Grants => "/access/grants",
            Self::People => "/access/people",
            Self::Teams => "/access/teams",
            Self::Robots => "/access/robots",
            Self::Roles => "/access/roles",
            Self::Keys => "/access/keys",
            Self::Review => "/access/review",
        }
    }
    /// Is it of use to whoever asks? Everybody has grants, teams and robots of their own to look at.
    fn is_of_use(self, actor: &Actor) -> bool {
        match self {
            Self::Review | Self::Matrix => actor.rights.anywhere(Permission::GrantView),
            Self::Keys => allows(actor, Permission::RegistryManage, Place::System).is_ok(),
            Self::People => allows(actor, Permission::PeopleManage, Place::System).is_ok(),
            _ => actor.is_known(),
        }
    }
}

/// The head of a list of this section, with the tabs. Pages below a list have [`crumbs`] instead.
#[component]
pub fn AccessHead(
    /// The part that is shown.
    tab: AccessTab,
    /// Buttons on the right.
    #[prop(optional, into)]
    actions: Option<AnyView>,
    /// At most five facts, each a `<span>`.
    #[prop(optional, into)]
    facts: Option<AnyView>,
) -> impl IntoView {
    let who = actor();
    let title = if tab == AccessTab::Overview { "Access".to_owned() } else { format!("{} · Access", tab.word()) };
    let tabs = AccessTab::ALL.into_iter().filter(|one| *one == tab || one.is_of_use(&who)).map(|one| {
        let waiting = (one == AccessTab::Requests && api::grants::may_grant()).then(|| view! { <Waiting/> });
        view! { <a href=to(one.path()) aria-current=(one == tab).then_some("page")>{one.word()}{waiting}</a> }
    });
    // A prop that is not given is none, and one that is given is not an option.
    let head = match (actions, facts) {
        (Some(actions), Some(facts)) => {
            view! { <Head title=title heading=heading() actions=actions facts=facts/> }.into_any()
        }
        (Some(actions), None) => view! { <Head title=title heading=heading() actions=actions/> }.into_any(),
        (None, Some(facts)) => view! { <Head title=title heading=heading() facts=facts/> }.into_any(),
        (None, None) => view! { <Head title=title heading=heading()/> }.into_any(),
    };
    view! {
        {head}
        <nav class="tabs" aria-label="Access">{tabs.collect_view()}</nav>
    }
}

/// How many requests wait for whoever looks; nothing where none does.
#[component]
fn Waiting() -> impl IntoView {
    suspended(async {
        let count = api::requests::count().await.unwrap_or_default() as u64;
        (count > 0).then(|| view! { " "<span><Count count=count/><span class="sr">" waiting"</span></span> })
    })
}

/// The section's heading.
fn heading() -> AnyView {
    "Access".into_any()
}

/// The way down to a page below one of the lists.
pub fn crumbs(tab: AccessTab) -> Vec<Crumb> {
    match tab {
        AccessTab::Overview => vec![Crumb::new("Access", "/access")],
        _ => vec![Crumb::new("Access", "/access"), Crumb::new(tab.word(), tab.path())],
    }
}
