"""Code lenses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.capabilities import PREVIEW_COMMANDS, SHOW_REFERENCES
from koze_lsp.lsp.convert import Converter

if TYPE_CHECKING:
    from koze_lsp.ide.types import Lens
    from koze_lsp.lsp.session import Session


def code_lenses(session: Session, params: types.CodeLensParams) -> list[types.CodeLens]:
    """The lines above classes and calls; none that runs code of a workspace which is not trusted."""
    target = session.target(params.text_document.uri)
    if target is None:
        return []
    from koze_lsp.ide import lens as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    found = ide.lenses(target.project, target.document)
    if not session.trusted:
        found = [lens for lens in found if lens.command not in PREVIEW_COMMANDS]
    return [
        types.CodeLens(
            range=converter.range(target.document.text, lens.span),
            command=_command(converter, lens),
        )
        for lens in found
    ]


def _command(converter: Converter, lens: Lens) -> types.Command:
    """A lens's command with the arguments that editors need; mere information where the client can't run it."""
    if lens.command == SHOW_REFERENCES:
        return _references(converter, lens)
    arguments: list[object] | None = None
    if lens.command in PREVIEW_COMMANDS:
        path = lens.arguments[0]
        workflow = converter.project.workflows.by_name.get(path)
        arguments = [{"uri": converter.uri(path if workflow is None else workflow.path)}]
    return types.Command(title=lens.title, command=lens.command or "", arguments=arguments)


def _references(converter: Converter, lens: Lens) -> types.Command:
    from koze_lsp.ide import lens as ide  # noqa: PLC0415

    path, offset, kind = lens.arguments[0], int(lens.arguments[1]), lens.arguments[2]
    document = converter.project.document(path)
    if document is None or not converter.session.client.show_references:
        return types.Command(title=lens.title, command="")
    found = ide.places(converter.project, document, kind)
    places = [converter.uri(path), converter.position(document.text, offset), converter.locations(found)]
    return types.Command(title=lens.title, command=SHOW_REFERENCES, arguments=converter.session.protocol.plain(places))
