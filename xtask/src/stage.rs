//! Stage: a fresh tree with the workbook's own manifests and only the reader's sources.
