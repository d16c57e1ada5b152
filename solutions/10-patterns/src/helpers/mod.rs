//! Small programs that run beside an application, in the same pod.
//!
//! - [`shipper`]: a sidecar (task 10.6)
//! - [`ambassador`] (task 10.7)
//! - [`adapter`] (task 10.8)

pub mod adapter;
pub mod ambassador;
pub mod shipper;
