//! Nothing here: the tests are in `tests/`. A member of its own, so that no exercise and no
//! solution depends on proptest.
