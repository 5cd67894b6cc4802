//! The refresh tokens of a person or a robot.

use super::{PostForm, When};
use domain::access::Subject;
use leptos::prelude::*;
use operations::token_server::RefreshTokenRow;

/// The list; nothing where there are none.
#[component]
pub fn RefreshTokens(
    /// Whose.
    subject: Subject,
    /// The last used first.
    rows: Vec<RefreshTokenRow>,
) -> impl IntoView {
    (!rows.is_empty()).then(|| view! {
        <section class="stack" aria-labelledby="refresh">
            <h2 id="refresh">"Sign-ins at registries"</h2>
            <p class="quiet">"docker login keeps a refresh token instead of the secret. Each ends with what it was made with, and after 90 days without use."</p>
            <table data-fold="">
                <thead><tr><th scope="col">"Registry"</th><th scope="col">"Made with"</th><th scope="col" class="num">"Made"</th>
                    <th scope="col" class="num">"Last used"</th><th scope="col">"From"</th><th scope="col"><span class="sr">"Revoke it"</span></th></tr></thead>
                <tbody>{rows.into_iter().map(|row| view! { <Row subject=subject row=row/> }).collect_view()}</tbody>
            </table>
        </section>
    })
}

/// One of them in its row.
#[component]
fn Row(
    /// Whose.
    subject: Subject,
    /// Which.
    row: RefreshTokenRow,
) -> impl IntoView {
    let client = domain::text::visible(&row.client, 60);
    let with = row.made_with.map_or("the password".to_owned(), |name| domain::text::visible(&name, 60));
    let label = format!("Revoke the sign-in {} at {}", row.prefix, row.registry);
    view! {
        <tr>
            <th scope="row">{row.registry} " " <code class="note">{row.prefix}</code> " " <span class="note">{client}</span></th>
            <td class="note" data-label="made with">{with}</td>
            <td class="note num" data-label="made"><When at=row.created/></td>
            <td class="note num" data-label="last used"><When at=row.last_used/></td>
            <td class="note" data-label="from"><code>{row.last_address}</code></td>
            <td class="num">
                <PostForm action="/do/refresh-token-revoke">
                    <input type="hidden" name="subject" value=subject.to_string()/>
                    <input type="hidden" name="id" value=row.id/>
                    <button data-size="small" aria-label=label>"Revoke"</button>
                </PostForm>
            </td>
        </tr>
    }
}
