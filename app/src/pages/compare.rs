//! Two images beside each other: layers, configuration, environment, labels, size.

mod fields;
mod layers;

use crate::{
    api,
    context::set_status,
    parts::{Crumb, Head, Icon, When, WhyNot, list::Address, page, place},
};
use domain::{Permission, Reference, compare::Comparison, text};
use fields::Fields;
use layers::Layers;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::{
    comparisons::{Choice, Comparing, Name, Side, Wanted},
    images::Part,
};

/// The page. Without both images it is the form that asks for them.
#[component]
pub fn Compare() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let of = |key: &str| query.get_str(key).unwrap_or_default().trim().to_owned();
    let mut picked = query.get_all("pick").unwrap_or_default().into_iter().filter(|pick| !pick.trim().is_empty());
    let (first, second) = (picked.next(), picked.next());
    let wanted = match first {
        Some(first) => Wanted { a: first, b: second.unwrap_or_default(), platform: of("platform"), ticked: true },
        None => Wanted { a: of("a"), b: of("b"), platform: of("platform"), ticked: false },
    };
    page(async move {
        let comparing = api::comparisons::compare(&wanted).await?;
        if let Some((kind, _)) = [&comparing.a, &comparing.b].into_iter().find_map(|choice| choice.trouble.as_ref()) {
            set_status(kind.status());
        }
        Ok(view! { <Whole comparing=comparing wanted=wanted.platform/> })
    })
}

#[component]
fn Whole(
    /// What there is to show.
    comparing: Comparing,
    /// The platform that was asked for.
    wanted: String,
) -> impl IntoView {
    let Comparing { a, b, platforms, comparison, needs, offers } = comparing;
    let title = match (&a.side, &b.side) {
        (Some(a), Some(b)) => format!("Compare {} and {}", a.name.reference, b.name.reference),
        _ => "Compare".to_owned(),
    };
    let crumbs = a.side.as_ref().or(b.side.as_ref()).map(crumbs).unwrap_or_default();
    let one = a.side.is_some() != b.side.is_some();
    let chosen = a
        .side
        .as_ref()
        .and_then(|side| side.platform.clone())
        .or_else(|| b.side.as_ref().and_then(|side| side.platform.clone()));
    let given = (a.typed.clone(), b.typed.clone());
    let b_open = b.side.is_none();
    let sides = a.side.clone().zip(b.side.clone());
    let (a_kept, b_kept) = (kept(a.side.as_ref()), kept(b.side.as_ref()));
    view! {
        <Head title=title heading="Compare".into_any() crumbs=crumbs/>
        <Form a=a b=b platforms=platforms chosen=chosen.unwrap_or(wanted)/>
        {[a_kept, b_kept].into_iter().flatten().collect_view()}
        {one.then(|| view! { <Offers offers=offers given=given b_open=b_open/> })}
        {match (comparison, sides) {
            (Some(comparison), Some((a, b))) => view! { <Differences comparison=comparison a=a b=b needs=needs/> }.into_any(),
            _ => ().into_any(),
        }}
    }
}

fn crumbs(side: &Side) -> Vec<Crumb> {
    let registry = side.name.registry.to_string();
    vec![
        Crumb::new("Registries", "/"),
        Crumb::new(registry.clone(), &place::registry_path(&registry)),
        Crumb::new(side.name.repository.to_string(), &place::repository_path(&registry, &side.name.repository)),
    ]
}

/// Which two, and for which platform.
#[component]
fn Form(
    /// The first.
    a: Choice,
    /// The second.
    b: Choice,
    /// Platforms to choose from.
    platforms: Vec<String>,
    /// The one that is shown.
    chosen: String,
) -> impl IntoView {
    let swapped =
        Address::new("/compare", vec![("a", b.typed.clone()), ("b", a.typed.clone()), ("platform", chosen.clone())]);
    let both = !a.typed.is_empty() && !b.typed.is_empty();
    let field = |name: &'static str, label: &'static str, choice: &Choice| {
        let invalid = choice.trouble.as_ref().map(|_| "true");
        let described = choice.trouble.as_ref().map(|_| format!("{name}-error"));
        view! {
            <label class="wide">{label}
                <input class="mono" name=name value=choice.typed.clone() placeholder="registry/repository:tag" spellcheck="false"
                    autocomplete="off" aria-invalid=invalid aria-describedby=described/></label>
        }
    };
    let (field_a, field_b) = (field("a", "A", &a), field("b", "B", &b));
    view! {
        <form class="filters" method="get" action=crate::base::to("/compare")>
            {field_a}
            {field_b}
            {(!platforms.is_empty()).then(|| view! {
                <label>"Platform"<select name="platform">
                    {platforms.into_iter().map(|name| {
                        let selected = name == chosen;
                        let word = text::visible(&name, 60);
                        let value = word.clone();
                        view! { <option value=value selected=selected>{word}</option> }
                    }).collect_view()}
                </select></label>
            })}
            <button>"Compare"</button>
            {both.then(|| view! { <a class="button" href=swapped.href() data-tone="plain">"Swap A and B"</a> })}
        </form>
        <Problem id="a-error" choice=a/>
        <Problem id="b-error" choice=b/>
    }
}

/// Why one of the two is not there.
#[component]
fn Problem(
    /// The id that the field names.
    id: &'static str,
    /// The choice.
    choice: Choice,
) -> impl IntoView {
    choice.trouble.map(|(_, trouble)| view! {
        <div class="notice" data-tone="danger" role="alert" id=id>
            <Icon name="alert"/>
            <p><b class="mono">{text::visible(&choice.typed, 200)}</b></p>
            <p>{text::visible(&trouble.message, 500)}</p>
            {(!trouble.tried.is_empty()).then(|| view! {
                <details><summary>"What was tried"</summary>
                    <ol>{trouble.tried.into_iter().map(|line| view! { <li><code>{text::visible(&line, 400)}</code></li> }).collect_view()}</ol>
                </details>
            })}
        </div>
    })
}

/// A side whose registry could not be asked where the tag points now: it is compared as it was.
fn kept(side: Option<&Side>) -> Option<AnyView> {
    let (name, freshness) = side.map(|side| (side.name.to_string(), side.freshness.clone()))?;
    let (trouble, at) = (freshness.trouble?, freshness.checked);
    Some(
        view! {
            <div class="notice" data-tone="warn" role="status">
                <Icon name="alert"/>
                <p><b class="mono">{name}</b>" could not be asked for. It is compared as it was "
                    {match at {
                        Some(at) => view! { <When at=at/> }.into_any(),
                        None => "before".into_any(),
                    }} "."</p>
                <p>{text::visible(&trouble.message, 500)}</p>
            </div>
        }
        .into_any(),
    )
}

/// With what to compare the one that is chosen.
#[component]
fn Offers(
    /// Full names, the nearest first.
    offers: Vec<Name>,
    /// What was typed for A and B.
    given: (String, String),
    /// Is it B that is missing?
    b_open: bool,
) -> impl IntoView {
    let links = offers.into_iter().map(|name| {
        // The older of two stands on the left.
        let known = if b_open { given.0.clone() } else { given.1.clone() };
        let href = Address::new("/compare", vec![("a", name.to_string()), ("b", known)]).href();
        view! { <li><a class="mono" href=href>{name.to_string()}</a></li> }
    });
    let links: Vec<_> = links.collect();
    if links.is_empty() {
        return view! { <p class="quiet">"Name the other image, from this registry or another one."</p> }.into_any();
    }
    view! {
        <section class="stack" aria-labelledby="offers">
            <h2 id="offers">"Compare with the tag before"</h2>
            <ul>{links.into_iter().collect_view()}</ul>
            <p class="quiet">"Or name another image, from this registry or another one."</p>
        </section>
    }
    .into_any()
}

#[component]
fn Differences(
    /// How they differ.
    comparison: Comparison,
    /// The first.
    a: Side,
    /// The second.
    b: Side,
    /// What is missing to see the configurations.
    needs: Option<Permission>,
) -> impl IntoView {
    let same = a.manifest.digest == b.manifest.digest;
    let (platform_a, platform_b) = (platform_of(&a), platform_of(&b));
    let apart = platform_a.clone().zip(platform_b.clone()).filter(|(a, b)| a != b);
    let sentence = if same { "Both are the same image.".to_owned() } else { comparison.sentence() };
    let (name_a, name_b) = (short(&a), short(&b));
    let closed = if matches!(a.manifest.config, Part::Needs(_)) { &a.name } else { &b.name };
    let closed = format!("{}/{}", closed.registry, closed.repository.to_segment());
    view! {
        <p class="lead">{sentence}</p>
        {apart.map(|(a, b)| view! {
            <div class="notice" data-tone="warn"><Icon name="alert"/><p>{format!("A is for {}, B for {}.", text::visible(&a, 60), text::visible(&b, 60))}</p></div>
        })}
        {needs.map(|permission| view! {
            <div class="notice"><Icon name="lock"/><p>"You need " <code>{permission.as_str()}</code> " to compare configurations. "
                <WhyNot what="compare them" permission=permission place=closed/></p></div>
        })}
        <Layers comparison=comparison.clone() a=name_a.clone() b=name_b.clone() hrefs=(image(&a.name), image(&b.name))/>
        <Fields comparison=comparison a=name_a b=name_b/>
    }
}

fn platform_of(side: &Side) -> Option<String> {
    let own = || side.manifest.config.here().map(|config| &config.platform).filter(|platform| platform.is_known());
    side.platform.clone().or_else(|| own().map(ToString::to_string))
}

fn image(name: &Name) -> String {
    match &name.reference {
        Reference::Tag(tag) => place::tag(name.registry.as_str(), &name.repository, tag),
        Reference::Digest(digest) => place::manifest(name.registry.as_str(), &name.repository, digest),
    }
}

fn short(side: &Side) -> String {
    match &side.name.reference {
        Reference::Tag(tag) => tag.to_string(),
        Reference::Digest(digest) => {
            let (start, end) = digest.short();
            format!("{start}…{end}")
        }
    }
}
