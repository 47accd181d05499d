-- For Neovim 0.11 and later: vim.lsp.enable('koze_ls')
local app = require('koze.app')
local commands = require('koze.commands')

return {
  cmd = { 'koze-lsp' },
  filetypes = app.filetypes,
  root_dir = function(bufnr, on_dir)
    local root = app.root(vim.api.nvim_buf_get_name(bufnr))
    if root then
      on_dir(root)
    end
  end,
  settings = { koze = vim.empty_dict() },
  capabilities = commands.capabilities(),
  before_init = commands.before_init,
  on_attach = commands.attach,
}
