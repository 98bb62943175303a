"""A program as users write them, whose functions are called in worker processes.

It is run as a script, as a module, by `python -c`, in IPython and from the command line of an
interpreter; each function returns what it returns in the program itself.
"""

from __future__ import annotations

import contextvars
import dataclasses
import enum
import functools
import re
import sys
import threading
import typing
from pathlib import Path

TOP_LEVEL_RUNS = Path(sys.argv[1])
with TOP_LEVEL_RUNS.open("a") as written:
    written.write("x")

PATTERN = re.compile("a+")
TABLE = {"a": 1, "b": [1, 2]}
LOCK = threading.Lock()
LEVEL = contextvars.ContextVar("level", default=4)
COUNT = 0


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Leaf:
    size: int = 2


@dataclasses.dataclass
class Config:
    depth: int = 1
    color: Color = Color.RED
    leaf: Leaf = dataclasses.field(default_factory=Leaf)

    def doubled(self):
        return self.depth * 2


class Pair(typing.NamedTuple):
    left: int
    right: Leaf


class OwnError(Exception):
    def __init__(self, code, *, hint):
        super().__init__(f"code {code}")
        self.code = code
        self.hint = hint


class Slotted:
    __slots__ = ("kept",)

    def keep(self, value):
        self.kept = value
        return self.kept


class Parent:
    @classmethod
    def make(cls, value):
        return cls().inner(value)

    @functools.cached_property
    def cached(self):
        return "once"


class Child(Parent):
    def inner(self, value):
        return super().cached, value


def logged(fn):
    @functools.wraps(fn)
    def around(*args):
        return "logged", fn(*args)

    return around


def plain(value):
    return value + TABLE["a"]


@logged
def decorated(value):
    return plain(value)


def make_closure(number):
    def closure(value):
        return plain(value) + number

    return closure


closed = make_closure(10)
short = lambda value: PATTERN.sub("b", "aa") * value  # noqa: E731


@functools.lru_cache
def remembered(value):
    return plain(value)


def uses_cache(value):
    return remembered(value)


@functools.singledispatch
def chosen(value):
    return "any"


@chosen.register
def _(value: int):
    return "int"


def uses_dispatch(value):
    return chosen(value)


def locked(value):
    with LOCK:
        return value + LEVEL.get()


def counted(value):
    global COUNT  # noqa: PLW0603  # as users do
    COUNT += value
    return COUNT


def recursive(value):
    return 1 if value <= 0 else value * recursive(value - 1)


def instances(value):
    return Config(value, leaf=Leaf(value)), Pair(value, Leaf()), Color.RED


def methods(value):
    return Config(value).doubled(), Child.make(value), Slotted().keep(value)


def hints(value):
    return sorted(typing.get_type_hints(Config)) + sorted(typing.get_type_hints(Pair))


def pickled(value):
    import pickle

    return pickle.loads(pickle.dumps(Config(value)))


def defaults(value, config=Config(7), table=TABLE):  # noqa: B008
    return config.depth + table["a"] + value


def imports_inside(value):
    import json

    return json.dumps(value)


def raises(value):
    raise OwnError(value, hint="look")


FUNCTIONS = [
    plain,
    decorated,
    closed,
    short,
    uses_cache,
    uses_dispatch,
    locked,
    counted,
    recursive,
    instances,
    methods,
    hints,
    pickled,
    defaults,
    imports_inside,
]


def main():
    from tests.contract.orchestrated import open_workers, run_one

    workers = open_workers(Path(sys.argv[2]), workers=1)
    for fn in FUNCTIONS:
        end = run_one(workers, fn, 3)
        assert end.result.error is None, (fn, end)
        assert end.result.value == fn(3), (fn, end)
    error = run_one(workers, raises, 3).result.error
    assert type(error) is OwnError
    assert (error.code, error.hint) == (3, "look")
    workers.close()
    print(TOP_LEVEL_RUNS.read_text(), len(FUNCTIONS))


main()
