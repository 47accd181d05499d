"""Why the framework does not find the class of a workflow file, and the edit that makes it."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.workflow_class import Classes, ExportProblem
from koze_lsp.text import Span, TextEdit

_TEXT = frozenset({"string", "string_fragment", "template_string", "jsx_text", "regex_pattern"})


def export_problem(classes: Classes) -> ExportProblem | None:
    """What keeps the framework from registering the class that the file means; None if nothing does."""
    if classes.found is not None:
        return None if classes.node is not None else _fooled(classes)
    for problem in _refused(classes):
        return problem
    first_line = classes.tree.source.split("\n", 1)[0].rstrip("\r")
    return ExportProblem("nothing", Span(0, len(first_line)))


def _fooled(classes: Classes) -> ExportProblem | None:
    """The pattern hit something that is not a class of that name."""
    tree, found = classes.tree, classes.found
    assert found is not None
    node = tree.node_at(found.span.start, found.span.end)
    if node.type == "comment":
        word = Span(found.match.start, found.match.start + len("export"))
        rest = tree.source[word.end :]
        blank = len(rest) - len(rest.lstrip())
        edit = TextEdit(Span(word.start, word.end + blank), "")
        return ExportProblem("comment", found.span, found.name, (edit,))
    for statement in classes.exports:
        inner = statement.child_by_field_name("declaration") or statement.child_by_field_name("value")
        if inner is None or not tree.span(statement).covers(found.match):
            continue
        name = inner.child_by_field_name("name")
        if inner.type == "class" and name is None:
            return _anonymous(tree, inner)
        if name is not None and tree.span(name).start == found.span.start:
            return ExportProblem("name", tree.span(name), tree.text(name))
    if node.type in _TEXT:
        return ExportProblem("other", found.span, found.name)
    return None  # broken text, most likely: somebody is typing


def _anonymous(tree: SyntaxTree, node: Node) -> ExportProblem:
    start = tree.span(node).start
    word = Span(start, start + len("class"))
    return ExportProblem("anonymous", word, None, (TextEdit(Span(word.end, word.end), " \0"),))


def _refused(classes: Classes) -> Iterator[ExportProblem]:
    tree = classes.tree
    for statement in classes.exports:
        declaration, value = (statement.child_by_field_name(name) for name in ("declaration", "value"))
        if declaration is not None:
            yield from _declaration(tree, declaration)
        elif value is not None:
            yield from _default(classes, statement, value)
        else:
            yield from _list(classes, statement)
    for name, node in classes.nodes.items():
        if node.type == "class_declaration" and classes.heritage(node).base in ("entrypoint", "undeclared"):
            start = tree.span(node).start
            yield ExportProblem(
                "not exported", _name_span(tree, node), name, (TextEdit(Span(start, start), "export "),)
            )


def _declaration(tree: SyntaxTree, node: Node) -> Iterator[ExportProblem]:
    if node.type == "abstract_class_declaration":
        start = tree.span(node).start
        after = tree.source.find("class", start)
        edits = (TextEdit(Span(start, after), ""),) if tree.source.startswith("abstract", start) else ()
        yield ExportProblem("abstract", _name_span(tree, node), _name(tree, node), edits)
    elif node.type == "class_declaration":  # exported, but in letters that the pattern does not read
        declared = _name(tree, node)
        ascii_name = declared is not None and declared.replace("_", "a").isalnum() and declared.isascii()
        yield ExportProblem("other" if ascii_name else "name", _name_span(tree, node), declared)
    elif node.type == "lexical_declaration":
        for declarator in node.named_children:
            value = declarator.child_by_field_name("value")
            name = declarator.child_by_field_name("name")
            if value is not None and name is not None and value.type == "class":
                yield _constant(tree, node, name, value)


def _constant(tree: SyntaxTree, node: Node, name: Node, value: Node) -> ExportProblem:
    text = tree.text(name)
    edits: tuple[TextEdit, ...] = ()
    if len([child for child in node.named_children if child.type == "variable_declarator"]) == 1:
        inner = value.child_by_field_name("name")
        start = tree.span(node).start
        rest = tree.span(inner).end if inner is not None else tree.span(value).start + len("class")
        end = tree.span(node).end
        tail = (TextEdit(Span(end - 1, end), ""),) if tree.source[end - 1] == ";" else ()
        edits = (TextEdit(Span(start, rest), f"class {text}"), *tail)
    return ExportProblem("const", tree.span(name), text, edits)


def _default(classes: Classes, statement: Node, value: Node) -> Iterator[ExportProblem]:
    tree = classes.tree
    if value.type == "class" and value.child_by_field_name("name") is None:
        yield _anonymous(tree, value)
    elif value.type == "class":
        yield ExportProblem("name", _name_span(tree, value), _name(tree, value))
    elif value.type == "identifier":
        name = tree.text(value)
        target = classes.nodes.get(name)
        if target is not None:
            edits = _export_here(tree, target, "export default ", [_whole_line(tree, tree.span(statement))])
            yield ExportProblem("default name", tree.span(value), name, edits)


def _list(classes: Classes, statement: Node) -> Iterator[ExportProblem]:
    tree = classes.tree
    if statement.child_by_field_name("source") is not None:
        yield ExportProblem("re-export", tree.span(statement))
        return
    clause = next((child for child in statement.named_children if child.type == "export_clause"), None)
    specifiers = [child for child in clause.named_children if child.type == "export_specifier"] if clause else []
    for index, specifier in enumerate(specifiers):
        local, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
        name = tree.text(local) if local is not None else ""
        target = classes.nodes.get(name)
        if target is None or local is None:
            continue
        word = "export default " if alias is not None and tree.text(alias) == "default" else "export "
        if alias is not None and word == "export ":  # the other name stays exported
            edits = _export_here(tree, target, word, [])
        else:
            edits = _export_here(tree, target, word, [_without(tree, statement, specifiers, index)])
        yield ExportProblem("export list", tree.span(local), name, edits)


def _export_here(tree: SyntaxTree, target: Node, word: str, removed: list[Span]) -> tuple[TextEdit, ...]:
    if target.type != "class_declaration":
        return ()
    start = tree.span(target).start
    return (TextEdit(Span(start, start), word), *(TextEdit(span, "") for span in removed))


def _without(tree: SyntaxTree, statement: Node, specifiers: list[Node], index: int) -> Span:
    """What to remove so that an export list loses one name: the name with a comma, or all of it."""
    if len(specifiers) == 1:
        return _whole_line(tree, tree.span(statement))
    if index + 1 < len(specifiers):
        return Span(tree.span(specifiers[index]).start, tree.span(specifiers[index + 1]).start)
    return Span(tree.span(specifiers[index - 1]).end, tree.span(specifiers[index]).end)


def _whole_line(tree: SyntaxTree, span: Span) -> Span:
    """A statement with its line break, where it stands alone on its lines."""
    source, start, end = tree.source, span.start, span.end
    line = source.rfind("\n", 0, start) + 1
    if source[line:start].strip():
        return span
    for newline in ("\r\n", "\n"):
        if source.startswith(newline, end):
            return Span(line, end + len(newline))
    return span if end < len(source) else Span(line, end)


def _name(tree: SyntaxTree, node: Node) -> str | None:
    name = node.child_by_field_name("name")
    return tree.text(name) if name is not None else None


def _name_span(tree: SyntaxTree, node: Node) -> Span:
    name = node.child_by_field_name("name")
    return tree.span(name if name is not None else node)
