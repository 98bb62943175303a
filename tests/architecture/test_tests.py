"""The tests keep house rules of their own."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_test_states_the_behaviour_that_it_holds():
    """Each test function has a docstring that ends as a sentence does."""
    silent = [
        f"{file.relative_to(TESTS)}:{node.lineno} {node.name}"
        for file in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not (ast.get_docstring(node) or "").split("\n")[0].endswith((".", "?", ":"))
    ]

    assert not silent
