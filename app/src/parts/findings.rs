//! What a probe found, worst first.

use super::{State, TextCommand, When};
use domain::probe::{ProbeReport, Tone};
use leptos::prelude::*;

fn word(tone: Tone) -> &'static str {
    match tone {
        Tone::Danger => "missing:",
        Tone::Warn => "look:",
        Tone::Good => "fine:",
        Tone::Idle => "for your knowledge:",
    }
}

fn rank(tone: Tone) -> u8 {
    match tone {
        Tone::Danger => 0,
        Tone::Warn => 1,
        Tone::Good => 2,
        Tone::Idle => 3,
    }
}

/// The findings of a probe: what was seen, what it means here, and what would mend it.
#[component]
pub fn Findings(
    /// The probe.
    report: ProbeReport,
) -> impl IntoView {
    let (tone, sentence) = domain::probe::health(&report);
    let mut findings = report.findings;
    findings.sort_by_key(|finding| rank(finding.tone));
    view! {
        <div class="cluster"><h2 id="probe">"What the probe found"</h2><span class="note push">"as of " <When at=report.at/></span></div>
        <p><State tone=tone.into() word=sentence/></p>
        <ul class="notes findings">
            {findings.into_iter().map(|finding| {
                let detail = (finding.means.is_some() || finding.mend.is_some()).then(|| view! {
                    <div class="stack">
                        {finding.means.map(|means| view! { <p>{means}</p> })}
                        {finding.mend.map(|mend| view! { <p class="note">{mend.caption.clone()}</p> <TextCommand text=mend.text what=mend.caption/> })}
                    </div>
                });
                view! {
                    <li>
                        <State tone=finding.tone.into() word=word(finding.tone) quiet=true/>
                        <span><b>{finding.topic.name()}</b> " " {domain::text::visible(&finding.seen, 400)}</span>
                        <span></span>
                        {detail}
                    </li>
                }
            }).collect_view()}
        </ul>
    }
}
