//! Why somebody may or may not do something: choose who, what, where.

use super::{
    AccessHead, AccessTab,
    grants_table::{last_day, subject_path},
};
use crate::{
    api,
    base::to,
    context::{actor, form_error},
    parts::{Address, Field, PostForm, State, Tone, page},
};
use domain::{Permission, Place, text};
use leptos::prelude::*;
use operations::explain::{Answer, Question, Weight};

/// The page.
#[component]
pub fn Explain() -> impl IntoView {
    let address = Address::here("/access/explain", &["who", "act", "where"]);
    page(async move {
        let get = |name: &str| address.get(name).to_owned();
        let question = Question { who: get("who"), act: get("act"), place: get("where") };
        let answer = if question.act.is_empty() { None } else { Some(api::explain::explain(&question).await?) };
        let own = actor().name;
        let permissions = Permission::ALL.iter().copied().filter(|permission| permission.is_grantable());
        let act = question.act.clone();
        Ok(view! {
            <AccessHead tab=AccessTab::Explain/>
            <form class="filters sentence" action=to("/access/explain")>
                <label>"Can"<input name="who" value=question.who placeholder=own spellcheck="false" autocomplete="off"/></label>
                <label>"do"
                    <select name="act">
                        {permissions.map(|permission| view! {
                            <option value=permission.as_str() selected=permission.as_str() == act>{permission.as_str()}</option>
                        }).collect_view()}
                    </select>
                </label>
                <label class="wide">"on"<input class="mono" name="where" value=question.place placeholder="registry/team~api, or everything"
                    spellcheck="false" autocomplete="off"/></label>
                <button data-tone="primary">"Explain"</button>
            </form>
            {match answer {
                Some(answer) => view! { <Answered answer=answer/> }.into_any(),
                None => view! { <p class="note">"Who: empty for yourself; a name, or person-3, robot-5, everyone, anonymous. Where: a registry, a registry and a repository, or everything."</p> }.into_any(),
            }}
        })
    })
}

/// The place in words.
fn place_words(answer: &Answer) -> String {
    match &answer.place {
        Place::System => "everything".to_owned(),
        Place::Registry(_) => answer.registry.clone().unwrap_or_default(),
        Place::Repository(_, name) => format!("{}/{name}", answer.registry.clone().unwrap_or_default()),
    }
}

/// The answer in one sentence, then why.
#[component]
fn Answered(
    /// What was found.
    answer: Answer,
) -> impl IntoView {
    let name = if answer.oneself { "You".to_owned() } else { text::visible(&answer.name, 80) };
    let place = place_words(&answer);
    let giving = answer.weighed.iter().filter(|one| one.weight == Weight::Gives).count();
    let ended = answer.weighed.iter().filter(|one| one.weight == Weight::Ended).count();
    let word = answer.permission.as_str();
    let why = if answer.allowed {
        match giving {
            1 => "One grant gives it.".to_owned(),
            n => format!("{n} grants give it."),
        }
    } else if !answer.acts {
        "The account is disabled or has expired: it may do nothing, whatever is granted.".to_owned()
    } else if answer.stopped_by_token {
        "A grant gives it, and the token does not let it through. Sign in, or make a token that does.".to_owned()
    } else if ended > 0 {
        format!("It takes {word} here. No grant gives it any more: see which did, and until when.")
    } else {
        format!("It takes {word} here. No grant gives it.")
    };
    let (tone, yes, may) = if answer.allowed { ("good", "Yes.", "may use") } else { ("danger", "No.", "may not use") };
    let ask = !answer.allowed
        && answer.oneself
        && answer.acts
        && !answer.stopped_by_token
        && actor().kind == domain::ActorKind::Person;
    view! {
        <section class="verdict stack" data-tone=tone aria-labelledby="verdict">
            <p id="verdict"><strong>{yes}</strong>" "{name}" "{may}" "<code>{word}</code>" on "<code>{place}</code>"."</p>
            <p>{why}</p>
        </section>
        <div class="split" data-side="narrow">
            <div class="stack" data-gap="wide">
                <WeighedTable answer=answer.clone()/>
                <BesideTable answer=answer.clone()/>
            </div>
            <aside class="sided stack" data-gap="wide">
                {ask.then(|| view! { <Ask answer=answer.clone()/> })}
                <Helpers answer=answer/>
            </aside>
        </div>
    }
}

#[component]
fn WeighedTable(
    /// What was found.
    answer: Answer,
) -> impl IntoView {
    if answer.weighed.is_empty() {
        let none = "No grant reaches here: nothing gives it, here or elsewhere.";
        return view! { <section class="stack" aria-labelledby="weighed"><h2 id="weighed">"The grants that were weighed"</h2><p class="empty">{none}</p></section> }.into_any();
    }
    let rows = answer.weighed.into_iter().map(|one| {
        let (tone, word) = match one.weight {
            Weight::Gives => (Tone::Good, "gives it".to_owned()),
            Weight::Stopped => (Tone::Warn, "would give it".to_owned()),
            Weight::Ended => (Tone::Warn, format!("gave it; ended {}", one.until.map(last_day).unwrap_or_default())),
            Weight::GivesOther => (Tone::Idle, "gives something else".to_owned()),
            Weight::Elsewhere => (Tone::Idle, "is for another place".to_owned()),
        };
        let because = text::visible(&one.because, 120);
        view! {
            <tr>
                <th scope="row">{one.role}" "{one.grant.map(|id| view! { <a class="note" href=to(&format!("/access/grants/{id}"))>{format!("grant {id}")}</a> })}</th>
                <td data-label="as">{one.through.map_or_else(|| "itself".to_owned(), |through| text::visible(&through, 80))}</td>
                <td class="mono" data-label="where">{one.place}</td>
                <td class="note" data-label="until">{one.until.map_or_else(|| "no end".to_owned(), last_day)}</td>
                <td data-fold="row"><State tone=tone word=word/>{(!because.is_empty()).then(|| view! { <br/><span class="note">{because}</span> })}</td>
            </tr>
        }
    });
    view! {
        <section class="stack" aria-labelledby="weighed"><h2 id="weighed">"The grants that were weighed"</h2>
            <table data-fold="">
                <thead><tr><th scope="col">"Role"</th><th scope="col">"Reaches as"</th><th scope="col">"Where"</th><th scope="col">"Until"</th><th scope="col">"Weighed"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }.into_any()
}

#[component]
fn BesideTable(
    /// What was found.
    answer: Answer,
) -> impl IntoView {
    let place = answer.place_text.clone();
    let who = if answer.oneself { String::new() } else { answer.subject.to_string() };
    let rows = answer.beside.into_iter().map(|one| {
        let href = Address::new(
            "/access/explain",
            vec![("who", who.clone()), ("act", one.permission.to_string()), ("where", place.clone())],
        )
        .href();
        let (tone, word) = if one.by.is_some() { (Tone::Good, "yes") } else { (Tone::Danger, "no") };
        view! {
            <tr>
                <th scope="row" class="mono nowrap"><a href=href>{one.permission.as_str()}</a></th>
                <td><State tone=tone word=word/></td>
                <td class="note" data-fold="hide">{one.permission.purpose()}</td>
                <td class="note" data-fold="row">{one.by.unwrap_or_else(|| "nothing gives it".to_owned())}</td>
            </tr>
        }
    });
    view! {
        <section class="stack" aria-labelledby="beside"><h2 id="beside">"Everything at the same place"</h2>
            <table data-fold="">
                <thead><tr><th scope="col">"Permission"</th><th scope="col">"Now"</th><th scope="col">"What it is for"</th><th scope="col">"By"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
}

/// The form that asks for it.
#[component]
fn Ask(
    /// What was found.
    answer: Answer,
) -> impl IntoView {
    let error = form_error("/do/access-request");
    let because = error.as_ref().and_then(|error| error.typed("because")).unwrap_or_default();
    let wrong = error.as_ref().and_then(|error| error.of("because"));
    view! {
        <section class="stack" aria-labelledby="ask"><h2 id="ask">"Request access"</h2>
            <PostForm action="/do/access-request" error=error class="stack">
                <input type="hidden" name="act" value=answer.permission.as_str()/>
                <input type="hidden" name="place" value=answer.place_text/>
                <Field name="because" label="What you need it for" kind="area" value=because error=wrong required=true/>
                <p class="actions"><button data-tone="primary">"Request access"</button></p>
            </PostForm>
        </section>
    }
}

/// Who could help, and by which role.
#[component]
fn Helpers(
    /// What was found.
    answer: Answer,
) -> impl IntoView {
    let grantors = answer
        .grantors
        .into_iter()
        .map(|(subject, name)| {
            let name = text::visible(&name, 80);
            if answer.holders.is_some() {
                view! { <li><a href=subject_path(&subject.to_string())>{name}</a></li> }.into_any()
            } else {
                view! { <li>{name}</li> }.into_any()
            }
        })
        .collect::<Vec<_>>();
    let nobody = grantors.is_empty();
    let more = (answer.more_grantors > 0).then(|| format!("and {} more", answer.more_grantors));
    let smallest = answer.roles.first().map(|role| role.name.clone());
    let (registry, repository) = match &answer.place {
        Place::System => (String::new(), String::new()),
        Place::Registry(_) => (answer.registry.clone().unwrap_or_default(), String::new()),
        Place::Repository(_, name) => (answer.registry.clone().unwrap_or_default(), name.to_string()),
    };
    let grant = answer.could_grant.filter(|_| !answer.allowed && !answer.oneself).map(|role| {
        let pairs = vec![
            ("subject", answer.subject.to_string()),
            ("role", role.id.to_string()),
            ("registry", registry),
            ("repositories", repository),
        ];
        (Address::new("/access/grants/new", pairs).href(), format!("Grant {} to {}", role.name, answer.name))
    });
    let list = Address::new(
        "/access/matrix",
        vec![("may", answer.permission.to_string()), ("patterns", answer.place_text.clone())],
    )
    .href();
    view! {
        <section class="stack" aria-labelledby="could"><h2 id="could">"Who could grant it"</h2>
            {if nobody { view! { <p class="note">"Nobody whom you may know of."</p> }.into_any() } else { view! { <ul>{grantors}{more.map(|more| view! { <li class="note">{more}</li> })}</ul> }.into_any() }}
            {smallest.map(|role| view! { <p class="note">"The smallest role that gives it: "<b>{role}</b>"."</p> })}
            {grant.map(|(href, words)| view! { <p class="actions"><a class="button" href=href>{words}</a></p> })}
        </section>
        {answer.holders.map(|count| view! {
            <section class="stack" aria-labelledby="holders"><h2 id="holders">"Who can"</h2>
                <p>{text::counted(count as u64, "subject", "subjects")}" can do it there. "<a href=list>"List them"</a></p>
            </section>
        })}
    }
}
