use zed_extension_api::{self as zed, LanguageServerId, Result};

struct Koze;

impl zed::Extension for Koze {
    fn new() -> Self {
        Koze
    }

    fn language_server_command(
        &mut self,
        _server: &LanguageServerId,
        worktree: &zed::Worktree,
    ) -> Result<zed::Command> {
        let command = worktree
            .which("koze-lsp")
            .ok_or("koze-lsp is not on the PATH: install it with pip or uv")?;
        Ok(zed::Command {
            command,
            args: vec![],
            env: worktree.shell_env(),
        })
    }
}

zed::register_extension!(Koze);
