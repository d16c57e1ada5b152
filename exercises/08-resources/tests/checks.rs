//! What chapter 8 promises, judged from outside.

fn main() {}
