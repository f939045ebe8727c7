//! What several commands tell the compiler.

use scn_analysis::Options;
use scn_plan::blueprint::MAIN_BRANCH;

/// Options of a compilation.
#[derive(Debug, clap::Args)]
pub struct CompileOptions {
    /// The branch that the frontends are on: `main`, or one that they have a `branch` block of
    #[arg(long, visible_alias = "branch", value_name = "BRANCH", default_value = MAIN_BRANCH)]
    mfe_branch: String,
    /// A file of draft rules (YAML) to hold against the sandboxes' forms
    #[arg(long, value_name = "FILE")]
    gov_source: Option<String>,
}

impl CompileOptions {
    /// What the compiler is told.
    pub fn options(&self) -> Options {
        Options { branch: Some(self.mfe_branch.as_str().into()), rules: self.gov_source.clone() }
    }
}
