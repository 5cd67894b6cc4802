//! What to paste where a robot or a person's token is to be used: for each place the lines it wants, quoted for it.
//! The secret itself stands in none but those made right after it: the others take it from a variable.

use crate::{
    commands::Snippet,
    connection::{Address, Trust},
    quoting::{Syntax, quote, shell, yaml},
};
use serde::{Deserialize, Serialize};

/// The variable that the templates take the secret from.
pub const VARIABLE: &str = "REGISTRY_SECRET";

/// Where a secret is to be used, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The registry.
    pub address: &'a Address,
    /// How its certificate is trusted.
    pub trust: &'a Trust,
    /// The user name to sign in with.
    pub user: &'a str,
    /// The secret, right after it was made.
    pub secret: Option<&'a str>,
}

/// A place to use a secret in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// Docker, Podman, skopeo on a machine.
    Docker,
    /// GitHub Actions.
    GithubActions,
    /// GitLab CI.
    GitlabCi,
    /// Kubernetes' `imagePullSecrets`.
    Kubernetes,
    /// containerd's `hosts.toml`.
    Containerd,
}

impl Use {
    /// All of them, in their order on pages.
    pub const ALL: [Self; 5] = [Self::Docker, Self::GithubActions, Self::GitlabCi, Self::Kubernetes, Self::Containerd];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "Docker and Podman",
            Self::GithubActions => "GitHub Actions",
            Self::GitlabCi => "GitLab CI",
            Self::Kubernetes => "Kubernetes",
            Self::Containerd => "containerd",
        }
    }

    /// What to paste there.
    pub fn snippets(self, account: &Account<'_>) -> Vec<Snippet> {
        match self {
            Self::Docker => docker(account),
            Self::GithubActions => github(account),
            Self::GitlabCi => gitlab(account),
            Self::Kubernetes => kubernetes(account),
            Self::Containerd => containerd(account),
        }
    }
}

/// The command that signs in with what stands in the variable. Nothing secret is in a process list.
fn login(account: &Account<'_>) -> String {
    let (user, host) = (shell(account.user), shell(&account.address.login_host()));
    format!("printf %s \"${VARIABLE}\" | docker login --username {user} --password-stdin {host}")
}

fn docker(account: &Account<'_>) -> Vec<Snippet> {
    vec![Snippet::new(
        "Read the secret without showing it, then sign in; podman understands the same",
        format!("read -rs {VARIABLE}\n{}\nunset {VARIABLE}\n", login(account)),
    )]
}

fn github(account: &Account<'_>) -> Vec<Snippet> {
    let (host, user) = (yaml(&account.address.login_host()), yaml(account.user));
    let text = format!(
        "- name: Sign in to the registry\n  uses: docker/login-action@v3\n  with:\n    registry: {host}\n    username: {user}\n    \
         password: ${{{{ secrets.{VARIABLE} }}}}\n"
    );
    vec![Snippet::new(format!("A step of the workflow; keep the secret as the repository’s secret {VARIABLE}"), text)]
}

fn gitlab(account: &Account<'_>) -> Vec<Snippet> {
    let text = format!("before_script:\n  - {}\n", yaml(&login(account)));
    vec![Snippet::new(format!(".gitlab-ci.yml; keep the secret as the masked and protected variable {VARIABLE}"), text)]
}

/// The name of the secret in Kubernetes.
const PULL_SECRET: &str = "registry-credentials";

fn kubernetes(account: &Account<'_>) -> Vec<Snippet> {
    let host = account.address.login_host();
    let make = match account.secret {
        Some(secret) => {
            let json = |text: &str| quote(text, Syntax::Json);
            let config = format!(
                "{{\"auths\":{{{}:{{\"username\":{},\"password\":{}}}}}}}",
                json(&host),
                json(account.user),
                json(secret)
            );
            let text = format!(
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {PULL_SECRET}\ntype: kubernetes.io/dockerconfigjson\n\
                 stringData:\n  .dockerconfigjson: {}\n",
                quote(&config, Syntax::Yaml)
            );
            Snippet::new("The secret as a manifest, for kubectl apply; it holds the secret itself", text)
        }
        None => Snippet::new(
            format!("The secret, from the variable {VARIABLE}"),
            format!(
                "kubectl create secret docker-registry {PULL_SECRET} --docker-server={} --docker-username={} \
                 --docker-password=\"${VARIABLE}\"\n",
                shell(&host),
                shell(account.user)
            ),
        ),
    };
    vec![
        make,
        Snippet::new(
            "In a pod’s spec, or in a service account",
            format!("imagePullSecrets:\n  - name: {PULL_SECRET}\n"),
        ),
    ]
}

fn containerd(account: &Account<'_>) -> Vec<Snippet> {
    let hosts = crate::commands::use_registry(account.address, account.trust, false);
    // The lines about containerd: its authority, if it has its own, and hosts.toml.
    let mut snippets: Vec<Snippet> =
        hosts.into_iter().filter(|snippet| snippet.caption.starts_with("containerd")).collect();
    let image = shell(&format!("{}/REPOSITORY:TAG", account.address.authority()));
    let user = account.user;
    snippets.push(Snippet::new(
        "hosts.toml holds no secrets: they come with the pull, from imagePullSecrets or by hand",
        format!("crictl pull --creds {}:\"${VARIABLE}\" {image}\n", shell(user)),
    ));
    snippets
}

#[cfg(test)]
mod tests;
