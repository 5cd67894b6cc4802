//! The column by which tags sort as versions. The rule is [`domain::versions`]; dropping the index applies a new one.

use domain::{Tag, versions};

/// The key of a tag that is a version, a date or a build.
pub(super) fn version_key(tag: &Tag) -> Option<String> {
    versions::version_key(tag.as_str())
}
