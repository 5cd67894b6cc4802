//! What a registry is found able to do: each function looks at one thing and returns what was seen, as plain data. The
//! words for people are made in `operations`.

mod abilities;
mod api;
mod network;
mod tls;
mod tokens;

pub use abilities::{
    Catalogue, Deleting, NotAsked, TagPaging, catalogue, deleting, is_hosted_service, referrers_api, tag_paging,
};
pub use api::{Api, Credentials, RateLimit, Way, api, credentials};
pub use network::{Connected, Target, connect, dns, target};
pub use tls::{Tls, tls};
pub use tokens::{Asking, Opened, opened};
