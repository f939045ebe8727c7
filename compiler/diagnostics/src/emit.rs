//! Emitters: one module a format, each a function of the diagnostics and their sources.
