use super::*;

fn report(findings: Vec<Finding>, capabilities: Capabilities) -> ProbeReport {
    ProbeReport { at: Timestamp(0), findings, capabilities }
}

fn fine() -> Vec<Finding> {
    [Topic::Dns, Topic::Connection, Topic::Tls, Topic::Protocol, Topic::Credentials]
        .map(|topic| Finding::new(topic, Tone::Good, "ok"))
        .to_vec()
}

#[test]
fn a_registry_that_cannot_delete_is_well_and_says_so() {
    let mut findings = fine();
    findings.push(
        Finding::new(Topic::Deleting, Tone::Danger, "refused: 405 UNSUPPORTED")
            .means("Plans will say so.")
            .mend("Add this to its configuration", "storage:\n  delete:\n    enabled: true\n"),
    );
    let report =
        report(findings, Capabilities { catalogue: Ability::Yes, deleting: Ability::No, ..Default::default() });
    let (tone, sentence) = health(&report);
    assert_eq!(tone, Tone::Good);
    assert_eq!(sentence, "You can browse this registry. You cannot delete from it until its configuration allows it.");
}

#[test]
fn what_nothing_works_without_decides_first() {
    let mut findings = fine();
    findings.push(Finding::new(Topic::Clock, Tone::Warn, "9 min behind"));
    findings[4] = Finding::new(Topic::Credentials, Tone::Danger, "401 UNAUTHORIZED.");
    assert_eq!(
        health(&report(findings, Capabilities::default())),
        (Tone::Danger, "It refuses our credentials: 401 UNAUTHORIZED.".to_owned())
    );
    let dead = vec![
        Finding::new(Topic::Dns, Tone::Good, "10.0.0.1"),
        Finding::new(Topic::Connection, Tone::Danger, "refused"),
    ];
    assert_eq!(
        health(&report(dead, Capabilities::default())),
        (Tone::Danger, "It can't be reached: refused.".to_owned())
    );
}

#[test]
fn a_warning_is_pointed_at() {
    let mut findings = fine();
    findings[2] = Finding::new(Topic::Tls, Tone::Warn, "ends in 9 days");
    let can = Capabilities { catalogue: Ability::No, deleting: Ability::Yes, ..Default::default() };
    let (tone, sentence) = health(&report(findings, can));
    assert_eq!(tone, Tone::Warn);
    assert_eq!(
        sentence,
        "You can browse repositories whose names you enter; it does not list them. Look at TLS: ends in 9 days."
    );
}

#[test]
fn before_the_first_probe_nothing_is_claimed() {
    assert_eq!(health(&report(vec![], Capabilities::default())).0, Tone::Idle);
}

#[test]
fn a_report_survives_being_kept() {
    let report = report(fine(), Capabilities::default());
    let text = serde_json::to_string(&report).expect("JSON");
    assert_eq!(serde_json::from_str::<ProbeReport>(&text).expect("a report"), report);
}
