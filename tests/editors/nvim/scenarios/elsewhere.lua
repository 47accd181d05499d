return function(D)
  vim.cmd('edit ../elsewhere/src/routes/page.html')
  vim.wait(1000, function() return false end)
  local alone = D.attached()
  D.edit('src/routes/page.koze')
  return { elsewhere = alone, filetype = vim.bo.filetype, syntax = vim.bo.syntax, clients = #D.clients() }
end
