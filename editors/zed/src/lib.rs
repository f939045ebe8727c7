//! Starts `esrc lsp` for scenarios.

use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree, settings::LspSettings};

struct Scenarios;

impl zed::Extension for Scenarios {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let settings = LspSettings::for_worktree(id.as_ref(), worktree).ok().and_then(|settings| settings.binary);
        let given = settings.and_then(|binary| binary.path);
        let found = given.or_else(|| worktree.which("esrc"));
        let command = found.ok_or("`esrc` is not on the PATH: install it, or say where it is in lsp.esrc.binary.path")?;
        Ok(Command { command, args: vec!["lsp".to_owned()], env: worktree.shell_env() })
    }
}

zed::register_extension!(Scenarios);
