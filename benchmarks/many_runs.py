"""A store of very many runs, each with steps, parameters, metrics and a model, and its searches."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measurement import Measurement, median_seconds
from whence.domain.contents import make_inline_content
from whence.domain.ids import ArtifactId, RunId, StepRunId
from whence.domain.metrics import MetricPoint
from whence.domain.records import (
    ArtifactRecord,
    Event,
    RunFilter,
    RunFinished,
    RunRecord,
    StepFinished,
    StepRunRecord,
)
from whence.domain.run_filters import Condition, OrderBy, Quantity, RunOrder
from whence.domain.status import RunStatus, StepStatus
from whence.interfaces.metadata_store import MetadataStore
from whence.stacks.current import make_local_stack

RUNS = 100_000
BATCH = 2_000
ONE_IN = 1_000
"""Of so many runs one is special: failed, tagged, with a rare parameter and a rare metric."""

_STEPS = ("load", "fit", "evaluate")
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_APART = timedelta(seconds=30)
_VALUE = make_inline_content({"value.json": b"1"})


def fill_store(home: Path, count: int) -> None:
    """Record *count* runs of three steps in a new store."""
    stack = make_local_stack(home)
    stack.make_home()
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        stack.metadata_store.record([event for number in numbers for event in _make_events(number)])
    stack.close()


def _make_id(number: int, part: int) -> str:
    milliseconds = f"{int((_FIRST + number * _APART).timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-7{part:03x}-8000-{number:012x}"


def _make_events(number: int) -> Sequence[Event]:
    is_special = number % ONE_IN == ONE_IN // 2
    run = _make_run(number, is_special=is_special)
    ends = [_end_step(run, number, position) for position in range(len(_STEPS))]
    return [*ends, RunFinished(run, measured=[ends[-1].step.id])]


def _make_run(number: int, *, is_special: bool) -> RunRecord:
    started = _FIRST + number * _APART
    return RunRecord(
        id=RunId(_make_id(number, 0)),
        pipeline=f"pipeline_{number % 20}",
        name=None,
        status=RunStatus.FAILED if is_special else RunStatus.COMPLETED,
        started_at=started,
        ended_at=started + timedelta(seconds=1),
        duration=1.0 + number % 97,
        parameters={
            "depth": str(number % 10 if not is_special else 64),
            "rate": str(number % 100 / 100),
            "fit.seed": str(number),
            "load.source": '"flights.csv"',
        },
        tags=("baseline",) if is_special else ("nightly",) if number % 2 else (),
        environment={"python": "3.11", "command": "train.py"},
    )


def _end_step(run: RunRecord, number: int, position: int) -> StepFinished:
    step = StepRunRecord(
        id=StepRunId(_make_id(number, 2 * position + 1)),
        run_id=run.id,
        node=_STEPS[position],
        step=_STEPS[position],
        position=position,
        status=StepStatus.COMPLETED,
        started_at=run.started_at,
        duration=0.3,
        depends_on=_STEPS[position - 1 : position] if position else (),
    )
    rmse = number * 7919 % 100_003 / 10_000  # every value once, in no order
    points = [MetricPoint("rmse", rmse, None, "min"), MetricPoint("mae", rmse / 2, None, "min")]
    is_last = position == len(_STEPS) - 1
    return StepFinished(
        step,
        outputs=[_make_artifact(run, step, number, position)],
        contents=[_VALUE],
        metrics=[(point, run.started_at) for point in points] if is_last else (),
        is_first=True,
    )


def _make_artifact(
    run: RunRecord, step: StepRunRecord, number: int, position: int
) -> ArtifactRecord:
    model = ("rare" if run.status is RunStatus.FAILED else "delay") if position == 1 else None
    return ArtifactRecord(
        id=ArtifactId(_make_id(number, 2 * position + 2)),
        digest=_VALUE.digest,
        size=_VALUE.size,
        type="whence.domain.artifacts.ModelArtifact",
        family="model" if model else "data",
        format="json/1",
        value_type="int",
        name="result",
        run_id=run.id,
        step_run_id=step.id,
        created_at=run.started_at,
        model=model,
    )


# ---------------------------------------------------------------------- searches


def _metric(sign: Any, value: float) -> tuple[Condition]:
    return (Condition(Quantity.EITHER, "rmse", sign, value),)


def _parameter(sign: Any, value: float) -> tuple[Condition]:
    return (Condition(Quantity.EITHER, "depth", sign, value),)


_LATE = _FIRST + (RUNS - 300) * _APART
SEARCHES: dict[str, RunFilter] = {
    "newest 50 runs": RunFilter(),
    "one pipeline": RunFilter(pipeline="pipeline_7"),
    "failed": RunFilter(status=RunStatus.FAILED),
    "failed of one pipeline": RunFilter(pipeline="pipeline_0", status=RunStatus.FAILED),
    "common tag": RunFilter(tags=("nightly",)),
    "rare tag": RunFilter(tags=("baseline",)),
    "since lately": RunFilter(since=_LATE),
    "until early": RunFilter(until=_FIRST + 300 * _APART),
    "until the middle": RunFilter(until=_FIRST + RUNS // 2 * _APART),
    "common metric": RunFilter(conditions=_metric("<", 9.0)),
    "rare metric": RunFilter(conditions=_metric("<", 0.003)),
    "common parameter": RunFilter(conditions=_parameter(">=", 4)),
    "rare parameter": RunFilter(conditions=_parameter("=", 64)),
    "two common conditions": RunFilter(conditions=(*_metric("<", 5.0), *_parameter("=", 4))),
    "common model": RunFilter(model="delay"),
    "rare model": RunFilter(model="rare"),
    "best 50 by metric": RunFilter(order=RunOrder(OrderBy.METRIC, "rmse", descending=False)),
    "best of failed": RunFilter(
        status=RunStatus.FAILED, order=RunOrder(OrderBy.METRIC, "rmse", descending=False)
    ),
    "longest 50": RunFilter(order=RunOrder(OrderBy.DURATION)),
    "by parameter": RunFilter(order=RunOrder(OrderBy.PARAMETER, "rate")),
}
"""What each row of the benchmark asks."""


def measure(count: int = RUNS) -> Iterator[Measurement]:
    """Measure searches for 50 runs among *count*, in process."""
    with tempfile.TemporaryDirectory() as folder:
        fill_store(Path(folder), count)
        stack = make_local_stack(Path(folder))
        for what, wanted in SEARCHES.items():
            seconds = median_seconds(_search(stack.metadata_store, wanted), 5)
            yield Measurement(what, 1000 * seconds, "ms", 50, f"of {count:,} runs")
        stack.close()


def _search(store: MetadataStore, wanted: RunFilter) -> Callable[[], object]:
    return lambda: store.list_runs(wanted)
