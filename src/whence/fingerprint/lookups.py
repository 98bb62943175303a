"""What a code object looks up when it runs: variables, and what it then takes from them."""

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

from whence.domain.frozen import frozen
from whence.fingerprint.operations import Operation

Access = tuple[str, Any]
"""`("attribute", name)` or `("item", key)`: what is taken from what was looked up."""

_TAKES_ATTRIBUTE = {"LOAD_ATTR", "LOAD_METHOD"}


@frozen
class Import:
    """What an `import` inside a function binds a name to."""

    module: str
    level: int  # of a relative import: the number of its dots
    chain: tuple[Access, ...]
    binds_root: bool  # `import a.b` binds `a`


@frozen
class Lookup:
    """One variable, with the attributes and items that are at once taken from it."""

    source: str  # "global", "free" or "import"
    name: str
    chain: tuple[Access, ...]
    line: int | None = field(compare=False)  # of the first of those that are alike
    imported: Import | None = None
    optional: bool = False  # whether the name may as well mean something else


def read_chain(operations: Sequence[Operation], at: int) -> tuple[Access, ...]:
    """Return what is taken, one after the other, from what operation number *at* has loaded."""
    chain: list[Access] = []
    following = at + 1
    while following < len(operations):
        operation = operations[following]
        if operation.name in _TAKES_ATTRIBUTE:
            chain.append(("attribute", operation.operand))
            following += 1
        elif _takes_item(operations, following):
            chain.append(("item", operation.operand))
            following += 2
        else:
            break
    return tuple(chain)


def _takes_item(operations: Sequence[Operation], at: int) -> bool:
    key = operations[at]
    follows = operations[at + 1].name if at + 1 < len(operations) else ""
    return key.name == "LOAD_CONST" and type(key.operand) is str and follows == "BINARY_SUBSCR"


def read_imports(operations: Sequence[Operation]) -> dict[str, tuple[Import, ...]]:
    """Return what each local name may be bound to by imports in this code."""
    bound: dict[str, tuple[Import, ...]] = {}
    for at, operation in enumerate(operations):
        if operation.name == "IMPORT_NAME" and at > 1:
            for name, imported in _bindings(operations, at):
                bound[name] = (*bound.get(name, ()), imported)
    return bound


def _bindings(operations: Sequence[Operation], at: int) -> Iterator[tuple[str, Import]]:
    """Yield the names that the import at *at* binds: the stores that follow it."""
    level, listed = operations[at - 2].operand, operations[at - 1].operand
    module, taken = str(operations[at].operand), list[Access]()
    for operation in operations[at + 1 :]:
        if operation.name == "IMPORT_FROM":
            kept = [] if listed else taken  # `import a.b as c` takes `b` from `a`
            taken = [*kept, ("attribute", operation.operand)]
        elif operation.name.startswith("STORE_") and isinstance(operation.operand, str):
            chain = tuple(taken) if listed else ()
            binds_root = not listed and not taken and not level
            yield operation.operand, Import(module, level, chain, binds_root)
        elif operation.name not in {"POP_TOP", "SWAP"}:
            return
        if not listed and operation.name.startswith("STORE_"):
            return
