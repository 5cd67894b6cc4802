//! The command line: what can be said, and which command it starts.

use crate::{
    commands, logging,
    settings::{Flags, Settings},
};
use clap::{Args, Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

#[derive(Parser)]
#[command(
    name = "wharfinger",
    version,
    about = "Looks after container registries.",
    after_help = "Every setting is also read from WHARFINGER_<NAME> (WHARFINGER_DATA_DIR for --data-dir) and from the \
                  file that --config names (data-dir = \"…\"). A flag counts before a variable, a variable before the file."
)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server.
    Serve(Box<Serve>),
    /// Look after people from this machine.
    Admin {
        #[command(subcommand)]
        act: Admin,
    },
    /// Look at the audit log.
    Audit {
        #[command(subcommand)]
        act: Audit,
    },
    /// Copy the records into FILE, also while the server runs.
    Backup {
        /// The file to write; it must not exist yet.
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Put the records of a backup in place of the present ones, also while the server runs; everybody signs in anew.
    Restore {
        /// The file to read.
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Ask a running server whether it is ready; exits with 0 if it is.
    Healthcheck {
        /// The server's address; by default where the settings say that it listens.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Print the version.
    Version,
}

#[derive(Subcommand)]
enum Admin {
    /// Add a person, without rights unless it is the first. Without a file, a password is made up and printed once.
    Create {
        /// The name to sign in with.
        name: String,
        /// They may do everything.
        #[arg(long)]
        administrator: bool,
        /// A file with the password in its first line.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// Give a person a new password, which is printed once, and end their sessions.
    ResetPassword {
        /// The name to sign in with.
        name: String,
        #[command(flatten)]
        common: Common,
    },
    /// Let the next key sign tokens for registries, and make another to come after it.
    RotateKeys {
        #[arg(long, default_value = "ES256", help = "Whose keys: ES256, RS256 or EdDSA")]
        algorithm: String,
        #[arg(long, help = "Rotate also where registries are not known to have the bundle with the next key")]
        anyway: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Make an access token for a person; it is printed once.
    Token {
        /// The name to sign in with.
        name: String,
        /// How long it lives.
        #[arg(long, value_name = "DURATION", default_value = "90d")]
        expires: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Subcommand)]
enum Audit {
    /// Check that no entry was changed, added in between or taken out.
    Verify {
        #[command(flatten)]
        common: Common,
    },
}

/// What every command understands. Texts, so that all sources of a setting are read by the same rules.
#[derive(Args, Default)]
struct Common {
    #[arg(
        long,
        value_name = "DIR",
        help = "The folder for everything that is kept [default: $XDG_STATE_HOME/wharfinger, else ~/.local/state/wharfinger]"
    )]
    data_dir: Option<String>,
    /// A TOML file with settings.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// auto, human or json [default: auto].
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// error, warn, info, debug, trace, or a list such as info,sqlx=warn [default: info].
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
}

#[derive(Args)]
struct Serve {
    /// Where to listen [default: 127.0.0.1:3000].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    #[arg(
        long,
        value_name = "URL",
        help = "The address that people reach this program at, such as https://host/registry"
    )]
    public_url: Option<String>,
    /// The certificate for the built-in TLS, PEM; taken up again when it changes.
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// The certificate's private key, PEM.
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
    /// A proxy whose word about the client's address counts, as address or network; may be repeated.
    #[arg(long, value_name = "NETWORK")]
    trusted_proxy: Vec<String>,
    /// The headers the proxies set: forwarded or x-forwarded-for [default: x-forwarded-for].
    #[arg(long, value_name = "HEADER")]
    proxy_header: Option<String>,
    /// A session ends after this long without a request [default: 12h].
    #[arg(long, value_name = "DURATION")]
    session_idle: Option<String>,
    /// A session ends this long after the sign-in [default: 30d].
    #[arg(long, value_name = "DURATION")]
    session_absolute: Option<String>,
    /// Whether registries' clients may bring people's passwords, or only tokens and robots' secrets: on or off [default: on].
    #[arg(long, value_name = "ON|OFF")]
    token_passwords: Option<String>,
    /// Serve an embedded registry with made-up images too, to look around in.
    #[arg(long)]
    demo: bool,
    /// Print every setting and where it came from, and stop.
    #[arg(long)]
    print_settings: bool,
    #[command(flatten)]
    common: Common,
}

impl Common {
    fn settings(&self, mut flags: Flags) -> Result<Settings, crate::settings::Wrong> {
        put(&mut flags, "data-dir", self.data_dir.as_ref());
        put(&mut flags, "log-format", self.log_format.as_ref());
        put(&mut flags, "log-level", self.log_level.as_ref());
        Settings::resolve(&flags, self.config.as_deref(), &|name| std::env::var(name).ok())
    }
}

impl Serve {
    fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        put(&mut flags, "listen", self.listen.as_ref());
        put(&mut flags, "public-url", self.public_url.as_ref());
        put(&mut flags, "tls-cert", self.tls_cert.as_ref());
        put(&mut flags, "tls-key", self.tls_key.as_ref());
        put(&mut flags, "proxy-header", self.proxy_header.as_ref());
        put(&mut flags, "session-idle", self.session_idle.as_ref());
        put(&mut flags, "session-absolute", self.session_absolute.as_ref());
        put(&mut flags, "token-passwords", self.token_passwords.as_ref());
        flags.insert("trusted-proxy", self.trusted_proxy.clone());
        if self.demo {
            flags.insert("demo", vec!["true".to_owned()]);
        }
        flags
    }
}

fn put(flags: &mut Flags, name: &'static str, value: Option<&String>) {
    flags.extend(value.map(|value| (name, vec![value.clone()])));
}

/// Runs what the command line says. 0: done; 1: tried and failed; 2: a wrong setting or command line.
pub fn run() -> ExitCode {
    let line = Line::parse();
    let (common, flags) = match &line.command {
        Command::Version => {
            println!("wharfinger {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Command::Serve(serve) => (&serve.common, serve.flags()),
        Command::Admin { act } => match act {
            Admin::Create { common, .. }
            | Admin::ResetPassword { common, .. }
            | Admin::RotateKeys { common, .. }
            | Admin::Token { common, .. } => (common, Flags::new()),
        },
        Command::Audit { act: Audit::Verify { common } }
        | Command::Backup { common, .. }
        | Command::Restore { common, .. }
        | Command::Healthcheck { common, .. } => (common, Flags::new()),
    };
    let settings = match common.settings(flags) {
        Ok(settings) => settings,
        Err(wrong) => return complain(&wrong, 2),
    };
    if matches!(&line.command, Command::Serve(serve) if serve.print_settings) {
        print!("{}", settings.print());
        return ExitCode::SUCCESS;
    }
    logging::start(&settings);
    // The one provider of cryptography; a second call finds it in place.
    _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("The system gives us no threads: {error}."), 1),
    };
    let done = runtime.block_on(async {
        match line.command {
            Command::Serve(_) => crate::serve::serve(settings).await,
            Command::Admin { act: Admin::Create { name, administrator, password_file, .. } } => {
                commands::create_person(&settings, &name, password_file.as_deref(), administrator).await
            }
            Command::Admin { act: Admin::ResetPassword { name, .. } } => {
                commands::reset_password(&settings, &name).await
            }
            Command::Admin { act: Admin::Token { name, expires, .. } } => {
                commands::make_token(&settings, &name, &expires).await
            }
            Command::Admin { act: Admin::RotateKeys { algorithm, anyway, .. } } => {
                commands::rotate_keys(&settings, &algorithm, anyway).await
            }
            Command::Audit { .. } => commands::verify_audit(&settings).await,
            Command::Backup { file, .. } => commands::backup(&settings, &file).await,
            Command::Restore { file, .. } => commands::restore(&settings, &file).await,
            Command::Healthcheck { url, .. } => crate::healthcheck::ask(&settings, url.as_deref()).await,
            Command::Version => Ok(()),
        }
    });
    // What still runs in the background has been told to stop and had its time.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(stopped) => complain(&stopped, stopped.code),
    }
}

fn complain(why: &dyn std::fmt::Display, code: u8) -> ExitCode {
    eprintln!("wharfinger: {why}");
    ExitCode::from(code)
}
