-- Runs one scenario in a headless Neovim and writes what it saw as JSON to $KOZE_OUT.
local LIMIT = 20000 -- milliseconds

local function fail(message)
  error(message, 0)
end

local D = {}

function D.clients()
  return (vim.lsp.get_clients or vim.lsp.get_active_clients)({})
end

function D.wait(what, condition, limit)
  if not vim.wait(limit or LIMIT, condition, 20) then
    fail('waited in vain for ' .. what)
  end
end

local function attached()
  local found = vim.lsp.buf_get_clients and vim.lsp.buf_get_clients(0) or {}
  if vim.lsp.get_clients then
    found = vim.lsp.get_clients({ bufnr = 0 })
  end
  return not vim.tbl_isempty(found)
end

function D.edit(path)
  vim.cmd('edit ' .. vim.fn.fnameescape(path))
  D.wait('the server to attach to ' .. path, function()
    if not attached() then
      return false
    end
    for _, client in pairs(D.clients()) do
      if not client.initialized then
        return false
      end
    end
    return true
  end)
end

function D.attached()
  return attached()
end

--- The diagnostics of the buffer: code, 1-based line and column, severity.
function D.diagnostics()
  local found = {}
  for _, d in ipairs(vim.diagnostic.get(0)) do
    local code = d.code or (d.user_data and d.user_data.lsp and d.user_data.lsp.code)
    table.insert(found, { code = code, line = d.lnum + 1, column = d.col + 1, message = d.message })
  end
  return found
end

function D.wait_code(code, limit)
  D.wait(code, function()
    for _, d in ipairs(D.diagnostics()) do
      if d.code == code then
        return true
      end
    end
    return false
  end, limit)
end

function D.wait_clean(limit)
  D.wait('no diagnostics', function()
    return #D.diagnostics() == 0
  end, limit)
end

function D.request(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, LIMIT)
  for _, answer in pairs(answers or {}) do
    if answer.error then
      fail(method .. ': ' .. vim.inspect(answer.error))
    end
    return answer.result
  end
  fail('no answer to ' .. method)
end

function D.cursor(text, offset)
  vim.fn.cursor(1, 1)
  local position = vim.fn.searchpos('\\V' .. text, 'cW')
  if position[1] == 0 then
    fail('no ' .. text .. ' in the buffer')
  end
  vim.api.nvim_win_set_cursor(0, { position[1], position[2] - 1 + (offset or 0) })
end

function D.write(path, text)
  vim.fn.mkdir(vim.fn.fnamemodify(path, ':h'), 'p')
  local file = assert(io.open(path, 'w'))
  file:write(text)
  file:close()
end

function D.text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

local function main()
  vim.o.swapfile = false
  vim.o.hidden = true
  D.notices = {}
  vim.notify = function(message)
    table.insert(D.notices, message)
  end
  local cmd = vim.split(os.getenv('KOZE_CMD'), '\n')
  if os.getenv('KOZE_START') == 'enable' then
    vim.lsp.config('koze_ls', { cmd = cmd })
    vim.lsp.enable('koze_ls')
  else
    require('koze').setup({ cmd = cmd })
  end
  return dofile(os.getenv('KOZE_SCENARIO'))(D)
end

local ok, result = xpcall(main, function(message)
  return tostring(message) .. '\n' .. debug.traceback('', 2)
end)
local notices = D.notices
local out = assert(io.open(os.getenv('KOZE_OUT'), 'w'))
out:write(vim.fn.json_encode({ ok = ok, result = result or vim.empty_dict(), notices = notices or vim.empty_dict() }))
out:close()
vim.cmd('qall!')
