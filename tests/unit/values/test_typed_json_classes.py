"""Instances of a user's classes: how they come back, and when they are refused."""

import functools
import subprocess
import sys
import types
from collections import namedtuple
from dataclasses import InitVar, dataclass, field, make_dataclass
from enum import Enum, Flag, IntEnum, StrEnum
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import pytest
from pydantic import BaseModel, ConfigDict, PrivateAttr, field_validator

from whence.errors import NotStorableError, UnknownClassError, UnreadableArtifactError
from whence.values.typed_json import decode, encode, without_modules

T = TypeVar("T")


class Color(Enum):
    """A choice."""

    RED = 1
    GREEN = 2


class Level(IntEnum):
    """A choice that is also a number."""

    LOW = 1


class Name(StrEnum):
    """A choice that is also a text."""

    ADA = "ada"


class Right(Flag):
    """Choices that can be combined."""

    READ = 1
    WRITE = 2


class Point(NamedTuple):
    """A NamedTuple."""

    x: int
    y: float = 0.5


Pair = namedtuple("Pair", "left right")  # noqa: PYI024  # the older form is in use too


@dataclass
class Optimizer:
    """A dataclass."""

    lr: float
    betas: tuple[float, float] = (0.9, 0.99)


@dataclass(frozen=True, slots=True)
class Config:
    """A frozen dataclass with slots, a nested one and a field that is not for `__init__`."""

    optimizer: Optimizer
    color: Color = Color.RED
    seen: int = field(default=0, init=False)


@dataclass
class Box(Generic[T]):
    """A generic dataclass."""

    content: T


@dataclass
class Square:
    """A dataclass whose `__init__` needs more than its fields, and which caches a result."""

    side: float
    scale: InitVar[float]

    def __post_init__(self, scale):
        self.side *= scale

    @functools.cached_property
    def area(self):
        """The area."""
        return self.side**2


class Settings(BaseModel):
    """A pydantic model whose validator is not to run twice."""

    name: str
    optimizer: Optimizer | None = None
    _calls: int = PrivateAttr(default=0)

    @field_validator("name")
    @classmethod
    def _decorate(cls, name):
        return f"<{name}>"


class Open(BaseModel):
    """A pydantic model that takes more than its fields."""

    model_config = ConfigDict(extra="allow", frozen=True)
    a: int


VALUES = [
    Color.GREEN,
    Level.LOW,
    Name.ADA,
    Right.READ,
    Right.READ | Right.WRITE,
    Right(0),
    Point(1),
    Pair(1, (2,)),
    Optimizer(0.1),
    Config(Optimizer(0.1, (0.5, 0.5)), Color.GREEN),
    Box[int](3),
    Square(2.0, scale=3.0),
    Settings(name="x", optimizer=Optimizer(1.0)),
    Open(a=1, b={"c": [1]}),
    {Color.RED: Point(1), Config: None}.fromkeys([Color.RED, Point(1)]),
    {Open(a=1), Level.LOW},
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_instances_come_back(value):
    """Enums, NamedTuples, dataclasses and pydantic models come back equal and of their classes."""
    again = decode(encode(value))

    assert again == value
    assert type(again) is type(value)
    assert encode(again) == encode(value)


def test_text_names_class_and_fields():
    """What is written names the class and shows its fields, for people to read."""
    text = encode([Color.RED, Optimizer(0.1)])

    assert text == (
        f'[{{"$enum":["{__name__}:Color","RED"]}},'
        f'{{"$dataclass":["{__name__}:Optimizer",{{"lr":0.1,"betas":{{"$tuple":[0.9,0.99]}}}}]}}]'
    )


def test_private_attributes_come_back():
    """A pydantic model keeps its private attributes, and its validators do not run again."""
    value = Settings(name="x")
    value._calls = 7

    again = decode(encode(value))

    assert (again.name, again._calls) == ("<x>", 7)


def test_how_a_field_was_set_does_not_show():
    """Two models that are equal are written alike, whether a default was given or left out."""
    assert encode(Settings(name="x")) == encode(Settings(name="x", optimizer=None))


def test_cached_results_are_computed_again():
    """What a `cached_property` has stored is no part of a value."""
    value = Square(2.0, scale=1.0)
    before = encode(value)
    _ = value.area

    assert encode(value) == before


def holder(**attributes):
    """Return a dataclass instance with more attributes than fields."""
    value = Optimizer(0.1)
    vars(value).update(attributes)
    return value


@dataclass
class Mapped(dict):
    """A dataclass that is also a dict."""

    lr: float = 0.1


def unset():
    """Return a dataclass instance without its field."""
    value = Optimizer(0.1)
    del value.lr
    return value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (holder(note="x"), "'note', which is not a field"),
        (unset(), "'lr' is not set"),
        (Mapped(), "plain dict"),
        (Settings.model_construct(), "without all of its fields"),
    ],
)
def test_state_beside_the_fields_is_refused(value, reason):
    """An instance that holds more or less than its fields would not come back, so it is refused."""
    with pytest.raises(NotStorableError, match=reason):
        encode(value)


def test_place_inside_an_instance_is_named():
    """The error for a value inside a dataclass inside a list gives the whole path."""
    with pytest.raises(NotStorableError) as caught:
        encode({"runs": [Box(Optimizer(range(3)))]})

    assert caught.value.where == "$.runs[0].content.lr"


# ------------------------------------------------------------------ finding classes


def local_class():
    """Return a class that no module has under its name."""
    return make_dataclass("Local", ["a"])


@pytest.mark.parametrize(
    "wrap",
    [
        lambda cls: (cls(1), cls),
        lambda cls: ([cls(1)], list[cls]),
        lambda cls: ({"a": cls(1)}, dict[str, cls]),
        lambda cls: (None, cls | None),
        lambda cls: ((1, cls(2)), tuple[int, cls]),
        lambda cls: (Box(cls(1)), Box[cls]),
        lambda cls: (cls(cls(1)), cls),
    ],
)
def test_named_classes_are_found(wrap):
    """A class that the reader names is found, in whatever depth of the type."""
    value, as_type = wrap(local_class())

    assert decode(encode(value), as_type) == value


def test_fields_of_a_named_class_name_classes():
    """The classes in the annotations of a class that the reader names are found too."""
    inner = local_class()
    outer = make_dataclass("Outer", [("part", list[inner]), ("choice", Literal[Color.RED])])
    value = outer([inner(1)], Color.RED)

    assert decode(encode(value), outer) == value


def test_unknown_class_is_refused():
    """A class that is neither named nor imported is an error that says what to do."""
    with pytest.raises(UnknownClassError, match=r"artifact\.read\(Local\)") as caught:
        decode(encode({"a": [local_class()(1)]}))

    assert caught.value.where == "$.a[0]"


def test_moved_class_is_found_by_its_name():
    """A class that has moved to another module is found where the reader names it."""
    text = encode(Optimizer(0.1)).replace(f"{__name__}:", "old.place:")

    assert decode(text, Optimizer) == Optimizer(0.1)


def test_class_of_the_script_is_found(monkeypatch):
    """A class that a script defines is found where the reader's own script defines it."""
    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    main.Local = make_dataclass("Local", ["a"], namespace={"__module__": "__main__"})
    main.Local.__module__ = "__main__"

    assert decode(encode(main.Local(1))) == main.Local(1)


def test_nothing_is_imported_by_a_stored_name(tmp_path):
    """A name in the text makes reading import no module, and ask no `__getattr__` of one."""
    (tmp_path / "trap.py").write_text("raise SystemExit('imported')")
    program = (
        "import sys, types\n"
        "from whence.values.typed_json import decode\n"
        "from whence.errors import UnknownClassError\n"
        "lazy = sys.modules['lazy'] = types.ModuleType('lazy')\n"
        "lazy.__getattr__ = lambda name: sys.exit('asked')\n"
        "for name in ('trap:A', 'lazy:A', 'trap.sub:A', 'xml.dom.minidom:Node', 'trap:A.B'):\n"
        "    for tag in ('$dataclass', '$namedtuple', '$model'):\n"
        "        try:\n"
        '            decode(\'{"%s":["%s",{}]}\' % (tag, name))\n'
        "        except UnknownClassError:\n"
        "            continue\n"
        "        sys.exit(f'{name} was found')\n"
        "assert 'xml.dom.minidom' not in sys.modules\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"$dataclass":["HERE:Optimizer",{"lr":1}]}', "'betas' now, which was not stored"),
        ('{"$dataclass":["HERE:Box",{"content":1,"lid":2}]}', "no field 'lid' now"),
        ('{"$namedtuple":["HERE:Point",{"x":1}]}', "'y' now, which was not stored"),
        ('{"$model":["HERE:Settings",{"name":"x","optimizer":null,"z":1}]}', "no field 'z' now"),
        ('{"$model":["HERE:Settings",{}]}', "'name' now, which was not stored"),
        ('{"$enum":["HERE:Color","BLUE"]}', "no member 'BLUE' now"),
        ('{"$enum":["HERE:Right",64]}', "no member 64 now"),
        ('{"$model":["HERE:Optimizer",{}]}', "not of the kind 'model' now"),
        ('{"$dataclass":["HERE:Color",{}]}', "not of the kind 'dataclass' now"),
    ],
)
def test_changed_class_is_reported(text, reason):
    """Where a class has changed since, reading says how, and makes nothing half."""
    with pytest.raises(UnreadableArtifactError, match=reason):
        decode(text.replace("HERE", __name__))


def test_text_without_modules_is_the_same_wherever_a_class_lives():
    """For comparing, a class can be named without its module; a dict that looks alike is not."""
    imposter = {"$enum": ["a:Color", "RED"]}
    text = encode([Color.RED, imposter, {"a": Config(Optimizer(0.1))}])
    moved = text.replace(f"{__name__}:", "elsewhere:")

    assert without_modules(moved) == without_modules(text)
    assert without_modules(encode(imposter)) == encode(imposter)
    assert '"$enum":["Color","RED"]' in without_modules(text)


def test_any_field_type_may_name_no_class():
    """A type that says nothing, as `Any`, leaves classes to be found among the imported ones."""
    assert decode(encode(Color.RED), Any) is Color.RED
