//! Coming in by a link: somebody chooses the password of their account.

use crate::{
    api,
    base::to,
    context::form_error,
    parts::{Field, Head, PostForm, page, rail::Brand},
};
use leptos::prelude::*;
use operations::{invitations::Invitation, people::LinkKind};

const ACTION: &str = "/do/person-join";

/// With a good link: the name, and fields for the password. Without: whom to ask.
#[component]
pub fn Join() -> impl IntoView {
    page(async move {
        let invitation = api::join::invitation().await?;
        Ok(view! {
            <div class="stack" data-gap="wide">
                <Brand/>
                {match invitation {
                    Some(invitation) => view! { <Choose invitation=invitation/> }.into_any(),
                    None => view! {
                        <div class="stack">
                            <Head title="This link is not good"/>
                            <p>"It is used up, void or older than 7 days. Ask whoever gave it to you for another one."</p>
                            <p class="actions"><a class="button" href=to("/sign-in")>"Sign in"</a></p>
                        </div>
                    }.into_any(),
                }}
            </div>
        })
    })
}

/// The form.
#[component]
fn Choose(
    /// For whom.
    invitation: Invitation,
) -> impl IntoView {
    let error = form_error(ACTION);
    let problem = |field: &str| error.as_ref().and_then(|error| error.of(field));
    let (password_problem, again_problem) = (problem("password"), problem("again"));
    let (title, sentence, word) = match invitation.kind {
        LinkKind::Invite => ("Welcome", "This is your account here. Choose a password for it.", "Take the account"),
        LinkKind::Reset => (
            "Choose another password",
            "All sessions and whatever came by the old password end.",
            "Change the password",
        ),
    };
    view! {
        <div class="stack">
            <Head title=title/>
            <p class="quiet">{sentence}</p>
            <p>"You sign in as " <b>{invitation.name.clone()}</b> "."</p>
        </div>
        <PostForm action=ACTION error=error class="stack">
            <input type="hidden" name="username" autocomplete="username" value=invitation.name/>
            <Field name="password" label="Password" hint="At least 12 characters. A few words are good." kind="password"
                error=password_problem autocomplete="new-password" required=true/>
            <Field name="again" label="Password again" kind="password" error=again_problem autocomplete="new-password" required=true/>
            <p class="actions"><button data-tone="primary">{word}</button></p>
        </PostForm>
    }
}
