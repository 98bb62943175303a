"""Any one change in real code is seen: operators, numbers, names, branches, statements."""

import ast
import contextlib
import copy
import dis
import inspect
import types
from collections.abc import Iterator

import pytest

from whence.fingerprint.code_form import read_code

OPPOSITE = {
    ast.Add: ast.Sub, ast.And: ast.Or, ast.Eq: ast.NotEq, ast.Gt: ast.GtE, ast.In: ast.NotIn,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Lt: ast.LtE, ast.Mult: ast.Div, ast.NotEq: ast.Eq,
    ast.NotIn: ast.In, ast.Or: ast.And, ast.Sub: ast.Add,
}  # fmt: skip


def mutate(node: ast.AST) -> bool:
    """Change one node into what means something else; return whether there was a way."""
    if isinstance(node, ast.Constant) and type(node.value) in {bool, int, str}:
        node.value = {bool: lambda v: not v, int: lambda v: v + 1, str: lambda v: v + "x"}[
            type(node.value)
        ](node.value)
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign) and type(node.op) in OPPOSITE:
        node.op = OPPOSITE[type(node.op)]()
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPPOSITE:
        node.ops[0] = OPPOSITE[type(node.ops[0])]()
    elif isinstance(node, ast.Attribute):
        node.attr += "_x"
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Break | ast.Continue):
        node.__class__ = ast.Continue if isinstance(node, ast.Break) else ast.Break
    elif isinstance(node, ast.Call) and node.args:
        node.args = [*node.args, node.args[0]]
    elif isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
        node.__class__ = ast.Pass
    else:
        return False
    return True


def compile_function(function: ast.FunctionDef) -> types.CodeType:
    """Return the code of a function."""
    module = ast.fix_missing_locations(ast.Module([function], []))
    found = (each for each in compile(module, "module", "exec", dont_inherit=True).co_consts)
    return next(each for each in found if isinstance(each, types.CodeType))


def without_annotations(function: ast.FunctionDef) -> ast.FunctionDef:
    """Return a function without what counts elsewhere: defaults, decorators and annotations."""
    function.decorator_list, function.returns = [], None
    arguments = function.args
    arguments.defaults = [ast.Constant(None) for _ in arguments.defaults]
    arguments.kw_defaults = [each and ast.Constant(None) for each in arguments.kw_defaults]
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            node.annotation = None
    return function


def does(code: types.CodeType) -> list[object]:
    """Return what a function does, without what it never comes to."""
    operands = [each.argval for each in dis.get_instructions(code)]
    inner = [does(each) if isinstance(each, types.CodeType) else each for each in operands]
    return [code.co_code, [(type(each), each) for each in inner]]


def functions_of(module: types.ModuleType) -> Iterator[ast.FunctionDef]:
    """Yield the functions and methods of a module."""
    tree = ast.parse(inspect.getsource(module))
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    for body in (tree.body, *(each.body for each in classes)):
        yield from (each for each in body if isinstance(each, ast.FunctionDef))


def mutants(module: types.ModuleType) -> Iterator[tuple[str, types.CodeType, types.CodeType]]:
    """Yield each function of a module, before and after one change, for every change."""
    for function in functions_of(module):
        bare = without_annotations(function)
        if ast.get_docstring(bare):
            bare.body[0] = ast.Pass()
        before = compile_function(bare)
        for at, _ in enumerate(ast.walk(bare)):
            changed = copy.deepcopy(bare)
            node = list(ast.walk(changed))[at]
            if mutate(node):
                yield f"{function.name}: {ast.unparse(node)}", before, compile_function(changed)


@pytest.mark.parametrize("module", [contextlib, copy], ids=lambda each: each.__name__)
def test_every_change_in_real_code_is_seen(module: types.ModuleType):
    """A function of a real module in which one thing was changed means something else."""
    same = [
        what
        for what, before, after in mutants(module)
        if does(before) != does(after) and read_code(before) == read_code(after)
    ]

    assert same == []
