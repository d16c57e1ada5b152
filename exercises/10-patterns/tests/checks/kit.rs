//! What the checks of this chapter have in common.

use std::time::Duration;

pub const SOON: Duration = Duration::from_secs(5);

/// A manifest by its file name, from exercises/10-patterns/pods: its path and its text.
macro_rules! text {
    ($name:literal) => {
        (concat!("10-patterns/pods/", $name), include_str!(concat!("../../pods/", $name)))
    };
}
pub(crate) use text;
