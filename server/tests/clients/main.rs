//! Proof with real clients: skopeo, podman and docker, at a real registry that trusts our tokens. What a grant says is
//! what pull and push do.

mod docker;
mod harbour;
mod rights;
mod rotation;
mod tools;
