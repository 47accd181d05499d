autocmd BufRead,BufNewFile *.koze,*.kuratchi setfiletype koze
autocmd BufRead,BufNewFile *.preview.json5 setfiletype json5
