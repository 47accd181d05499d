return function(D)
  D.edit('src/routes/[id]/index.html')
  D.cursor('params.id', 8)
  D.cursor("'job'", 2)
  vim.lsp.buf.rename('task')
  D.wait('the rename', function()
    return D.text():find("'task'", 1, true) ~= nil
  end)
  vim.cmd('silent! wall')
  return { text = D.text() }
end
