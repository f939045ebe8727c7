//! What several commands tell the compiler.

use scn_analysis::{Options, World};
use scn_plan::blueprint::MAIN_BRANCH;
use scn_world::FileWorld;

use crate::Failure;

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
    /// What the compiler is told. The rules file is known to be readable.
    pub fn options(&self) -> Result<Options, Failure> {
        if let Some(path) = &self.gov_source {
            FileWorld::new().read(path).map_err(|error| Failure::usage(format!("`{path}` cannot be read: {error}")))?;
        }
        Ok(Options {
            branch: Some(self.mfe_branch.as_str().into()),
            rules: self.gov_source.clone(),
            ..Options::default()
        })
    }
}
