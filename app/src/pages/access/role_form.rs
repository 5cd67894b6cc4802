//! The fields of a role: name, purpose, permissions.

use crate::{
    error::AppError,
    parts::{Field, Icon},
};
use domain::{Permission, access::BRINGS};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use operations::roles::RoleForm;

/// The name that ticked permissions go under.
pub const TICKED: &str = "permissions[]";

/// What the address holds of the form.
pub fn typed(query: &ParamsMap) -> RoleForm {
    RoleForm {
        name: query.get("name").unwrap_or_default(),
        description: query.get("description").unwrap_or_default(),
        permissions: query.get_all(TICKED).unwrap_or_default(),
    }
}

/// The fields, with what is wrong with them.
#[component]
pub fn RoleFields(
    /// What stands in them.
    form: RoleForm,
    /// What is wrong.
    #[prop(optional_no_strip)]
    error: Option<AppError>,
) -> impl IntoView {
    let of = |field: &str| error.as_ref().and_then(|error| error.of(field));
    let (name_error, description_error, permissions_error) = (of("name"), of("description"), of("permissions"));
    let whole = error.filter(|error| error.fields.is_empty()).map(|error| error.message);
    let ticks = Permission::ALL.iter().copied().filter(|one| one.is_grantable()).map(|own| {
        let brings: Vec<&str> = BRINGS.iter().filter(|(of, _)| *of == own).map(|(_, brings)| brings.as_str()).collect();
        let brings = (!brings.is_empty()).then(|| format!(" Brings {} along.", brings.join(", ")));
        let checked = form.permissions.iter().any(|name| name == own.as_str());
        view! {
            <label class="tick"><input type="checkbox" name=TICKED value=own.as_str() checked=checked/>
                <span><code>{own.as_str()}</code> " " <span class="note">{own.purpose()}{brings}</span></span></label>
        }
    });
    view! {
        {whole.map(|message| view! { <div class="notice" data-tone="danger" role="alert"><Icon name="alert"/><p><b>{message}</b></p></div> })}
        <Field name="name" label="Name" value=form.name.clone() error=name_error required=true placeholder="Releaser"/>
        <Field name="description" label="What it is for" value=form.description.clone() error=description_error/>
        <fieldset class="stack" data-gap="narrow"><legend>"What it gives"</legend>
            {ticks.collect_view()}
            {permissions_error.map(|error| view! { <span class="error"><Icon name="alert"/>{error}</span> })}
        </fieldset>
    }
}

/// The same fields for the last step, as they were looked at.
#[component]
pub fn Hidden(
    /// What stands in the form.
    form: RoleForm,
) -> impl IntoView {
    view! {
        <input type="hidden" name="name" value=form.name/>
        <input type="hidden" name="description" value=form.description/>
        {form.permissions.into_iter().map(|one| view! { <input type="hidden" name=TICKED value=one/> }).collect_view()}
    }
}
