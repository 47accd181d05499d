return function(D)
  D.edit('src/routes/[id]/index.html')
  D.wait_code('unknown-workflow')
  local started = vim.loop.hrtime()
  D.write('src/server/jobb.workflow.ts', os.getenv('KOZE_WORKFLOW'))
  D.wait('the new file to be seen', function()
    for _, d in ipairs(D.diagnostics()) do
      if d.code == 'unknown-workflow' then
        return false
      end
    end
    return true
  end)
  return { milliseconds = (vim.loop.hrtime() - started) / 1e6 }
end
