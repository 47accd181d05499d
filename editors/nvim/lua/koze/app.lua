-- Where a Koze application begins: what koze-lsp itself looks for.
local M = {}

M.filetypes = { 'html', 'koze', 'typescript', 'javascript', 'typescriptreact', 'javascriptreact', 'json', 'jsonc', 'json5', 'toml' }

local MARKERS = { 'package.json', 'wrangler.jsonc', 'wrangler.json', 'wrangler.toml' }

local function kind(path)
  local stat = vim.loop.fs_stat(path)
  return stat and stat.type
end

--- Whether a folder is an application's: src/routes or src/server, and a package.json or wrangler file.
function M.is_root(folder)
  if kind(folder .. '/src/routes') ~= 'directory' and kind(folder .. '/src/server') ~= 'directory' then
    return false
  end
  for _, marker in ipairs(MARKERS) do
    if kind(folder .. '/' .. marker) == 'file' then
      return true
    end
  end
  return false
end

--- The nearest application that holds a file, or nil.
function M.root(path)
  if path == '' or path:match('^%a[%w+.-]+://') then
    return nil
  end
  local folder = vim.fn.fnamemodify(path, ':p:h'):gsub('\\', '/')
  while true do
    if M.is_root(folder) then
      return folder
    end
    local parent = vim.fn.fnamemodify(folder, ':h')
    if parent == folder then
      return nil
    end
    folder = parent
  end
end

return M
