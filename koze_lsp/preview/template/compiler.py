"""A Koze template as the body of a JavaScript function.

The body fills an array `__parts` with strings and ends with `let __html = __parts.join('')`. It expects in scope
the helpers `__esc`, `__rawHtml`, `__sanitizeHtml` and `__k`, the component functions it calls, and whatever the
template's own expressions name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from koze_lsp.preview.template.attributes import rewrite_select_values
from koze_lsp.preview.template.components import ComponentTag, join_lines, parse_component, props_object
from koze_lsp.preview.template.live_blocks import live_blocks
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.preview.template.text import TextOptions, compile_text, escape_literal
from koze_lsp.syntax.template_lines import Segment, SegmentKind, inline_if_else, segments

__all__ = ["TemplateOptions", "compile_template"]


@dataclass(frozen=True, slots=True)
class TemplateOptions:
    """`components` maps an imported component's tag name to the JavaScript function that prints it."""

    text: TextOptions = field(default_factory=TextOptions)
    components: Mapping[str, str] = field(default_factory=dict)


def compile_template(template: Mapped, options: TemplateOptions) -> Mapped:
    """The function body for a template.

    Raises:
        CompileError: the framework would refuse the template. Whether its control lines pair up is the JavaScript
            engine's business; `blocks.check_blocks` then names the line.
    """
    return _compile(rewrite_select_values(template), options)


def _compile(template: Mapped, options: TemplateOptions) -> Mapped:
    statements = [Mapped.made("const __parts = [];")]
    text = options.text
    blocks = live_blocks(template.text, text.live, text.live | text.lets)
    for segment in segments(template.text, options.components.__contains__):
        names = blocks.get(template.text.rfind("\n", 0, segment.start) + 1) if blocks else None
        if names and segment.kind is SegmentKind.CODE:
            read = f"encodeURIComponent(JSON.stringify({{ {', '.join(names)} }}));"
            statements.append(Mapped.made(read, template.origin(segment.start)))
        statements += _segment(template, segment, options)
    statements.append(Mapped.made("let __html = __parts.join('');"))
    return Mapped.join(statements, "\n")


def _segment(template: Mapped, segment: Segment, options: TemplateOptions) -> list[Mapped]:
    """The statements for one segment."""
    source = template[segment.start : segment.end]
    match segment.kind:
        case SegmentKind.BLANK:
            return [Mapped.made('__parts.push("\\n");')]
        case SegmentKind.CODE:
            return [source.trim()]
        case SegmentKind.INLINE_IF_ELSE:
            return _inline_if_else(source.trim(), options)
        case SegmentKind.STYLE | SegmentKind.SCRIPT | SegmentKind.QUOTED:
            return [_push(Mapped.made("`", source.start) + escape_literal(source) + "\\n`")]
        case SegmentKind.TEXT:
            return [_push(compile_text(source, options.text))]
        case _:
            return [_component(template, segment, options)]


def _push(value: Mapped) -> Mapped:
    return Mapped.join([Mapped.made("__parts.push(", value.start), value, Mapped.made(");", value.start)])


def _inline_if_else(line: Mapped, options: TemplateOptions) -> list[Mapped]:
    found = inline_if_else(line.text)
    if found is None:  # the segment said it was one
        return [line]
    condition = line[slice(*found.condition)].trim()
    out = [Mapped.made("if (", line.start) + condition + ") {"]
    for span, after in ((found.then, "} else {"), (found.otherwise, "}")):
        branch = line[slice(*span)].trim()
        if branch:
            out.append(_push(compile_text(branch, options.text, newline=False)))
        out.append(Mapped.made(after, line.start))
    return out


def _component(template: Mapped, segment: Segment, options: TemplateOptions) -> Mapped:
    head = template[segment.start : segment.head_end]
    tag = parse_component(join_lines(head))
    if tag is None:  # the segment said it was one
        return _push(compile_text(head, options.text))
    children: Mapped | None = None
    if segment.kind is SegmentKind.COMPONENT_BLOCK:
        children = template[segment.head_end + 1 : max(segment.children_end, segment.head_end + 1)]
    elif tag.children is not None and tag.children.text:
        children = tag.children
    return _push(_call(tag, children, options))


def _call(tag: ComponentTag, children: Mapped | None, options: TemplateOptions) -> Mapped:
    """The call of a component's function, its children rendered first."""
    parts = []
    props = props_object(tag.attributes, options.text.actions)
    if props:
        parts.append(props)
    if children is not None:
        body = _compile(rewrite_select_values(children), options)
        parts.append(Mapped.join([Mapped.made("children: (function() { "), body, Mapped.made("; return __html; })()")]))
    at = tag.attributes.start
    call = Mapped.made(f"{options.components[tag.name]}({{ ", at)
    return Mapped.join([call, Mapped.join(parts, ", "), Mapped.made(" }, __esc)", at)])
