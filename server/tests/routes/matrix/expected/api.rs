//! Operations of `/api/v1`.

use super::super::{Expected, world::Where};

/// Operations of the interface.
pub const API: &[Expected] = &[
    Expected { of: "readOverview", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected { of: "search", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 403 403 401")] },
    Expected { of: "findDigest", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 403 403 401")] },
    Expected { of: "listAllTags", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 403 403 401")] },
    Expected {
        of: "listAllRepositories",
        body: "",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 403 403 401")],
    },
    Expected {
        of: "compareImages",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 403 403 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 403 403 401"),
            (Where::Far, "200 404 404 404 404 404 404 403 403 401"),
        ],
    },
    Expected { of: "listRegistries", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected {
        of: "readRegistry",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "listRepositories",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readRepository",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "listTags",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readTag",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readManifest",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readDocument",
        body: "",
        at: &[
            (Where::Own, "200 403 200 200 200 403 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "listUntagged",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readRest",
        body: "",
        at: &[
            (Where::Own, "202 202 202 202 202 202 202 404 404 401"),
            (Where::Foreign, "202 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "202 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "refreshRepository",
        body: "",
        at: &[
            (Where::Own, "202 202 202 202 202 202 202 404 404 401"),
            (Where::Foreign, "202 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "202 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "refreshRegistry",
        body: "",
        at: &[
            (Where::Own, "202 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "202 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "listMoves",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readRepositoryStorage",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readStorage",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readHealth",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "listFindings",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readSync",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "listDepartures",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "pauseSync",
        body: "{\"paused\":false}",
        at: &[
            (Where::Own, "204 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "204 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "switchCheck",
        body: "{\"on\":true}",
        at: &[
            (Where::Own, "204 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "204 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "switchRegistry",
        body: "{\"enabled\":true}",
        at: &[
            (Where::Own, "204 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "204 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "enterRepository",
        body: "",
        at: &[
            (Where::Own, "204 403 403 403 403 403 204 404 404 401"),
            (Where::Foreign, "204 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "204 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "forgetRepository",
        body: "",
        at: &[
            (Where::Own, "404 403 403 403 403 403 204 404 404 401"),
            (Where::Foreign, "204 404 404 404 404 404 404 404 404 401"),
            (Where::Far, "204 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "addRegistry",
        body: "{\"settings\":{\"name\":\"\",\"address\":\"\"}}",
        at: &[(Where::Nowhere, "422 403 403 403 403 403 403 403 403 401")],
    },
    Expected {
        of: "testConnection",
        body: "{\"settings\":{\"name\":\"\",\"address\":\"\"}}",
        at: &[(Where::Nowhere, "422 403 403 403 403 403 403 403 403 401")],
    },
    Expected {
        of: "editConnection",
        body: "{\"version\":1,\"settings\":{\"name\":\"\",\"address\":\"\"}}",
        at: &[
            (Where::Own, "422 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "422 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readConnection",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "readProbe",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected {
        of: "runProbe",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected { of: "listEntries", body: "", at: &[(Where::Nowhere, "200 403 403 403 403 200 200 403 403 401")] },
    Expected {
        of: "readEntry",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 200 200 403 403 401"),
            (Where::Foreign, "200 403 403 403 403 404 404 403 403 401"),
            (Where::Far, "200 403 403 403 403 404 404 403 403 401"),
            (Where::Nowhere, "200 403 403 403 403 404 404 403 403 401"),
        ],
    },
    Expected { of: "verifyAudit", body: "", at: &[(Where::Nowhere, "200 403 403 403 403 403 403 403 403 401")] },
    Expected { of: "readMe", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected {
        of: "editMe",
        body: "{\"theme\":\"dark\"}",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")],
    },
    Expected { of: "listSessions", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected { of: "endSession", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")] },
    Expected { of: "listTokens", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected {
        of: "makeToken",
        body: "{\"name\":\"\"}",
        at: &[(Where::Nowhere, "422 422 422 422 422 422 422 422 422 401")],
    },
    Expected { of: "revokeToken", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")] },
    Expected { of: "endSessions", body: "", at: &[(Where::Nowhere, "204 204 204 204 204 204 204 204 204 401")] },
    Expected {
        of: "editRobot",
        body: "{\"version\":0,\"team\":\"crew\",\"purpose\":\"\"}",
        at: &[(Where::Nowhere, "409 404 404 404 404 404 404 409 404 401")],
    },
    Expected {
        of: "editTeam",
        body: "{\"version\":0,\"name\":\"x\",\"description\":\"\"}",
        at: &[(Where::Nowhere, "409 404 404 404 404 404 404 409 404 401")],
    },
    Expected {
        of: "endSessionsOfPerson",
        body: "",
        at: &[(Where::Nowhere, "204 404 404 404 404 404 404 204 404 401")],
    },
    Expected {
        of: "invitePerson",
        body: "{\"name\":\"\"}",
        at: &[(Where::Nowhere, "422 403 403 403 403 403 403 422 403 401")],
    },
    Expected { of: "listPeople", body: "", at: &[(Where::Nowhere, "200 403 403 403 403 403 403 200 403 401")] },
    Expected { of: "listRobots", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected { of: "listTeams", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 401")] },
    Expected { of: "makeLink", body: "", at: &[(Where::Nowhere, "201 404 404 404 404 404 404 403 404 401")] },
    Expected {
        of: "makeRobot",
        body: "{\"name\":\"\",\"team\":\"crew\"}",
        at: &[(Where::Nowhere, "422 404 404 404 404 404 404 422 404 401")],
    },
    Expected {
        of: "makeRobotSecret",
        body: "{\"name\":\"x\"}",
        at: &[(Where::Nowhere, "201 404 404 404 404 404 404 201 404 401")],
    },
    Expected {
        of: "makeTeam",
        body: "{\"name\":\"\"}",
        at: &[(Where::Nowhere, "422 403 403 403 403 403 403 422 403 401")],
    },
    Expected { of: "readPerson", body: "", at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")] },
    Expected { of: "readRobot", body: "", at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")] },
    Expected { of: "readTeam", body: "", at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 401")] },
    Expected { of: "revokeRobotSecret", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")] },
    Expected {
        of: "setTeamMember",
        body: "{\"lead\":false}",
        at: &[(Where::Nowhere, "204 404 404 404 404 404 404 204 404 401")],
    },
    Expected {
        of: "switchPerson",
        body: "{\"disabled\":true}",
        at: &[(Where::Nowhere, "204 404 404 404 404 404 404 204 404 401")],
    },
    Expected {
        of: "switchRobot",
        body: "{\"disabled\":true}",
        at: &[(Where::Nowhere, "204 404 404 404 404 404 404 204 404 401")],
    },
    Expected { of: "voidLink", body: "", at: &[(Where::Nowhere, "204 404 404 404 404 404 404 204 404 401")] },
    Expected {
        of: "removeRegistry",
        body: "",
        at: &[
            (Where::Own, "204 403 403 403 403 403 403 404 404 401"),
            (Where::Far, "204 404 404 404 404 404 404 404 404 401"),
        ],
    },
    Expected { of: "removePerson", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 204 404 401")] },
    Expected { of: "removeTeam", body: "", at: &[(Where::Nowhere, "409 404 404 404 404 404 404 409 404 401")] },
    Expected { of: "removeRobot", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 204 404 401")] },
    Expected { of: "revokeGrant", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")] },
    Expected { of: "removeRole", body: "", at: &[(Where::Nowhere, "403 403 403 403 403 403 403 403 403 401")] },
    Expected { of: "removeTeamMember", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 401")] },
];
