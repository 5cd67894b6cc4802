//! Certificates for tests, made by the `openssl` program in a directory of their own.

use super::{FakeTls, token_server::Signing};
use std::{fs, io, path::Path, process::Command};

/// An authority, a server for `127.0.0.1` and `localhost`, and a client; all PEM.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The authority's certificate.
    pub authority: String,
    /// The server's certificate.
    pub server: String,
    /// Its key.
    pub server_key: String,
    /// The client's certificate.
    pub client: String,
    /// Its key.
    pub client_key: String,
}

fn openssl(at: &Path, arguments: &str) -> io::Result<()> {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(at).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(format!("openssl {arguments}: {said}")))
}

impl Certificates {
    /// Makes them in `at`, where the files stay: `ca.crt`, `server.crt`, `server.key`, `client.crt`, `client.key`.
    pub fn make(at: &Path) -> io::Result<Self> {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        openssl(
            at,
            &format!(
                "req -x509 {key} -keyout ca.key -out ca.crt -days 30 -subj /CN=Test-CA -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign"
            ),
        )?;
        Self::leaf(
            at,
            "server",
            "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n",
        )?;
        Self::leaf(at, "client", "extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n")?;
        let read = |name: &str| fs::read_to_string(at.join(name));
        Ok(Self {
            authority: read("ca.crt")?,
            server: read("server.crt")?,
            server_key: read("server.key")?,
            client: read("client.crt")?,
            client_key: read("client.key")?,
        })
    }

    fn leaf(at: &Path, name: &str, extensions: &str) -> io::Result<()> {
        fs::write(at.join(format!("{name}.ext")), extensions)?;
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        openssl(at, &format!("req {key} -keyout {name}.key -out {name}.csr -subj /CN={name}"))?;
        openssl(
            at,
            &format!(
                "x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile {name}.ext -out {name}.crt"
            ),
        )
    }

    /// As the fake shows them; with `mutual` it asks clients for theirs.
    pub fn for_fake(&self, mutual: bool) -> FakeTls {
        FakeTls {
            certificate: self.server.clone(),
            key: self.server_key.clone(),
            client_authority: mutual.then(|| self.authority.clone()),
        }
    }
}

/// A key and certificate to sign tokens with, made in `at` (`token.crt`, `token.key`).
pub fn signing(at: &Path) -> io::Result<Signing> {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(at, &format!("req -x509 {key} -keyout token.key -out token.crt -days 30 -subj /CN=token"))?;
    let read = |name: &str| fs::read_to_string(at.join(name));
    Ok(Signing { certificate: read("token.crt")?, key: read("token.key")? })
}
