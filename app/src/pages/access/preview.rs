//! What a change would do, before it is made: who loses and who gains what where.

use super::grants_table::subject_path;
use crate::parts::{
    Icon, denied,
    slots::{Where, names},
};
use domain::{
    Permission,
    access::{PermissionSet, Subject},
    text,
};
use leptos::prelude::*;
use operations::what_if::{Preview, PreviewPart, PreviewRow};

/// As many subjects are named in one row; the rest is counted.
const NAMED: usize = 12;
/// As many rows are shown; the rest is counted.
const ROWS: usize = 40;

/// The table, or the sentence that nothing changes.
#[component]
pub fn PreviewTable(
    /// What would happen.
    preview: Preview,
    /// Was access changed since this was looked at last?
    #[prop(optional)]
    stale: bool,
) -> impl IntoView {
    let Preview { mut rows, concerned, you_lose, .. } = preview;
    // Whether there is something at other places is not told: one sentence for all that may be, as on the pages of subjects.
    let whole = denied::may(Permission::GrantView);
    let rest = rows.split_off(rows.len().min(ROWS));
    let unnamed = rest.iter().map(|row| row.subjects.len() as u64).sum::<u64>();
    let nothing = rows.is_empty();
    let many =
        if concerned == 1 { "1 account".to_owned() } else { format!("{} accounts", text::count(concerned as u64)) };
    view! {
        <section class="stack" aria-labelledby="what-if">
            <h2 id="what-if">"What this changes"</h2>
            {stale.then(|| view! {
                <div class="notice" data-tone="warn" role="status"><Icon name="alert"/>
                    <p>"Access was changed since you looked. Nothing is saved. This is what it would do now."</p></div>
            })}
            {you_lose.then(|| view! {
                <div class="notice" data-tone="danger" role="status"><Icon name="alert"/><p>"You lose rights yourself."</p></div>
            })}
            {if nothing {
                let words = if whole { "Nobody gains or loses anything by it now." } else {
                    "It makes no difference at the places that you may look at." };
                view! { <p>{words} " " <span class="note">{format!("It concerns {many}.")}</span></p> }.into_any()
            } else {
                view! {
                    <table data-fold="" aria-label="Who gains and loses what">
                        <thead><tr><th scope="col">"Who"</th><th scope="col">"Loses"</th><th scope="col">"Gains"</th></tr></thead>
                        <tbody>{rows.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
                    </table>
                    {(unnamed > 0).then(|| view! { <p class="note">{format!("And {} more.", text::counted(unnamed, "account", "accounts"))}</p> })}
                    <p class="note">{format!("It concerns {many}; those whom it makes no difference to are not named.")}
                        {(!whole).then_some(" There may be more at places that you may not look at.")}</p>
                }.into_any()
            }}
        </section>
    }
}

/// Some who gain and lose the same.
#[component]
fn Row(
    /// Which.
    row: PreviewRow,
) -> impl IntoView {
    let count = row.subjects.len();
    let more = count.saturating_sub(NAMED);
    let named = row.subjects.into_iter().take(NAMED).enumerate().map(|(at, (subject, name))| {
        let comma = (at > 0).then_some(", ");
        view! { {comma}<a href=subject_path(&subject.to_string())>{text::visible(&name, 64)}</a>{robot(subject)} }
    });
    let named = named.collect_view();
    view! {
        <tr>
            <th scope="row">{named}{(more > 0).then(|| format!(" and {} more", text::count(more as u64)))}</th>
            <td data-label="loses"><Parts parts=row.lost/></td>
            <td data-label="gains"><Parts parts=row.gained/></td>
        </tr>
    }
}

fn robot(subject: Subject) -> Option<AnyView> {
    matches!(subject, Subject::Robot(_)).then(|| view! { <span class="note">" robot"</span> }.into_any())
}

/// Permissions, each place in a line.
#[component]
fn Parts(
    /// What, and where.
    parts: Vec<PreviewPart>,
) -> impl IntoView {
    if parts.is_empty() {
        return view! { <span class="note">"nothing"</span> }.into_any();
    }
    let more = parts.len().saturating_sub(NAMED);
    let lines = parts.into_iter().take(NAMED).map(|part| {
        let what = said(part.permissions);
        view! { <div>{what} " " <span class="note">"on "</span><Where scope=part.scope registry=part.registry/></div> }
    });
    let lines = lines.collect_view();
    view! { {lines}{(more > 0).then(|| view! { <div class="note">{format!("and {more} more places")}</div> })} }
        .into_any()
}

/// What a set holds, all that comes along included: who loses to pull may go on seeing, or not.
fn said(permissions: PermissionSet) -> String {
    if permissions == PermissionSet::grantable() { "everything".to_owned() } else { names(permissions) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losing_all_is_told_from_losing_the_better_half() {
        let all: PermissionSet = [Permission::RepositoryPull].into_iter().collect();
        let half = all.without([Permission::RepositoryView].into_iter().collect());
        assert_eq!(said(all), "registry.view, repository.view, repository.pull");
        assert_eq!(said(half), "repository.pull");
        assert_eq!(said(PermissionSet::grantable()), "everything");
    }
}
