//! Starts the real `docker-registry` on a free loopback port for tests, here and in other crates: the same story can be
//! told about it and about the fake.

use super::{
    Access,
    certificates::{Certificates, signing},
    token_server::{ISSUER, TokenServer},
};
use domain::{Address, Connection};
use std::{
    fmt::Write as _,
    fs, io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{net::TcpStream, process::Command as AsyncCommand};

/// What the real registry is configured to do.
#[derive(Clone, Debug)]
pub struct RealOptions {
    /// Nobody signs in, htpasswd (made by `htpasswd -Bbn`), or tokens of a server that signs ([`signing_server`]).
    pub access: Access,
    /// With TLS; the files that [`Certificates::make`] left are copied from here.
    pub tls: Option<Certificates>,
    /// Clients have to show a certificate.
    pub mutual: bool,
    /// `storage.delete.enabled`.
    pub delete: bool,
    /// `storage.maintenance.readonly`.
    pub read_only: bool,
    /// What somebody was given to paste for signing in, in place of `access`.
    pub pasted: Option<Pasted>,
}

/// A piece of configuration, as it was copied from a page, with the file that it names.
#[derive(Clone, Debug)]
pub struct Pasted {
    /// The lines of YAML.
    pub yaml: String,
    /// The path in them that stands for the file.
    pub path: String,
    /// What is in the file.
    pub file: String,
}

impl Default for RealOptions {
    fn default() -> Self {
        Self { access: Access::Anonymous, tls: None, mutual: false, delete: true, read_only: false, pasted: None }
    }
}

/// A running `docker-registry`. It ends, and its directory goes, when it is dropped.
#[derive(Debug)]
pub struct Real {
    /// Where it listens.
    pub addr: SocketAddr,
    tls: bool,
    realm: Option<String>,
    child: Child,
    directory: TempDir,
    _tokens: Option<Arc<TokenServer>>,
}

impl Real {
    /// Starts one; it answers when this returns. A missing program is an error that names it.
    pub async fn start(options: RealOptions) -> io::Result<Self> {
        // A port that was free can be taken in between: then the next one.
        let mut last = io::Error::other("docker-registry did not start");
        for _ in 0..5 {
            match Self::try_start(&options).await {
                Ok(real) => return Ok(real),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn try_start(options: &RealOptions) -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let addr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let configuration = configuration(directory.path(), addr, options).await?;
        let file = directory.path().join("config.yml");
        fs::write(&file, configuration)?;
        let log = fs::File::create(directory.path().join("log"))?;
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => missing("docker-registry", "docker-registry"),
                _ => error,
            })?;
        let (realm, tokens) = match &options.access {
            Access::Token(server) => (Some(server.addr.to_string()), Some(server.clone())),
            _ => (None, None),
        };
        let mut real = Self { addr, tls: options.tls.is_some(), realm, child, directory, _tokens: tokens };
        real.wait().await?;
        Ok(real)
    }

    /// Waits until it accepts connections, or has ended.
    async fn wait(&mut self) -> io::Result<()> {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("docker-registry ended ({status}): {}", self.log())));
            }
            if TcpStream::connect(self.addr).await.is_ok() {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(io::Error::other(format!("docker-registry does not listen after 20 s: {}", self.log())));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// Its directory: configuration, log and data.
    pub fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// Its address, as an administrator would enter it.
    pub fn address(&self) -> Address {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.addr).parse().expect("a socket address is an address")
    }

    /// A connection to it without sign-in and with the system's trust, its token server's host confirmed.
    pub fn connection(&self) -> Connection {
        let mut connection = Connection::new(self.address());
        connection.realm_host.clone_from(&self.realm);
        connection
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn missing(program: &str, package: &str) -> io::Error {
    let what = format!("{program} is not installed; install it with: apt-get install {package}");
    io::Error::new(io::ErrorKind::NotFound, what)
}

/// A token server whose tokens the real registry takes.
pub async fn signing_server(users: Vec<super::User>) -> io::Result<TokenServer> {
    let directory = tempfile::tempdir()?;
    let mut options = super::token_server::TokenOptions::new(users);
    options.signing = Some(signing(directory.path())?);
    TokenServer::start(options).await
}

async fn configuration(at: &Path, addr: SocketAddr, options: &RealOptions) -> io::Result<String> {
    let mut text = format!(
        "version: 0.1\nlog: {{level: info}}\nstorage:\n  filesystem: {{rootdirectory: {}/data}}\n  delete: {{enabled: {}}}\n  cache: {{blobdescriptor: inmemory}}\n",
        at.display(),
        options.delete
    );
    if options.read_only {
        text += "  maintenance: {readonly: {enabled: true}}\n";
    }
    let _ = write!(text, "http:\n  addr: {addr}\n  secret: notverysecret\n");
    if let Some(tls) = &options.tls {
        for (name, pem) in [("server.crt", &tls.server), ("server.key", &tls.server_key), ("ca.crt", &tls.authority)] {
            fs::write(at.join(name), pem)?;
        }
        let clients = if options.mutual { format!(", clientcas: [{}/ca.crt]", at.display()) } else { String::new() };
        let _ = writeln!(text, "  tls: {{certificate: {0}/server.crt, key: {0}/server.key{clients}}}", at.display());
    }
    if let Some(Pasted { yaml, path, file }) = &options.pasted {
        let own = at.join("pasted");
        fs::write(&own, file)?;
        return Ok(text + &yaml.replace(path, &own.display().to_string()));
    }
    match &options.access {
        Access::Anonymous => {}
        Access::Basic(users) => {
            let mut file = String::new();
            for user in users {
                file += &htpasswd(&user.name, &user.password).await?;
            }
            fs::write(at.join("htpasswd"), file)?;
            let _ = writeln!(text, "auth: {{htpasswd: {{realm: \"Test Realm\", path: {}/htpasswd}}}}", at.display());
        }
        Access::Token(server) => {
            fs::write(at.join("bundle.crt"), server.certificate().unwrap_or_default())?;
            let (realm, service) = (server.realm(), server.service());
            let _ = writeln!(
                text,
                "auth: {{token: {{realm: \"{realm}\", service: {service}, issuer: {ISSUER}, rootcertbundle: {}/bundle.crt}}}}",
                at.display()
            );
        }
    }
    Ok(text)
}

/// A line of a password file; bcrypt is all that the registry takes.
async fn htpasswd(name: &str, password: &str) -> io::Result<String> {
    let run = AsyncCommand::new("htpasswd").args(["-Bbn", "-C", "5", name, password]).output().await;
    let output = run.map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound { missing("htpasswd", "apache2-utils") } else { error }
    })?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(io::Error::other("htpasswd failed"))
    }
}
