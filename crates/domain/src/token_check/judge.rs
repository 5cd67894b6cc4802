//! From what was seen to lines, each with what to do.

use super::{About, Bundle, Challenge, Line, Ours, Said, Seen};
use crate::{probe::Tone, text};

/// Registries allow a minute; from half of it on there is no room left.
const CLOCK_SECONDS: i64 = 30;
/// As much of what a registry says stands in a line.
const SHOWN: usize = 200;

/// What the registry was seen doing, against what it should do.
pub fn judge(seen: &Seen, ours: &Ours) -> Vec<Line> {
    let mut lines = challenge(&seen.challenge, ours);
    lines.push(accepted(seen));
    // Where everything is refused or everything let in, a single token says nothing.
    if seen.own_token != Said::Out && seen.challenge != Challenge::Nothing {
        lines.push(scope(seen));
        lines.extend(forgeries(seen));
    }
    lines.extend(next_key(seen, ours));
    lines.extend(strangers(seen));
    lines.extend(grants(ours));
    lines.extend(transport(ours));
    lines.extend(clock(seen.clock_ahead));
    lines.push(dashboard(ours));
    lines
}

fn shown(said: &str) -> String {
    text::visible(said, SHOWN)
}

fn challenge(challenge: &Challenge, ours: &Ours) -> Vec<Line> {
    let set = "Take the configuration below into use, and restart the registry.";
    match challenge {
        Challenge::Nothing => {
            let seen = "It asks nobody to sign in: whoever reaches it can pull, and push where it is not read-only.";
            vec![Line::new(About::Challenge, Tone::Danger, seen).to_do(set)]
        }
        Challenge::Other(ways) => {
            let ways = if ways.is_empty() { "nothing that it names".to_owned() } else { shown(&ways.join(", ")) };
            vec![Line::new(About::Challenge, Tone::Danger, format!("It asks for {ways}, not for tokens.")).to_do(set)]
        }
        Challenge::Bearer { realm, service } => {
            let realm = if *realm == ours.realm {
                Line::new(About::Realm, Tone::Good, format!("It sends clients to {realm}."))
            } else {
                Line::new(About::Realm, Tone::Danger, format!("It sends clients to {}.", shown(realm)))
                    .to_do(format!("Set realm to {} in its configuration, and restart it.", ours.realm))
            };
            let service = if *service == ours.service {
                Line::new(About::Service, Tone::Good, format!("It wants tokens for {service}."))
            } else {
                let seen = format!("It wants tokens for “{}”, for which none is made here.", shown(service));
                Line::new(About::Service, Tone::Danger, seen)
                    .to_do(format!("Set service to {} in its configuration, and restart it.", ours.service))
            };
            vec![Line::new(About::Challenge, Tone::Good, "It asks strangers for a token."), realm, service]
        }
    }
}

fn accepted(seen: &Seen) -> Line {
    let open = seen.challenge == Challenge::Nothing;
    match (&seen.own_token, &seen.own_pull) {
        (Said::In, Said::In) if open => {
            Line::new(About::Tokens, Tone::Idle, "A token of ours is let in, as everybody is.")
        }
        (Said::In, Said::In) => Line::new(About::Tokens, Tone::Good, "It takes a token of ours, and lets it pull."),
        (Said::Out, _) => Line::new(About::Tokens, Tone::Danger, "It refuses a token of ours.").to_do(
            "Check issuer and rootcertbundle. The certificates are read at the start only: fetch them again and restart the registry.",
        ),
        (Said::In, Said::Out) => Line::new(About::Tokens, Tone::Danger, "It takes a token of ours, and does not let it pull.")
            .to_do("Look at what else stands before it or is set in it: a proxy, or access control of its own."),
        (Said::Unclear(what), _) | (_, Said::Unclear(what)) => {
            let seen = format!("Whether it takes a token of ours can’t be told: {}", shown(what));
            Line::new(About::Tokens, Tone::Warn, seen).to_do("Look at the registry’s log at this time.")
        }
    }
}

fn scope(seen: &Seen) -> Line {
    match &seen.other_repository {
        Said::Out => Line::new(About::Scope, Tone::Good, "A token for one repository opens no other."),
        Said::In => Line::new(About::Scope, Tone::Danger, "A token for one repository opens others too.")
            .to_do("The registry does not look at what tokens allow. Don’t rely on grants here."),
        Said::Unclear(what) => Line::new(
            About::Scope,
            Tone::Warn,
            format!("Whether a token opens other repositories can’t be told: {}", shown(what)),
        ),
    }
}

fn forgeries(seen: &Seen) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut opened = |said: &Said, tone, what: &str, to_do: &str| match said {
        Said::In => lines.push(Line::new(About::Forgeries, tone, format!("It takes {what}.")).to_do(to_do)),
        Said::Unclear(why) => {
            let seen = format!("Whether it takes {what} can’t be told: {}", shown(why));
            lines.push(Line::new(About::Forgeries, Tone::Warn, seen));
        }
        Said::Out => {}
    };
    let key = "Anybody can write tokens for it. It does not check signatures: put a registry there that does.";
    opened(&seen.other_key, Tone::Danger, "a token that another key signed", key);
    let service = "Whoever may pull from another registry of yours may pull from this one. zot does not look at this; \
                   keep apart in different installations what must be apart.";
    opened(&seen.other_service, Tone::Warn, "a token for another registry", service);
    let time = "Whoever lost a right keeps it. Check the registry’s clock.";
    opened(&seen.expired, Tone::Danger, "a token whose time is over", time);
    if lines.is_empty() {
        let seen = "It refuses tokens of another key, for another registry, and whose time is over.";
        lines.push(Line::new(About::Forgeries, Tone::Good, seen));
    }
    lines
}

/// Does it know the key that will sign next?
pub fn bundle(seen: &Seen, ours: &Ours) -> Bundle {
    let sent_to_us = matches!(&seen.challenge, Challenge::Bearer { service, .. } if *service == ours.service);
    match (&seen.own_pull, &seen.next_key) {
        _ if seen.challenge == Challenge::Nothing => Bundle::Unused,
        _ if seen.own_token == Said::Out => {
            if sent_to_us {
                Bundle::Old
            } else {
                Bundle::Unused
            }
        }
        // Where any key will do, this one says nothing.
        _ if seen.other_key != Said::Out => Bundle::Unclear,
        (_, Some(Said::In)) => Bundle::Current,
        (Said::In, Some(Said::Out)) => Bundle::Old,
        _ => Bundle::Unclear,
    }
}

fn next_key(seen: &Seen, ours: &Ours) -> Option<Line> {
    let line = match bundle(seen, ours) {
        Bundle::Current => {
            Line::new(About::NextKey, Tone::Good, "It is ready for the next key: it takes what that one signs.")
        }
        // Where a token of the present key is refused too, another line says so and what to do.
        Bundle::Old if seen.own_token != Said::In => return None,
        Bundle::Old => {
            let seen = "It has the old bundle: it refuses what the next key signs.";
            Line::new(About::NextKey, Tone::Warn, seen).to_do(
                "Before you rotate the keys, copy the new bundle to it and restart it. zot reads the first certificate \
                 only: copy the file right after the rotation there.",
            )
        }
        Bundle::Unused => return None,
        Bundle::Unclear => match &seen.next_key {
            Some(Said::Unclear(what)) => {
                let seen = format!("Whether it knows the next key can’t be told: {}", shown(what));
                Line::new(About::NextKey, Tone::Idle, seen)
            }
            None => {
                let seen = "The key that comes next can’t be read, so nobody can tell whether the registry knows it.";
                Line::new(About::NextKey, Tone::Warn, seen).to_do("Look at the keys under Access.")
            }
            Some(_) => return None,
        },
    };
    Some(line)
}

fn strangers(seen: &Seen) -> Vec<Line> {
    let pull = match &seen.strangers_pull {
        Said::In => Line::new(About::Strangers, Tone::Danger, "Strangers can pull without any token.")
            .to_do("Switch off what lets anonymous clients in, at the registry or the proxy before it."),
        Said::Out => Line::new(About::Strangers, Tone::Good, "Strangers can’t pull without a token."),
        Said::Unclear(what) => {
            Line::new(About::Strangers, Tone::Warn, format!("What strangers can do can’t be told: {}", shown(what)))
        }
    };
    let catalogue = match &seen.strangers_catalogue {
        Said::In => Line::new(About::Catalogue, Tone::Warn, "Everybody can read the list of all repositories.")
            .to_do("Switch off what lets anonymous clients in; or let the proxy before it refuse /v2/_catalog."),
        Said::Out => Line::new(About::Catalogue, Tone::Good, "Strangers can’t read the list of repositories."),
        Said::Unclear(what) => Line::new(
            About::Catalogue,
            Tone::Idle,
            format!("Whether strangers can read the list of repositories can’t be told: {}", shown(what)),
        ),
    };
    vec![pull, catalogue]
}

fn grants(ours: &Ours) -> Option<Line> {
    let what = match (ours.grants_strangers_pull, ours.grants_strangers_catalogue) {
        (false, false) => return None,
        (true, false) => "pull something",
        (false, true) => "read the list of repositories",
        (true, true) => "pull something, and to read the list of repositories",
    };
    let seen = format!("Strangers get tokens here by which they may {what}: it is granted to anonymous.");
    Some(Line::new(About::Grants, Tone::Idle, seen).to_do("If that is not meant, revoke it under Access."))
}

fn transport(ours: &Ours) -> Option<Line> {
    let plain_realm = !ours.realm.starts_with("https://");
    let (seen, to_do) = match (plain_realm, ours.plain_registry) {
        (false, false) => return None,
        (true, false) => {
            ("Passwords travel to the token server in the clear.", "Give --public-url an https:// address.")
        }
        (false, true) => ("Tokens travel to the registry in the clear.", "Give the registry TLS."),
        (true, true) => (
            "Passwords travel to the token server, and tokens to the registry, in the clear.",
            "Give both TLS: --public-url an https:// address, and the registry a certificate.",
        ),
    };
    Some(Line::new(About::Transport, Tone::Warn, seen).to_do(to_do))
}

fn clock(ahead: Option<i64>) -> Option<Line> {
    let ahead = ahead.filter(|ahead| ahead.abs() > CLOCK_SECONDS)?;
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let seen = format!("Its clock is {} s {side} ours; tokens are refused from a minute on.", ahead.unsigned_abs());
    Some(Line::new(About::Clock, Tone::Warn, seen).to_do("Let both machines follow a time server."))
}

fn dashboard(ours: &Ours) -> Line {
    if ours.signs_in_so {
        return Line::new(About::Dashboard, Tone::Good, "Wharfinger itself comes with such tokens.");
    }
    Line::new(About::Dashboard, Tone::Warn, "Wharfinger itself signs in another way, which such a registry refuses.")
        .to_do("Choose “This program’s token server” as the way of signing in, under Connection.")
}
