//! The form about a grant. It is a GET form: what is typed stands in the address, and the same page shows what it would do.

use crate::{
    base::to,
    error::AppError,
    parts::{Field, Icon},
};
use domain::text;
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use operations::{grants::GrantForm, roles::RoleRow};

/// What there is to choose from.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Subjects: how they are written, and what they are called.
    pub subjects: Vec<(String, String)>,
    /// Roles.
    pub roles: Vec<RoleRow>,
    /// Registries: how they are written, and what they are called.
    pub registries: Vec<(String, String)>,
}

/// What the address holds of the form.
pub fn typed(query: &ParamsMap) -> GrantForm {
    let get = |name: &str| query.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    GrantForm {
        subject: get("subject"),
        role: get("role"),
        registry: get("registry"),
        repositories: get("repositories"),
        until: get("until"),
        because: get("because"),
    }
}

/// Does the address ask to show what it would do? And was it too old when it was to be saved?
pub fn looks() -> (bool, bool) {
    let query = use_query_map().get_untracked();
    (query.get_str("look") == Some("yes"), query.get_str("stale") == Some("yes"))
}

/// The form. Without `subject` it is for a grant that is there.
#[component]
pub fn GrantFields(
    /// Where it leads: the page's own path.
    path: String,
    /// What stands in it.
    form: GrantForm,
    /// What there is to choose from.
    choices: Choices,
    /// Can the subject be chosen?
    subject: bool,
    /// What is wrong with it.
    #[prop(optional_no_strip)]
    error: Option<AppError>,
) -> impl IntoView {
    let of = |field: &str| error.as_ref().and_then(|error| error.of(field));
    let (subject_error, role_error, registry_error, repositories_error, until_error, because_error) =
        (of("subject"), of("role"), of("registry"), of("repositories"), of("until"), of("because"));
    // What is no field's fault stands above.
    let whole = error.filter(|error| error.fields.is_empty()).map(|error| error.message);
    let called = |own: &str| choices.subjects.iter().find(|(id, _)| id == own).map(|(_, called)| called.clone());
    let who = called(&form.subject).unwrap_or_else(|| form.subject.clone());
    let names: Vec<String> = choices.subjects.into_iter().map(|(_, called)| called).collect();
    let wrong = |error: Option<String>, id: &'static str| {
        error.map(|error| view! { <span class="error" id=id><Icon name="alert"/>{error}</span> })
    };
    let invalid = |error: &Option<String>| error.as_ref().map(|_| "true");
    let (bad_subject, bad_role, bad_registry, bad_until) =
        (invalid(&subject_error), invalid(&role_error), invalid(&registry_error), invalid(&until_error));
    let day = form.until.is_empty() || form.until.len() == 10;
    view! {
        <form class="stack" action=to(&path)>
            <input type="hidden" name="look" value="yes"/>
            {whole.map(|message| view! { <div class="notice" data-tone="danger" role="alert"><Icon name="alert"/><p><b>{message}</b></p></div> })}
            {subject.then(|| view! {
                <p class="field"><label for="subject">"To whom"</label>
                    <span class="note" id="subject-hint">"A person, a team, a robot; everyone signed in; anonymous."</span>
                    <input id="subject" name="subject" value=who list="subjects" required=true autocomplete="off" spellcheck="false"
                        aria-invalid=bad_subject aria-describedby="subject-hint subject-error"/>
                    <datalist id="subjects">{names.into_iter().map(|name| view! { <option value=name></option> }).collect_view()}</datalist>
                    {wrong(subject_error, "subject-error")}
                </p>
            })}
            <p class="field"><label for="role">"Role"</label>
                <select id="role" name="role" required=true aria-invalid=bad_role aria-describedby="role-error">
                    <option value="">"choose a role"</option>
                    {choices.roles.into_iter().map(|row| {
                        let id = row.role.id.to_string();
                        let about = text::visible(&row.role.description, 60);
                        let word = if about.is_empty() { row.role.name } else { format!("{}: {about}", row.role.name) };
                        view! { <option value=id.clone() selected=id == form.role>{word}</option> }
                    }).collect_view()}
                </select>
                {wrong(role_error, "role-error")}
            </p>
            <p class="field"><label for="registry">"In which registry"</label>
                <select id="registry" name="registry" aria-invalid=bad_registry aria-describedby="registry-error">
                    <option value="">"all registries"</option>
                    {choices.registries.into_iter().map(|(value, called)| view! { <option value=value.clone() selected=value == form.registry>{called}</option> }).collect_view()}
                </select>
                {wrong(registry_error, "registry-error")}
            </p>
            <Field name="repositories" label="On which repositories" hint="A name, or a pattern such as team-a/**; empty for all, and for what concerns the registry itself."
                value=form.repositories error=repositories_error mono=true/>
            <p class="field"><label for="until">"Last day"</label>
                <span class="note" id="until-hint">"It holds to the end of this day in UTC; empty for no end."</span>
                <input id="until" name="until" type=if day { "date" } else { "text" } value=form.until autocomplete="off"
                    aria-invalid=bad_until aria-describedby="until-hint until-error"/>
                {wrong(until_error, "until-error")}
            </p>
            <Field name="because" label="Because" hint="For whoever looks at it later." value=form.because error=because_error placeholder="release 4.18"/>
            <p class="actions"><button>"See what it changes"</button></p>
        </form>
    }
}

/// The same fields for the last step, as they were looked at.
#[component]
pub fn Hidden(
    /// What stands in the form.
    form: GrantForm,
    /// The generation that was looked at.
    generation: i64,
) -> impl IntoView {
    view! {
        <input type="hidden" name="role" value=form.role/>
        <input type="hidden" name="registry" value=form.registry/>
        <input type="hidden" name="repositories" value=form.repositories/>
        <input type="hidden" name="until" value=form.until/>
        <input type="hidden" name="because" value=form.because/>
        <input type="hidden" name="generation" value=generation/>
    }
}
