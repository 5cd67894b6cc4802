//! Registries as connections: adding, editing, testing, switching off, removing.

mod drafts;
mod form;

pub use drafts::Draft;
pub(crate) use drafts::Drafts;
pub use form::{ConnectionForm, Stored};

use crate::{Error, Kind, Operations, Result, WayOut, to_the_end};
use domain::{
    Actor, Connection, Id, Permission, Place, RegistryName, Secrets, SignIn, Timestamp, Trust, Visible,
    audit::Act,
    commands::{self, Snippet},
    docker_config::{Credentials, DockerConfig, Entry},
    permission::allows,
    probe::{Drift, ProbeReport, Tone, drift, health},
};
use form::{MANAGE, Meant, changed, place, secrets_edit, told};
use store::{AddRegistry, EditRegistry, RemoveRegistry, SetEnabled};

/// As many probes are compared with those before them.
const LOOKED_BACK: u32 = 30;
/// As many changes are told.
const DRIFTS: usize = 8;

/// A registry in the list of connections.
#[derive(Clone, Debug)]
pub struct ConnectionRow {
    /// Its name.
    pub name: RegistryName,
    /// Its address.
    pub address: String,
    /// How it does: a tone and a sentence.
    pub health: (Tone, String),
    /// How we sign in, in words.
    pub sign_in: &'static str,
    /// Whom we trust, in words.
    pub trust: &'static str,
    /// Is the trust or the address a risk?
    pub risky: bool,
    /// When it was last probed.
    pub probed: Option<Timestamp>,
}

/// All about one connection.
#[derive(Clone, Debug)]
pub struct ConnectionDetails {
    /// Its address.
    pub address: String,
    /// What stands before a repository's name in a pull command.
    pub authority: String,
    /// The form that edits it, without secrets.
    pub form: ConnectionForm,
    /// The secrets that are stored.
    pub stored: Stored,
    /// Does anything ask it?
    pub enabled: bool,
    /// Were its secrets sealed with another key?
    pub unreadable: bool,
    /// The last probe.
    pub report: Option<ProbeReport>,
    /// What the last probes found to be other than before, newest first.
    pub drift: Vec<Drift>,
    /// Is it being probed now?
    pub probing: bool,
    /// How many repositories were entered by hand.
    pub manual_repositories: usize,
    /// What a client needs.
    pub uses: Vec<Snippet>,
}

fn sign_in_words(sign_in: &SignIn) -> &'static str {
    match sign_in {
        SignIn::None => "not at all",
        SignIn::Basic { .. } => "Basic",
        SignIn::Token { .. } => "token challenge",
        SignIn::IdentityToken => "identity token",
        SignIn::TokenServer => "our tokens",
    }
}

fn trust_words(record: &store::Registry) -> (&'static str, bool) {
    match &record.connection.trust {
        _ if record.connection.address.is_plain() => ("plain HTTP", true),
        Trust::System => ("the system", false),
        Trust::Authority { .. } => ("its own authority", false),
        Trust::Anybody => ("anybody", true),
    }
}

/// The health of a registry from its record and its last probe: constant work, no request.
pub(crate) fn health_of(record: &store::Registry, report: Option<&ProbeReport>) -> (Tone, String) {
    if !record.enabled {
        return (Tone::Idle, "Switched off".to_owned());
    }
    if record.held.unreadable {
        return (Tone::Danger, "Credentials can’t be read".to_owned());
    }
    report.map_or_else(|| (Tone::Idle, "Not probed yet".to_owned()), health)
}

/// Reads a kept probe; one that a former program wrote otherwise counts as none.
pub(crate) fn report_of(probe: &store::Probe) -> Option<ProbeReport> {
    serde_json::from_value(probe.report.clone()).ok()
}

/// Who points a registry that takes our own tokens somewhere else reads, writes and deletes with what we mint for it: that takes
/// all of these rights there, and not only the right to manage it.
fn may_point(actor: &Actor, record: &store::Registry, meant: &Connection) -> Result<()> {
    let was = &record.connection;
    let same = was.sign_in == meant.sign_in
        && was.address == meant.address
        && was.trust == meant.trust
        && was.proxy == meant.proxy;
    if meant.sign_in != SignIn::TokenServer || same {
        return Ok(());
    }
    let minted =
        [Permission::RepositoryPull, Permission::RepositoryPush, Permission::TagDelete, Permission::RegistryCatalog];
    for permission in minted {
        allows(actor, permission, Place::Registry(record.id))?;
    }
    Ok(())
}

impl Operations {
    /// May `actor` manage this registry, or add one?
    pub fn may_manage(&self, actor: &Actor, id: Option<Id>) -> Result<()> {
        allows(actor, MANAGE, place(id))?;
        Ok(())
    }

    /// Every registry that one may manage, with its health.
    pub async fn connections(&self, actor: &Actor) -> Result<Vec<ConnectionRow>> {
        let visible = Visible::to(actor);
        let mut records = self.0.store.registries().list(&visible).await?;
        records.retain(|record| allows(actor, MANAGE, place(Some(record.id))).is_ok());
        if records.is_empty() {
            self.may_manage(actor, None)?;
        }
        let probes = self.0.store.probes().latest_of_all(&visible).await?;
        let row = |record: store::Registry| {
            let probe = probes.iter().find(|(id, _)| *id == record.id).map(|(_, probe)| probe);
            let (trust, risky) = trust_words(&record);
            ConnectionRow {
                health: health_of(&record, probe.and_then(report_of).as_ref()),
                address: record.connection.address.to_string(),
                sign_in: sign_in_words(&record.connection.sign_in),
                trust,
                risky,
                probed: probe.map(|probe| probe.at),
                name: record.name,
            }
        };
        Ok(records.into_iter().map(row).collect())
    }

    /// All about one connection.
    pub async fn connection(&self, actor: &Actor, name: &str) -> Result<ConnectionDetails> {
        let record = self.record(actor, name).await?;
        self.may_manage(actor, Some(record.id))?;
        let visible = Visible::to(actor);
        let probes = self.0.store.probes().list(&visible, record.id, LOOKED_BACK).await?;
        let reports: Vec<ProbeReport> = probes.iter().filter_map(report_of).collect();
        let drift = drift(reports.iter().rev()).into_iter().rev().take(DRIFTS).collect();
        let report = reports.into_iter().next();
        let manual = self.0.store.registries().manual_repositories(&visible, record.id).await?;
        Ok(ConnectionDetails {
            address: record.connection.address.to_string(),
            authority: record.connection.address.authority(),
            form: ConnectionForm::of(&record),
            stored: record.held.into(),
            enabled: record.enabled,
            unreadable: record.held.unreadable,
            report,
            drift,
            probing: self.0.probing.is_under_way(record.id),
            manual_repositories: manual.len(),
            uses: uses(&record),
        })
    }

    /// Adds a registry and probes it. A registry that does not answer is added all the same.
    pub async fn add_registry(&self, actor: &Actor, form: &ConnectionForm) -> Result<RegistryName> {
        let form = self.complete(actor, form);
        let act = Act::new("registry.add", format!("registry {}", form.name.trim()));
        let permit = self.decide(actor, MANAGE, place(None), &act).await?;
        let meant = form.read(Stored::default()).map_err(Error::invalid)?;
        let act = act.after(told(&meant.name, &meant.description, &meant.connection));
        check_client(&meant)?;
        let change = AddRegistry {
            name: meant.name.clone(),
            description: meant.description.clone(),
            connection: meant.connection.clone(),
            secrets: secrets_edit(&meant),
        };
        self.change(permit, &act, change).await.map_err(|error| taken(error, &meant.name))?;
        self.forget_draft(actor, &form.draft);
        self.probe_quietly(actor, meant.name.as_str()).await;
        Ok(meant.name)
    }

    /// Saves an edit and probes again. Another address, trust or proxy asks for the secrets again.
    pub async fn edit_registry(&self, actor: &Actor, form: &ConnectionForm) -> Result<RegistryName> {
        let form = self.complete(actor, form);
        let record = self.record(actor, &form.was).await?;
        let act = Act::new("registry.edit", format!("registry {}", record.name)).before(told(
            &record.name,
            &record.description,
            &record.connection,
        ));
        let permit = self.decide(actor, MANAGE, place(Some(record.id)), &act).await?;
        let meant = form.read(kept(&record, &form)).map_err(Error::invalid)?;
        let version = form.version.parse().map_err(|_| {
            let message =
                format!("The form does not say which settings of {} it changes. Open them again.", record.name);
            Error::new(Kind::Conflict, message).way_out(WayOut::Connection(record.name.to_string()))
        })?;
        let mut after = told(&meant.name, &meant.description, &meant.connection);
        after["secrets changed"] = serde_json::json!(changed(&meant.secrets));
        check_client(&meant)?;
        may_point(actor, &record, &meant.connection)?;
        let change = EditRegistry {
            id: record.id,
            version,
            name: meant.name.clone(),
            description: meant.description.clone(),
            connection: meant.connection.clone(),
            secrets: secrets_edit(&meant),
        };
        let (operations, act) = (self.clone(), act.after(after));
        let (id, was) = (record.id, record.version);
        let moved = record.connection.address != meant.connection.address;
        let saved = to_the_end(async move {
            operations.change(permit, &act, change).await?;
            operations.forget_client(id, was).await;
            if moved {
                // What was read at the old address is not there.
                operations.0.store.index().forget_registry(id).await?;
            }
            Ok(())
        });
        saved.await.map_err(|error| taken(error, &meant.name))?;
        self.forget_draft(actor, &form.draft);
        if record.enabled {
            self.probe_quietly(actor, meant.name.as_str()).await;
        }
        Ok(meant.name)
    }

    /// Probes what is typed, without saving anything.
    pub async fn test_registry(&self, actor: &Actor, form: &ConnectionForm) -> Result<ProbeReport> {
        let form = self.complete(actor, form);
        let record = if form.was.is_empty() { None } else { Some(self.record(actor, &form.was).await?) };
        let act = Act::new("registry.test", format!("registry {}", form.name.trim()));
        let permit = self.decide(actor, MANAGE, place(record.as_ref().map(|record| record.id)), &act).await?;
        let stored = record.as_ref().map_or(Stored::default(), |record| kept(record, &form));
        let meant = form.read(stored).map_err(Error::invalid)?;
        let mut secrets = meant.secrets.clone();
        if let Some(record) = &record
            && stored != Stored::default()
        {
            let own = self.0.store.registries().secrets(record.id).await?;
            secrets = Secrets {
                password: secrets.password.or(own.password.filter(|_| stored.password)),
                identity_token: secrets.identity_token.or(own.identity_token.filter(|_| stored.identity_token)),
                client_key: secrets.client_key.or(own.client_key.filter(|_| stored.client_key)),
                proxy_credentials: secrets
                    .proxy_credentials
                    .or(own.proxy_credentials.filter(|_| stored.proxy_credentials)),
            };
        }
        let act = act.after(told(&meant.name, &meant.description, &meant.connection));
        let operations = self.clone();
        let minter = record.as_ref().map(|record| self.minter(record.id));
        let probe = async move {
            Ok(operations.probe_connection(meant.name.as_str(), &meant.connection, &secrets, minter).await)
        };
        self.act(permit, &act, Box::pin(probe)).await
    }

    /// Fills user and password from a pasted Docker `config.json`; what it can't give is explained.
    pub fn fill_from_docker_config(&self, actor: &Actor, form: &ConnectionForm) -> Result<ConnectionForm> {
        self.may_manage(actor, None)?;
        let form = self.complete(actor, form);
        let config = DockerConfig::parse(&form.docker_config).map_err(|why| Error::field("docker_config", why))?;
        let entry = entry_for(&config, &form.address).map_err(|why| Error::field("docker_config", why))?;
        let mut filled = ConnectionForm { docker_config: String::new(), ..form };
        if filled.address.trim().is_empty() {
            filled.address = entry.address().map(|address| address.to_string()).unwrap_or_default();
        }
        match &entry.credentials {
            Credentials::Password { username, password } => {
                filled.sign_in = if filled.sign_in == "basic" { "basic".to_owned() } else { "token".to_owned() };
                filled.username.clone_from(username);
                password.reveal().clone_into(&mut filled.password);
            }
            Credentials::IdentityToken(token) => {
                "identity-token".clone_into(&mut filled.sign_in);
                token.reveal().clone_into(&mut filled.identity_token);
            }
        }
        Ok(filled)
    }

    /// Switches a registry on or off.
    pub async fn switch_registry(&self, actor: &Actor, name: &str, on: bool) -> Result<()> {
        let record = self.record(actor, name).await?;
        let act = Act::new(if on { "registry.enable" } else { "registry.disable" }, format!("registry {name}"));
        let permit = self.decide(actor, MANAGE, place(Some(record.id)), &act).await?;
        if record.enabled == on {
            return Ok(());
        }
        let operations = self.clone();
        to_the_end(async move {
            operations.change(permit, &act, SetEnabled { id: record.id, version: record.version, enabled: on }).await?;
            operations.forget_client(record.id, record.version).await;
            Ok(())
        })
        .await
    }

    /// Removes a registry from here, once its name was typed. The registry itself is not touched.
    pub async fn remove_registry(&self, actor: &Actor, name: &str, confirm: &str) -> Result<()> {
        let record = self.record(actor, name).await?;
        let act = Act::new("registry.remove", format!("registry {name}")).before(told(
            &record.name,
            &record.description,
            &record.connection,
        ));
        let permit = self.decide(actor, MANAGE, place(Some(record.id)), &act).await?;
        if confirm.trim() != name {
            return Err(Error::field("confirm", format!("Type {name}.")));
        }
        let (operations, by) = (self.clone(), actor.name.clone());
        to_the_end(async move {
            let remove = RemoveRegistry { id: record.id, version: record.version, by };
            operations.change(permit, &act, remove).await?;
            operations.forget_client(record.id, record.version).await;
            Ok(operations.0.store.index().forget_registry(record.id).await?)
        })
        .await
    }
}

/// The entry of a pasted file for this address; the only one, where no address is typed. Else why there is none.
fn entry_for<'c>(config: &'c DockerConfig, address: &str) -> std::result::Result<&'c Entry, String> {
    let wanted = address.parse::<domain::Address>().ok();
    let same = |entry: &&Entry| {
        entry.address().zip(wanted.as_ref()).is_some_and(|(own, other)| own.authority() == other.authority())
    };
    let entry = match (&wanted, config.entries.as_slice()) {
        (None, [only]) => Some(only),
        _ => config.entries.iter().find(same),
    };
    entry.ok_or_else(|| {
        let mut why: Vec<String> = config.elsewhere.iter().map(|elsewhere| elsewhere.sentence.clone()).collect();
        if !config.entries.is_empty() {
            let hosts: Vec<&str> = config.entries.iter().map(|entry| entry.host.as_str()).collect();
            why.insert(
                0,
                format!("The file has credentials for {}. Enter one of them as the address first.", hosts.join(", ")),
            );
        }
        why.join(" ")
    })
}

/// What a client needs to use a registry, and to use it as a mirror.
fn uses(record: &store::Registry) -> Vec<Snippet> {
    let connection = &record.connection;
    let mut uses =
        commands::use_registry(&connection.address, &connection.trust, connection.client_certificate.is_some());
    uses.extend(commands::mirror(&connection.address, &connection.trust));
    uses
}

/// Which stored secrets this edit may keep: none once the address or the trust is another. Another proxy never gets
/// the credentials of the one before, and none at all where it could read along.
fn kept(record: &store::Registry, form: &ConnectionForm) -> Stored {
    let same_address =
        form.address.parse::<domain::Address>().is_ok_and(|address| address == record.connection.address);
    let own = ConnectionForm::of(record);
    let same_trust = own.trust == form.trust && (form.trust != "authority" || own.authority == form.authority.trim());
    let same_proxy = own.proxy == form.proxy.trim();
    let verified = !record.connection.address.is_plain() && form.trust != "anybody";
    if !same_address || !same_trust || record.held.unreadable || !(same_proxy || verified) {
        return Stored::default();
    }
    let held = Stored::from(record.held);
    Stored { proxy_credentials: held.proxy_credentials && same_proxy, ..held }
}

/// Can a client be made of it? Certificates and keys that can't be read are found out before they are stored.
fn check_client(meant: &Meant) -> Result<()> {
    let made = registry::Registry::connect(meant.name.as_str(), &meant.connection, &meant.secrets);
    match made {
        Ok(_) => Ok(()),
        // The key that is stored already is not at hand here.
        Err(_) if meant.connection.client_certificate.is_some() && meant.secrets.client_key.is_none() => Ok(()),
        Err(error) => {
            let field = if meant.connection.client_certificate.is_some() { "client_certificate" } else { "authority" };
            Err(Error::field(field, Error::from(error).message))
        }
    }
}

fn taken(error: Error, name: &RegistryName) -> Error {
    if error.kind == Kind::Conflict && error.message.contains("in use") {
        Error::field("name", format!("Another registry is called {name} already. Choose another word."))
    } else {
        error.way_out(WayOut::Connection(name.to_string()))
    }
}
