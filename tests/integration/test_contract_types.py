"""What the contract says of types, sentence by sentence."""

import dataclasses
import enum
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pydantic
import pytest

import whence
from whence import pipeline, step
from whence.errors import InvalidPipelineError, WrongReturnError


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Row(TypedDict):
    a: int
    b: NotRequired[str]


@dataclasses.dataclass
class Settings:
    depth: int
    rates: list[float] = dataclasses.field(default_factory=list)


class Model(pydantic.BaseModel):
    size: int

    @pydantic.field_validator("size")
    @classmethod
    def double(cls, value: int) -> int:
        """Double what is given: seen if a value is validated twice."""
        if value < 0:
            msg = "negative"
            raise ValueError(msg)
        return 2 * value


@dataclasses.dataclass(frozen=True)
class Table:
    frame: pd.DataFrame
    rows: int = 1


def through(annotation: Any, value: Any) -> tuple[Any, Any]:
    """Return a value as a step that takes it gets it, and as the run gives it back."""
    got: list[Any] = []

    @step
    def give() -> annotation:
        return value

    @step
    def take(given: annotation) -> None:
        got.append(given)

    @pipeline
    def both():
        node = give()
        take(node)
        return node

    return both().read(), got[0]


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int | None, None),
        (int | None, 3),
        (int, 2**70),
        (float, math.inf),
        (str, "\ud800 \0"),
        (complex, 1 + 2j),
        (dict[int, str], {1: "a", 2: "b"}),
        (dict[tuple[int, str], float], {(1, "a"): 2.0}),
        (dict[Colour, int], {Colour.RED: 1}),
        (set[int], {3, 1, 2}),
        (frozenset[str], frozenset("abc")),
        (tuple[int, ...], (1, 2, 3)),
        (tuple[()], ()),
        (Row, {"a": 1}),
        (list[Row], [{"a": 1, "b": "x"}]),
        (Row | None, {"a": 1}),
        (Literal["a", "b"], "a"),
        (Settings | None, Settings(1, [0.5])),
        (Model, Model(size=3)),
        (list[Settings | None], [None, Settings(1)]),
    ],
)
def test_plain_data_comes_back_equal_and_of_its_type(annotation, value):
    """Whoever takes a value, and whoever reads it after the run, gets what was returned."""
    for back in through(annotation, value):
        assert back == value
        assert type(back) is type(value)


def test_not_a_number_is_a_number_to_store():
    """NaN comes back, alone and in lists."""
    assert math.isnan(through(float, math.nan)[0])
    assert math.isnan(through(list[float], [math.nan])[1][0])


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (pd.DataFrame | None, pd.DataFrame({"a": [1]})),
        (dict[int, pd.DataFrame], {1: pd.DataFrame({"a": [1]})}),
        (Table, Table(pd.DataFrame({"a": [1]}), 2)),
        (pd.DataFrame | None, None),
        (np.ndarray | float, 2.0),
    ],
)
def test_what_holds_a_frame_or_nothing_comes_back(annotation, value):
    """Optional outputs, dicts with numbers for keys and dataclasses may hold frames."""
    for back in through(annotation, value):
        assert str(back) == str(value)


def test_classes_local_to_a_function_come_back():
    """Steps local to a function may use classes that are too, as values, parameters and facts."""

    @dataclasses.dataclass
    class Local:
        a: int

    class Kind(enum.Enum):
        ONE = 1

    @step
    def use(given: Local, kind: Kind = Kind.ONE) -> list[Local]:
        whence.log_metadata(kind=kind)
        whence.log_artifact("kept", given)
        return [given]

    run = use.run(Local(3))

    assert run.read() == [Local(3)]
    assert run.parameters == {"use.given": Local(3), "use.kind": Kind.ONE}
    assert run.steps.use.artifacts.kept.read() == Local(3)
    assert run.steps.use.metadata == {"kind": Kind.ONE}


def test_annotations_written_as_text_are_resolved_where_they_stand(project):
    """`from __future__ import annotations` works for steps local to a function, wrapped or not."""
    (project / "later.py").write_text(
        "from __future__ import annotations\n"
        "from typing import NamedTuple\n"
        "import functools\n"
        "from whence import step\n"
        "def same(fn):\n"
        "    @functools.wraps(fn)\n"
        "    def wrapper(*args, **kwargs):\n"
        "        return fn(*args, **kwargs)\n"
        "    return wrapper\n"
        "def make():\n"
        "    class Inner(NamedTuple):\n"
        "        a: int\n"
        "    class Outer(NamedTuple):\n"
        "        first: Inner\n"
        "        rest: list[Inner]\n"
        "    @step\n"
        "    @same\n"
        "    def local(n: int) -> Outer:\n"
        "        return Outer(Inner(n), [Inner(n)])\n"
        "    return local\n"
    )
    sys.path.insert(0, str(project))
    try:
        from later import make
    finally:
        sys.path.remove(str(project))

    assert make().run(1).read() == ((1,), [(1,)])


@step
def show(  # noqa: PLR0913, PLR0917  # one argument for each rule
    x: float = 0,
    colour: Colour = Colour.RED,
    path: Path = Path(),
    rates: list[float] | None = None,
    whole: int | str = 1,
    pair: tuple[int, ...] = (),
    settings: Settings | None = None,
) -> str:
    return repr((x, colour, path, rates, whole, pair, settings))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"x": 1}, "(1.0,"),
        ({"x": np.float32(1.5)}, "(1.5,"),
        ({"whole": np.int64(4)}, ", 4,"),
        ({"rates": [1, np.int64(2)]}, "[1.0, 2.0]"),
        ({"path": "pyproject.toml"}, "PosixPath('pyproject.toml')"),
        ({"colour": "blue"}, "<Colour.BLUE: 'blue'>"),
        ({"settings": Settings(1, [2.0])}, "Settings(depth=1, rates=[2.0])"),
    ],
)
def test_parameters_are_strict_with_four_courtesies(given, shown):
    """Ints for floats, NumPy scalars, text for paths and enums become what is meant."""
    assert shown in show.run(**given).read()


def test_the_keys_and_values_of_a_typed_dict_are_checked():
    """A dict that a type checker would refuse is refused as a parameter."""

    @step
    def take(row: Row) -> int:
        return row["a"]

    assert take.run({"a": 1}).read() == 1
    for wrong in ({"a": "x"}, {"b": "x"}, {"a": 1, "b": 2}):
        with pytest.raises(InvalidPipelineError, match="Parameter 'row'"):
            take.run(wrong)


@pytest.mark.parametrize(
    "given",
    [
        {"x": True},
        {"x": "1"},
        {"x": None},
        {"whole": 1.0},
        {"whole": True},
        {"pair": [1]},
        {"pair": (1, True)},
        {"rates": (1, 2)},
        {"colour": "RED"},
        {"path": "/no/such/place"},
        {"settings": {"depth": 1}},
    ],
)
def test_other_types_are_refused_before_anything_runs(given):
    """A wrong value is reported with the argument's name, and nothing is recorded."""
    with pytest.raises(InvalidPipelineError, match=f"Parameter '{next(iter(given))}'"):
        show.run(**given)
    assert len(whence.runs()) == 0


def test_the_validated_value_is_what_the_step_gets_and_what_is_recorded():
    """Validators of a pydantic model run once where plain data is given, and never again."""

    @step
    def size(model: Model) -> int:
        return model.size

    ready = size.run(Model(size=3))
    plain = size.run({"size": 3})

    assert ready.read() == plain.read() == 6
    assert ready.parameters == plain.parameters
    with pytest.raises(InvalidPipelineError, match="negative"):
        size.run({"size": -1})


def test_a_step_may_change_its_parameters_without_changing_anyone_elses():
    """Defaults, the caller's objects and other steps' parameters stay as they were."""

    @step
    def grow(n: int, seen: list[int] = [], own: Settings = Settings(0)) -> list[int]:  # noqa: B006, B008  # the point
        seen.append(n)
        own.rates.append(1.0)
        return [*seen, len(own.rates)]

    mine = Settings(5)

    @pipeline
    def twice(settings: Settings):
        return [grow(1, own=settings), grow(2, own=settings)]

    assert twice(mine).read() == [[1, 1], [2, 1]]
    assert grow.run(3).read() == [3, 1]
    assert mine.rates == []


def fits(given: Any, wanted: Any) -> bool:
    """Return whether a step that returns one type can be connected to one that takes another."""

    @step
    def give() -> given: ...

    @step
    def take(x: wanted) -> None: ...

    @pipeline
    def both():
        take(give())

    try:
        both.plan()
    except InvalidPipelineError:
        return False
    return True


class Child(Settings):
    pass


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (int, float),
        (list[int], list[float]),
        (list[int], Sequence[int]),
        (int, int | None),
        (Child, Settings),
        (bool, bool | None),
        (pd.DataFrame, pl.DataFrame),
        (pd.DataFrame, pl.LazyFrame),
        (pd.DataFrame, pa.Table),
        (pd.DataFrame, Path),
        (list[pd.DataFrame], list[pl.DataFrame]),
        (dict[str, pd.DataFrame], dict[str, pa.Table]),
        (pd.DataFrame | None, pl.DataFrame | None),
        (int, Any),
    ],
)
def test_types_that_fit(given, wanted):
    """Subclasses, unions, containers in depth and views of one artifact fit, as checkers say."""
    assert fits(given, wanted)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (float, int),
        (bool, int),
        (bool, float),
        (list[int], list[str]),
        (int | None, int),
        (Settings, Child),
        (pd.DataFrame, np.ndarray),
        (list[pd.DataFrame], list[np.ndarray]),
        (list[pd.DataFrame], dict[str, pl.DataFrame]),
        (dict[str, int], Row),
        (tuple[int, int], tuple[int, int, int]),
    ],
)
def test_types_that_do_not_fit(given, wanted):
    """A producer whose type is not accepted is a fault of the pipeline, before it runs."""
    assert not fits(given, wanted)


def test_items_of_a_collection_are_read_as_the_kind_that_is_asked_for():
    """A list of pandas frames can be taken, and read after the run, as polars frames."""

    @step
    def give() -> dict[str, list[pd.DataFrame] | None]:
        return {"x": [pd.DataFrame({"a": [1, 2]})], "y": None}

    @step
    def take(frames: dict[str, list[pl.DataFrame] | None]) -> int:
        return sum(frame.height for frame in frames["x"] or [])

    @pipeline
    def views():
        frames = give()
        return {"frames": frames, "rows": take(frames)}

    run = views()
    again = run.outputs.frames.read(dict[str, list[pl.DataFrame] | None])

    assert run.outputs.rows.read() == 2
    assert isinstance(again["x"][0], pl.DataFrame)


@pytest.mark.parametrize(
    ("annotation", "value", "reason"),
    [
        (int, "x", "not int"),
        (int, True, "not int"),
        (list[int], [1, "x"], r"\$\[1\]"),
        (int, None, "not int"),
        (pd.DataFrame, pl.DataFrame(), "not pandas.DataFrame"),
        (Row, {"a": "x"}, r"\$\.a"),
        (Row, {"b": "x"}, "no key 'a'"),
        (Annotated[int, pydantic.Field(gt=0)], -1, "greater than 0"),
    ],
)
def test_a_return_is_checked_against_its_annotation_and_kept(annotation, value, reason):
    """A wrong return fails the step with the reason; the value is carried by the error."""

    @step
    def wrong() -> annotation:
        return value

    with pytest.raises(WrongReturnError, match=reason) as caught:
        wrong.run()
    assert caught.value.value is value
