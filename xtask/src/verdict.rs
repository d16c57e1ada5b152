//! Verdicts, and the one function that makes a score of them.
