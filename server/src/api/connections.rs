//! How registries are reached: adding, editing, testing, switching off, removing. For administrators.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path},
    registries::Probe,
    values::{Health, HealthTone, InRegistry, Time},
};
use axum::response::IntoResponse;
use operations::connections::{ConnectionDetails, ConnectionForm, ConnectionRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(list_connections))
        .routes(routes!(read_connection, edit_connection))
        .routes(routes!(switch_registry))
        .routes(routes!(test_connection))
}

/// How we sign in at a registry.
#[derive(Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum SignIn {
    /// Not at all.
    #[default]
    None,
    /// User and password with each request.
    Basic,
    /// User and password for a token, as the registry asks for it.
    Token,
    /// An identity token for a token.
    IdentityToken,
    /// Tokens that this program makes itself: it is the registry's token server.
    TokenServer,
}

/// Whom we trust at a registry.
#[derive(Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Trust {
    /// The system's certificates.
    #[default]
    System,
    /// The authority that is given.
    Authority,
    /// Any certificate: whoever stands between can read and change everything.
    Anybody,
}

/// How a registry is reached. What is left out has its usual value.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionSettings {
    /// The short word by which it is called here.
    #[schema(example = "lab", min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    name: String,
    /// Where it is.
    #[schema(example = "http://127.0.0.1:5000")]
    address: String,
    /// What it is, in a line.
    #[serde(default)]
    #[schema(max_length = 200)]
    description: String,
    /// How we sign in.
    #[serde(default)]
    sign_in: SignIn,
    /// The user, for `basic` and `token`.
    #[serde(default)]
    username: String,
    /// Whom we trust.
    #[serde(default)]
    trust: Trust,
    /// The certificate authority as PEM, for `authority`.
    #[serde(default)]
    authority: String,
    /// Our certificate for mutual TLS as PEM; empty for none.
    #[serde(default)]
    client_certificate: String,
    /// `http://`, `https://` or `socks5://`; empty for none.
    #[serde(default)]
    proxy: String,
    /// Seconds to connect.
    #[serde(default = "five")]
    #[schema(minimum = 1, maximum = 120, default = 5)]
    connect_timeout: u32,
    /// Seconds a request may take.
    #[serde(default = "thirty")]
    #[schema(minimum = 1, maximum = 600, default = 30)]
    request_timeout: u32,
    /// Requests at once.
    #[serde(default = "eight")]
    #[schema(minimum = 1, maximum = 64, default = 8)]
    concurrency: u32,
    /// Another host that our credentials may go to for a token; empty for none.
    #[serde(default)]
    realm_host: String,
    /// May the probe ask to delete a digest that nothing can have, to see whether deleting is allowed?
    #[serde(default = "yes")]
    #[schema(default = true)]
    probe_delete: bool,
}

fn five() -> u32 {
    5
}
fn thirty() -> u32 {
    30
}
fn eight() -> u32 {
    8
}
fn yes() -> bool {
    true
}

/// Secrets of a connection. They are sealed before they are stored, and never shown; what is left out stays as it is.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConnectionSecrets {
    /// For `basic` and `token`.
    password: String,
    /// For `identity-token`.
    identity_token: String,
    /// The key of the client certificate as PEM.
    client_key: String,
    /// `user:password` of the proxy.
    proxy_credentials: String,
}

/// Which secrets are stored.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "four secrets, each there or not")]
struct StoredSecrets {
    /// The password.
    password: bool,
    /// The identity token.
    identity_token: bool,
    /// The key of the client certificate.
    client_key: bool,
    /// The proxy's credentials.
    proxy_credentials: bool,
}

/// A registry to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "settings": { "name": "lab", "address": "http://127.0.0.1:5000" } }))]
pub(super) struct NewRegistry {
    /// How it is reached.
    settings: ConnectionSettings,
    /// The secrets for that.
    #[serde(default)]
    secrets: ConnectionSecrets,
}

/// An edit of a connection.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "version": 1, "settings": { "name": "lab", "address": "http://127.0.0.1:5000", "description": "To try things" },
}))]
struct ConnectionEdit {
    /// The version that was read: an edit by somebody else in between answers 409.
    #[schema(minimum = 1)]
    version: i64,
    /// How the registry is reached from now on. Another address or trust asks for the secrets again.
    settings: ConnectionSettings,
    /// Secrets that change.
    #[serde(default)]
    secrets: ConnectionSecrets,
}

/// Settings to be tried out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "settings": { "name": "lab", "address": "http://127.0.0.1:5000" } }))]
struct ConnectionTrial {
    /// The registry whose stored secrets may be used, where these are its settings.
    #[serde(default)]
    registry: String,
    /// The settings.
    settings: ConnectionSettings,
    /// The secrets.
    #[serde(default)]
    secrets: ConnectionSecrets,
}

/// How a registry is reached.
#[derive(Serialize, ToSchema)]
struct Connection {
    /// Counts edits; an edit names it.
    version: i64,
    /// Is it in use?
    enabled: bool,
    /// How it is reached.
    settings: ConnectionSettings,
    /// Which secrets are stored.
    stored: StoredSecrets,
    /// Were its secrets sealed with another key, so that they have to be entered again?
    unreadable: bool,
    /// Is it being probed now?
    probing: bool,
    /// Repositories that were entered by hand.
    entered_repositories: usize,
    /// What clients need to use it: a caption and a text to be pasted.
    uses: Vec<Use>,
    /// What the last probes found to be other than before, the newest first.
    drift: Vec<Drifted>,
}

/// What a probe found to be other than before.
#[derive(Serialize, ToSchema)]
struct Drifted {
    /// When it was found.
    at: Time,
    /// How good or bad it is.
    tone: HealthTone,
    /// What changed.
    words: String,
}

/// The registries that one may manage.
#[derive(Serialize, ToSchema)]
struct Connections {
    /// By name.
    connections: Vec<ListedConnection>,
}

/// How a registry is reached, in short.
#[derive(Serialize, ToSchema)]
struct ListedConnection {
    /// Its name here.
    name: String,
    /// Where it is.
    address: String,
    /// How it is.
    health: Health,
    /// How we sign in, in words.
    sign_in: &'static str,
    /// Whom we trust, in words.
    trust: &'static str,
    /// Is the trust or the address a risk?
    risky: bool,
    /// When it was last probed.
    probed: Option<Time>,
}

impl From<ConnectionRow> for ListedConnection {
    fn from(row: ConnectionRow) -> Self {
        Self {
            name: row.name.to_string(),
            address: row.address,
            health: row.health.into(),
            sign_in: row.sign_in,
            trust: row.trust,
            risky: row.risky,
            probed: row.probed.map(Time),
        }
    }
}

/// Something for a client's configuration.
#[derive(Serialize, ToSchema)]
struct Use {
    /// Where it goes.
    caption: String,
    /// The text.
    text: String,
}

/// Is a registry in use?
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "enabled": true }))]
struct Switch {
    /// Is anything asked of it?
    enabled: bool,
}

/// The word that serde writes for a unit variant.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| Some(word.as_str()?.to_owned())).unwrap_or_default()
}

fn form(settings: ConnectionSettings, secrets: ConnectionSecrets) -> ConnectionForm {
    ConnectionForm {
        name: settings.name,
        address: settings.address,
        description: settings.description,
        sign_in: word(settings.sign_in),
        username: settings.username,
        password: secrets.password,
        identity_token: secrets.identity_token,
        trust: word(settings.trust),
        authority: settings.authority,
        client_certificate: settings.client_certificate,
        client_key: secrets.client_key,
        proxy: settings.proxy,
        proxy_credentials: secrets.proxy_credentials,
        connect_timeout: settings.connect_timeout.to_string(),
        request_timeout: settings.request_timeout.to_string(),
        concurrency: settings.concurrency.to_string(),
        realm_host: settings.realm_host,
        probe_delete: if settings.probe_delete { "on".to_owned() } else { String::new() },
        ..ConnectionForm::default()
    }
}

impl From<ConnectionForm> for ConnectionSettings {
    fn from(form: ConnectionForm) -> Self {
        let word = |text: String| serde_json::Value::String(text);
        Self {
            name: form.name,
            address: form.address,
            description: form.description,
            sign_in: serde_json::from_value(word(form.sign_in)).unwrap_or_default(),
            username: form.username,
            trust: serde_json::from_value(word(form.trust)).unwrap_or_default(),
            authority: form.authority,
            client_certificate: form.client_certificate,
            proxy: form.proxy,
            connect_timeout: form.connect_timeout.parse().unwrap_or_else(|_| five()),
            request_timeout: form.request_timeout.parse().unwrap_or_else(|_| thirty()),
            concurrency: form.concurrency.parse().unwrap_or_else(|_| eight()),
            realm_host: form.realm_host,
            probe_delete: form.probe_delete == "on",
        }
    }
}

impl From<ConnectionDetails> for Connection {
    fn from(details: ConnectionDetails) -> Self {
        let stored = details.stored;
        Self {
            version: details.form.version.parse().unwrap_or_default(),
            enabled: details.enabled,
            settings: details.form.into(),
            stored: StoredSecrets {
                password: stored.password,
                identity_token: stored.identity_token,
                client_key: stored.client_key,
                proxy_credentials: stored.proxy_credentials,
            },
            unreadable: details.unreadable,
            probing: details.probing,
            entered_repositories: details.manual_repositories,
            uses: details.uses.into_iter().map(|one| Use { caption: one.caption, text: one.text }).collect(),
            drift: details.drift.into_iter().map(drifted).collect(),
        }
    }
}

fn drifted(own: domain::probe::Drift) -> Drifted {
    Drifted { at: own.at.into(), tone: own.tone.into(), words: own.sentence }
}

/// List how registries are reached
///
/// Those that one may manage.
#[utoipa::path(get, path = "/connections", tag = "Registries", operation_id = "listConnections",
    responses((status = 200, description = "The connections.", body = Connections)))]
async fn list_connections(asked: Asked) -> Answer {
    let rows = asked.operations.connections(&asked.actor).await?;
    asked.answer(&Connections { connections: rows.into_iter().map(ListedConnection::from).collect() })
}

/// Add a registry
///
/// It is probed at once; a registry that does not answer is added all the same.
#[utoipa::path(post, path = "/registries", tag = "Registries", operation_id = "addRegistry", request_body = NewRegistry,
    responses((status = 201, description = "It is added.", body = Connection)))]
pub(super) async fn add_registry(asked: Asked, Json(new): Json<NewRegistry>) -> Answer {
    let name = asked.operations.add_registry(&asked.actor, &form(new.settings, new.secrets)).await?;
    let details = asked.operations.connection(&asked.actor, name.as_str()).await?;
    asked.created(&format!("/registries/{name}"), &Connection::from(details))
}

/// Read how a registry is reached
#[utoipa::path(get, path = "/registries/{registry}/connection", tag = "Registries", operation_id = "readConnection",
    params(InRegistry), responses((status = 200, description = "The connection, without secrets.", body = Connection)))]
async fn read_connection(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    asked.answer(&Connection::from(asked.operations.connection(&asked.actor, &at.registry).await?))
}

/// Change how a registry is reached
#[utoipa::path(put, path = "/registries/{registry}/connection", tag = "Registries", operation_id = "editConnection",
    params(InRegistry), request_body = ConnectionEdit, responses((status = 200, description = "The connection as it is now.", body = Connection)))]
async fn edit_connection(asked: Asked, Path(at): Path<InRegistry>, Json(edit): Json<ConnectionEdit>) -> Answer {
    let form =
        ConnectionForm { was: at.registry, version: edit.version.to_string(), ..form(edit.settings, edit.secrets) };
    let name = asked.operations.edit_registry(&asked.actor, &form).await?;
    let details = asked.operations.connection(&asked.actor, name.as_str()).await?;
    Ok(axum::Json(Connection::from(details)).into_response())
}

/// Switch a registry on or off
#[utoipa::path(put, path = "/registries/{registry}/enabled", tag = "Registries", operation_id = "switchRegistry",
    params(InRegistry), request_body = Switch, responses((status = 204, description = "It is so.")))]
async fn switch_registry(asked: Asked, Path(at): Path<InRegistry>, Json(switch): Json<Switch>) -> Answer {
    asked.operations.switch_registry(&asked.actor, &at.registry, switch.enabled).await?;
    done()
}

/// Remove a registry from here
///
/// The registry itself is not touched. What is kept of it here goes; the audit log keeps its entries.
#[utoipa::path(delete, path = "/registries/{registry}", tag = "Registries", operation_id = "removeRegistry",
    params(("registry" = String, Path, description = "The name of the registry here.", example = "retired", min_length = 1,
        max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")),
    responses((status = 204, description = "It is removed.")))]
pub(super) async fn remove_registry(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    // Whoever calls this has typed the name: it stands in the address.
    asked.operations.remove_registry(&asked.actor, &at.registry, &at.registry).await?;
    done()
}

/// Probe settings without saving them
#[utoipa::path(post, path = "/connection-tests", tag = "Registries", operation_id = "testConnection", request_body = ConnectionTrial,
    responses((status = 200, description = "What was found.", body = Probe)))]
async fn test_connection(asked: Asked, Json(trial): Json<ConnectionTrial>) -> Answer {
    let form = ConnectionForm { was: trial.registry, ..form(trial.settings, trial.secrets) };
    let report = asked.operations.test_registry(&asked.actor, &form).await?;
    Ok(axum::Json(Probe::from(report)).into_response())
}
