"""The step graph as one SVG that needs nothing else: time goes down, ways that exclude or accompany each other stand
side by side.

Everything is laid out with the width of a monospaced font, so that no font has to be measured. Lines and texts have
the colour of the text around the picture (dark or light by the viewer's preference); kinds of steps have a hue each
that reads on both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from koze_lsp.ide.graph import VERBS, End, Graph, Group, Node, StepNode, Track, end_text

__all__ = ["svg"]

_GAP = 26.0  # between two nodes of a sequence: room for an arrow
_BETWEEN = 22.0  # between two columns
_PAD = 14.0
_NAME, _NOTE = 13.0, 11.0  # font sizes in pixels
_ADVANCE = 0.605  # width of a character of a monospaced font, in ems
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # not allowed in XML, or unseen
_STYLE = """
.kg{color:#1f2328;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.kg text{fill:currentColor;font-size:13px}
.kg .n{font-size:11px;fill-opacity:.72}
.kg .t{font-size:11px;font-weight:600}
.kg .b{fill:currentColor;fill-opacity:.05;stroke:currentColor;stroke-opacity:.35}
.kg .g{fill:currentColor;fill-opacity:.025;stroke:currentColor;stroke-opacity:.3}
.kg .d{stroke-dasharray:5 4}
.kg .l{fill:none;stroke:currentColor;stroke-opacity:.55;stroke-width:1.3}
.kg .a{fill:currentColor;fill-opacity:.65}
.kg .do{fill:#2f81f7}.kg .sleep{fill:#bf8700}.kg .wait{fill:#a371f7}.kg .stop{fill:#e5534b}.kg .end{fill:#2da44e}
.kg .bar{stroke:currentColor;stroke-width:3.5;stroke-opacity:.6;stroke-linecap:round}
@media (prefers-color-scheme:dark){.kg{color:#e6edf3}}
"""


@dataclass(frozen=True, slots=True)
class _Box:
    """Something with a size that can be drawn at a place; lines enter and leave at ``axis``.

    ``leaves``: whether the flow goes on below it. ``enters``: whether it is reached from above. ``plain``: it begins
    with a line of its own, which needs no arrow head before it.
    """

    width: float
    height: float
    axis: float
    draw: Callable[[float, float], list[str]]
    leaves: bool = True
    enters: bool = True
    plain: bool = False


def svg(graph: Graph) -> str:
    """The graph as a whole SVG document (XML, UTF-8); its size is in pixels."""
    body = _sequence([_start(), *map(_node, graph.nodes)], end=True)
    title = _text_width(graph.title, 15) + 2 * _PAD
    width, height = max(body.width + 2 * _PAD, title), body.height + 2 * _PAD + 26
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="kg" role="img" style="color-scheme:light dark" '
        f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}">',
        f"<title>{_xml(graph.title)}: steps</title>",
        f"<style>{_STYLE}</style>",
        f'<text x="{_n(_PAD)}" y="24" style="font-size:15px;font-weight:600">{_xml(graph.title)}</text>',
        *body.draw((width - body.width) / 2, _PAD + 26),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


# Nodes ---------------------------------------------------------------------------------------------------


def _node(node: Node) -> _Box:
    if isinstance(node, StepNode):
        return _step(node)
    if isinstance(node, End):
        return _end(node)
    if not node.tracks:
        return _framed(node.title, None)
    match node.kind:
        case "branch":
            return _branch(node)
        case "parallel":
            return _framed(node.title, _columns(node.tracks, parallel=True))
        case "try":
            return _try(node)
        case "loop":
            return _framed(f"↻ {node.title}", _round(_sequence(map(_node, node.tracks[0].nodes))))
        case "elsewhere":
            return _framed(node.title, _stacked(node.tracks), dashed=True, apart=True)
    return _framed(node.title, _stacked(node.tracks), leaves=True)


def _stacked(tracks: Iterable[Track]) -> _Box:
    return _sequence([_node(node) for track in tracks for node in track.nodes])


def _start() -> _Box:
    return _Box(12, 12, 6, lambda x, y: [f'<circle class="a" cx="{_n(x + 6)}" cy="{_n(y + 6)}" r="5"/>'])


def _finish() -> _Box:
    def draw(x: float, y: float) -> list[str]:
        at = f'cx="{_n(x + 8)}" cy="{_n(y + 8)}"'
        return [f'<circle class="l" {at} r="7"/>', f'<circle class="a" {at} r="4"/>']

    return _Box(16, 16, 8, draw, leaves=False)


def _step(node: StepNode) -> _Box:
    """A card: kind and name, below it what is known of its timing; nested steps within it."""
    verb = VERBS[node.kind]
    notes = " · ".join(node.notes)
    inner = _sequence(map(_node, node.inside)) if node.inside else None
    head = 46.0 if notes else 30.0
    left = _text_width(f"{verb} ", _NAME)
    width = max(left + _text_width(node.name, _NAME), _text_width(notes, _NOTE)) + 2 * _PAD + 4
    width = max(width, 110.0, inner.width + 2 * _PAD if inner is not None else 0)
    height = head + (inner.height + _PAD if inner is not None else 0)

    def draw(x: float, y: float) -> list[str]:
        parts = [
            f"<g><title>{_xml(' · '.join([f'{verb} {node.name}', *node.notes]))}</title>",
            _rect("b", x, y, width, height, 7),
            f'<rect class="{verb}" x="{_n(x)}" y="{_n(y + 6)}" width="4" height="{_n(height - 12)}" rx="2"/>',
            f'<text x="{_n(x + _PAD)}" y="{_n(y + 20)}"><tspan class="{verb}" font-weight="600">{verb}</tspan></text>',
            f'<text x="{_n(x + _PAD + left)}" y="{_n(y + 20)}">{_xml(node.name)}</text>',
        ]
        if notes:
            parts.append(f'<text class="n" x="{_n(x + _PAD)}" y="{_n(y + 37)}">{_xml(notes)}</text>')
        parts.append("</g>")
        if inner is not None:
            parts += inner.draw(x + (width - inner.width) / 2, y + head)
        return parts

    return _Box(width, height, width / 2, draw)


def _end(node: End) -> _Box:
    label = end_text(node)
    width = _text_width(label, _NOTE) + 2 * _PAD
    mark = {"throw": "stop", "return": "end"}.get(node.kind, "")

    def draw(x: float, y: float) -> list[str]:
        first, _, rest = label.partition(" ") if mark else ("", "", label)
        shown = f'<tspan class="{mark}">{_xml(first)}</tspan> {_xml(rest)}' if mark else _xml(rest)
        dashed = " d" if node.kind == "join" else ""
        return [
            _rect(f"b{dashed}", x, y, width, 24, 12),
            f'<text class="t" x="{_n(x + _PAD)}" y="{_n(y + 16)}">{shown}</text>',
        ]

    return _Box(width, 24, width / 2, draw, leaves=node.kind == "join")


# Groups --------------------------------------------------------------------------------------------------


def _sequence(boxes: Iterable[_Box], *, end: bool = False) -> _Box:
    """One below the other, joined by arrows where the flow goes on; ``end`` adds the end of run()."""
    items = list(boxes)
    if end:
        reached = [index for index, box in enumerate(items) if box.enters]
        if items[reached[-1]].leaves:
            items.insert(reached[-1] + 1, _finish())
    if not items:
        return _Box(20, 4, 10, lambda x, y: [_line([(x + 10, y), (x + 10, y + 4)])])
    axis = max(box.axis for box in items)
    width = axis + max(box.width - box.axis for box in items)
    height = sum(box.height for box in items) + _GAP * (len(items) - 1)

    def draw(x: float, y: float) -> list[str]:
        parts: list[str] = []
        before: _Box | None = None
        for box in items:
            if before is not None:
                if before.leaves and box.enters:
                    parts.append((_line if box.plain else _arrow)([(x + axis, y), (x + axis, y + _GAP)]))
                y += _GAP
            parts += box.draw(x + axis - box.axis, y)
            y += box.height
            before = box
        return parts

    flowing = [box for box in items if box.enters]
    return _Box(width, height, axis, draw, leaves=flowing[-1].leaves if flowing else False)


def _framed(
    title: str, inner: _Box | None, *, dashed: bool = False, apart: bool = False, leaves: bool | None = None
) -> _Box:
    """A titled frame; ``apart``: nothing leads into it."""
    label = _text_width(title, _NOTE) + 2 * _PAD
    width = max(label, inner.width + 2 * _PAD if inner is not None else 0, 90.0)
    head = 26.0 if title else 8.0
    height = head if inner is None else inner.height + 2 * _PAD + head - 6
    axis = width / 2 if inner is None else (width - inner.width) / 2 + inner.axis

    def draw(x: float, y: float) -> list[str]:
        parts = [_rect("g d" if dashed else "g", x, y, width, height, 9)]
        if title:
            parts.append(f'<text class="t" x="{_n(x + _PAD)}" y="{_n(y + 17)}">{_xml(title)}</text>')
        if inner is not None:
            parts += inner.draw(x + (width - inner.width) / 2, y + head + _PAD / 2)
        return parts

    goes_on = leaves if leaves is not None else True if inner is None else inner.leaves
    return _Box(width, height, axis, draw, leaves=goes_on and not apart, enters=not apart)


def _round(inner: _Box) -> _Box:
    """A loop's body with the way back from its end to its beginning on the right."""
    room = 20.0

    def draw(x: float, y: float) -> list[str]:
        right, axis, top, bottom = x + inner.width + room, x + inner.axis, y + 4, y + inner.height + 18
        parts = inner.draw(x, y + 10)
        if inner.leaves:
            parts.append(_line([(axis, y + 10 + inner.height), (axis, bottom)]))
            back = [(axis, bottom), (right, bottom), (right, top), (axis, top), (axis, top + 6)]
            parts.append(_arrow(back))
        return parts

    # A loop is left at the beginning of a round or by break, whatever its body's end says.
    return _Box(inner.width + room, inner.height + 22, inner.axis, draw)


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    box: _Box | None  # None: a way past everything
    dashed: bool = False

    @property
    def width(self) -> float:
        least = _text_width(self.title, _NOTE) + 8
        return max(least, self.box.width if self.box is not None else 16.0)

    @property
    def axis(self) -> float:
        return self.width / 2 if self.box is None else (self.width - self.box.width) / 2 + self.box.axis

    @property
    def leaves(self) -> bool:
        return self.box is None or self.box.leaves


def _track_column(track: Track) -> _Column:
    boxes = [_node(node) for node in track.nodes]
    if track.falls:
        boxes.append(_end(End("join", "goes on with the next case")) if not boxes else _note("→ next case"))
    return _Column(track.title, _sequence(boxes) if boxes else None)


def _note(label: str) -> _Box:
    width = _text_width(label, _NOTE) + 4

    def draw(x: float, y: float) -> list[str]:
        return [f'<text class="n" x="{_n(x + 2)}" y="{_n(y + 12)}">{_xml(label)}</text>']

    return _Box(width, 16, width / 2, draw, leaves=False)


def _branch(group: Group) -> _Box:
    columns = [_track_column(track) for track in group.tracks]
    if group.passes:
        columns.append(_Column("", None))
    drawn = _side_by_side(columns)
    return _framed(group.title, drawn) if group.title.startswith("switch") else drawn


def _columns(tracks: Iterable[Track], *, parallel: bool) -> _Box:
    return _side_by_side([_track_column(track) for track in tracks], bars=parallel)


def _try(group: Group) -> _Box:
    """try and catch side by side, finally below both."""
    tracks = {track.title.split(" ", 1)[0]: track for track in group.tracks}
    columns = [_track_column(tracks["try"])]
    if "catch" in tracks:
        column = _track_column(tracks["catch"])
        columns.append(_Column(column.title, column.box, dashed=True))
    upper = _side_by_side(columns)
    if "finally" not in tracks:
        return _framed("", upper)
    lower = _side_by_side([_track_column(tracks["finally"])])
    both = _sequence([upper, lower])
    return _framed("", _Box(both.width, both.height, both.axis, both.draw, upper.leaves and lower.leaves))


def _side_by_side(columns: Sequence[_Column], *, bars: bool = False) -> _Box:
    """Columns that part at the top and meet at the bottom; a dashed one is entered from the first, on an error."""
    titled = any(column.title for column in columns)
    head = 38.0 if titled else 18.0
    foot = 18.0 if any(column.leaves for column in columns) else 4.0
    width = sum(column.width for column in columns) + _BETWEEN * (len(columns) - 1)
    height = head + max(column.box.height if column.box is not None else 10.0 for column in columns) + foot
    starts: list[float] = []
    left = 0.0
    for column in columns:
        starts.append(left)
        left += column.width + _BETWEEN
    axes = [start + column.axis for start, column in zip(starts, columns, strict=True)]
    entered = [at for at, column in zip(axes, columns, strict=True) if not column.dashed]
    left_open = [at for at, column in zip(axes, columns, strict=True) if column.leaves]
    axis = entered[0] if len(entered) == 1 else width / 2

    def draw(x: float, y: float) -> list[str]:
        parts: list[str] = []
        split, meet = y + 6, y + height - 6
        parts += _rail(x, (*entered, axis), split, bars and len(entered) > 1)
        parts.append(_line([(x + axis, y), (x + axis, split)]))
        for at, start, column in zip(axes, starts, columns, strict=True):
            top = y + head
            if column.dashed:
                parts.append(_line([(x + entered[0], split), (x + at, split), (x + at, y + 14)], dashed=True))
            else:
                parts.append(_line([(x + at, split), (x + at, y + 14 if column.title else top)]))
            if column.title:
                begin = x + start + column.axis - _text_width(column.title, _NOTE) / 2
                begin = max(x + start, min(begin, x + start + column.width - _text_width(column.title, _NOTE)))
                parts.append(f'<text class="t" x="{_n(begin)}" y="{_n(y + 25)}">{_xml(column.title)}</text>')
                parts.append(_arrow([(x + at, y + 29), (x + at, top)]))
            if column.box is not None:
                parts += column.box.draw(x + at - column.box.axis, top)
            if column.leaves:
                bottom = top + (column.box.height if column.box is not None else 0)
                parts.append(_line([(x + at, bottom), (x + at, meet)]))
        if left_open:
            parts += _rail(x, (*left_open, axis), meet, bars and len(left_open) > 1)
            parts.append(_line([(x + axis, meet), (x + axis, y + height)]))
        return parts

    return _Box(width, height, axis, draw, leaves=bool(left_open), plain=True)


def _rail(x: float, axes: Sequence[float], y: float, bar: bool) -> list[str]:
    if bar:
        left, right = x + min(axes) - 12, x + max(axes) + 12
        return [f'<line class="bar" x1="{_n(left)}" y1="{_n(y)}" x2="{_n(right)}" y2="{_n(y)}"/>']
    return [_line([(x + min(axes), y), (x + max(axes), y)])] if max(axes) - min(axes) > 0.5 else []


# Shapes --------------------------------------------------------------------------------------------------


def _rect(kind: str, x: float, y: float, width: float, height: float, radius: float) -> str:
    size = f'width="{_n(width)}" height="{_n(height)}" rx="{_n(radius)}"'
    return f'<rect class="{kind}" x="{_n(x)}" y="{_n(y)}" {size}/>'


def _line(points: Sequence[tuple[float, float]], *, dashed: bool = False) -> str:
    path = " ".join(f"{'M' if index == 0 else 'L'}{_n(x)} {_n(y)}" for index, (x, y) in enumerate(points))
    return f'<path class="{"l d" if dashed else "l"}" d="{path}"/>'


def _arrow(points: Sequence[tuple[float, float]]) -> str:
    """A line whose last stretch, which goes down, ends in a head."""
    x, y = points[-1]
    head = f"M{_n(x - 3.5)} {_n(y - 6)} L{_n(x + 3.5)} {_n(y - 6)} L{_n(x)} {_n(y)} Z"
    return f'{_line(points)}<path class="a" d="{head}"/>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text_width(text: str, size: float) -> float:
    cells = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return cells * size * _ADVANCE


def _xml(text: str) -> str:
    return escape(_UNFIT.sub("\ufffd", text))
