//! Traps: misunderstandings people really have, as wrong solutions that a check must catch.
