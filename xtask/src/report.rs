//! The report of a grading.
