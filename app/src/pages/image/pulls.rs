//! How to pull it: a command by tag and by digest for each client. The choice of client is a row of radio buttons, so
//! that it needs neither a script nor another page.

use crate::parts::{CopyButton, DigestText, TextCommand};
use domain::{
    Digest, Reference,
    commands::{Client, clients_for, kubernetes_secret, pull},
};
use leptos::prelude::*;
use operations::images::Image;

/// The commands.
#[component]
pub fn Pulls(
    /// The image.
    image: Image,
) -> impl IntoView {
    let clients = clients_for(image.summary.kind);
    let choices = clients.iter().enumerate().map(|(n, client)| {
        let id = format!("with-{}", client.name());
        view! {
            <input class="sr" type="radio" name="client" id=id.clone() value=client.name() checked=n == 0 autocomplete="off"/>
            <label for=id>{client.name()}</label>
        }
    });
    let commands = clients.iter().map(|client| commands(&image, *client)).collect_view();
    view! {
        <fieldset class="pulls">
            <legend class="sr">"Pull with"</legend>
            <div class="choices">{choices.collect_view()}</div>
            {commands}
        </fieldset>
    }
}

fn commands(image: &Image, client: Client) -> impl IntoView + use<> {
    let reach = &image.reach;
    let command = |reference: &Reference| pull(client, &reach.address, &reach.trust, &image.repository, reference);
    let name = client.name();
    let by_tag = match &image.reference {
        Reference::Tag(_) => Some(image.reference.clone()),
        Reference::Digest(_) => image.siblings.first().cloned().map(Reference::Tag),
    };
    let secret = (client == Client::Kubernetes).then(|| kubernetes_secret(&reach.address));
    view! {
        <div class="cluster" data-client=name>
            {secret.map(|secret| view! { <TextCommand text=secret what="the command that makes the pull secret"/> })}
            {by_tag.map(|tag| view! { <TextCommand text=command(&tag) what=format!("{name}, by tag")/> })}
            <ByDigest text=command(&Reference::Digest(image.digest.clone())) digest=image.digest.clone() what=format!("{name}, by digest")/>
        </div>
    }
}

/// A command with a digest in it: the whole of it is there and is copied, its ends are shown.
#[component]
fn ByDigest(
    /// The command.
    text: String,
    /// The digest in it.
    digest: Digest,
    /// What it is.
    what: String,
) -> impl IntoView {
    let Some((before, after)) =
        text.split_once(digest.as_str()).map(|(before, after)| (before.to_owned(), after.to_owned()))
    else {
        return view! { <TextCommand text=text what=what/> }.into_any();
    };
    view! {
        <div class="command">
            <pre tabindex="0" aria-label=what.clone()>{before}<DigestText digest=digest scheme=true/>{after}</pre>
            <CopyButton text=text what=what/>
        </div>
    }
    .into_any()
}
