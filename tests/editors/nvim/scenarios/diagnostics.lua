return function(D)
  D.edit('src/routes/[id]/index.html')
  D.wait_code('unknown-workflow')
  local found = D.diagnostics()
  D.cursor('jobb', 3)
  vim.cmd('normal! x')
  D.wait_clean()
  return { found = found, root = D.clients()[1].config.root_dir, filetype = vim.bo.filetype }
end
