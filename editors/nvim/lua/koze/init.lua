-- Set-up without lspconfig, for Neovim 0.7 and later. From 0.11 on `vim.lsp.enable('koze_ls')` does the same.
local app = require('koze.app')
local commands = require('koze.commands')

local M = {}

local clients = {} -- root of an application → the id of its client

local function start(root, options)
  local id = clients[root]
  if id and vim.lsp.get_client_by_id(id) then
    return id
  end
  local capabilities = vim.tbl_deep_extend('force', commands.capabilities(), options.capabilities or {})
  id = vim.lsp.start_client({
    name = 'koze_ls',
    cmd = options.cmd or { 'koze-lsp' },
    root_dir = root,
    workspace_folders = { { uri = vim.uri_from_fname(root), name = vim.fn.fnamemodify(root, ':t') } },
    settings = { koze = options.settings or vim.empty_dict() },
    capabilities = capabilities,
    before_init = commands.before_init,
    on_attach = function(client, bufnr)
      commands.attach(client, bufnr)
      if options.on_attach then
        options.on_attach(client, bufnr)
      end
    end,
    on_exit = function()
      clients[root] = nil
    end,
  })
  clients[root] = id
  return id
end

local function attach(bufnr, options)
  if vim.api.nvim_buf_get_option(bufnr, 'buftype') ~= '' then
    return
  end
  local root = app.root(vim.api.nvim_buf_get_name(bufnr))
  local id = root and start(root, options)
  if id then
    vim.lsp.buf_attach_client(bufnr, id)
  end
end

--- Start the server for buffers that lie in a Koze application.
-- @param options cmd (default { 'koze-lsp' }), settings, capabilities, on_attach: all optional.
function M.setup(options)
  options = options or {}
  local group = vim.api.nvim_create_augroup('koze', { clear = true })
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    pattern = app.filetypes,
    callback = function(event)
      attach(event.buf, options)
    end,
  })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and vim.tbl_contains(app.filetypes, vim.bo[bufnr].filetype) then
      attach(bufnr, options)
    end
  end
end

return M
