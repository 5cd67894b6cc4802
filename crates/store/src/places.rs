//! What of the records may be seen, which name places and not rows of the index. Statements leave out what is certainly
//! somewhere else, in words that other databases know too; here the rest is decided.

use crate::{audit::escape, index::common_beginning};
use domain::{Id, Visible, visible::Part};

/// What all places that may be seen have in common: null where that is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Common {
    /// Their registry.
    pub(crate) registry: Option<Id>,
    /// What the names of their repositories begin with, for `LIKE … ESCAPE '\\'`.
    pub(crate) beginning: Option<String>,
}

impl Common {
    pub(crate) fn of(visible: &Visible) -> Self {
        let registry = visible.parts().first().and_then(Part::registry);
        let beginning = Some(common_beginning(visible)).filter(|text| !text.is_empty());
        Self {
            registry: registry.filter(|own| visible.parts().iter().all(|part| part.registry() == Some(*own))),
            beginning: beginning.map(|text| format!("{}%", escape(&text))),
        }
    }
}

/// May this place be seen? What is about a registry as a whole has no repository, and is seen by who sees all of it; what
/// is about the program has neither.
pub(crate) fn may_see(visible: &Visible, registry: Option<Id>, repository: Option<&str>) -> bool {
    visible.everything() || registry.is_some_and(|id| visible.recorded(id, repository))
}
