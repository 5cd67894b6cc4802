//! Looking at what a registry can do: what was seen, what it means here, and what would mend it.

use crate::{Error, Operations, Result, clients::in_use, reading::PATIENCE};
use domain::{
    Actor, Connection, Id, Permission, Place, Secrets, Timestamp, Trust,
    audit::Act,
    probe::{Ability, Capabilities, Finding, ProbeReport, Tone, Topic},
};
use registry::{
    Minter,
    facts::{self, Catalogue, Credentials, Deleting, NotAsked, TagPaging},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// A whole probe takes no longer than this; what is not seen by then is said to be so.
const LONGEST: Duration = Duration::from_secs(40);
/// A certificate that ends within this many days needs a look.
const CERTIFICATE_DAYS: i64 = 30;
/// Clocks that differ by more than this many seconds break tokens.
const CLOCK_SECONDS: i64 = 30;

impl Operations {
    /// Probes a registry and keeps what was found. Nobody waits for it longer than a few seconds; it goes on meanwhile.
    pub async fn probe_registry(&self, actor: &Actor, name: &str) -> Result<()> {
        let record = self.record(actor, name).await?;
        let act = Act::new("registry.probe", format!("registry {name}"));
        let permit = self.decide(actor, Permission::RegistryManage, Place::Registry(record.id), &act).await?;
        in_use(&record)?;
        let (operations, under_way) = (self.clone(), self.0.probing.begin(record.id));
        let probe = async move {
            let _under_way = under_way;
            let probe = operations.clone().probe_and_keep(record);
            operations.act(permit, &act, Box::pin(async move { probe.await.map(drop) })).await
        };
        let task = self.0.probing.tasks.spawn(probe.in_current_span());
        tokio::time::timeout(PATIENCE, task).await.map_or(Ok(()), |ended| ended.map_err(Error::internal)?)
    }

    pub(crate) async fn probe_and_keep(self, record: store::Registry) -> Result<ProbeReport> {
        let secrets = self.0.store.registries().secrets(record.id).await?;
        let minter = Some(self.minter(record.id));
        let report = self.probe_connection(record.name.as_str(), &record.connection, &secrets, minter).await;
        let kept = serde_json::to_value(&report).map_err(Error::internal)?;
        self.0.store.probes().save(record.id, &kept, report.at).await?;
        Ok(report)
    }

    /// Waits until no registry is being probed any more, at the end of the program; was that so in time?
    pub async fn probes_settled(&self, longest: Duration) -> bool {
        self.0.probing.tasks.close();
        tokio::time::timeout(longest, self.0.probing.tasks.wait()).await.is_ok()
    }

    /// Like [`Self::probe_registry`] after a change that has succeeded whatever the probe says.
    pub(crate) async fn probe_quietly(&self, actor: &Actor, name: &str) {
        if let Err(error) = self.probe_registry(actor, name).await {
            tracing::info!(registry = name, %error, "the probe after a change could not be made");
        }
    }

    /// Looks at everything, in order; what nothing works without ends the probe. Without a minter (a registry that is not
    /// added yet) there are no tokens of ours.
    pub(crate) async fn probe_connection(
        &self,
        name: &str,
        connection: &Connection,
        secrets: &Secrets,
        minter: Option<Arc<dyn Minter>>,
    ) -> ProbeReport {
        let mut probe = Probe { findings: Vec::new(), can: Capabilities::default(), now: self.now() };
        if tokio::time::timeout(LONGEST, probe.run(name, connection, secrets, minter)).await.is_err() {
            probe.findings.push(Finding::new(
                Topic::Protocol,
                Tone::Warn,
                "The probe took longer than 40 s and was ended; the rest was not seen.",
            ));
        }
        probe.findings.push(
            Finding::new(
                Topic::Unseen,
                Tone::Idle,
                "free storage, garbage collection, firewalls between clients and the registry",
            )
            .means("The protocol does not tell them. Look at the machine itself."),
        );
        ProbeReport { at: self.now(), findings: probe.findings, capabilities: probe.can }
    }
}

/// The probes that are under way.
#[derive(Default)]
pub(crate) struct Probing {
    tasks: TaskTracker,
    /// How many of each registry.
    of: Arc<Mutex<HashMap<Id, usize>>>,
}

/// A probe that is under way until this is dropped.
struct UnderWay(Arc<Mutex<HashMap<Id, usize>>>, Id);

impl Probing {
    fn begin(&self, registry: Id) -> UnderWay {
        *self.of.lock().unwrap_or_else(PoisonError::into_inner).entry(registry).or_default() += 1;
        UnderWay(self.of.clone(), registry)
    }
    /// Is this registry being probed?
    pub(crate) fn is_under_way(&self, registry: Id) -> bool {
        self.of.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&registry)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut of = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = of.get_mut(&self.1) {
            *count -= 1;
        }
        of.retain(|_, count| *count > 0);
    }
}

struct Probe {
    findings: Vec<Finding>,
    can: Capabilities,
    now: Timestamp,
}

impl Probe {
    fn say(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// An error as a finding, with what to do about it.
    fn trouble(&mut self, topic: Topic, tone: Tone, error: &registry::Error) {
        self.say(Finding::new(topic, tone, error.to_string()).means(error.what_to_do()));
    }

    async fn run(&mut self, name: &str, connection: &Connection, secrets: &Secrets, minter: Option<Arc<dyn Minter>>) {
        if self.network(connection, secrets).await.is_none() {
            return;
        }
        let registry = match registry::Registry::connect_minting(name, connection, secrets, minter) {
            Ok(registry) => registry,
            Err(error) => return self.trouble(Topic::Credentials, Tone::Danger, &error),
        };
        if self.protocol(&registry, connection).await.is_none() {
            return;
        }
        match facts::credentials(&registry).await {
            Credentials::Accepted(_) => self.say(accepted(connection)),
            Credentials::Refused(error) => return self.trouble(Topic::Credentials, Tone::Danger, &error),
        }
        self.content(&registry).await;
        self.deleting(&registry, connection).await;
    }

    async fn network(&mut self, connection: &Connection, secrets: &Secrets) -> Option<()> {
        let target = facts::target(connection);
        let to = if target.is_proxy { "The proxy’s name" } else { "The name" };
        match facts::dns(connection).await {
            Ok(addresses) => {
                let all: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                self.say(Finding::new(Topic::Dns, Tone::Good, format!("{to} resolves to {}", all.join(", "))));
            }
            Err(error) => {
                self.trouble(Topic::Dns, Tone::Danger, &error);
                return None;
            }
        }
        match facts::connect(connection).await {
            Ok(connected) => {
                let took = connected.took.as_millis().max(1);
                self.say(Finding::new(
                    Topic::Connection,
                    Tone::Good,
                    format!("opened to {} in {took} ms", connected.address),
                ));
            }
            Err(error) => {
                self.trouble(Topic::Connection, Tone::Danger, &error);
                return None;
            }
        }
        self.tls(connection, secrets).await
    }

    async fn tls(&mut self, connection: &Connection, secrets: &Secrets) -> Option<()> {
        if connection.address.is_plain() {
            self.say(
                Finding::new(Topic::Tls, Tone::Warn, "none: plain HTTP")
                    .means("Whoever stands between can read and change everything, passwords too.")
                    .mend(
                        "A registry with TLS",
                        "http:\n  tls:\n    certificate: /certs/registry.crt\n    key: /certs/registry.key",
                    ),
            );
            return Some(());
        }
        match facts::tls(connection, secrets).await {
            Ok(Some(tls)) => self.certificate(connection, &tls),
            Ok(None) => {
                self.say(Finding::new(Topic::Tls, Tone::Idle, "not seen through a proxy"));
                Some(())
            }
            Err(error) => {
                self.trouble(Topic::Tls, Tone::Danger, &error);
                None
            }
        }
    }

    fn certificate(&mut self, connection: &Connection, tls: &facts::Tls) -> Option<()> {
        let days = (tls.not_after.0 - self.now.0).div_euclid(86_400_000_000);
        let until = tls.not_after.utc();
        let until = until.get(..10).unwrap_or(&until);
        let names = tls.names.join(", ");
        let seen = format!("from {}, for {names}, until {until}, {days} days", tls.issuer);
        if let Some(why) = tls.distrust.as_ref().filter(|_| connection.trust != Trust::Anybody) {
            self.say(Finding::new(Topic::Tls, Tone::Danger, format!("{seen}: {why}")).means(why.what_to_do()));
            return None;
        }
        if let Some(why) = &tls.failed {
            self.say(Finding::new(Topic::Tls, Tone::Danger, format!("{seen}: {why}")).means(why.what_to_do()));
            return None;
        }
        self.say(match (&connection.trust, days) {
            (Trust::Anybody, _) => Finding::new(Topic::Tls, Tone::Danger, format!("not checked: {seen}")).means(
                "Whoever stands between can read and change everything. Paste the registry’s authority instead.",
            ),
            (_, days) if days < CERTIFICATE_DAYS => Finding::new(Topic::Tls, Tone::Warn, seen)
                .means("Renew it before it ends: clients will refuse it then."),
            _ => Finding::new(Topic::Tls, Tone::Good, seen),
        });
        Some(())
    }

    async fn protocol(&mut self, registry: &registry::Registry, connection: &Connection) -> Option<()> {
        let api = match facts::api(registry).await {
            Ok(api) => api,
            Err(error) => {
                self.trouble(Topic::Protocol, Tone::Danger, &error);
                return None;
            }
        };
        let ways: Vec<String> = api.ways.iter().map(|way| way.scheme.clone()).collect();
        let ways = if ways.is_empty() { String::new() } else { format!(", {}", ways.join(", ")) };
        let seen = format!("/v2/ answers {}{ways}", api.status);
        if !api.is_registry {
            self.say(
                Finding::new(Topic::Protocol, Tone::Danger, seen)
                    .means("This does not look like a registry. Check address and path."),
            );
            return None;
        }
        self.say(Finding::new(Topic::Protocol, Tone::Good, seen));
        let software: Vec<String> = api.api_version.iter().chain(api.server.iter()).cloned().collect();
        self.say(if software.is_empty() {
            Finding::new(Topic::Software, Tone::Idle, "not told")
        } else {
            Finding::new(Topic::Software, Tone::Good, software.join(", "))
        });
        self.clock(&api, connection);
        let limits: Vec<String> =
            api.rate_limits.iter().map(|limit| format!("{}: {}", limit.name, limit.value)).collect();
        self.say(if limits.is_empty() {
            Finding::new(Topic::RateLimit, Tone::Idle, "no headers seen")
        } else {
            Finding::new(Topic::RateLimit, Tone::Warn, limits.join(", "))
                .means("Reading everything may reach this limit; we slow down when told to.")
        });
        Some(())
    }

    fn clock(&mut self, api: &facts::Api, connection: &Connection) {
        self.say(match api.clock_ahead {
            None => Finding::new(Topic::Clock, Tone::Idle, "the registry tells no time"),
            Some(ahead) if ahead.abs() <= 2 => Finding::new(Topic::Clock, Tone::Good, "the same as ours"),
            Some(ahead) => {
                let side = if ahead > 0 { "ahead of" } else { "behind" };
                let seen = format!("{} s {side} ours", ahead.abs());
                if ahead.abs() <= CLOCK_SECONDS {
                    Finding::new(Topic::Clock, Tone::Good, seen)
                } else {
                    Finding::new(Topic::Clock, Tone::Warn, seen)
                        .means("Tokens are refused when clocks differ by more than a minute.")
                        .mend(format!("On {}", connection.address.host()), "timedatectl set-ntp true")
                }
            }
        });
    }

    async fn content(&mut self, registry: &registry::Registry) {
        let names = match facts::catalogue(registry).await {
            Catalogue::Listed { first_page, goes_on, names } => {
                self.can.catalogue = Ability::Yes;
                let more = if goes_on { " on the first page, and more follow" } else { "" };
                let seen = format!("{} repositories{more}", domain::text::count(first_page as u64));
                self.say(Finding::new(Topic::Catalogue, Tone::Good, seen));
                names
            }
            Catalogue::Refused(error) => {
                self.can.catalogue = Ability::No;
                self.say(Finding::new(Topic::Catalogue, Tone::Warn, error.to_string()).means(
                    "Repositories are not listed. Enter the names you use by hand; they are browsed like others.",
                ));
                Vec::new()
            }
        };
        self.paging(registry, &names).await;
        let Some(name) = names.first() else {
            self.say(Finding::new(Topic::Referrers, Tone::Idle, "no repository to ask about"));
            return;
        };
        match facts::referrers_api(registry, name).await {
            Ok(true) => {
                self.can.referrers_api = Ability::Yes;
                self.say(Finding::new(Topic::Referrers, Tone::Good, "offered"));
            }
            Ok(false) => {
                self.can.referrers_api = Ability::No;
                self.say(Finding::new(
                    Topic::Referrers,
                    Tone::Idle,
                    "not offered; signatures and SBOMs are read from sha256-… tags",
                ));
            }
            Err(error) => self.trouble(Topic::Referrers, Tone::Idle, &error),
        }
    }

    async fn paging(&mut self, registry: &registry::Registry, names: &[domain::RepositoryName]) {
        for name in names {
            let (ability, tone, seen) = match facts::tag_paging(registry, name).await {
                Ok(TagPaging::TooFew) | Err(registry::Error::NotFound { .. }) => continue,
                Ok(TagPaging::Paged) => (Ability::Yes, Tone::Good, "paged by Link".to_owned()),
                Ok(TagPaging::AllAtOnce) => (Ability::No, Tone::Good, "all of a repository in one answer".to_owned()),
                Ok(TagPaging::WithoutLink) => {
                    (Ability::No, Tone::Warn, "cut without a Link: what follows can’t be told".to_owned())
                }
                Err(error) => (Ability::Unknown, Tone::Warn, error.to_string()),
            };
            self.can.tag_paging = ability;
            return self.say(Finding::new(Topic::TagPaging, tone, seen));
        }
        self.say(Finding::new(Topic::TagPaging, Tone::Idle, "no repository with enough tags to tell"));
    }

    async fn deleting(&mut self, registry: &registry::Registry, connection: &Connection) {
        let finding = |tone, seen: String| Finding::new(Topic::Deleting, tone, seen);
        let (ability, finding) = match facts::deleting(registry, connection).await {
            Deleting::Enabled => (Ability::Yes, finding(Tone::Good, "allowed".into())),
            Deleting::Disabled(error) => (
                Ability::No,
                finding(Tone::Warn, format!("refused: {error}"))
                    .means("Tags and images can be read but not deleted. If this is the distribution registry, this allows it after a restart:")
                    .mend("Configuration that allows deleting", "storage:\n  delete:\n    enabled: true"),
            ),
            Deleting::NotPermitted(error) => (
                Ability::Unknown,
                finding(Tone::Idle, format!("not permitted in a repository that is not there: {error}"))
                    .means("Whether this account may delete in its own repositories can’t be told from that."),
            ),
            Deleting::NotAsked(NotAsked::SwitchedOff) => (Ability::Unknown, finding(Tone::Idle, "not asked: switched off for this registry".into())),
            Deleting::NotAsked(NotAsked::HostedService) => (Ability::Unknown, finding(Tone::Idle, "not asked of a hosted service".into())),
            Deleting::Unclear(error) => (Ability::Unknown, finding(Tone::Idle, format!("can’t be told: {error}"))),
        };
        self.can.deleting = ability;
        self.say(finding);
    }
}

fn accepted(connection: &Connection) -> Finding {
    match &connection.sign_in {
        domain::SignIn::None => Finding::new(Topic::Credentials, Tone::Good, "none are needed"),
        domain::SignIn::Basic { username } | domain::SignIn::Token { username } => {
            Finding::new(Topic::Credentials, Tone::Good, format!("accepted as {username}"))
        }
        domain::SignIn::TokenServer => Finding::new(Topic::Credentials, Tone::Good, "our own tokens are accepted"),
        domain::SignIn::IdentityToken => Finding::new(Topic::Credentials, Tone::Good, "the identity token is accepted"),
    }
}
