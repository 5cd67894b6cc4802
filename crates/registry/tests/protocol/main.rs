//! The protocol suite: one conformance story for the fake and the real `docker-registry`, and hostile servers for each
//! rule of the client.

mod addresses;
mod demo;
mod facts;
mod integrity;
mod limits;
mod own_tokens;
mod pace;
mod paging;
mod redirects;
mod retries;
mod sign_in;
mod socks;
mod story;
mod support;
mod tls;
mod variants;
mod vendors;
