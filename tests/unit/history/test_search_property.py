"""Whatever is asked of whatever runs: the database finds what plain Python finds."""

import math
import operator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.example_records import report

import whence
from whence.domain.annotations import AnnotationKind, AnnotationRecord
from whence.domain.ids import RunId, StepRunId, new_id
from whence.domain.records import (
    AnnotationChanged,
    RunFinished,
    RunRecord,
    StepFinished,
    StepRunRecord,
)
from whence.domain.status import RunStatus, StepStatus
from whence.metadata_stores import search_runs
from whence.metadata_stores.run_indexes import MOST_INDEXED
from whence.stacks.current import make_local_stack, use_stack
from whence.values.typed_json import encode

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
SIGNS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
NAMES = ("x", "fit.x")
TEXTS = ("", "a", "b", "3", "true", "ä")


@dataclass
class Kept:
    """A run as it is made up, and as Python looks through it."""

    number: int
    pipeline: str
    status: RunStatus
    minutes: int
    duration: float | None
    parameters: dict[str, Any]
    metrics: dict[tuple[str, str], float]
    tags: tuple[str, ...]
    notes: list[str]
    is_large: bool  # it has more parameters than the index takes
    id: RunId = field(init=False)

    def __post_init__(self) -> None:
        self.id = RunId(f"{0x0197_0000 + self.number:08x}{new_id()[8:]}")

    @property
    def started_at(self) -> datetime:
        return FIRST + timedelta(minutes=self.minutes)

    def values(self, quantity: str, name: str) -> list[Any]:
        """Return what stands under a name."""
        found = [self.parameters[name]] if name in self.parameters else []
        named = [v for (node, own), v in self.metrics.items() if name in {own, f"{node}.{own}"}]
        return {"metrics.": named, "parameters.": found, "": [*found, *named]}[quantity]


NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([2**53, 2**53 + 1, 10**30, -(10**30)]),
    st.sampled_from([0.0, -0.5, 1.0, 2.5, 1e300, math.inf, -math.inf, math.nan]),
)
PLAIN = st.one_of(NUMBERS, st.sampled_from(TEXTS), st.booleans(), st.none())
VALUES = st.one_of(PLAIN, st.just([1, 2]), st.just({"a": "b"}), st.just(Path("a")))
RUNS = st.builds(
    Kept,
    number=st.just(0),
    pipeline=st.sampled_from(["delays", "prices"]),
    status=st.sampled_from([RunStatus.COMPLETED, RunStatus.FAILED]),
    minutes=st.integers(0, 5),
    duration=st.one_of(st.none(), st.sampled_from([0.0, 1.5, 60.0])),
    parameters=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=2),
    metrics=st.dictionaries(
        st.tuples(st.sampled_from(["fit", "a.fit"]), st.sampled_from(["x", "loss"])),
        st.sampled_from([-1.0, 0.0, 2.0, 2.5, math.inf, math.nan]),
        max_size=3,
    ),
    tags=st.lists(st.sampled_from(["a", "b"]), unique=True).map(tuple),
    notes=st.lists(st.sampled_from(["looks good", "100% done", "a_b", "Good"]), max_size=2),
    is_large=st.booleans(),
)


@dataclass
class Asked:
    """What is asked of runs."""

    facts: dict[str, Any]
    tags: tuple[str, ...]
    note: str | None
    since: int | None
    until: int | None
    conditions: list[tuple[str, str, str, Any]]
    order: str
    limit: int | None
    page: int

    def holds(self, run: Kept) -> bool:
        """Return whether a run meets everything but the order."""
        return (
            all(getattr(run, name) == value for name, value in self.facts.items())
            and set(self.tags) <= set(run.tags)
            and (self.note is None or any(self.note.lower() in each.lower() for each in run.notes))
            and (self.since is None or run.minutes >= self.since)
            and (self.until is None or run.minutes < self.until)
            and all(self._compares(run, *condition) for condition in self.conditions)
        )

    def _compares(self, run: Kept, quantity: str, name: str, sign: str, wanted: Any) -> bool:
        found = [simplify(value) for value in run.values(quantity, name)]
        if kind_of(wanted) != "number":
            found = [simplify(value) for value in run.values("parameters.", name)]
            found = found if quantity != "metrics." else []
        return any(compare(value, sign, wanted) for value in found)

    def arrange(self, runs: list[Kept]) -> list[Kept]:
        """Return runs in the order that is asked for."""
        newest = sorted(runs, key=lambda run: run.id, reverse=True)
        name = self.order.removeprefix("-")
        descending = self.order.startswith("-")
        if name == "started":
            return newest if descending else newest[::-1]
        keyed = [(self._key(run, name, descending=descending), run) for run in newest]
        with_key = [pair for pair in keyed if pair[0] is not None]
        with_key.sort(key=lambda pair: pair[0], reverse=descending)
        if descending:  # of equals the newest comes first all the same
            with_key.sort(key=lambda pair: pair[1].id, reverse=True)
            with_key.sort(key=lambda pair: pair[0], reverse=True)
        return [run for _, run in with_key] + [run for key, run in keyed if key is None]

    def _key(self, run: Kept, name: str, *, descending: bool) -> Any:
        if name == "duration":
            return None if run.duration is None else rank(run.duration)
        quantity, _, bare = name.partition(".")
        found = [rank(simplify(value)) for value in run.values(f"{quantity}.", bare)]
        known = [each for each in found if each is not None]
        return (max if descending else min)(known, default=None)


def simplify(value: Any) -> Any:
    """Return a value as it is compared."""
    return str(value) if isinstance(value, Path) else value


def kind_of(value: Any) -> str:
    """Return with what a value is compared."""
    if value is None or isinstance(value, bool):
        return "word"
    if isinstance(value, (int, float)):
        return "nothing" if math.isnan(value) else "number"
    return "text" if isinstance(value, str) else "nothing"


def compare(value: Any, sign: str, wanted: Any) -> bool:
    """Return whether a value compares so with one of its own kind."""
    if kind_of(value) != kind_of(wanted):
        return sign == "!="
    return SIGNS[sign](storable(value), storable(wanted))


def storable(value: Any) -> Any:
    """Return a number as the database has it."""
    too_long = isinstance(value, int) and not -(2**63) <= value < 2**63
    return float(value) if too_long else value


def rank(value: Any) -> tuple[int, Any] | None:
    """Return what a value is ordered by: numbers, then text, then words."""
    kind = kind_of(value)
    if kind == "nothing":
        return None
    shown = str(value).lower().replace("none", "null") if kind == "word" else storable(value)
    return ({"number": 0, "text": 1, "word": 2}[kind], shown)


SIMPLE = st.one_of(NUMBERS.filter(lambda value: kind_of(value) == "number"), st.sampled_from(TEXTS))
CONDITIONS = st.one_of(
    st.tuples(
        st.sampled_from(["", "parameters."]),
        st.sampled_from(NAMES),
        st.sampled_from(list(SIGNS)),
        SIMPLE,
    ),
    st.tuples(
        st.just("metrics."),
        st.sampled_from(NAMES),
        st.sampled_from(list(SIGNS)),
        st.sampled_from([-1, 0, 2, 2.5, math.inf]),
    ),
    st.tuples(
        st.just(""),
        st.sampled_from(NAMES),
        st.sampled_from(["=", "!="]),
        st.sampled_from([True, False, None]),
    ),
)
ORDERS = ("started", "duration", "metrics.loss", "metrics.fit.x", "parameters.x", "metrics.x")
ASKED = st.builds(
    Asked,
    facts=st.one_of(
        st.just({}),
        st.just({}),
        st.just({}),
        st.fixed_dictionaries(
            {},
            optional={
                "pipeline": st.sampled_from(["delays", "prices"]),
                "status": st.sampled_from([RunStatus.COMPLETED, RunStatus.FAILED]),
            },
        ),
    ),
    tags=st.sampled_from([(), (), (), (), ("a",), ("a", "b")]),
    note=st.sampled_from([None] * 9 + ["good", "%", "a_b"]),
    since=st.sampled_from([None, None, None, None, 0, 2, 4]),
    until=st.sampled_from([None, None, None, None, 2, 4, 6]),
    conditions=st.sampled_from([0, 1, 1, 1, 2]).flatmap(
        lambda count: st.lists(CONDITIONS, min_size=count, max_size=count)
    ),
    order=st.builds(str.__add__, st.sampled_from(["", "-"]), st.sampled_from(ORDERS)),
    limit=st.sampled_from([None, 50, 2]),
    page=st.sampled_from([0, 0, 1, 2]),
)


def write_condition(quantity: str, name: str, sign: str, value: Any) -> str:
    """Return a condition as people write it."""
    if isinstance(value, str):
        return f'{quantity}{name} {sign} "{value}"'
    return f"{quantity}{name}{sign}{str(value).lower()}"


def record(store: Any, runs: list[Kept]) -> None:
    """Record runs, each with its metrics and notes."""
    events: list[Any] = []
    for run in runs:
        ends = [end_step(run, at, *each) for at, each in enumerate(run.metrics.items())]
        whole = {**run.parameters, **({"large": "y" * MOST_INDEXED} if run.is_large else {})}
        done = RunRecord(
            id=run.id,
            pipeline=run.pipeline,
            name=None,
            status=run.status,
            started_at=run.started_at,
            ended_at=run.started_at,
            duration=run.duration,
            parameters={name: encode(value) for name, value in whole.items()},
            tags=run.tags,
        )
        events += [*ends, RunFinished(done, [end.step.id for end in ends])]
        events += [
            AnnotationChanged(
                AnnotationRecord(new_id(), run.id, AnnotationKind.NOTE, text, "ada", FIRST)
            )
            for text in run.notes
        ]
    store.record(events)


def end_step(run: Kept, position: int, name: tuple[str, str], value: float) -> StepFinished:
    """Return the end of a step that reported one metric."""
    step = StepRunRecord(
        id=StepRunId(new_id()),
        run_id=run.id,
        node=name[0],
        step="fit",
        position=position,
        status=StepStatus.COMPLETED,
    )
    return StepFinished(step, metrics=[report(name[1], value)])


@pytest.mark.parametrize("few", [0, 5_000])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(runs=st.lists(RUNS, max_size=12), questions=st.lists(ASKED, min_size=8, max_size=24))
def test_a_search_finds_what_python_finds(few, tmp_path, monkeypatch, runs, questions):
    """All runs that meet what is asked are found, in their order, page by page, and no others.

    Both ways of searching are tried: from what few runs meet, and along all of them.
    """
    monkeypatch.setattr(search_runs, "FEW", few)
    for number, run in enumerate(runs):
        run.number = number
        run.__post_init__()
    stack = make_local_stack(tmp_path / new_id())
    stack.make_home()
    with use_stack(stack):
        record(stack.metadata_store, runs)
        for asked in questions:
            check(asked, runs)
    stack.close()


def check(asked: Asked, runs: list[Kept]) -> None:
    """Compare one search with what Python finds."""
    expected = [run.id for run in asked.arrange([run for run in runs if asked.holds(run)])]
    before = None
    if asked.page and len(expected) >= asked.page:
        before, expected = expected[asked.page - 1], expected[asked.page :]

    try:
        found = whence.runs(
            **{**asked.facts, "tag": asked.tags, "note": asked.note},
            since=None if asked.since is None else FIRST + timedelta(minutes=asked.since),
            until=None if asked.until is None else FIRST + timedelta(minutes=asked.until),
            where=[write_condition(*each) for each in asked.conditions],
            order=asked.order,
            before=before,
            limit=asked.limit,
        )
    except whence.errors.UnknownQuantityError:
        assert expected == [] or "." in asked.order
        return

    assert [run.id for run in found] == expected[: asked.limit]
