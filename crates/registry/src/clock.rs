//! The one place of this crate that reads the wall clock: it is compared with what servers say in `Date` and `Retry-After`.

use std::time::SystemTime;

#[expect(
    clippy::disallowed_methods,
    reason = "a header of a server can only be compared with the real time of its arrival"
)]
pub(crate) fn wall() -> SystemTime {
    SystemTime::now()
}
