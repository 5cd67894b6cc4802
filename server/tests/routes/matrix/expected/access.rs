//! Operations of `/api/v1` about who may do what.

use super::super::{Expected, world::Where};

/// Operations about access.
pub const ACCESS: &[Expected] = &[
    Expected {
        of: "addGrant",
        body: "{\"subject\":\"{guest}\",\"role\":\"viewer\",\"registry\":\"{registry}\",\"repositories\":\"{repo}\"}",
        at: &[
            (Where::Own, "409 403 403 403 409 403 201 403 403 401"),
            (Where::Foreign, "201 403 403 403 403 403 403 403 403 401"),
            (Where::Far, "201 403 403 403 422 403 422 403 403 401"),
        ],
    },
    Expected {
        of: "addRole",
        body: "{\"name\":\"\",\"description\":\"\",\"permissions\":[\"repository.view\"]}",
        at: &[(Where::Nowhere, "422 422 422 422 422 422 422 422 422 401")],
    },
    Expected {
        of: "editGrant",
        body: "{\"role\":\"viewer\"}",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "editRole",
        body: "{\"name\":\"x\",\"version\":1,\"permissions\":[]}",
        at: &[(Where::Nowhere, "403 403 403 403 403 403 403 403 403 401")],
    },
    Expected { of: "listGrants", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected { of: "listRoles", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected { of: "readRole", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected { of: "explainRight", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 404 404 401")] },
    Expected { of: "listRequests", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected { of: "readMatrix", body: "", at: &[(Where::Nowhere, "200 403 403 403 200 200 200 403 403 401")] },
    Expected {
        of: "readGrant",
        body: "",
        at: &[
            (Where::Own, "200 200 404 404 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected { of: "listConnections", body: "", at: &[(Where::Nowhere, "200 403 403 403 403 403 403 403 403 401")] },
    Expected {
        of: "whoCan",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected { of: "heldBy", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected { of: "listSubjects", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected {
        of: "readTemplates",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "requestAccess",
        body: "{\"act\":\"repository.push\",\"where\":\"lab\",\"because\":\"x\"}",
        at: &[(Where::Nowhere, "422 201 201 201 201 201 201 422 422 401")],
    },
    Expected { of: "readRequest", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")] },
    Expected { of: "grantRequest", body: "{}", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")] },
    Expected { of: "closeRequest", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")] },
    Expected {
        of: "declineRequest",
        body: "{\"reason\":\"x\"}",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected { of: "withdrawRequest", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")] },
    Expected { of: "listOwnRequests", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected { of: "listToReview", body: "", at: &[(Where::Nowhere, "200 403 403 403 200 200 200 403 403 401")] },
    Expected {
        of: "reviewGrants",
        body: "{\"decision\":\"confirm\",\"grants\":[]}",
        at: &[(Where::Nowhere, "422 403 403 403 422 422 422 403 403 401")],
    },
    Expected { of: "listReviews", body: "", at: &[(Where::Nowhere, "200 403 403 403 200 200 200 403 403 401")] },
    Expected { of: "listSigningKeys", body: "", at: &[(Where::Nowhere, "200 403 403 403 403 403 403 403 403 401")] },
    Expected { of: "rotateSigningKey", body: "{}", at: &[(Where::Nowhere, "404 403 403 403 403 403 403 403 403 401")] },
    Expected {
        of: "readRegistryTokens",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "editRegistryTokens",
        body: "{}",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "checkRegistryTokens",
        body: "",
        at: &[
            (Where::Own, "422 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "422 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "listOwnRefreshTokens",
        body: "",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")],
    },
    Expected {
        of: "revokeOwnRefreshToken",
        body: "",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "listRefreshTokensOfPerson",
        body: "",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")],
    },
    Expected {
        of: "revokeRefreshTokenOfPerson",
        body: "",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "listRefreshTokensOfRobot",
        body: "",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")],
    },
    Expected {
        of: "revokeRefreshTokenOfRobot",
        body: "",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "revokeTokenOfPerson",
        body: "",
        at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")],
    },
    Expected {
        of: "whatIf",
        body: "{\"disable-person\":{\"person\":\"guest\"}}",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")],
    },
];
