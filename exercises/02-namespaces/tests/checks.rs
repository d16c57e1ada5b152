//! What the chapter promises, judged from outside.

fn main() {}
