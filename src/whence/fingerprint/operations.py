"""What a code object does: its operations, without what only its spelling and layout decide.

Left out are line numbers, operations that stand for nothing, the docstrings of classes, and the
layout of jumps: operations are numbered in the order in which control reaches them.
"""

import dis
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

_NOTHING = {"CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "LOAD_CLOSURE", "MAKE_CELL", "NOP", "RESUME"}
_CLASS_FACTS = {"__doc__", "__firstlineno__", "__module__", "__qualname__", "__static_attributes__"}
_JUMPS = frozenset((*dis.hasjrel, *dis.hasjabs))
_VARIABLES = frozenset((*dis.haslocal, *dis.hasfree))
_ALWAYS = {"JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_FORWARD"}
_ENDS = {"RAISE_VARARGS", "RERAISE", "RETURN_CONST", "RETURN_VALUE"}
_FLAGS = {"LOAD_ATTR": 1, "LOAD_GLOBAL": 1, "LOAD_SUPER_ATTR": 3}
"""Operations whose argument also says, in its lowest bits, how the name is used."""

_FUSED = {
    "LOAD_FAST_LOAD_FAST": ("LOAD_FAST", "LOAD_FAST"),
    "STORE_FAST_LOAD_FAST": ("STORE_FAST", "LOAD_FAST"),
    "STORE_FAST_STORE_FAST": ("STORE_FAST", "STORE_FAST"),
}
_OPPOSITE = {"POP_JUMP_IF_NONE": "POP_JUMP_IF_NOT_NONE", "POP_JUMP_IF_TRUE": "POP_JUMP_IF_FALSE"}
"""Jumps that the layout may turn around; the first of each pair is told as the second."""

_KEEPING = {
    "JUMP_IF_FALSE_OR_POP": ("POP_JUMP_IF_FALSE", ("POP_JUMP_IF_TRUE", "JUMP_IF_TRUE_OR_POP")),
    "JUMP_IF_TRUE_OR_POP": ("POP_JUMP_IF_TRUE", ("POP_JUMP_IF_FALSE", "JUMP_IF_FALSE_OR_POP")),
}
"""Jumps that keep what they test, with those that do not, and with their contraries."""

Handler = tuple[int, int, bool]
"""Where an exception goes: the operation's number, the stack's depth, whether the place is kept."""


@dataclass(slots=True)
class Operation:
    """One operation; *kind* says what its operand is."""

    name: str
    kind: str  # "name", "constant", "variable", "jump", "number" or "goto"
    operand: Any
    flag: int
    line: int | None
    handler: Handler | None


def read_operations(code: CodeType) -> list[Operation]:
    """Return the operations of *code* in the order in which control reaches them.

    Two code objects have equal operations only if they do the same with equal names; where only
    comments, formatting or the docstrings of classes differ, they have equal ones.
    """
    laid_out = _without_class_facts(list(_split(_kept(code))))
    starts = [offset for offset, _ in laid_out]
    handlers = list(_exception_table(code))
    operations: list[Operation] = []
    for offset, operation in laid_out:
        if operation.kind in {"jump", "goto"}:
            operation.operand = bisect_left(starts, operation.operand)
        operation.handler = _handler_at(offset, handlers, starts)
        operations.append(operation)
    return _in_order_of_control(operations)


# ------------------------------------------------------------------ one by one


def _kept(code: CodeType) -> Iterator[dis.Instruction]:
    captured = {*code.co_cellvars, *code.co_freevars}
    for each in dis.get_instructions(code):
        # From 3.13 on, a function's closure is put together by plain loads of cells.
        is_closure = each.opname == "LOAD_FAST" and each.argval in captured
        if each.opname not in _NOTHING and not is_closure:
            yield each


def _split(instructions: Iterator[dis.Instruction]) -> Iterator[tuple[int, Operation]]:
    """Yield operations with their offsets; two that are fused where they share a line, apart."""
    for each in instructions:
        line = each.positions.lineno if each.positions else None
        if each.opname in _FUSED:
            for name, variable in zip(_FUSED[each.opname], each.argval, strict=True):
                yield each.offset, Operation(name, "variable", variable, 0, line, None)
        else:
            kind, operand = _operand(each)
            flag = (each.arg or 0) & _FLAGS.get(each.opname, 0)
            yield each.offset, Operation(_plain_name(each.opname), kind, operand, flag, line, None)


def _plain_name(name: str) -> str:
    """Return the name without the direction in which the layout makes it jump."""
    return name.replace("_FORWARD_IF", "_IF").replace("_BACKWARD_IF", "_IF")


def _operand(each: dis.Instruction) -> tuple[str, Any]:
    if each.opcode in _JUMPS:
        return ("goto" if each.opname in _ALWAYS else "jump"), each.argval
    if each.opcode in _VARIABLES:
        return "variable", each.argval
    if each.opcode in dis.hasconst:
        return "constant", each.argval
    if each.opcode in dis.hasname:
        return "name", each.argval
    return "number", -1 if each.arg is None else each.arg


def _without_class_facts(laid_out: list[tuple[int, Operation]]) -> list[tuple[int, Operation]]:
    """Leave out where the body of a class says its own docstring, name, module and lines."""
    kept: list[tuple[int, Operation]] = []
    for offset, operation in laid_out:
        if operation.name == "STORE_NAME" and operation.operand in _CLASS_FACTS and kept:
            kept.pop()
        else:
            kept.append((offset, operation))
    return kept


# ------------------------------------------------------------------ exceptions


def _exception_table(code: CodeType) -> Iterator[tuple[int, int, int, int, bool]]:
    """Yield start, end, target, depth and whether the place is kept, in bytes of code."""
    data = iter(code.co_exceptiontable)
    while (start := _read_number(data)) is not None:
        length, target, packed = (_read_number(data) or 0 for _ in range(3))
        yield 2 * start, 2 * (start + length), 2 * target, packed >> 1, bool(packed & 1)


def _read_number(data: Iterator[int]) -> int | None:
    """Return the next number of six bits a byte, the highest first."""
    byte = next(data, None)
    if byte is None:
        return None
    number = byte & 63
    while byte & 64:
        byte = next(data)
        number = number << 6 | byte & 63
    return number


def _handler_at(
    offset: int, handlers: Sequence[tuple[int, int, int, int, bool]], starts: list[int]
) -> Handler | None:
    for start, end, target, depth, keeps_place in handlers:
        if start <= offset < end:
            return bisect_left(starts, target), depth, keeps_place
    return None


# ------------------------------------------------------------------ order


class _Route:
    """Numbers operations as control reaches them: straight on first, then what was jumped to."""

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations
        self.numbers: dict[int, int] = {}
        self.ordered: list[Operation] = []
        self.pending: list[int] = []

    def follow(self) -> list[Operation]:
        for operation in self.operations:
            self._shorten(operation)
        self.pending.append(0)
        while self.pending:
            self._go_straight(self.landing(self.pending.pop()))
        for operation in self.ordered:
            self._renumber(operation)
        return self.ordered

    def _shorten(self, operation: Operation) -> None:
        """Let a jump that keeps what the next jump tests lead to where that one leads.

        Up to Python 3.11 that depends on whether both are on one line.
        """
        while operation.name in _KEEPING:
            at = self.landing(operation.operand)
            following = self.operations[at]
            plain, contraries = _KEEPING[operation.name]
            if following.name not in {operation.name, plain, *contraries}:
                return
            goes_on = following.name in contraries
            operation.operand = at + 1 if goes_on else following.operand
            if following.name != operation.name:
                operation.name = plain

    def landing(self, at: int) -> int:
        """Return where control comes to from *at* without doing anything."""
        seen: set[int] = set()
        while at < len(self.operations) and self.operations[at].kind == "goto" and at not in seen:
            seen.add(at)
            at = self.operations[at].operand
        return at

    def _go_straight(self, at: int) -> None:
        while at < len(self.operations) and at not in self.numbers:
            operation = self.operations[at]
            self.numbers[at] = len(self.ordered)
            self.ordered.append(operation)
            if operation.handler is not None:
                self.pending.append(operation.handler[0])
            if operation.name in _ENDS or operation.kind == "goto":
                return
            at = self.landing(self._pass_jump(at, operation))
        if at in self.numbers:  # what was reached before is gone on with there
            self.ordered.append(Operation("GOTO", "jump", at, 0, None, None))

    def _pass_jump(self, at: int, operation: Operation) -> int:
        """Return which operation is next, and keep for later where a jump would lead."""
        following = at + 1
        if operation.name in _OPPOSITE:
            operation.name = _OPPOSITE[operation.name]
            following, operation.operand = operation.operand, following
        if operation.kind == "jump":
            self.pending.append(operation.operand)
        return following

    def _renumber(self, operation: Operation) -> None:
        if operation.kind in {"jump", "goto"}:
            operation.operand = self.numbers.get(self.landing(operation.operand), -1)
        if operation.handler is not None:
            target, depth, keeps_place = operation.handler
            operation.handler = self.numbers.get(self.landing(target), -1), depth, keeps_place


def _in_order_of_control(operations: list[Operation]) -> list[Operation]:
    return _Route(operations).follow()
