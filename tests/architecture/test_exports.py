"""What `import whence` offers, and that type checkers are told the same."""

import ast
from pathlib import Path

import pytest

import whence

STUB = Path(__file__).resolve().parents[2] / "src" / "whence" / "__init__.pyi"


def declared_names(source: str) -> set[str]:
    """Return the public names that a stub declares or re-exports."""
    names: set[str] = set()
    for statement in ast.parse(source).body:
        match statement:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                # By the rules for stubs, only `import x as x` offers x to others.
                names |= {alias.asname for alias in aliases if alias.asname == alias.name}
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case _:
                pass
    return {name for name in names if not name.startswith("_") or name == "__version__"}


def listed_names(source: str) -> list[str] | None:
    """Return the stub's own `__all__`, if it states one."""
    for statement in ast.parse(source).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return ast.literal_eval(value)
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value):
                return ast.literal_eval(value)
            case _:
                pass
    return None


def reading_order(name: str) -> tuple[int, str]:
    """Return the key that puts constants first, then classes, then functions, as ruff does."""
    if name.isupper():
        return 0, name
    return (1 if name[0].isupper() else 2), name


def test_exports_are_sorted():
    """`whence.__all__` is sorted and names nothing twice."""
    assert list(whence.__all__) == sorted(set(whence.__all__), key=reading_order)


@pytest.mark.parametrize("name", sorted(whence.__all__))
def test_export_resolves(name):
    """Every name that `whence` offers is there, also when it loads only on demand."""
    assert getattr(whence, name) is not None


@pytest.mark.parametrize("name", sorted(whence.__all__))
def test_export_is_listed_by_dir(name):
    """Every name that `whence` offers can be found by completion."""
    assert name in dir(whence)


def test_unknown_name_is_refused():
    """A name that `whence` does not offer is an AttributeError, as with any module."""
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = whence.no_such_name


def test_stub_declares_the_same_names():
    """Type checkers and editors are told of exactly the names that exist."""
    source = STUB.read_text(encoding="utf-8")
    offered = set(whence.__all__)

    assert offered <= declared_names(source) | set(listed_names(source) or ())
    assert set(listed_names(source) or declared_names(source)) == offered
