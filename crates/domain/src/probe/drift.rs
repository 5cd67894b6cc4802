//! What changed between two probes of a registry, in sentences.

use super::{Ability, Capabilities, ProbeReport, Tone, Topic};
use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A change that a probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// When the probe found it.
    pub at: Timestamp,
    /// What it is about: a later change of the same is the one that holds.
    pub topic: Topic,
    /// How good or bad it is.
    pub tone: Tone,
    /// What changed, as a sentence.
    pub sentence: String,
}

/// What a registry was seen to be, as far as that was told: what a probe did not see stays as it was seen before.
#[derive(Clone, Copy, Debug, Default)]
struct Seen<'r> {
    certificate: Option<&'r str>,
    software: Option<&'r str>,
    can: Capabilities,
}

/// What changed from probe to probe: in the order of the reports, which begin with the oldest. What a probe did not see is
/// no change, and a change that came about while a registry could not be reached is told once it is.
pub fn drift<'r>(reports: impl IntoIterator<Item = &'r ProbeReport>) -> Vec<Drift> {
    let mut seen = Seen::default();
    let mut found = Vec::new();
    for report in reports {
        let now = Seen {
            certificate: certificate(report).or(seen.certificate),
            software: software(report).or(seen.software),
            can: known(report.capabilities, seen.can),
        };
        found.extend(changes(&seen, &now, report.at));
        seen = now;
    }
    found
}

fn changes(before: &Seen<'_>, after: &Seen<'_>, at: Timestamp) -> Vec<Drift> {
    let mut found = Vec::new();
    for (topic, what, was, is) in [
        (Topic::Tls, "certificate", before.certificate, after.certificate),
        (Topic::Software, "software", before.software, after.software),
    ] {
        if let (Some(was), Some(is)) = (was, is)
            && was != is
        {
            let sentence = format!("The {what} changed: it was {was}, and is {is}.");
            found.push(Drift { at, topic, tone: Tone::Warn, sentence });
        }
    }
    for (topic, was, is, gained, lost) in abilities(before.can, after.can) {
        let (tone, sentence) = match (was, is) {
            (Ability::No, Ability::Yes) => (Tone::Good, gained),
            (Ability::Yes, Ability::No) => (Tone::Warn, lost),
            _ => continue,
        };
        found.push(Drift { at, topic, tone, sentence: sentence.to_owned() });
    }
    found
}

/// What these tell, and where they tell nothing what those before told.
fn known(now: Capabilities, before: Capabilities) -> Capabilities {
    let or = |now: Ability, before: Ability| if now == Ability::Unknown { before } else { now };
    Capabilities {
        catalogue: or(now.catalogue, before.catalogue),
        deleting: or(now.deleting, before.deleting),
        referrers_api: or(now.referrers_api, before.referrers_api),
        tag_paging: or(now.tag_paging, before.tag_paging),
    }
}

/// Issuer, names and end of the certificate: what was seen without the days that are left, for these pass by themselves.
fn certificate(report: &ProbeReport) -> Option<&str> {
    let seen = report.finding(Topic::Tls)?.seen.as_str();
    let (start, end) = (seen.find("from ")?, seen.find(", until ")? + ", until 2026-01-01".len());
    seen.get(start..end)
}

fn software(report: &ProbeReport) -> Option<&str> {
    report.finding(Topic::Software).filter(|finding| finding.tone == Tone::Good).map(|finding| finding.seen.as_str())
}

fn abilities(was: Capabilities, is: Capabilities) -> [(Topic, Ability, Ability, &'static str, &'static str); 4] {
    let of = |topic, of: fn(Capabilities) -> Ability, gained, lost| (topic, of(was), of(is), gained, lost);
    [
        of(
            Topic::Catalogue,
            |can| can.catalogue,
            "It lists its repositories now.",
            "It no longer lists its repositories.",
        ),
        of(Topic::Deleting, |can| can.deleting, "It allows deleting now.", "It no longer allows deleting."),
        of(
            Topic::Referrers,
            |can| can.referrers_api,
            "It offers the referrers API now.",
            "It no longer offers the referrers API.",
        ),
        of(Topic::TagPaging, |can| can.tag_paging, "It pages lists of tags now.", "It no longer pages lists of tags."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Finding;

    fn report(tls: &str, software: &str, deleting: Ability) -> ProbeReport {
        ProbeReport {
            at: Timestamp(7),
            findings: vec![
                Finding::new(Topic::Tls, Tone::Good, tls),
                Finding::new(Topic::Software, Tone::Good, software),
            ],
            capabilities: Capabilities { deleting, ..Capabilities::default() },
        }
    }

    #[test]
    fn days_that_pass_are_no_change() {
        let first = report("from CA, for a.example.com, until 2027-01-01, 60 days", "registry/2.0", Ability::Yes);
        let later = report("from CA, for a.example.com, until 2027-01-01, 12 days", "registry/2.0", Ability::Unknown);
        assert_eq!(drift([&first, &later]), []);
    }

    #[test]
    fn a_new_certificate_another_version_and_a_lost_ability_are_told() {
        let first = report("from CA, for a.example.com, until 2027-01-01, 60 days", "registry/2.0", Ability::Yes);
        let later = report("from Other, for a.example.com, until 2028-01-01, 400 days", "registry/3.0", Ability::No);
        let told: Vec<String> = drift([&first, &later]).into_iter().map(|one| one.sentence).collect();
        assert!(told[0].contains("was from CA, for a.example.com, until 2027-01-01, and is from Other"), "{told:?}");
        assert!(told[1].contains("registry/2.0") && told[1].contains("registry/3.0"));
        assert_eq!(told[2], "It no longer allows deleting.");
        assert_eq!(drift([&later, &first]).last().map(|one| one.tone), Some(Tone::Good), "and gained again");
    }

    #[test]
    fn what_changed_while_nothing_could_be_seen_is_told_afterwards_and_once() {
        let first = report("from CA, for a.example.com, until 2027-01-01, 60 days", "registry/2.0", Ability::Yes);
        let down = ProbeReport {
            at: Timestamp(8),
            findings: vec![Finding::new(Topic::Connection, Tone::Danger, "refused")],
            capabilities: Capabilities::default(),
        };
        let later = ProbeReport { at: Timestamp(9), ..report("none: plain HTTP", "registry/3.0", Ability::No) };
        let told = drift([&first, &down, &later, &down, &later]);
        assert!(told.iter().all(|one| one.at == Timestamp(9)), "{told:?}");
        let sentences: Vec<&str> = told.iter().map(|one| one.sentence.as_str()).collect();
        let expected =
            ["The software changed: it was registry/2.0, and is registry/3.0.", "It no longer allows deleting."];
        assert_eq!(sentences, expected);
        assert_eq!(drift([&down]), []);
    }
}
