use crate::world::{PASSWORD, World, as_person, line, stranger};
use domain::{Actor, Permission};
use operations::{Kind, grants::GrantForm, roles::RoleForm};

fn role(name: &str, permissions: &[&str]) -> RoleForm {
    let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
    RoleForm { name: name.into(), description: "Pushes releases.".into(), permissions }
}
fn grant(subject: &str, role: &str) -> GrantForm {
    GrantForm { subject: subject.into(), role: role.into(), ..GrantForm::default() }
}

#[tokio::test]
async fn a_role_is_made_granted_changed_and_removed() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    operations.add_person(&Actor::cli(), "eve", Some(PASSWORD.into())).await.expect("added");
    let ada = as_person(&world, &ada.name).await;
    let made = operations.add_role(&ada, &role("Releaser", &["repository.push"])).await.expect("made");
    let id = made.row.role.id.to_string();
    assert!(made.row.role.permissions.contains(Permission::RepositoryView), "what it takes comes along");
    assert!(made.row.may_change && !made.row.built_in);
    let twice = operations.add_role(&ada, &role("releaser", &["tag.delete"])).await.expect_err("taken");
    assert_eq!(twice.fields[0].field, "name");

    let given = operations.add_grant(&ada, &grant("everyone", &id), None).await.expect("granted");
    let used = operations.remove_role(&ada, &id).await.expect_err("in use");
    assert_eq!(used.kind, Kind::Conflict);
    assert!(used.message.contains("everyone signed in"), "{used}");

    let wanted = role("Releaser", &["tag.delete"]);
    let preview = operations.preview_role(&ada, &id, &wanted).await.expect("looked at");
    assert!(preview.rows.iter().all(|row| row.subjects.iter().all(|(_, name)| name != "ada")), "she keeps all");
    let row = preview.rows.iter().find(|row| row.subjects.iter().any(|(_, name)| name == "everyone signed in"));
    assert!(row.is_some_and(|row| !row.gained.is_empty() && !row.lost.is_empty()), "{preview:?}");
    let edited =
        operations.edit_role(&ada, &id, made.version, &wanted, Some(preview.generation)).await.expect("changed");
    assert_eq!(edited.version, made.version + 1);
    let old = operations.edit_role(&ada, &id, made.version, &role("Other", &["tag.delete"]), None).await;
    assert_eq!(old.expect_err("another version").kind, Kind::Conflict);
    operations.edit_role(&ada, &id, edited.version, &wanted, None).await.expect("the same again is nothing new");

    operations.revoke_grant(&ada, given.id, None).await.expect("revoked");
    operations.remove_role(&ada, &id).await.expect("removed");
    assert_eq!(operations.remove_role(&ada, &id).await.expect_err("not twice").kind, Kind::NotFound);
    let acts: Vec<_> = world.log(&ada).await.into_iter().filter(|line| line.0.starts_with("role.")).collect();
    assert_eq!(
        acts,
        [
            line("role.remove", "ada", "done"),
            line("role.edit", "ada", "failed"),
            line("role.edit", "ada", "done"),
            line("role.create", "ada", "failed"),
            line("role.create", "ada", "done"),
        ]
    );
}

#[tokio::test]
async fn a_role_takes_the_right_to_grant_it_everywhere() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let ada = as_person(&world, &ada.name).await;
    operations.add_person(&Actor::cli(), "max", Some(PASSWORD.into())).await.expect("added");
    let max = operations.store().people().by_name("max").await.expect("asked").expect("there");
    let query = operations::grants::GrantQuery { subject: format!("person-{}", max.id), ..Default::default() };
    for row in operations.grants(&ada, &query).await.expect("grants").rows {
        operations.revoke_grant(&ada, row.id, None).await.expect("begins with nothing");
    }
    let made = operations.add_role(&ada, &role("Releaser", &["audit.view"])).await.expect("made");
    let id = made.row.role.id.to_string();
    let team = GrantForm { repositories: "team-a/**".into(), ..grant("max", "maintainer") };
    operations.add_grant(&ada, &team, None).await.expect("granted");
    let max = as_person(&world, "max").await;
    let refused = operations.add_role(&max, &role("Mine", &["repository.pull"])).await.expect_err("refused");
    assert_eq!(refused.kind, Kind::Forbidden, "he may grant in one place only");
    operations.add_grant(&ada, &grant("max", "maintainer"), None).await.expect("granted");
    let max = as_person(&world, "max").await;
    operations.add_role(&max, &role("Mine", &["repository.pull"])).await.expect("made");
    let refused = operations.add_role(&max, &role("More", &["backup.make"])).await.expect_err("refused");
    assert!(refused.message.contains("backup.make"), "{refused}");
    let narrowed = operations.edit_role(&max, &id, made.version, &role("Releaser", &["repository.pull"]), None).await;
    assert_eq!(narrowed.expect_err("refused").kind, Kind::Forbidden, "nor does he take away what he could not give");
    assert_eq!(operations.remove_role(&max, &id).await.expect_err("refused").kind, Kind::Forbidden);
    let log = world.log(&ada).await;
    assert_eq!(log[0], line("role.remove", "max", "refused"));
    assert_eq!(operations.roles(&stranger()).await.expect_err("refused").kind, Kind::SignInNeeded);
    assert_eq!(operations.roles(&max).await.expect("roles").len(), 8);
}

#[tokio::test]
async fn what_is_wrong_with_a_role_comes_back_at_once() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let ada = as_person(&world, &ada.name).await;
    let bad =
        RoleForm { name: "Viewer".into(), description: "x".repeat(201), permissions: vec!["session.create".into()] };
    let wrong = operations.add_role(&ada, &bad).await.expect_err("invalid");
    let fields: Vec<&str> = wrong.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["name", "description", "permissions"]);
    assert_eq!(
        operations.add_role(&ada, &role("Empty", &[])).await.expect_err("invalid").fields[0].field,
        "permissions"
    );
    let built_in =
        operations.edit_role(&ada, "reader", 0, &role("X", &["tag.delete"]), None).await.expect_err("refused");
    assert_eq!(built_in.kind, Kind::Forbidden);
    assert_eq!(operations.role(&ada, "custom-99").await.expect_err("not there").kind, Kind::NotFound);
    assert!(operations.role(&ada, "writer").await.expect("a role").row.built_in);
}
