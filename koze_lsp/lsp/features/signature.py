"""Signature help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.convert import Converter, markup

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session


def signature_help(session: Session, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """The parameters of the call around a position."""
    target = session.target(params.text_document.uri)
    if target is None:
        return None
    from koze_lsp.ide import signature as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    offset = converter.offset(target.document, params.position)
    found = ide.signature(target.project, target.document, offset)
    if found is None:
        return None
    is_supported = session.client.markdown_signatures
    parameters = []
    for parameter in found.parameters:
        start, end = parameter.label
        # A substring: every client takes it, and it needs no units of an encoding.
        documentation = markup(parameter.documentation, is_supported=is_supported) if parameter.documentation else None
        parameters.append(types.ParameterInformation(label=found.label[start:end], documentation=documentation))
    active = len(parameters) if found.active is None else found.active
    information = types.SignatureInformation(
        label=found.label,
        documentation=markup(found.documentation, is_supported=is_supported) if found.documentation else None,
        parameters=parameters,
        active_parameter=active,
    )
    return types.SignatureHelp(signatures=[information], active_signature=0, active_parameter=active)
