//! Asking for access, and answering those who ask.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
    parts::list::escape,
};
use domain::Id;
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::access_requests::{RequestForm, RequestRow};

/// Those that wait for whoever asks.
pub async fn waiting() -> Result<Vec<RequestRow>, AppError> {
    answer(operations().requests(&actor()).await)
}

/// One's own, with their answers.
pub async fn own() -> Result<Vec<RequestRow>, AppError> {
    answer(operations().own_requests(&actor()).await)
}

/// How many wait for whoever asks.
pub async fn count() -> Result<usize, AppError> {
    answer(operations().requests_waiting(&actor()).await)
}

/// Asks for access.
#[server(prefix = "/do", endpoint = "access-request", input = PostUrl)]
pub async fn access_request(act: String, place: String, because: String) -> Result<(), AppError> {
    let form = RequestForm { act, place, because };
    let typed = [("because", form.because.as_str())];
    answer_form(operations().request_access(&actor(), &form).await, &typed)?;
    redirect("/access/requests?saved=asked");
    Ok(())
}

/// Takes back one's own request.
#[server(prefix = "/do", endpoint = "access-withdraw", input = PostUrl)]
pub async fn access_withdraw(id: Id) -> Result<(), AppError> {
    answer(operations().withdraw_request(&actor(), id).await)?;
    redirect("/access/requests?saved=withdrawn");
    Ok(())
}

/// Says no, and why.
#[server(prefix = "/do", endpoint = "access-decline", input = PostUrl)]
pub async fn access_decline(id: Id, reason: String) -> Result<(), AppError> {
    let typed = [("reason", reason.as_str())];
    answer_form(operations().decline_request(&actor(), id, &reason).await, &typed)?;
    redirect("/access/requests?saved=declined");
    Ok(())
}

/// Closes a request whose asker has by now what they asked for.
#[server(prefix = "/do", endpoint = "access-grant", input = PostUrl)]
pub async fn access_grant(id: Id) -> Result<(), AppError> {
    answer(operations().answer_request(&actor(), id).await)?;
    redirect("/access/requests?saved=granted");
    Ok(())
}

/// The page that gives what a request asks for.
pub fn granting(row: &RequestRow) -> String {
    let role = row.role.as_ref().map(|role| role.id.to_string()).unwrap_or_default();
    let mut address = format!("/access/grants/new?request={}", row.id);
    let subject = row.subject.to_string();
    let fields = [
        ("subject", &subject),
        ("role", &role),
        ("registry", &row.registry),
        ("repositories", &row.repository),
        ("because", &row.because),
    ];
    for (name, value) in fields {
        address.push('&');
        address.push_str(name);
        address.push('=');
        escape(&mut address, value);
    }
    address
}
