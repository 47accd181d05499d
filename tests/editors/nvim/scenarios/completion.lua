return function(D)
  D.edit('src/routes/[id]/index.html')
  D.cursor("'job'", 1)
  D.wait_clean()
  -- What CTRL-X CTRL-O does: the completion function finds the start, then gives the items.
  local omnifunc = vim.bo.omnifunc
  vim.fn.feedkeys(vim.api.nvim_replace_termcodes('cl<C-x><C-o>', true, false, true), 'n')
  local words = {}
  vim.api.nvim_create_autocmd('CompleteChanged', {
    callback = function()
      for _, item in ipairs(vim.fn.complete_info({ 'items' }).items) do
        words[item.word] = true
      end
    end,
  })
  local timer = vim.loop.new_timer()
  local waited = 0
  timer:start(100, 100, vim.schedule_wrap(function()
    waited = waited + 100
    if not vim.tbl_isempty(words) or waited > 10000 then
      timer:stop()
      vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes('<C-e><Esc>', true, false, true), 'n', false)
    end
  end))
  vim.api.nvim_feedkeys('', 'x!', false) -- runs the typed keys, and stays in insert mode until <Esc>
  timer:close()
  return { omnifunc = omnifunc, words = vim.tbl_keys(words) }
end
