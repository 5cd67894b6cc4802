//! The settings: each from a flag, a `WHARFINGER_*` variable, the TOML file or its default, in that order, and where
//! it came from. A value that can't be meant stops the start with one sentence.

mod file;
mod values;

pub use values::{LogFormat, Network, ProxyHeader, PublicUrl};
pub(crate) use values::{duration, visible};

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// One setting as it is named everywhere: `--name`, `WHARFINGER_NAME`, `name = …` in the file.
struct Key {
    name: &'static str,
    default: &'static str,
    /// What `--print-settings` shows only as set or not set.
    secret: bool,
}

const fn key(name: &'static str, default: &'static str) -> Key {
    Key { name, default, secret: false }
}

const KEYS: &[Key] = &[
    key("listen", "127.0.0.1:3000"),
    key("data-dir", ""),
    key("public-url", ""),
    key("tls-cert", ""),
    key("tls-key", ""),
    key("trusted-proxy", ""),
    key("proxy-header", "x-forwarded-for"),
    key("log-format", "auto"),
    key("log-level", "info"),
    key("session-idle", "12h"),
    key("session-absolute", "30d"),
    key("token-passwords", "on"),
    key("demo", "false"),
    key("admin-username", ""),
    // A path; what stands in the file never gets this far.
    key("admin-password-file", ""),
];

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A flag on the command line.
    Flag,
    /// An environment variable.
    Variable,
    /// The TOML file at this path.
    File(PathBuf),
    /// Nowhere: the default.
    Default,
}

/// A wrong setting, as one sentence that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(pub String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Wrong {}

/// A value before it is understood. Lists come as several texts from a flag or the file, and with commas from a variable.
struct Raw {
    texts: Vec<String>,
    source: Source,
}

/// What the flags said: name → texts.
pub type Flags = BTreeMap<&'static str, Vec<String>>;

/// The first person, for installations that nobody sits in front of.
#[derive(Clone, Debug)]
pub struct FirstPerson {
    /// The name to sign in with.
    pub username: String,
    /// Where the password stands.
    pub password_file: PathBuf,
}

/// The built-in TLS.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate and those between it and its authority, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// All settings, understood and checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The only folder that is written to; `None` is a demo's throwaway folder, made at the start.
    pub data_dir: Option<PathBuf>,
    /// The address that people and registries know us by.
    pub public_url: Option<PublicUrl>,
    /// The built-in TLS, if any.
    pub tls: Option<TlsFiles>,
    /// The proxies whose word about the client's address counts.
    pub trusted_proxies: Vec<Network>,
    /// The one header family that is read from them.
    pub proxy_header: ProxyHeader,
    /// For people or for machines.
    pub log_format: LogFormat,
    /// What is logged, in `tracing`'s filter words.
    pub log_level: String,
    /// A session ends after this long without a request.
    pub session_idle: Duration,
    /// A session ends this long after the sign-in.
    pub session_absolute: Duration,
    /// Does the token server take people's passwords, where a registry's settings do too?
    pub token_passwords: bool,
    /// With the embedded demo registry?
    pub demo: bool,
    /// Creates the first person instead of printing a setup link.
    pub first_person: Option<FirstPerson>,
    shown: Vec<(&'static str, String, Source)>,
}

/// The variable a setting is read from: `data-dir` → `WHARFINGER_DATA_DIR`.
fn variable(name: &str) -> String {
    format!("WHARFINGER_{}", name.to_ascii_uppercase().replace('-', "_"))
}

impl Settings {
    /// Reads everything; `variables` looks up the environment. The TOML file is named by `--config` or `WHARFINGER_CONFIG`.
    pub fn resolve(
        flags: &Flags,
        config: Option<&Path>,
        variables: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Wrong> {
        let config = config.map(Path::to_owned).or_else(|| variables("WHARFINGER_CONFIG").map(PathBuf::from));
        let names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        let file = config.as_deref().map(|path| file::read(path, &names)).transpose()?.unwrap_or_default();
        let raw = |key: &Key| {
            if let Some(texts) = flags.get(key.name).filter(|texts| !texts.is_empty()) {
                Raw { texts: texts.clone(), source: Source::Flag }
            } else if let Some(text) = variables(&variable(key.name)).filter(|text| !text.is_empty()) {
                Raw { texts: values::list(&text), source: Source::Variable }
            } else if let (Some(texts), Some(path)) = (file.get(key.name), &config) {
                Raw { texts: texts.clone(), source: Source::File(path.clone()) }
            } else {
                Raw { texts: values::list(key.default), source: Source::Default }
            }
        };
        Self::understand(KEYS.iter().map(|key| (key.name, raw(key))).collect(), variables)
    }

    fn understand(
        mut raw: BTreeMap<&'static str, Raw>,
        variables: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Wrong> {
        let demo = one(&raw, "demo", values::switch)?.unwrap_or(false);
        if raw["data-dir"].texts.is_empty() && !demo {
            let dir = default_data_dir(variables).to_string_lossy().into_owned();
            raw.insert("data-dir", Raw { texts: vec![dir], source: Source::Default });
        }
        let path = |name| one(&raw, name, |text| Ok(PathBuf::from(text)));
        let tls = match (path("tls-cert")?, path("tls-key")?) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            (Some(_), None) => return Err(missing(&raw, "tls-cert", "tls-key")),
            (None, Some(_)) => return Err(missing(&raw, "tls-key", "tls-cert")),
        };
        let first_person = match (one(&raw, "admin-username", text)?, path("admin-password-file")?) {
            (Some(username), Some(password_file)) => Some(FirstPerson { username, password_file }),
            (None, None) => None,
            (Some(_), None) => return Err(missing(&raw, "admin-username", "admin-password-file")),
            (None, Some(_)) => return Err(missing(&raw, "admin-password-file", "admin-username")),
        };
        let settings = Self {
            listen: one(&raw, "listen", values::listen)?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000))),
            data_dir: path("data-dir")?,
            public_url: one(&raw, "public-url", PublicUrl::parse)?,
            tls,
            trusted_proxies: many(&raw, "trusted-proxy", Network::parse)?,
            proxy_header: one(&raw, "proxy-header", ProxyHeader::parse)?.unwrap_or_default(),
            log_format: one(&raw, "log-format", LogFormat::parse)?.unwrap_or_default(),
            log_level: one(&raw, "log-level", values::log_level)?.unwrap_or_default(),
            session_idle: one(&raw, "session-idle", values::duration)?.unwrap_or_default(),
            session_absolute: one(&raw, "session-absolute", values::duration)?.unwrap_or_default(),
            token_passwords: one(&raw, "token-passwords", values::on_or_off)?.unwrap_or(true),
            demo,
            first_person,
            shown: KEYS.iter().map(|key| shown(key, &raw[key.name])).collect(),
        };
        if settings.session_idle > settings.session_absolute {
            let (idle, absolute) = (&raw["session-idle"], &raw["session-absolute"]);
            return Err(Wrong(format!(
                "{} is {}, which is longer than {} ({}).",
                called("session-idle", &idle.source),
                idle.texts.join(","),
                called("session-absolute", &absolute.source),
                absolute.texts.join(",")
            )));
        }
        Ok(settings)
    }

    /// For `--print-settings`: a line for each setting, with its value and where it came from.
    pub fn print(&self) -> String {
        let width = self.shown.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        self.shown.iter().fold(String::new(), |text, (name, value, source)| {
            let source = match source {
                Source::Flag => format!("flag --{name}"),
                Source::Variable => format!("variable {}", variable(name)),
                Source::File(path) => format!("file {}", path.display()),
                Source::Default => "default".to_owned(),
            };
            text + &format!("{name:width$} = {value}  ({source})\n")
        })
    }

    /// The path below which we are mounted: "" or "/registry".
    pub fn base(&self) -> &str {
        self.public_url.as_ref().map_or("", |url| url.base.as_str())
    }

    /// Do browsers reach us over https? Cookies and HSTS depend on it.
    pub fn https(&self) -> bool {
        self.public_url.as_ref().map_or(self.tls.is_some(), |url| url.https)
    }
}

fn shown(key: &Key, raw: &Raw) -> (&'static str, String, Source) {
    let value = match (raw.texts.as_slice(), key.secret) {
        ([], _) => "(not set)".to_owned(),
        (_, true) => "(set, hidden)".to_owned(),
        (texts, false) => values::visible(&texts.join(",")),
    };
    (key.name, value, raw.source.clone())
}

/// `$XDG_STATE_HOME/wharfinger`, else `~/.local/state/wharfinger` as the XDG rules say: it does not depend on the folder
/// the program is started from. Without a home, `./wharfinger-data`.
fn default_data_dir(variables: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    let absolute = |name: &str| variables(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .map_or_else(|| PathBuf::from("wharfinger-data"), |state| state.join("wharfinger"))
}

/// The setting's name as the person wrote it.
fn called(name: &str, source: &Source) -> String {
    match source {
        Source::Flag | Source::Default => format!("--{name}"),
        Source::Variable => variable(name),
        Source::File(path) => format!("{name} in {}", path.display()),
    }
}

fn missing(raw: &BTreeMap<&'static str, Raw>, given: &str, wanted: &str) -> Wrong {
    Wrong(format!("{} needs --{wanted} (or {}) too.", called(given, &raw[given].source), variable(wanted)))
}

fn many<T>(
    raw: &BTreeMap<&'static str, Raw>,
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Wrong> {
    let Raw { texts, source } = &raw[name];
    texts.iter().map(|text| parse(text).map_err(|why| Wrong(format!("{} {why}.", called(name, source))))).collect()
}

fn one<T>(
    raw: &BTreeMap<&'static str, Raw>,
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Wrong> {
    let Raw { texts, source } = &raw[name];
    match texts.as_slice() {
        [] => Ok(None),
        // A path may have a comma in it, so what came from a variable is put together again.
        texts => parse(&texts.join(",")).map(Some).map_err(|why| Wrong(format!("{} {why}.", called(name, source)))),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where other values can be wrong")]
fn text(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}
