//! What changed between two probes of a registry, in sentences.

use super::{Ability, Capabilities, ProbeReport, Tone, Topic};
use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A change that a probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// When the probe found it.
    pub at: Timestamp,
    /// How good or bad it is.
    pub tone: Tone,
    /// What changed, as a sentence.
    pub sentence: String,
}

/// What `after` found to be other than `before` did. What one of them did not see is no change.
pub fn drift(before: &ProbeReport, after: &ProbeReport) -> Vec<Drift> {
    let told = |tone, sentence| Drift { at: after.at, tone, sentence };
    let mut found = Vec::new();
    if let (Some(was), Some(is)) = (certificate(before), certificate(after))
        && was != is
    {
        found.push(told(Tone::Warn, format!("The certificate changed: it was {was}, and is {is}.")));
    }
    if let (Some(was), Some(is)) = (software(before), software(after))
        && was != is
    {
        found.push(told(Tone::Warn, format!("The software changed: it was {was}, and is {is}.")));
    }
    for (was, is, gained, lost) in abilities(before.capabilities, after.capabilities) {
        match (was, is) {
            (Ability::No, Ability::Yes) => found.push(told(Tone::Good, gained.to_owned())),
            (Ability::Yes, Ability::No) => found.push(told(Tone::Warn, lost.to_owned())),
            _ => {}
        }
    }
    found
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

fn abilities(was: Capabilities, is: Capabilities) -> [(Ability, Ability, &'static str, &'static str); 4] {
    [
        (was.catalogue, is.catalogue, "It lists its repositories now.", "It no longer lists its repositories."),
        (was.deleting, is.deleting, "It allows deleting now.", "It no longer allows deleting."),
        (
            was.referrers_api,
            is.referrers_api,
            "It offers the referrers API now.",
            "It no longer offers the referrers API.",
        ),
        (was.tag_paging, is.tag_paging, "It pages lists of tags now.", "It no longer pages lists of tags."),
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
        assert_eq!(drift(&first, &later), []);
    }

    #[test]
    fn a_new_certificate_another_version_and_a_lost_ability_are_told() {
        let first = report("from CA, for a.example.com, until 2027-01-01, 60 days", "registry/2.0", Ability::Yes);
        let later = report("from Other, for a.example.com, until 2028-01-01, 400 days", "registry/3.0", Ability::No);
        let told: Vec<String> = drift(&first, &later).into_iter().map(|one| one.sentence).collect();
        assert!(told[0].contains("was from CA, for a.example.com, until 2027-01-01, and is from Other"), "{told:?}");
        assert!(told[1].contains("registry/2.0") && told[1].contains("registry/3.0"));
        assert_eq!(told[2], "It no longer allows deleting.");
        assert_eq!(drift(&later, &first).last().map(|one| one.tone), Some(Tone::Good), "and gained again");
    }
}
