//! Pages and other addresses that are read.

use super::super::{Expected, world::Where};

/// Pages, as their router writes them.
pub const PAGES: &[Expected] = &[
    Expected { of: "/", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected { of: "/search", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 403 403 303")] },
    Expected { of: "/tags", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 403 403 303")] },
    Expected { of: "/repositories", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 403 403 303")] },
    Expected { of: "/compare", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 403 403 303")] },
    Expected {
        of: "/registries/{registry}",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/registries/{registry}/{repository}",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 303"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/registries/{registry}/{repository}/history",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 303"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/registries/{registry}/{repository}/storage",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 303"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/registries/{registry}/{repository}/tags/{tag}",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 303"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/registries/{registry}/{repository}/manifests/{digest}",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 303"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/storage/{registry}",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/reading/{registry}",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/health/{registry}",
        body: "",
        at: &[
            (Where::Own, "200 200 200 200 200 200 200 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/settings/registries",
        body: "",
        at: &[(Where::Nowhere, "200 403 403 403 403 403 403 403 403 303")],
    },
    Expected {
        of: "/settings/registries/new",
        body: "",
        at: &[(Where::Nowhere, "200 403 403 403 403 403 403 403 403 303")],
    },
    Expected {
        of: "/settings/registries/{registry}",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/settings/registries/{registry}/use",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/settings/registries/{registry}/remove",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected { of: "/audit", body: "", at: &[(Where::Nowhere, "200 403 403 403 403 200 200 403 403 303")] },
    Expected {
        of: "/audit/{sequence}",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 200 200 403 403 303"),
            (Where::Foreign, "200 403 403 403 403 404 404 403 403 303"),
            (Where::Far, "200 403 403 403 403 404 404 403 403 303"),
            (Where::Nowhere, "200 403 403 403 403 404 404 403 403 303"),
        ],
    },
    Expected { of: "/profile", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected { of: "/sign-in", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 200")] },
    Expected { of: "/join", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 200")] },
    Expected { of: "/setup", body: "", at: &[(Where::Nowhere, "303 303 303 303 303 303 303 303 303 303")] },
    Expected {
        of: "/access/grants/{grant}",
        body: "",
        at: &[
            (Where::Own, "200 200 404 404 200 200 200 404 404 303"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/settings/registries/{registry}/tokens",
        body: "",
        at: &[
            (Where::Own, "200 403 403 403 403 403 403 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected { of: "/access/explain", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected { of: "/access/matrix", body: "", at: &[(Where::Nowhere, "200 403 403 403 200 200 200 403 403 303")] },
    Expected { of: "/access/requests", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected { of: "/access/review", body: "", at: &[(Where::Nowhere, "200 403 403 403 200 200 200 403 403 303")] },
    Expected {
        of: "/access/review/report",
        body: "",
        at: &[(Where::Nowhere, "200 403 403 403 200 200 200 403 403 303")],
    },
    Expected { of: "/access/keys", body: "", at: &[(Where::Nowhere, "200 403 403 403 403 403 403 403 403 303")] },
    Expected { of: "/access", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected { of: "/access/grants", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected { of: "/access/grants/new", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected { of: "/access/people", body: "", at: &[(Where::Nowhere, "200 403 403 403 403 403 403 200 403 303")] },
    Expected {
        of: "/access/people/{person}",
        body: "",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 303")],
    },
    Expected { of: "/access/teams", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected {
        of: "/access/teams/{team}",
        body: "",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 303")],
    },
    Expected { of: "/access/robots", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected {
        of: "/access/robots/{robot}",
        body: "",
        at: &[(Where::Nowhere, "200 404 404 404 404 404 404 200 404 303")],
    },
    Expected { of: "/access/roles", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected { of: "/access/roles/new", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected {
        of: "/access/roles/{role}",
        body: "",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")],
    },
];

/// Every other address that is read with GET.
pub const DOORS: &[Expected] = &[
    Expected { of: "/events", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")] },
    Expected {
        of: "/raw/{registry}/{repository}/{digest}",
        body: "",
        at: &[
            (Where::Own, "200 403 200 200 200 403 200 404 404 303"),
            (Where::Foreign, "200 404 404 404 404 404 404 404 404 303"),
            (Where::Far, "200 404 404 404 404 404 404 404 404 303"),
        ],
    },
    Expected {
        of: "/exports/grants.csv",
        body: "",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 303")],
    },
    Expected {
        of: "/exports/matrix.csv",
        body: "",
        at: &[(Where::Nowhere, "200 403 403 403 200 200 200 403 403 303")],
    },
    Expected { of: "/assets/{name}", body: "", at: &[(Where::Nowhere, "404 404 404 404 404 404 404 404 404 404")] },
    Expected { of: "/healthz", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 200")] },
    Expected { of: "/readyz", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 200")] },
    Expected { of: "/robots.txt", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 200")] },
    Expected { of: "/favicon.ico", body: "", at: &[(Where::Nowhere, "307 307 307 307 307 307 307 307 307 307")] },
    Expected { of: "/setup/{token}", body: "", at: &[(Where::Nowhere, "303 303 303 303 303 303 303 303 303 303")] },
    Expected { of: "/join/{token}", body: "", at: &[(Where::Nowhere, "303 303 303 303 303 303 303 303 303 303")] },
    Expected { of: "/token", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 200")] },
    Expected {
        of: "/token/certificates.pem",
        body: "",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 200")],
    },
    Expected { of: "/token/jwks.json", body: "", at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 200")] },
    Expected { of: "/api/v1/", body: "", at: &[(Where::Nowhere, "307 307 307 307 307 307 307 307 307 307")] },
    Expected {
        of: "/api/v1/openapi.json",
        body: "",
        at: &[(Where::Nowhere, "200 200 200 200 200 200 200 200 200 200")],
    },
];
