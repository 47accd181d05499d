-- What a buffer gets when the server attaches: commands, completion and code lenses.
local M = {}

local function open(url)
  if vim.ui.open then
    vim.ui.open(url)
    return
  end
  for _, opener in ipairs({ 'xdg-open', 'open', 'explorer.exe' }) do
    if vim.fn.executable(opener) == 1 then
      vim.fn.jobstart({ opener, url }, { detach = true })
      return
    end
  end
end

--- Ask the server for a preview page of a file; opens it in the browser and says where it is.
local function preview(client, bufnr, command, uri)
  local params = { command = command, arguments = { { uri = uri, embed = true } } }
  local function answered(err, page)
    if err then
      vim.notify('Koze: ' .. err.message, vim.log.levels.ERROR)
    elseif page and page.url then
      vim.notify('Koze preview: ' .. page.url)
      open(page.url)
    end
  end
  if vim.fn.has('nvim-0.11') == 1 then
    client:request('workspace/executeCommand', params, answered, bufnr)
  else
    client.request('workspace/executeCommand', params, answered, bufnr)
  end
end

local function refresh_lenses(bufnr)
  if vim.api.nvim_buf_is_loaded(bufnr) and vim.api.nvim_get_current_buf() == bufnr then
    if vim.fn.has('nvim-0.10') == 1 then
      vim.lsp.codelens.refresh({ bufnr = bufnr })
    else
      vim.lsp.codelens.refresh()
    end
  end
end

--- The lens "Preview": as the commands below, so that a client without window/showDocument gets its page too.
local function preview_lens(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local argument = command.arguments and command.arguments[1]
  if client and argument then
    preview(client, context.bufnr, command.command, argument.uri)
  end
end

--- The lens "2 pages read this": the places, in the quickfix list.
local function show_references(command, context)
  local locations = command.arguments and command.arguments[3] or {}
  local client = vim.lsp.get_client_by_id(context.client_id)
  local items = vim.lsp.util.locations_to_items(locations, client and client.offset_encoding or 'utf-16')
  vim.fn.setqflist({}, ' ', { title = command.title or 'Koze references', items = items })
  vim.cmd('botright copen')
end

function M.attach(client, bufnr)
  vim.api.nvim_buf_set_option(bufnr, 'omnifunc', 'v:lua.vim.lsp.omnifunc')
  vim.api.nvim_buf_create_user_command(bufnr, 'KozePreview', function()
    preview(client, bufnr, 'koze.preview.open', vim.uri_from_bufnr(bufnr))
  end, { desc = 'Open the preview of this route' })
  vim.api.nvim_buf_create_user_command(bufnr, 'KozeRun', function()
    preview(client, bufnr, 'koze.preview.run', vim.uri_from_bufnr(bufnr))
  end, { desc = 'Run this workflow on virtual time' })
  if vim.lsp.commands then
    vim.lsp.commands['koze.showReferences'] = show_references
    vim.lsp.commands['koze.preview.open'] = preview_lens
    vim.lsp.commands['koze.preview.run'] = preview_lens
  end
  local group = vim.api.nvim_create_augroup('koze_lenses_' .. bufnr, { clear = true })
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      refresh_lenses(bufnr)
    end,
  })
  refresh_lenses(bufnr)
end

--- The client's capabilities, with what this plugin adds.
function M.capabilities()
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  -- Neovim carries these out from 0.7 on, but early versions don't say so; renaming a workflow moves its file.
  local edits = capabilities.workspace.workspaceEdit or {}
  edits.documentChanges = true
  edits.resourceOperations = { 'create', 'rename', 'delete' }
  capabilities.workspace.workspaceEdit = edits
  capabilities.experimental = { commands = { 'koze.showReferences' } }
  return capabilities
end

--- Changes what the client says of itself at the start.
-- A client that asks for diagnostics but can't be told to ask again would miss what a change of another file does to this
-- one (Neovim 0.10 and 0.11). Without the capability the server sends them by itself.
function M.before_init(params)
  local capabilities = params.capabilities
  local diagnostics = capabilities.workspace and capabilities.workspace.diagnostics
  if capabilities.textDocument and not (diagnostics and diagnostics.refreshSupport) then
    capabilities.textDocument.diagnostic = nil
  end
end

return M
