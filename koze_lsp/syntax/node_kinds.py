"""Kinds of TypeScript nodes that several readers of a tree treat alike, by tree-sitter's names."""

from __future__ import annotations

FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    }
)
"""What has a body of its own: ``return`` and ``await`` in it are not those of the code around it."""
CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})
LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
EXITS = frozenset({"return_statement", "throw_statement", "break_statement", "continue_statement"})
"""Statements behind which nothing in their block runs."""
TRANSPARENT = frozenset({"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"})
"""Expressions that give the value of the one in them."""
ITERATORS = frozenset({"map", "forEach", "flatMap", "filter", "reduce", "reduceRight", "some", "every", "find", "from"})
"""Methods that call a callback for each element."""
COMBINATORS = frozenset({"all", "allSettled", "race", "any"})
"""Methods of Promise that wait for several."""
