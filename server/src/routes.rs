//! The router: every address there is, behind the doors it belongs behind.

use crate::{
    api, assets, documents,
    doors::{self, Doors},
    events::{self, Events},
    exports,
    gate::{self, Gate},
    health,
    links::{self, Link, Purpose},
    sessions,
    settings::Settings,
    token,
};
use app::{App, base::Base, context, shell};
use axum::{
    Router, middleware,
    response::{IntoResponse, Redirect},
    routing::get,
};
use leptos::prelude::LeptosOptions;
use leptos_axum::{LeptosRoutes, generate_route_list};
use operations::Operations;
use tokio::sync::watch;
use tower::{Layer, util::MapRequestLayer};
use tower_http::{CompressionLevel, compression::CompressionLayer};

/// What a router is built of.
pub struct Parts {
    /// All settings; the doors read them.
    pub settings: Settings,
    /// What people can do.
    pub operations: Operations,
    /// The names of the front end's files, asked for each page.
    pub assets: doors::AssetNames,
    /// Becomes true when the program is to end: event streams end with it.
    pub stop: watch::Receiver<bool>,
}

/// Builds the router. Must be called within a runtime: the events follow the outbox from now on.
pub fn build(parts: Parts) -> Result<Router, crate::settings::Wrong> {
    let Parts { settings, operations, assets, stop } = parts;
    let base = Base::parse(settings.base()).map_err(|why| crate::settings::Wrong(format!("--public-url: {why}.")))?;
    let https = settings.https();
    let doors = Doors::new(&settings, base, assets.clone());
    let names = assets.clone();
    let setup = Link::new(Purpose::Setup, operations.clone(), base, https);
    let join = Link::new(Purpose::Join, operations.clone(), base, https);
    let events = Events::start(operations.clone(), stop.clone());
    let site = context::Site {
        operations: operations.clone(),
        base,
        assets: assets.clone(),
        errors: app::error::ErrorKey::random(),
        demo: settings.demo,
    };

    // Leptos asks for options; nothing is read from them.
    let options = LeptosOptions::builder().output_name("wharfinger").build();
    let provide = move || context::provide(&site);
    let pages = Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), provide.clone(), shell::shell)
        .fallback(leptos_axum::render_app_async_with_context(provide, shell::shell))
        .with_state(options)
        .layer(middleware::from_fn_with_state(doors::pages::Turns::default(), doors::pages::make))
        // Quick levels: a page is made for one reader, who waits for it. Nothing secret stands in a page beside what
        // somebody else could choose, so its compressed length tells nobody anything.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .route("/events", get(events::stream_events).with_state(events))
        .route("/exports/grants.csv", get(exports::grants).with_state(operations.clone()))
        .route("/exports/matrix.csv", get(exports::matrix).with_state(operations.clone()))
        .route("/raw/{registry}/{repository}/{digest}", get(documents::raw).with_state(operations.clone()));
    #[cfg(feature = "bench")]
    let pages = pages.merge(crate::bench::behind_the_doors(&operations));
    let pages = pages
        .layer(middleware::from_fn_with_state(Gate::new(operations.clone(), base), gate::keep))
        .layer(middleware::from_fn_with_state(operations.clone(), sessions::actor))
        .layer(sessions::layer(&operations, https, base))
        .layer(middleware::from_fn_with_state((https, base), sessions::around))
        .layer(middleware::from_fn_with_state(join.clone(), links::remember))
        .layer(middleware::from_fn_with_state(setup.clone(), links::remember));

    let inside = Router::new()
        .route("/assets/{name}", get(assets::serve))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz).with_state((operations.clone(), stop)))
        .route("/robots.txt", get(async || "User-agent: *\nDisallow: /\n"))
        .route(
            "/favicon.ico",
            get(async move || Redirect::temporary(&base.to(&format!("/assets/{}", assets().icon))).into_response()),
        )
        .route("/setup/{token}", get(links::open).head(async || ()).with_state(setup))
        .route("/join/{token}", get(links::open).head(async || ()).with_state(join))
        // No session, no gate: a token says who asks.
        .route(&format!("{}/", api::AT), get(async move || Redirect::temporary(&base.to(api::AT)).into_response()))
        .nest(api::AT, api::routes(&operations, base, names))
        // No session either: whoever asks brings what proves it, or is nobody.
        .merge(token::routes(&operations))
        .merge(pages)
        .layer(middleware::from_fn_with_state(doors.clone(), doors::origin::check))
        .layer(middleware::from_fn(doors::bodies::limit))
        .layer(middleware::from_fn(doors::panics::catch))
        .layer(middleware::from_fn_with_state(doors.clone(), doors::headers::secure))
        .layer(middleware::from_fn_with_state(doors, doors::requests::follow));

    // Around the router, since a layer inside runs after the route was chosen.
    let whole = Router::new();
    #[cfg(feature = "bench")]
    let whole = whole.merge(crate::bench::bare());
    Ok(whole.fallback_service(MapRequestLayer::new(move |request| doors::base::strip(base, request)).layer(inside)))
}
