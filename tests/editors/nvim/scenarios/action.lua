return function(D)
  D.edit('wrangler.jsonc')
  D.wait_code('wrangler-missing-binding')
  local place
  for _, d in ipairs(D.diagnostics()) do
    if d.code == 'wrangler-missing-binding' then
      place = d
    end
  end
  vim.api.nvim_win_set_cursor(0, { place.line, place.column - 1 })
  local chosen
  vim.ui.select = function(items, options, choose)
    for _, item in ipairs(items) do
      local action = item.action or item[2]
      if not chosen and action.kind == 'quickfix' then
        chosen = action.title
        choose(item)
      end
    end
  end
  vim.lsp.buf.code_action()
  D.wait('the edit', function()
    return D.text():find('OTHER_WORKFLOW', 1, true) ~= nil
  end)
  D.wait_clean()
  return { text = D.text(), chosen = chosen }
end
