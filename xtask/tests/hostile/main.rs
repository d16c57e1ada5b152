//! Submissions that try for points they have not earned, and some that are merely broken.
//!
//! Each is the solution with a wrong answer to task 1.1 and a trick. The wrong answer alone
//! has 3 of 10 points (see `tricks::wrong_without_a_trick`); so has each trick.

mod adversary;
mod bombs;
#[path = "../common/mod.rs"]
mod common;
mod leftovers;
mod sources;
mod tricks;

/// The points of the wrong answer: task 1.2 alone.
const WRONG: u64 = 3;
