return function(D)
  D.edit('src/routes/[id]/index.html')
  local opened
  if vim.ui.open then
    vim.ui.open = function(url) opened = url end
  else
    vim.fn.jobstart = function(command) opened = command[2] end
    vim.fn.executable = function() return 1 end
  end
  vim.cmd('KozePreview')
  D.wait('an answer', function()
    return #D.notices > 0
  end)
  return { opened = opened or '' }
end
