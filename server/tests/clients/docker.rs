//! The docker command line and engine, where this machine lets one start.

use crate::{harbour::Harbour, tools::Docker};
use domain::access::BuiltIn;

#[tokio::test(flavor = "multi_thread")]
async fn docker_logs_in_pulls_and_pushes_what_the_grant_says() {
    let harbour = Harbour::open().await;
    let docker = match Docker::start(harbour.folder()) {
        Ok(docker) => docker,
        Err(why) => {
            // An engine takes root and namespaces: the other clients have proved the rest.
            println!("no docker engine starts here, and docker was not tried: {why}");
            return;
        }
    };
    let (_, user, secret) = harbour.robot("ci", BuiltIn::Writer, None).await;
    let login = (user.as_str(), secret.as_str());
    harbour.tools.skopeo_push(Some(login), &harbour.tools.image("docker"), &harbour.name("team-a/app:1")).is_well();

    let image = harbour.name("team-a/app:1");
    assert!(!docker.run(&["pull", "-q", &image]).well, "nobody is logged in yet");
    assert!(!docker.login((&user, "wrong"), &harbour.registry).well);
    docker.login(login, &harbour.registry).is_well();
    docker.run(&["pull", "-q", &image]).is_well();
    let (again, foreign) = (harbour.name("team-a/app:2"), harbour.name("team-b/app:1"));
    docker.run(&["tag", &image, &again]).is_well();
    docker.run(&["push", "-q", &again]).is_well();
    docker.run(&["tag", &image, &foreign]).is_well();
    docker.run(&["push", "-q", &foreign]).is_denied();
}
