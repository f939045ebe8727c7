//! Maps and sets for the many small names of a program, with a hash that is fast on short texts (foldhash) where the standard
//! library's is made to withstand floods.

use foldhash::fast::RandomState;

/// A map that keeps the order in which keys came.
pub type IndexMap<K, V> = indexmap::IndexMap<K, V, RandomState>;
/// A set that keeps the order in which its members came.
pub type IndexSet<T> = indexmap::IndexSet<T, RandomState>;
/// A map of few keys in the order in which they came, compared one by one: cheaper than a hash for the handful that a call has.
pub type VecMap<K, V> = vecmap::VecMap<K, V>;
/// A map.
pub type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
/// A set.
pub type HashSet<T> = std::collections::HashSet<T, RandomState>;
