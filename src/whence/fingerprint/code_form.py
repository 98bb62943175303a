"""What a code object means by itself, and what it looks up elsewhere; worked out once for each."""

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType

from whence.domain.frozen import frozen
from whence.fingerprint.lookups import Import, Lookup, read_chain, read_imports
from whence.fingerprint.operations import Operation, read_operations
from whence.fingerprint.plain_values import encode_integer, encode_plain
from whence.fingerprint.tagged import tagged, text

KEPT_FLAGS = 0x04 | 0x08 | 0x20 | 0x80 | 0x100 | 0x200
"""Whether it takes `*args`, `**kwargs`, is a generator, a coroutine, or both."""

_BY_FRAMES = {"_getframe", "currentframe", "dir", "eval", "exec", "locals", "stack", "vars"}
_BY_QUERIES = {"execute", "format_map", "from_query", "query", "sql"}
READS_FRAMES = _BY_FRAMES | _BY_QUERIES
"""Names of what may look at local variables by name: where one is used, the names count."""

_GLOBALS = {"LOAD_FROM_DICT_OR_GLOBALS", "LOAD_GLOBAL", "LOAD_NAME"}
_REBINDS = {"DELETE_GLOBAL", "STORE_GLOBAL"}
_WORD = re.compile(r"[^\W\d]\w*")

Imports = Mapping[str, tuple[Import, ...]]


@frozen
class CodeForm:
    """A code object without what does not change what it does.

    Two code objects with equal encodings do the same if all that they look up is the same, in
    the order of `lookups`.
    """

    encoding: bytes
    lookups: tuple[Lookup, ...]
    captured: tuple[str, ...]  # variables of an outer function, in the order of their first use
    names: frozenset[str]  # of attributes and globals
    rebinds: bool  # whether it gives a global name another value


@lru_cache(maxsize=8192)
def read_code(code: CodeType) -> CodeForm:
    """Return the form of the code of a function that is not inside another's code."""
    keeps_names = not READS_FRAMES.isdisjoint(_all_names(code))
    return _CodeReader(code, frozenset(code.co_freevars), {}, _Seen(keeps_names)).read()


def _all_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_names(constant)


@dataclass(slots=True)
class _Seen:
    """What has been met in a function and in those inside it."""

    keeps_names: bool
    globals: dict[str, int] = field(default_factory=dict[str, int])  # in the order of first use
    lookups: dict[Lookup, None] = field(default_factory=dict[Lookup, None])
    names: set[str] = field(default_factory=set[str])
    rebinds: bool = False


class _CodeReader:
    """Encodes one code object; variables are numbered in the order in which they are used."""

    def __init__(self, code: CodeType, live: frozenset[str], imports: Imports, seen: _Seen) -> None:
        self.code = code
        self.live = live  # variables whose values a function holds already, before it runs
        self.seen = seen
        self.operations = read_operations(code)
        self.imports = {**imports, **read_imports(self.operations)}
        self.numbers = {name: at for at, name in enumerate(_argument_names(code))}
        self.stored = {each.operand for each in self.operations if each.name == "STORE_NAME"}

    def read(self) -> CodeForm:
        body = [self._encode(at, each) for at, each in enumerate(self.operations)]
        if self.seen.keeps_names:
            self._look_up_words()
        captured = [name for name in self.numbers if name in self.code.co_freevars]
        return CodeForm(
            tagged("code", self._header(), *body),
            tuple(self.seen.lookups),
            tuple(captured),
            frozenset(self.seen.names),
            self.seen.rebinds,
        )

    def _header(self) -> bytes:
        code = self.code
        counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
        flags = code.co_flags & KEPT_FLAGS
        variables = _variable_names(code) if self.seen.keeps_names else _argument_names(code)
        return tagged(
            "takes", *map(encode_integer, (*counts, flags)), *(text(name) for name in variables)
        )

    def _encode(self, at: int, operation: Operation) -> bytes:
        """Return one operation as bytes; keep what it looks up."""
        handler = operation.handler
        handled = b"" if handler is None else b"%d,%d,%d" % handler
        flag = b"%d" % operation.flag
        return tagged(operation.name, self._operand(at, operation), flag, handled)

    def _operand(self, at: int, operation: Operation) -> bytes:
        operand = operation.operand
        if operation.kind == "constant":
            return self._constant(operand)
        if operation.kind == "variable":
            return self._variable(at, operand, operation)
        if operation.kind == "name":
            return self._name(at, operand, operation)
        return b"%d" % operand

    def _constant(self, value: object) -> bytes:
        if isinstance(value, CodeType):
            return self._inner_code(value)
        encoded = encode_plain(value)
        return tagged("unknown", text(repr(value))) if encoded is None else encoded

    def _inner_code(self, code: CodeType) -> bytes:
        """Return the code of an inner function, with the variables that it takes from this one."""
        outer = set(self.code.co_cellvars)
        live = frozenset(name for name in code.co_freevars if name in self.live - outer)
        own = {name: bound for name, bound in self.imports.items() if name in code.co_freevars}
        form = _CodeReader(code, live, own, self.seen).read()
        taken = [b"%d" % self._number(name) for name in form.captured]
        return tagged("inner", text(code.co_name), form.encoding, *taken)

    def _variable(self, at: int, name: str, operation: Operation) -> bytes:
        if operation.name.startswith("LOAD_"):
            if name in self.live:
                self._look_up("free", name, at, operation)
            for imported in self.imports.get(name, ()):
                self._look_up("import", imported.module, at, operation, imported)
        return b"%d" % self._number(name)

    def _name(self, at: int, name: str, operation: Operation) -> bytes:
        self.seen.names.add(name)
        self.seen.rebinds |= operation.name in _REBINDS
        if operation.name not in _GLOBALS:
            return text(name)
        for imported in self.imports.get(name, ()):  # in the body of a class
            self._look_up("import", imported.module, at, operation, imported)
        self._look_up("global", name, at, operation)
        if name in self.stored:
            return tagged("own", text(name))
        return b"%d" % self.seen.globals.setdefault(name, len(self.seen.globals))

    def _look_up(
        self, source: str, name: str, at: int, operation: Operation, imported: Import | None = None
    ) -> None:
        chain = read_chain(self.operations, at)
        optional = source == "global" and name in self.stored
        self._keep(Lookup(source, name, chain, operation.line, imported, optional))

    def _look_up_words(self) -> None:
        """Look up each word of a text that may be a query: it may name a global variable."""
        for each in self.operations:
            is_text = each.kind == "constant" and isinstance(each.operand, str)
            for word in _WORD.findall(each.operand) if is_text else ():
                if not keyword.iskeyword(word):
                    self._keep(Lookup("global", word, (), None, optional=True))

    def _keep(self, lookup: Lookup) -> None:
        self.seen.lookups.setdefault(lookup)

    def _number(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))


def _argument_names(code: CodeType) -> tuple[str, ...]:
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return code.co_varnames[:count]


def _variable_names(code: CodeType) -> tuple[str, ...]:
    return (*code.co_varnames, *code.co_cellvars, *code.co_freevars)
