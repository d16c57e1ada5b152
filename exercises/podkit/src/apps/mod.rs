//! The programs the catalogue's images hold; they are part of the runner's own binary.

/// If this process was started as one of the programs, runs it and does not return.
pub fn dispatch() {}
