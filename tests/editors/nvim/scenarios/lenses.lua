return function(D)
  D.edit('src/server/job.workflow.ts')
  local titles = {}
  D.wait('code lenses', function()
    for _, lens in ipairs(vim.lsp.codelens.get(0)) do
      if lens.command then
        titles[lens.command.title] = true
      end
    end
    return not vim.tbl_isempty(titles)
  end)
  return { titles = vim.tbl_keys(titles), commands = vim.tbl_keys(vim.api.nvim_buf_get_commands(0, {})) }
end
