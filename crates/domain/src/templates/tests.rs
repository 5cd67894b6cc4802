use super::*;
use proptest::prelude::*;

const SECRET: &str = "wharfinger_robot_0123456789ab_ff";

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

fn all(place: Use, address: &Address, user: &str, secret: Option<&str>) -> String {
    let snippets = place.snippets(&Account { address, trust: &Trust::System, user, secret });
    let texts: Vec<_> = snippets.iter().map(|snippet| format!("# {}\n{}", snippet.caption, snippet.text)).collect();
    texts.concat()
}

fn robot(place: Use) -> String {
    all(place, &address("https://registry.example.com:5000"), "robot+ci-build", None)
}

#[test]
fn docker_signs_in_by_what_it_reads_and_shows_nobody() {
    let text = robot(Use::Docker);
    let login = "printf %s \"$REGISTRY_SECRET\" | docker login --username robot+ci-build --password-stdin registry.example.com:5000\n";
    assert!(text.contains("read -rs REGISTRY_SECRET\n") && text.contains(login), "{text}");
}

#[test]
fn github_takes_the_secret_from_its_own() {
    let text = robot(Use::GithubActions);
    assert!(text.contains("    registry: registry.example.com:5000\n    username: robot+ci-build\n"), "{text}");
    assert!(text.contains("    password: ${{ secrets.REGISTRY_SECRET }}\n"), "{text}");
}

#[test]
fn gitlab_has_the_command_as_one_yaml_text() {
    let text = robot(Use::GitlabCi);
    let line = "  - \"printf %s \\\"$REGISTRY_SECRET\\\" | docker login --username robot+ci-build --password-stdin registry.example.com:5000\"\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn kubernetes_gets_a_command_or_with_the_secret_at_hand_a_manifest() {
    let text = robot(Use::Kubernetes);
    assert!(text.contains("--docker-username=robot+ci-build --docker-password=\"$REGISTRY_SECRET\"\n"), "{text}");
    assert!(text.contains("imagePullSecrets:\n  - name: registry-credentials\n"));
    let text = all(Use::Kubernetes, &address("https://r.example.com"), "robot+ci", Some(SECRET));
    let config = format!(
        "  .dockerconfigjson: \"{{\\\"auths\\\":{{\\\"r.example.com\\\":{{\\\"username\\\":\\\"robot+ci\\\",\\\"password\\\":\\\"{SECRET}\\\"}}}}}}\"\n"
    );
    assert!(text.contains(&config), "{text}");
}

#[test]
fn containerd_knows_the_host_and_gets_the_secret_with_the_pull() {
    let text = robot(Use::Containerd);
    assert!(text.contains("[host.\"https://registry.example.com:5000\"]"), "{text}");
    assert!(text.contains(
        "crictl pull --creds robot+ci-build:\"$REGISTRY_SECRET\" registry.example.com:5000/REPOSITORY:TAG\n"
    ));
}

#[test]
fn only_the_manifest_holds_the_secret() {
    for place in Use::ALL {
        let text = all(place, &address("https://r.example.com"), "robot+ci", Some(SECRET));
        assert_eq!(text.contains(SECRET), place == Use::Kubernetes, "{place:?}");
    }
}

proptest! {
    /// Whatever an address or a user is called, it stays within the quotes of the shell.
    #[test]
    fn nothing_gets_out_of_its_quotes(user in "[a-zA-Z0-9;$`'\"| ()&]{1,16}") {
        let (account, trust) = (address("https://r$(id).example.com"), Trust::System);
        let given = Account { address: &account, trust: &trust, user: &user, secret: None };
        let quoted = shell(&user);
        for snippet in docker(&given) {
            prop_assert!(snippet.text.contains(&format!("--username {quoted} --password-stdin 'r$(id).example.com'")), "it is quoted");
        }
        prop_assert!(kubernetes(&given)[0].text.contains(&format!("--docker-username={quoted} ")), "it is quoted");
        prop_assert!(github(&given)[0].text.contains(&format!("username: {}\n", yaml(&user))), "it is quoted");
    }
}
