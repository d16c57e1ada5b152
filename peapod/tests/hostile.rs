//! Pods that mean harm. Their program is this test's own, which is shown to them; it tries to reach what is not theirs.
//!
//! An attack that reaches nothing shows nothing by itself: it may just be a bad attack. So each one also runs where it
//! is allowed (mostly on the machine itself), and must succeed there.

#[path = "hostile/attacks/mod.rs"]
mod attacks;
#[path = "hostile/bounds.rs"]
mod bounds;
mod common;
#[path = "hostile/files.rs"]
mod files;
#[path = "hostile/kernel.rs"]
mod kernel;
#[path = "hostile/kit.rs"]
mod kit;
#[path = "hostile/network.rs"]
mod network;
#[path = "hostile/others.rs"]
mod others;
#[path = "hostile/processes.rs"]
mod processes;
#[path = "hostile/volumes.rs"]
mod volumes;

/// Not a test: what the pods run. Without its orders it does nothing.
#[test]
#[ignore = "runs in the pods of the other tests"]
fn attacker() {
    attacks::carry_out();
}
