"""The template compiler: a Koze template in, JavaScript with its source positions out."""

from koze_lsp.preview.template.compiler import TemplateOptions, compile_template
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.preview.template.text import TextOptions

__all__ = ["CompileError", "Mapped", "TemplateOptions", "TextOptions", "compile_template"]
