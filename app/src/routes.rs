//! The addresses of the pages. Everything renders at once on the server (`SsrMode::Async`), so that pages and their
//! status codes are whole without WebAssembly.

use crate::{base::base, context::request_id, pages, parts::Trouble};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

/// Every page.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router base=base().0>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=pages::sign_in::SignIn ssr=SsrMode::Async/>
                <Route path=path!("/join") view=pages::join::Join ssr=SsrMode::Async/>
                <Route path=path!("/setup") view=pages::setup::Setup ssr=SsrMode::Async/>
                <Route path=path!("/") view=pages::overview::Overview ssr=SsrMode::Async/>
                <Route path=path!("/search") view=pages::search::Search ssr=SsrMode::Async/>
                <Route path=path!("/tags") view=pages::tags_across::TagsAcross ssr=SsrMode::Async/>
                <Route path=path!("/repositories") view=pages::repositories_across::RepositoriesAcross ssr=SsrMode::Async/>
                <Route path=path!("/compare") view=pages::compare::Compare ssr=SsrMode::Async/>
                <Route path=path!("/registries/:registry") view=pages::repositories::Repositories ssr=SsrMode::Async/>
                <Route path=path!("/registries/:registry/:repository") view=pages::tags::Tags ssr=SsrMode::Async/>
                <Route path=path!("/registries/:registry/:repository/history") view=pages::history::History ssr=SsrMode::Async/>
                <Route path=path!("/registries/:registry/:repository/storage") view=pages::repository_storage::RepositoryStorage ssr=SsrMode::Async/>
                <Route path=path!("/registries/:registry/:repository/tags/:tag") view=pages::image::ByTag ssr=SsrMode::Async/>
                <Route path=path!("/registries/:registry/:repository/manifests/:digest") view=pages::image::ByDigest ssr=SsrMode::Async/>
                <Route path=path!("/storage/:registry") view=pages::storage::Storage ssr=SsrMode::Async/>
                <Route path=path!("/reading/:registry") view=pages::reading::Reading ssr=SsrMode::Async/>
                <Route path=path!("/health/:registry") view=pages::health::Health ssr=SsrMode::Async/>
                <Route path=path!("/settings/registries") view=pages::connections::Connections ssr=SsrMode::Async/>
                <Route path=path!("/settings/registries/new") view=pages::connection_new::ConnectionNew ssr=SsrMode::Async/>
                <Route path=path!("/settings/registries/:registry") view=pages::connection::Connection ssr=SsrMode::Async/>
                <Route path=path!("/settings/registries/:registry/use") view=pages::connection_use::ConnectionUse ssr=SsrMode::Async/>
                <Route path=path!("/settings/registries/:registry/tokens") view=pages::registry_tokens::RegistryTokens ssr=SsrMode::Async/>
                <Route path=path!("/settings/registries/:registry/remove") view=pages::connection_remove::ConnectionRemove ssr=SsrMode::Async/>
                <Route path=path!("/access") view=pages::access::overview::AccessOverview ssr=SsrMode::Async/>
                <Route path=path!("/access/explain") view=pages::access::explain::Explain ssr=SsrMode::Async/>
                <Route path=path!("/access/matrix") view=pages::access::matrix::Matrix ssr=SsrMode::Async/>
                <Route path=path!("/access/requests") view=pages::access::requests::Requests ssr=SsrMode::Async/>
                <Route path=path!("/access/review") view=pages::access::review::Review ssr=SsrMode::Async/>
                <Route path=path!("/access/review/report") view=pages::access::review::Report ssr=SsrMode::Async/>
                <Route path=path!("/access/grants") view=pages::access::grants::Grants ssr=SsrMode::Async/>
                <Route path=path!("/access/grants/new") view=pages::access::grant_new::GrantNew ssr=SsrMode::Async/>
                <Route path=path!("/access/grants/:grant") view=pages::access::grant::Grant ssr=SsrMode::Async/>
                <Route path=path!("/access/keys") view=pages::access::keys::Keys ssr=SsrMode::Async/>
                <Route path=path!("/access/people") view=pages::access::people::People ssr=SsrMode::Async/>
                <Route path=path!("/access/people/:person") view=pages::access::person::Person ssr=SsrMode::Async/>
                <Route path=path!("/access/teams") view=pages::access::teams::Teams ssr=SsrMode::Async/>
                <Route path=path!("/access/teams/:team") view=pages::access::team::Team ssr=SsrMode::Async/>
                <Route path=path!("/access/robots") view=pages::access::robots::Robots ssr=SsrMode::Async/>
                <Route path=path!("/access/robots/:robot") view=pages::access::robot::Robot ssr=SsrMode::Async/>
                <Route path=path!("/access/roles") view=pages::access::roles::Roles ssr=SsrMode::Async/>
                <Route path=path!("/access/roles/new") view=pages::access::role_new::RoleNew ssr=SsrMode::Async/>
                <Route path=path!("/access/roles/:role") view=pages::access::role::Role ssr=SsrMode::Async/>
                <Route path=path!("/audit") view=pages::audit::Audit ssr=SsrMode::Async/>
                <Route path=path!("/audit/:sequence") view=pages::audit_entry::AuditEntry ssr=SsrMode::Async/>
                <Route path=path!("/profile") view=pages::profile::Profile ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}

/// Nothing is behind this address.
#[component]
fn NotFound() -> impl IntoView {
    let mut error = crate::error::AppError::not_found("There is no such page.");
    error.reference = request_id();
    crate::context::tell(&error);
    view! { <Trouble error=error/> }
}
