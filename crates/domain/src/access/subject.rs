//! Who can be granted something.

use crate::{Id, InvalidName};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Somebody, or some group, that grants are made to. Written `person-3`, `team-2`, `robot-5`, `everyone`, `anonymous`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Subject {
    /// A person.
    Person(Id),
    /// All members of a team.
    Team(Id),
    /// A machine's account. It has what it was granted itself, and what anonymous has: it is nobody's member.
    Robot(Id),
    /// Every person who is signed in.
    Everyone,
    /// Whoever asks, signed in or not.
    Anonymous,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person-{id}"),
            Self::Team(id) => write!(f, "team-{id}"),
            Self::Robot(id) => write!(f, "robot-{id}"),
            Self::Everyone => f.write_str("everyone"),
            Self::Anonymous => f.write_str("anonymous"),
        }
    }
}

impl FromStr for Subject {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let unknown = || InvalidName("This is no person, team or robot.".to_owned());
        match text {
            "everyone" => return Ok(Self::Everyone),
            "anonymous" => return Ok(Self::Anonymous),
            _ => {}
        }
        let (kind, id) = text.split_once('-').ok_or_else(unknown)?;
        let id: Id = id.parse().ok().filter(|id| *id > 0 && !id_has_sign(text)).ok_or_else(unknown)?;
        match kind {
            "person" => Ok(Self::Person(id)),
            "team" => Ok(Self::Team(id)),
            "robot" => Ok(Self::Robot(id)),
            _ => Err(unknown()),
        }
    }
}

/// `person-+3` parses as a number too, and would be a second name for `person-3`.
fn id_has_sign(text: &str) -> bool {
    text.contains('+')
}

impl TryFrom<String> for Subject {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}
impl From<Subject> for String {
    fn from(subject: Subject) -> String {
        subject.to_string()
    }
}
