//! Adding a registry.

use crate::{
    api,
    context::form_error,
    parts::{ConnectionFields, Crumb, Findings, Head, page},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::connections::{ConnectionForm, Stored};

/// The form on the left, what a test found on the right.
#[component]
pub fn ConnectionNew() -> impl IntoView {
    let asked = use_query_map().get_untracked().get_str("draft").map(str::to_owned);
    page(async move {
        api::connections::may_add()?;
        let error = form_error("/do/registry-add")
            .or_else(|| form_error("/do/registry-test"))
            .or_else(|| form_error("/do/registry-paste"));
        let id = error.as_ref().and_then(|e| e.typed("draft")).or(asked);
        let draft = id.as_deref().and_then(api::connections::draft);
        let (form, stored, report) = match draft {
            Some(draft) => (draft.form, draft.stored, draft.report),
            None => (ConnectionForm::empty(), Stored::default(), None),
        };
        Ok(view! {
            <Head title="Add a registry" crumbs=vec![Crumb::new("Registries", "/settings/registries")]/>
            <div class="split" data-side="even">
                <ConnectionFields form=form draft=id error=error stored=stored action="/do/registry-add" button="Add registry".to_owned()/>
                <section class="sided stack" aria-labelledby="probe">
                    {match report {
                        Some(report) => view! { <Findings report=report/> }.into_any(),
                        None => view! {
                            <h2 id="probe">"What the probe will look at"</h2>
                            <p>"Test looks at name, connection, certificate, protocol, credentials, catalogue, paging, deleting, referrers, clock and rate limits, and says what each means here."</p>
                            <p class="note">"It reads only. With your leave it asks to delete a digest that nothing can have."</p>
                        }.into_any(),
                    }}
                </section>
            </div>
        })
    })
}
