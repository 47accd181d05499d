return function(D)
  local opened
  if vim.ui.open then
    vim.ui.open = function(url) opened = url end
  else
    vim.fn.jobstart = function(command) opened = command[2] end
    vim.fn.executable = function() return 1 end
  end
  D.edit('src/server/job.workflow.ts')
  local titles, chosen = {}, nil
  vim.ui.select = function(options, _, on_choice)
    for _, option in ipairs(options) do
      if option.lens.command.title == chosen then
        on_choice(option)
      end
    end
  end
  D.wait('code lenses', function()
    for _, lens in ipairs(vim.lsp.codelens.get(0)) do
      if lens.command then
        titles[lens.command.title] = lens.command.command
      end
    end
    return not vim.tbl_isempty(titles)
  end)
  local commands = vim.tbl_keys(vim.api.nvim_buf_get_commands(0, {}))
  D.cursor('class')
  chosen = '1 page reads this'
  vim.lsp.codelens.run()
  local places = {}
  D.wait('the quickfix list', function()
    for _, item in ipairs(vim.fn.getqflist()) do
      table.insert(places, vim.fn.bufname(item.bufnr) .. ':' .. item.lnum)
    end
    return #places > 0
  end)
  vim.cmd('cclose')
  chosen = 'Preview'
  vim.lsp.codelens.run()
  D.wait('an answer', function()
    return #D.notices > 0
  end)
  return { titles = titles, commands = commands, places = places, opened = opened or '' }
end
