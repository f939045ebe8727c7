//! Blueprints made real: mimic parts, proxies and probes.
