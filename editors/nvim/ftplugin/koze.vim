" Pages in Koze's own suffixes are HTML with script and template syntax.
if exists('b:did_ftplugin')
  finish
endif
runtime! ftplugin/html.vim
setlocal commentstring=<!--\ %s\ -->
