"""A server that can do nothing: what pygls itself needs to start."""

from pygls.lsp.server import LanguageServer

LanguageServer("bare", "1").start_io()
