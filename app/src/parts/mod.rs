//! The parts that pages share. They render what they are given and ask nobody.

pub mod across;
pub mod chart;
pub mod connection_form;
pub mod covered;
pub mod digest;
pub mod figures;
pub mod filters;
pub mod findings;
pub mod form;
pub mod freshness;
pub mod head;
pub mod json;
pub mod layer_table;
pub mod list;
pub mod marks;
pub mod page;
pub mod pager;
pub mod place;
pub mod rail;
pub mod repository_head;
pub mod tabs;
pub mod tag_table;
pub mod trouble;

pub use connection_form::ConnectionFields;
pub use digest::{CopyButton, DigestText, TextCommand};
pub use figures::{Bytes, Count, When};
pub use findings::Findings;
pub use form::{Field, PostForm};
pub use freshness::RiskBadge;
pub use head::{Crumb, Head};
pub use json::Json;
pub use list::{Address, Chip, SortHead, first};
pub use marks::{Badge, Icon, State, Tone};
pub use page::{nothing, page};
pub use pager::Pager;
pub use trouble::Trouble;
