//! Names, types, checks and lowering of the .scn language.
