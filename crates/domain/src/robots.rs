//! Machines' accounts: how they are called, and the user name they come with.

use crate::InvalidName;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a robot's user name begins with. No person's name has a `+`, so the two are never taken for each other; and it means
/// nothing to shells, to YAML and to the services that build things.
pub const USER: &str = "robot+";

/// A robot's name: `[a-z0-9]+([._-][a-z0-9]+)*`, at most 64.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RobotName(String);

impl RobotName {
    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The user name that goes with its secrets at `docker login`: `robot+ci-build`.
    pub fn user(&self) -> String {
        format!("{USER}{}", self.0)
    }
    /// The robot that comes by this user name; nothing for the name of a person.
    pub fn of_user(user: &str) -> Option<Self> {
        user.strip_prefix(USER)?.parse().ok()
    }
}

impl FromStr for RobotName {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let word = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let why = match text {
            "" => "Enter a name.",
            t if t.len() > 64 => "A robot's name has at most 64 characters.",
            t if !t.split(['.', '_', '-']).all(word) => {
                "A robot's name is made of a to z, 0 to 9, and single . _ - between them."
            }
            t => return Ok(Self(t.to_owned())),
        };
        Err(InvalidName(why.to_owned()))
    }
}

impl fmt::Display for RobotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl TryFrom<String> for RobotName {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}
impl From<RobotName> for String {
    fn from(name: RobotName) -> String {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quoting::{Syntax, quote};
    use proptest::prelude::*;

    #[test]
    fn names_are_words_with_single_signs_between_them() {
        for good in ["ci", "ci-build", "a.b_c-d", "0", &"a".repeat(64)] {
            assert!(good.parse::<RobotName>().is_ok(), "{good}");
        }
        for bad in ["", "CI", "ci--build", "-ci", "ci-", "a..b", "a b", "ci+x", "ä", "a/b", "a\n", &"a".repeat(65)] {
            assert!(bad.parse::<RobotName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_user_name_tells_a_robot_from_a_person() {
        let name: RobotName = "ci-build".parse().expect("a name");
        assert_eq!(name.user(), "robot+ci-build");
        assert_eq!(RobotName::of_user("robot+ci-build"), Some(name));
        for other in ["ci-build", "robot-ci-build", "robot+", "robot+CI", "Robot+ci", "robot+ci:x"] {
            assert_eq!(RobotName::of_user(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_user_name_needs_no_quotes(text in "[a-z0-9]{1,8}([._-][a-z0-9]{1,8}){0,4}") {
            let user = text.parse::<RobotName>().expect("a name").user();
            prop_assert_eq!(quote(&user, Syntax::Shell), user.clone());
            prop_assert_eq!(quote(&user, Syntax::Yaml), user.clone());
            prop_assert_eq!(RobotName::of_user(&user).map(|name| name.user()), Some(user));
        }
    }
}
