//! The .scn language's own modules, embedded.
