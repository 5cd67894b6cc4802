//! What forms post to.

use super::super::{Expected, world::Where};

/// What forms post to, with fields that go as far as the question who may. Whoever ends sessions stands last.
pub const FORMS: &[Expected] = &[
    Expected {
        of: "/do/registry-add",
        body: "name=&address=",
        at: &[(Where::Nowhere, "422 403 403 403 403 403 403 403 403 401")],
    },
    Expected {
        of: "/do/registry-edit",
        body: "was={registry}&name=&address=&version=0",
        at: &[
            (Where::Own, "422 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "422 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/registry-test",
        body: "was={registry}&name={registry}&address=",
        at: &[
            (Where::Own, "422 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "422 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/registry-paste",
        body: "was={registry}&config=%7B",
        at: &[(Where::Nowhere, "422 403 403 403 403 403 403 403 403 401")],
    },
    Expected {
        of: "/do/registry-probe",
        body: "name={registry}",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/registry-switch",
        body: "name={registry}&on=on",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/registry-remove",
        body: "name={registry}&confirm=no",
        at: &[
            (Where::Own, "422 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "422 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/repository-add",
        body: "registry={registry}&name={repo}-new",
        at: &[
            (Where::Own, "200 403 403 403 403 403 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/repository-forget",
        body: "registry={registry}&repository={repo}-new",
        at: &[
            (Where::Own, "404 403 403 403 403 403 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/repository-read",
        body: "registry={registry}&repository={repo}&next=",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/repository-refresh",
        body: "registry={registry}&repository={repo}",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/sync-pause",
        body: "registry={registry}",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/sync-resume",
        body: "registry={registry}",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/sync-refresh",
        body: "registry={registry}",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/check-switch",
        body: "registry={registry}&check=old-tag&on=on&scope=here",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/profile-edit",
        body: "display_name=X&time_zone=",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")],
    },
    Expected {
        of: "/do/profile-theme",
        body: "theme=dark&next=%2F",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")],
    },
    Expected {
        of: "/do/profile-password",
        body: "old=wrong&password=x&again=x",
        at: &[(Where::Nowhere, "422 422 422 422 422 422 422 422 422 401")],
    },
    Expected {
        of: "/do/session-revoke",
        body: "id=4711",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/token-create",
        body: "name=&days=&registry=&repositories=",
        at: &[(Where::Nowhere, "422 422 422 422 422 422 422 422 422 401")],
    },
    Expected {
        of: "/do/token-revoke",
        body: "prefix=gone",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/search-suggest",
        body: "q=v1",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 403 403 401")],
    },
    Expected {
        of: "/do/session-create",
        body: "name=x&password=x&next=",
        at: &[(Where::Nowhere, "429 429 429 429 401 401 401 401 401 401")],
    },
    Expected {
        of: "/do/setup-complete",
        body: "name=x&password=x&again=x",
        at: &[(Where::Nowhere, "303 303 303 303 303 303 303 303 303 303")],
    },
    Expected {
        of: "/do/team-create",
        body: "name=&description=",
        at: &[(Where::Nowhere, "422 403 403 403 403 403 403 422 403 401")],
    },
    Expected {
        of: "/do/team-edit",
        body: "was=crew&version=0&name=x&description=",
        at: &[(Where::Nowhere, "409 404 404 404 404 404 404 409 404 401")],
    },
    Expected {
        of: "/do/team-remove",
        body: "name=crew&confirm=no",
        at: &[(Where::Nowhere, "422 404 404 404 404 404 404 422 404 401")],
    },
    Expected {
        of: "/do/team-member-set",
        body: "team=crew&person=gone",
        at: &[(Where::Nowhere, "422 404 404 404 404 404 404 422 404 401")],
    },
    Expected {
        of: "/do/team-member-remove",
        body: "team=crew&person=gone",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/person-join",
        body: "password=x&again=y",
        at: &[(Where::Nowhere, "429 429 429 429 403 403 403 403 403 403")],
    },
    Expected {
        of: "/do/grant-create",
        body: "subject={guest}&role=viewer&registry={registry}&repositories={repo}&until=&because=&generation=0",
        at: &[
            (Where::Own, "200 403 403 403 200 403 200 403 403 401"),
            (Where::Foreign, "200 403 403 403 403 403 403 403 403 401"),
            (Where::Far, "200 403 403 403 422 403 422 403 403 401"),
        ],
    },
    Expected {
        of: "/do/grant-edit",
        body: "id=4711&role=viewer&registry=&repositories=&until=&because=&generation=0",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/grant-revoke",
        body: "id=4711&generation=0",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/robot-create",
        body: "name=&team=crew&purpose=&expires=",
        at: &[(Where::Nowhere, "422 404 404 404 404 404 404 422 404 401")],
    },
    Expected {
        of: "/do/robot-edit",
        body: "name=derrick&version=0&team=crew&purpose=&expires=",
        at: &[(Where::Nowhere, "409 404 404 404 404 404 404 409 404 401")],
    },
    Expected {
        of: "/do/robot-disable",
        body: "name=derrick",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")],
    },
    Expected {
        of: "/do/robot-enable",
        body: "name=derrick",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")],
    },
    Expected {
        of: "/do/robot-remove",
        body: "name=derrick&confirm=no",
        at: &[(Where::Nowhere, "422 404 404 404 404 404 404 422 404 401")],
    },
    Expected {
        of: "/do/robot-secret-create",
        body: "robot=derrick&name=&expires=",
        at: &[(Where::Nowhere, "422 404 404 404 404 404 404 422 404 401")],
    },
    Expected {
        of: "/do/robot-secret-revoke",
        body: "robot=derrick&prefix=x",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/person-invite",
        body: "name=&display_name=",
        at: &[(Where::Nowhere, "422 403 403 403 403 403 403 422 403 401")],
    },
    Expected {
        of: "/do/person-link",
        body: "name=guest",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")],
    },
    Expected {
        of: "/do/person-link-revoke",
        body: "name=guest",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")],
    },
    Expected {
        of: "/do/person-disable",
        body: "name=guest",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")],
    },
    Expected {
        of: "/do/person-enable",
        body: "name=guest",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")],
    },
    Expected {
        of: "/do/person-sign-out",
        body: "name=guest",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")],
    },
    Expected {
        of: "/do/person-token-revoke",
        body: "name=guest&prefix=x",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/person-remove",
        body: "name=guest&confirm=no",
        at: &[(Where::Nowhere, "422 404 404 404 404 404 404 422 404 401")],
    },
    Expected {
        of: "/do/role-create",
        body: "name=keeper&description=&permissions[0]=repository.view",
        at: &[(Where::Nowhere, "200 403 403 403 403 403 403 403 403 401")],
    },
    Expected {
        of: "/do/role-edit",
        body: "id=custom-4711&version=1&name=x&description=&permissions[0]=repository.view",
        at: &[(Where::Nowhere, "422 422 422 422 422 422 422 422 422 401")],
    },
    Expected {
        of: "/do/role-remove",
        body: "id=custom-4711",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/registry-tokens-check",
        body: "registry={registry}",
        at: &[
            (Where::Own, "422 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "422 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/registry-tokens",
        body: "registry={registry}",
        at: &[
            (Where::Own, "422 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "422 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "/do/access-decline",
        body: "id=4711&reason=x",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/access-grant",
        body: "id=4711",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/access-request",
        body: "act=repository.pull&place=lab&because=x",
        at: &[(Where::Nowhere, "422 200 200 200 200 200 200 422 422 401")],
    },
    Expected {
        of: "/do/access-withdraw",
        body: "id=4711",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "/do/refresh-token-revoke",
        body: "subject={guest}&id=4711",
        at: &[(Where::Nowhere, "404 403 403 403 403 403 403 404 403 401")],
    },
    Expected { of: "/do/review-decide", body: "", at: &[(Where::Nowhere, "422 422 422 422 422 422 422 422 422 401")] },
    Expected {
        of: "/do/signing-key-rotate",
        body: "algorithm=none",
        at: &[(Where::Nowhere, "404 403 403 403 403 403 403 403 403 401")],
    },
    Expected {
        of: "/do/session-revoke-others",
        body: "",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")],
    },
    Expected { of: "/do/session-end", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
];
