//! Corpora and end-to-end tests.
