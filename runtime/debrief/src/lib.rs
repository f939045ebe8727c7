//! From a recorded run to findings and to PDF, JSON and other reports.
