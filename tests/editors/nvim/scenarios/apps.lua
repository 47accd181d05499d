return function(D)
  D.edit('one/src/routes/[id]/index.html')
  D.edit('two/src/routes/[id]/index.html')
  D.edit('one/wrangler.jsonc')
  local roots = {}
  for _, client in pairs(D.clients()) do
    table.insert(roots, vim.fn.fnamemodify(client.config.root_dir, ':t'))
  end
  table.sort(roots)
  return { roots = roots }
end
