//! The permission table of the documentation: made of what the program does, so that it can't say anything else.

use super::{BRINGS, BuiltIn, PermissionSet};
use crate::Permission;
use std::fmt::Write as _;

/// What grants can give, as Markdown: each permission with its purpose and what it brings along, and which role has it. A mark in
/// brackets says that another permission of the role brings it along.
pub fn markdown() -> String {
    let mut text = String::from("| permission | what it is for | brings along |\n|---|---|---|\n");
    for permission in PermissionSet::grantable().iter() {
        let brings: Vec<String> =
            BRINGS.iter().filter(|(of, _)| *of == permission).map(|(_, brings)| format!("`{brings}`")).collect();
        // Writing into a String does not fail.
        _ = writeln!(text, "| `{permission}` | {} | {} |", permission.purpose(), brings.join(", "));
    }
    text.push_str("\n| |");
    for role in BuiltIn::ALL {
        _ = write!(text, " {} |", role.name());
    }
    text.push_str("\n|---|");
    text.push_str(&":-:|".repeat(BuiltIn::ALL.len()));
    text.push('\n');
    for permission in PermissionSet::grantable().iter() {
        _ = write!(text, "| `{permission}` |");
        for role in BuiltIn::ALL {
            _ = write!(text, " {} |", mark(role.permissions(), permission));
        }
        text.push('\n');
    }
    text.push('\n');
    for role in BuiltIn::ALL {
        _ = writeln!(text, "- **{}**: {}", role.name(), role.purpose());
    }
    text
}

fn mark(permissions: PermissionSet, permission: Permission) -> &'static str {
    let brought = BRINGS.iter().any(|(of, brings)| *brings == permission && permissions.contains(*of));
    match (permissions.contains(permission), brought) {
        (false, _) => "",
        (true, true) => "(✓)",
        (true, false) => "✓",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_stands_in_both_tables_and_every_role_has_its_column() {
        let text = markdown();
        for permission in PermissionSet::grantable().iter() {
            assert_eq!(text.matches(&format!("\n| `{permission}` |")).count(), 2, "{permission}");
        }
        assert!(!text.contains("session.create"), "the doors are not granted");
        assert!(text.contains("| | Viewer | Reader | Writer | Maintainer | Auditor | Administrator |"));
        assert!(text.contains("| `repository.pull` |  | ✓ | (✓) | (✓) |  | (✓) |"), "{text}");
    }
}
