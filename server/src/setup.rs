//! The way to the first account: made from the settings, or by a link that is printed at the start.

use crate::{
    settings::{Settings, Wrong},
    stopped::Stopped,
};
use operations::Operations;
use std::net::SocketAddr;

/// Makes the first person where the settings say who that is, else gives the link to print. Nothing if somebody is there.
pub async fn prepare(settings: &Settings, operations: &Operations, at: SocketAddr) -> Result<Option<String>, Stopped> {
    if !operations.is_empty().await? {
        return Ok(None);
    }
    if let Some(first) = &settings.first_person {
        let password = read_password(&first.password_file)
            .map_err(|why| Wrong(format!("WHARFINGER_ADMIN_PASSWORD_FILE: {why}.")))?;
        operations.first_person(&first.username, password).await.map_err(|error| {
            // What is wrong is in the fields, and both come from settings.
            Stopped::from(error).of_setting("WHARFINGER_ADMIN_USERNAME or _PASSWORD_FILE")
        })?;
        tracing::info!(person = first.username, "the first person was made from the settings");
        return Ok(None);
    }
    let Some(token) = operations.new_setup_token().await? else { return Ok(None) };
    let path = format!("/setup/{token}");
    Ok(Some(match &settings.public_url {
        Some(url) => url.url(&path),
        None => format!("{}{path}", address(settings, at)),
    }))
}

/// Where a browser on this machine finds us.
pub fn address(settings: &Settings, at: SocketAddr) -> String {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let host = if at.ip().is_unspecified() { "localhost".to_owned() } else { bracketed(at) };
    format!("{scheme}://{host}:{}{}", at.port(), settings.base())
}

fn bracketed(at: SocketAddr) -> String {
    if at.is_ipv6() { format!("[{}]", at.ip()) } else { at.ip().to_string() }
}

/// The first line of a file, without its end.
pub fn read_password(file: &std::path::Path) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{} can't be read ({error})", file.display()))?;
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok(line.to_owned()),
        None => Err(format!("{} has no password in its first line", file.display())),
    }
}
