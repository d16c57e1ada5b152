//! Build: cargo, out of the reader's reach.
