"""How code is written does not count; what it does counts."""

import ast
import inspect
import textwrap
from types import CodeType, ModuleType

import pytest
from tests.unit.fingerprint.conftest import FingerprintOf

from whence.fingerprint.code_form import read_code

SAME = {
    "a comment": ("def run(x):\n    return x", "def run(x):  # all\n    # of it\n    return x"),
    "a docstring": ("def run(x):\n    return x", 'def run(x):\n    """All."""\n    return x'),
    "a local": ("def run(x):\n    y = x\n    return y", "def run(x):\n    z = x\n    return z"),
    "lines": (
        "def run(x): return x if x else 1",
        "\n\ndef run(x):\n    return (x if x\n     else 1)",
    ),
    "annotations of a helper": (
        "def f(x): return x\ndef run(x): return f(x)",
        "def f(x: int) -> int: return x\ndef run(x): return f(x)",
    ),
    "a captured local": (
        "def run(a, b):\n    y, z = a, b\n    return lambda: (y, z)",
        "def run(a, b):\n    z, y = a, b\n    return lambda: (z, y)",
    ),
    "the docstring of an inner class": (
        "def run():\n    class A:\n        x = 1\n    return A",
        'def run():\n    class A:\n        """A."""\n        x = 1\n    return A',
    ),
    "the order of functions": (
        "def f(): return 1\ndef g(): return 2\ndef run(): return f() + g()",
        "def run(): return f() + g()\ndef g(): return 2\ndef f(): return 1",
    ),
    "a set": ("A = {1, 'a', None}\ndef run(): return A", "A = {None, 1, 'a'}\ndef run(): return A"),
    "a step's name": ("def run(x): return x", "def other(x): return x\nrun = other"),
    "a pass": ("def run(x):\n    return x", "def run(x):\n    pass\n    return x"),
}

DIFFERENT = {
    "True for 1": ("def run(): return 1", "def run(): return True"),
    "1.0 for 1": ("def run(): return 1", "def run(): return 1.0"),
    "-0.0 for 0.0": ("def run(): return 0.0", "def run(): return -0.0"),
    "text for bytes": ("def run(): return 'a'", "def run(): return b'a'"),
    "where one text ends": ("def run(): return ('1y', '2')", "def run(): return ('1', 'y2')"),
    "names of arguments": ("def run(a, b): return a", "def run(b, a): return b"),
    "which global": (
        "a = b = 0\ndef run():\n    global a\n    a = 1\n    return a",
        "a = b = 0\ndef run():\n    global a\n    a = 1\n    return b",
    ),
    "which of two inner globals": (
        "a, b = 1, 2\ndef run():\n    a, b\n    return [lambda: a]",
        "a, b = 1, 2\ndef run():\n    a, b\n    return [lambda: b]",
    ),
    "which captured local": (
        "def run(a, b):\n    y, z = a, b\n    y, z\n    return lambda: y",
        "def run(a, b):\n    y, z = a, b\n    y, z\n    return lambda: z",
    ),
    "one list or two": (
        "a = []\nb = a\ndef run():\n    a.append(1)\n    return b",
        "a = []\nb = []\ndef run():\n    a.append(1)\n    return b",
    ),
    "which dict": (
        "a, b = {'x': 1}, {'x': 1}\ndef f(d): d['x'] = 2\ndef run():\n    f(a)\n    return a['x']",
        "a, b = {'x': 1}, {'x': 1}\ndef f(d): d['x'] = 2\ndef run():\n    f(a)\n    return b['x']",
    ),
    "the name of a local that is read by name": (
        "def run(x):\n    y = x\n    return locals()",
        "def run(x):\n    z = x\n    return locals()",
    ),
    "a docstring that is read": (
        'def f():\n    """A."""\ndef run(): return f.__doc__',
        'def f():\n    """B."""\ndef run(): return f.__doc__',
    ),
    "annotations that are read": (
        "def f(x: int): return x\ndef run(): return f.__annotations__",
        "def f(x: str): return x\ndef run(): return f.__annotations__",
    ),
    "the name of a helper, which a package may show": (
        "def f(x): return x\ndef run(frame): return frame.agg([f])",
        "def g(x): return x\ndef run(frame): return frame.agg([g])",
    ),
    "where a handler begins": (
        "def run(f):\n    try:\n        f()\n        f()\n    except ValueError:\n        return 2",
        "def run(f):\n    f()\n    try:\n        f()\n    except ValueError:\n        return 2",
    ),
    "what an import inside brings": (
        "def run():\n    from math import sin as f\n    return f(1)",
        "def run():\n    from math import cos as f\n    return f(1)",
    ),
    "an attribute of a function": (
        "def f(): return f.x\nf.x = 1\ndef run(): return f()",
        "def f(): return f.x\nf.x = 2\ndef run(): return f()",
    ),
    "a property of another kind": (
        "import enum\nclass A:\n @property\n def x(self): return 1\ndef run(): return A().x",
        "import enum\nclass A:\n @enum.property\n def x(self): return 1\ndef run(): return A().x",
    ),
    "what a method overrides": (
        "class A:\n    def f(self): return 1\nclass B(A): pass\ndef run(): return B().f()",
        "class A:\n    def f(self): return 2\nclass B(A): pass\ndef run(): return B().f()",
    ),
    "a branch, turned": (
        "def run(x):\n    if x:\n        return 1\n    return 2",
        "def run(x):\n    if not x:\n        return 1\n    return 2",
    ),
    "a generator for a function": ("def run(): return [1]", "def run():\n    yield 1"),
    "the loop that is left": (
        "def run(n):\n    for a in n:\n        for b in n:\n            break\n    return a, b",
        "def run(n):\n    for a in n:\n        for b in n:\n            continue\n    return a, b",
    ),
}


@pytest.mark.parametrize("what", SAME)
def test_spelling_does_not_count(what: str, fingerprint_of: FingerprintOf):
    """A step written in another way has the same fingerprint."""
    first, second = SAME[what]

    assert fingerprint_of(first).digest == fingerprint_of(second).digest


@pytest.mark.parametrize("what", DIFFERENT)
def test_meaning_counts(what: str, fingerprint_of: FingerprintOf):
    """A step that may do anything else has another fingerprint."""
    first, second = DIFFERENT[what]

    assert fingerprint_of(first).digest != fingerprint_of(second).digest


def _functions(code: CodeType) -> list[CodeType]:
    found = [each for each in code.co_consts if isinstance(each, CodeType)]
    return [*found, *(inner for each in found for inner in _functions(each))]


@pytest.mark.parametrize("module", [textwrap, ast, inspect, pytest], ids=lambda each: each.__name__)
def test_formatting_of_real_code_does_not_count(module: ModuleType):
    """Real modules, formatted again without comments, mean the same."""
    text = inspect.getsource(module)
    written = compile(text, "module", "exec", dont_inherit=True)
    formatted = compile(ast.unparse(ast.parse(text)), "module", "exec", dont_inherit=True)

    pairs = list(zip(_functions(written), _functions(formatted), strict=True))
    moved = [a.co_qualname for a, b in pairs if read_code(a).encoding != read_code(b).encoding]

    assert moved == []
