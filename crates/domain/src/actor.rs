//! Who acts: every operation takes an [`Actor`], and the audit log keeps it.

use crate::{Id, Restriction, access::Rights};
use serde::{Deserialize, Serialize};

/// What kind of actor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// Somebody with an account.
    Person,
    /// A machine's account.
    Robot,
    /// A schedule of ours.
    Schedule,
    /// The command line on the server's own machine.
    Cli,
    /// A registry that told us something.
    Registry,
    /// Nobody known.
    Anonymous,
}

impl ActorKind {
    /// The word the audit log uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Robot => "robot",
            Self::Schedule => "schedule",
            Self::Cli => "cli",
            Self::Registry => "registry",
            Self::Anonymous => "anonymous",
        }
    }
}

/// How the actor proved who it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "how", content = "id")]
pub enum Via {
    /// A signed-in browser; the session's public id (never the secret).
    Session(Id),
    /// An access token, and what it is restricted to: there is no acting by a token without it.
    Token {
        /// Its id.
        id: Id,
        /// The most that may be done by it.
        restriction: Restriction,
    },
    /// The one-time setup link.
    Setup,
    /// Started by hand on the server's machine.
    CommandLine,
    /// Started by the program itself.
    Program,
    /// Not at all.
    Nothing,
}

/// Who acts, how, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What kind of actor it is.
    pub kind: ActorKind,
    /// The account's id; 0 for those without an account.
    pub id: Id,
    /// The account's name when it acted, for people to read.
    pub name: String,
    /// How it proved who it is.
    pub via: Via,
    /// For whom it acts, where that is somebody else.
    pub on_behalf_of: Option<Id>,
    /// The network address it came from; empty if none.
    pub address: String,
    /// The client's own description; empty if none.
    pub agent: String,
    /// The number under which this request can be found in the logs.
    pub request_id: String,
    /// What it holds by grants, at the moment it came. Never written down: who acts later asks anew.
    #[serde(skip)]
    pub rights: Rights,
}

impl Actor {
    /// Nobody known, asking from `address`.
    pub fn anonymous(address: &str, agent: &str, request_id: &str) -> Self {
        Self {
            kind: ActorKind::Anonymous,
            id: 0,
            name: "anonymous".to_owned(),
            via: Via::Nothing,
            on_behalf_of: None,
            address: address.to_owned(),
            agent: agent.to_owned(),
            request_id: request_id.to_owned(),
            rights: Rights::default(),
        }
    }
    /// The command line on the server's own machine.
    pub fn cli() -> Self {
        Self {
            kind: ActorKind::Cli,
            name: "command line".to_owned(),
            via: Via::CommandLine,
            rights: Rights::administrator(),
            ..Self::anonymous("", "", "")
        }
    }
    /// The program itself, at work in the background.
    pub fn program() -> Self {
        Self {
            kind: ActorKind::Schedule,
            name: "wharfinger".to_owned(),
            via: Via::Program,
            rights: Rights::program(),
            ..Self::anonymous("", "", "")
        }
    }
    /// The most that this actor may do, whatever its role allows.
    pub fn restriction(&self) -> &Restriction {
        match &self.via {
            Via::Token { restriction, .. } => restriction,
            _ => Restriction::NONE,
        }
    }
    /// Is somebody signed in?
    pub fn is_known(&self) -> bool {
        self.kind != ActorKind::Anonymous
    }
}
