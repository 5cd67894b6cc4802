//! What of all that is asked for is allowed.

use super::memory::Service;
use domain::{
    Actor, Id, Permission, Place, RepositoryName,
    permission::may,
    token_scope::{AccessEntry, Action, Asked, ResourceType},
};

/// The entries of the token, and the same as scopes. What is not allowed is left out; for a service that is none of ours
/// that is everything.
pub(super) fn granted(actor: &Actor, service: Option<Service>, asked: &[Asked]) -> (Vec<AccessEntry>, String) {
    let Some(service) = service else { return (Vec::new(), String::new()) };
    let access: Vec<AccessEntry> = asked.iter().filter_map(|one| entry(actor, service.registry, one)).collect();
    let scopes: Vec<String> = access.iter().map(scope).collect();
    (access, scopes.join(" "))
}

fn entry(actor: &Actor, registry: Id, asked: &Asked) -> Option<AccessEntry> {
    match asked {
        Asked::Catalog => {
            may(actor, Permission::RegistryCatalog, &Place::Registry(registry)).then(AccessEntry::catalog)
        }
        Asked::Repository { name, pull, push, delete } => {
            let place = Place::Repository(registry, name.clone());
            let may = |permission| may(actor, permission, &place);
            // Registries take no push without pull.
            let pulls = (*pull || *push) && may(Permission::RepositoryPull);
            let pushes = *push && pulls && may(Permission::RepositoryPush);
            let deletes = *delete && may(Permission::TagDelete);
            AccessEntry::repository(name, pulls && (*pull || pushes), pushes, deletes)
        }
    }
}

fn scope(entry: &AccessEntry) -> String {
    let kind = match entry.kind {
        ResourceType::Repository => "repository",
        ResourceType::Registry => "registry",
    };
    format!("{kind}:{}:{}", entry.name, actions(entry))
}

/// Its actions as they are written.
pub(super) fn actions(entry: &AccessEntry) -> String {
    entry.actions.iter().map(|action| action.as_str()).collect::<Vec<_>>().join(",")
}

/// The entry about this, if there is one.
pub(super) fn entry_of<'a>(access: &'a [AccessEntry], asked: &Asked) -> Option<&'a AccessEntry> {
    access.iter().find(|entry| match (asked, entry.kind) {
        (Asked::Catalog, ResourceType::Registry) => true,
        (Asked::Repository { name, .. }, ResourceType::Repository) => entry.name == name.as_str(),
        _ => false,
    })
}

/// What the token lets its holder use: where, and by which permission. A push counts as one use, not as a pull too.
pub(super) fn uses<'a>(
    service: Option<Service>,
    asked: &'a [Asked],
    access: &[AccessEntry],
) -> Vec<(Id, &'a RepositoryName, Permission)> {
    let mut all = Vec::new();
    let Some(service) = service else { return all };
    for one in asked {
        let (Asked::Repository { name, .. }, Some(entry)) = (one, entry_of(access, one)) else { continue };
        let has = |action| entry.actions.contains(&action);
        let used = [
            (has(Action::Push), Permission::RepositoryPush),
            (has(Action::Pull) && !has(Action::Push), Permission::RepositoryPull),
            (has(Action::Delete), Permission::TagDelete),
        ];
        all.extend(used.into_iter().filter(|(is, _)| *is).map(|(_, permission)| (service.registry, name, permission)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuing::Algorithm;
    use domain::{
        ActorKind, Restriction, Via,
        access::{BuiltIn, Held, PermissionSet, Rights, Scope},
        token_scope,
    };
    use std::sync::Arc;

    const SERVICE: Service = Service { registry: 1, algorithm: Algorithm::Es256, passwords: true, seconds: 300 };

    fn pattern(text: &str) -> domain::patterns::Pattern {
        text.parse().expect("a pattern")
    }
    fn holding(all: &[(PermissionSet, Scope)]) -> Actor {
        let held = |(permissions, scope): &(PermissionSet, Scope)| {
            Arc::new(Held { grant: Some(1), permissions: *permissions, scope: scope.clone() })
        };
        let rights = Rights::new(all.iter().map(held).collect());
        Actor { kind: ActorKind::Person, id: 1, rights, ..Actor::anonymous("", "", "") }
    }
    fn scopes(actor: &Actor, service: Option<Service>, asked: &str) -> String {
        granted(actor, service, &token_scope::asked([asked])).1
    }

    #[test]
    fn the_answer_is_what_is_asked_and_allowed() {
        let writer = holding(&[
            (BuiltIn::Writer.permissions(), Scope::new(Some(1), Some(pattern("team-a/**")))),
            (BuiltIn::Reader.permissions(), Scope::new(Some(1), Some(pattern("base/*")))),
            (BuiltIn::Maintainer.permissions(), Scope::new(Some(2), None)),
        ]);
        for (asked, expected) in [
            ("", ""),
            ("repository:team-a/app:pull,push", "repository:team-a/app:pull,push"),
            ("repository:team-a/app:push", "repository:team-a/app:pull,push"),
            ("repository:team-a/app:pull", "repository:team-a/app:pull"),
            ("repository:team-a/app:*", "repository:team-a/app:pull,push"),
            ("repository:base/os:pull,push", "repository:base/os:pull"),
            ("repository:base/os:push", ""),
            ("repository:bases/os:pull", ""),
            ("repository:team-b/app:pull,push", ""),
            ("registry:catalog:*", ""),
            // A mount: both, each as far as it goes.
            (
                "repository:team-a/app:pull,push repository:base/os:pull repository:team-b/app:pull",
                "repository:team-a/app:pull,push repository:base/os:pull",
            ),
        ] {
            assert_eq!(scopes(&writer, Some(SERVICE), asked), expected, "{asked}");
            assert_eq!(scopes(&writer, None, asked), "", "{asked} of a service that is none of ours");
        }
        let other = Service { registry: 2, ..SERVICE };
        assert_eq!(scopes(&writer, Some(other), "repository:x:*"), "repository:x:pull,push,delete");
        assert_eq!(scopes(&writer, Some(Service { registry: 3, ..SERVICE }), "repository:team-a/app:pull"), "");
    }

    #[test]
    fn deleting_needs_no_pulling_on_the_wire() {
        let deletes = holding(&[([Permission::TagDelete].into_iter().collect(), Scope::EVERYTHING.clone())]);
        assert_eq!(scopes(&deletes, Some(SERVICE), "repository:a:pull,delete"), "repository:a:delete");
    }

    #[test]
    fn the_list_of_repositories_is_a_right_of_its_own() {
        let reader = holding(&[(BuiltIn::Reader.permissions(), Scope::EVERYTHING.clone())]);
        let catalog = |scope| holding(&[([Permission::RegistryCatalog].into_iter().collect(), scope)]);
        let asked = "registry:catalog:*";
        assert_eq!(scopes(&reader, Some(SERVICE), asked), "", "who may see some sees no list of all");
        assert_eq!(scopes(&catalog(Scope::EVERYTHING.clone()), Some(SERVICE), asked), asked);
        assert_eq!(scopes(&catalog(Scope::new(Some(1), None)), Some(SERVICE), asked), asked);
        assert_eq!(scopes(&catalog(Scope::new(Some(2), None)), Some(SERVICE), asked), "");
        assert_eq!(scopes(&catalog(Scope::new(Some(1), Some(pattern("team-a/**")))), Some(SERVICE), asked), "");
    }

    #[test]
    fn a_restriction_only_ever_takes_away() {
        let all = holding(&[(PermissionSet::grantable(), Scope::EVERYTHING.clone())]);
        let asked = "repository:team-a/app:* repository:team-b/app:pull registry:catalog:*";
        for (permissions, registry, names, expected) in [
            (
                vec![],
                None,
                None,
                "repository:team-a/app:pull,push,delete repository:team-b/app:pull registry:catalog:*",
            ),
            (vec![Permission::RepositoryPull], None, None, "repository:team-a/app:pull repository:team-b/app:pull"),
            (vec![], Some(2), None, ""),
            (vec![], Some(1), Some(pattern("team-a/**")), "repository:team-a/app:pull,push,delete"),
            (vec![Permission::TagDelete], None, Some(pattern("team-a/**")), "repository:team-a/app:delete"),
        ] {
            let restriction = Restriction::new(permissions, registry, names);
            let actor = Actor { via: Via::Token { id: 1, restriction: restriction.clone() }, ..all.clone() };
            assert_eq!(scopes(&actor, Some(SERVICE), asked), expected, "{restriction:?}");
        }
        let nothing = holding(&[]);
        let by_token = Actor { via: Via::Token { id: 1, restriction: Restriction::default() }, ..nothing };
        assert_eq!(scopes(&by_token, Some(SERVICE), asked), "", "a token gives nothing that its person has not");
    }

    #[test]
    fn a_push_is_one_use_and_what_was_not_granted_is_none() {
        let writer = holding(&[(BuiltIn::Writer.permissions(), Scope::new(Some(1), Some(pattern("a/*"))))]);
        let asked = token_scope::asked(["repository:a/x:pull,push repository:a/y:pull repository:b/x:pull"]);
        let (access, _) = granted(&writer, Some(SERVICE), &asked);
        let used: Vec<String> = uses(Some(SERVICE), &asked, &access)
            .iter()
            .map(|(_, name, permission)| format!("{name} {permission}"))
            .collect();
        assert_eq!(used, ["a/x repository.push", "a/y repository.pull"]);
    }
}
