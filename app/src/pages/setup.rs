//! The first start: the first person makes their account here.

use crate::{
    api,
    context::form_error,
    parts::{Field, Head, PostForm, page, rail::Brand},
};
use leptos::prelude::*;

const ACTION: &str = "/do/setup-complete";

/// With the one-time link: name and password of the first person. Without: where to find the link.
#[component]
pub fn Setup() -> impl IntoView {
    page(async move {
        let ready = api::setup::ready().await?;
        let error = form_error(ACTION);
        let name = error.as_ref().and_then(|e| e.typed("name")).unwrap_or_default();
        let problem = |field: &str| error.as_ref().and_then(|e| e.of(field));
        let (name_problem, password_problem, again_problem) = (problem("name"), problem("password"), problem("again"));
        Ok(view! {
            <div class="stack" data-gap="wide">
                <Brand/>
                {if ready {
                    view! {
                        <div class="stack">
                            <Head title="Set up Wharfinger"/>
                            <p class="quiet">"Nobody has an account yet. Yours will be the first, and may do everything."</p>
                        </div>
                        <PostForm action=ACTION error=error class="stack">
                            <Field name="name" label="Name" value=name error=name_problem autocomplete="username" required=true/>
                            <Field name="password" label="Password" hint="At least 12 characters. A few words are good." kind="password"
                                error=password_problem autocomplete="new-password" required=true/>
                            <Field name="again" label="Password again" kind="password" error=again_problem autocomplete="new-password" required=true/>
                            <p class="actions"><button data-tone="primary">"Create the account"</button></p>
                        </PostForm>
                    }.into_any()
                } else {
                    view! {
                        <div class="stack">
                            <Head title="Open the setup link"/>
                            <p>"Nobody has an account yet. At its start the program printed a link that makes the first one: look into its terminal or log for "
                                <code>"/setup/"</code> "."</p>
                            <p class="note">"The link is good for 24 hours and for one account. A restart prints a new one."</p>
                        </div>
                    }.into_any()
                }}
            </div>
        })
    })
}
