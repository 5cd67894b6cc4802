//! Logs on standard error: one readable line each for people on a terminal, one JSON object each elsewhere. Never a
//! body, never a secret.

use crate::settings::{LogFormat, Settings};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging; a second call in the same process changes nothing.
pub fn start(settings: &Settings) {
    // tower-sessions reports every cookie it can't read; anybody can send such a cookie.
    let filter = format!("tower_sessions=error,tower_sessions_core=error,{}", settings.log_level);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let terminal = std::io::stderr().is_terminal();
    let json = match settings.log_format {
        LogFormat::Json => true,
        LogFormat::Human => false,
        LogFormat::Auto => !terminal,
    };
    let registry = tracing_subscriber::registry().with(filter);
    let started = if json {
        let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
        registry.with(lines.with_writer(std::io::stderr)).try_init()
    } else {
        let lines = fmt::layer().compact().with_target(false).with_ansi(terminal);
        registry.with(lines.with_writer(std::io::stderr)).try_init()
    };
    drop(started);
}

/// After these segments of a path stands what lets somebody in.
const LINKS: [&str; 2] = ["setup", "join"];

/// A path and its query as the log may hold them: the token of a setup link or an invitation and the values of parameters that could
/// be secret are left out.
pub fn redacted(path: &str, query: Option<&str>) -> String {
    let mut after_link = false;
    let mut text = String::with_capacity(path.len());
    for (i, segment) in path.split('/').enumerate() {
        if i > 0 {
            text.push('/');
        }
        text.push_str(if after_link && !segment.is_empty() { "[redacted]" } else { segment });
        // Wherever it stands: a proxy that was told another prefix must not make us write tokens down. An empty segment
        // between the two (`//`) changes nothing.
        after_link = LINKS.iter().any(|link| segment.eq_ignore_ascii_case(link)) || (after_link && segment.is_empty());
    }
    if let Some(query) = query {
        text.push('?');
        for (i, pair) in query.split('&').enumerate() {
            if i > 0 {
                text.push('&');
            }
            match pair.split_once('=') {
                Some((name, value)) if !value.is_empty() && (is_secret(name) || has_secret(value)) => {
                    text.push_str(name);
                    text.push_str("=[redacted]");
                }
                _ => text.push_str(pair),
            }
        }
    }
    text
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // A percent sign in a name is never ours: somebody may have written `tok%65n`.
    ["token", "secret", "password", "passwd", "key", "auth", "code", "signature", "credential", "session", "__err", "%"]
        .iter()
        .any(|part| name.contains(part))
}

/// Does it hold one of our secrets? Some type theirs where their name goes, and clients send that along as `account`.
fn has_secret(value: &str) -> bool {
    value.to_ascii_lowercase().contains("wharfinger_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_links_are_left_out_wherever_they_stand() {
        for (path, shown) in [
            ("/join/abc", "/join/[redacted]"),
            ("/registry//Join//abc", "/registry//Join//[redacted]"),
            ("/registries/join~x/y", "/registries/join~x/y"),
            ("/setup/abc", "/setup/[redacted]"),
            ("/registry/setup/abc", "/registry/setup/[redacted]"),
            ("/setup//abc", "/setup//[redacted]"),
            ("/SETUP/abc/", "/SETUP/[redacted]/"),
            ("/setup", "/setup"),
            ("/registries/setup~x/y", "/registries/setup~x/y"),
        ] {
            assert_eq!(redacted(path, None), shown);
        }
    }

    #[test]
    fn values_that_may_be_secret_are_left_out_of_the_query() {
        assert_eq!(
            redacted("/", Some("q=a&access_token=b&password=&page=2")),
            "/?q=a&access_token=[redacted]&password=&page=2"
        );
        assert_eq!(
            redacted("/token", Some("account=wharfinger_robot_0123&service=registry-1&account=WHARFINGER_0")),
            "/token?account=[redacted]&service=registry-1&account=[redacted]"
        );
        assert_eq!(redacted("/", Some("__err=eyJ&tok%65n=x&flag")), "/?__err=[redacted]&tok%65n=[redacted]&flag");
    }
}
