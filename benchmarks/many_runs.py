"""A store of very many runs, each with steps, parameters, metrics and a model, and its searches."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from benchmarks.measurement import Measurement, median_seconds
from whence.domain.contents import make_inline_content
from whence.domain.ids import ArtifactId, RunId, StepRunId
from whence.domain.records import ArtifactRecord, RunFilter, RunRecord, StepRunRecord
from whence.domain.run_filters import Condition, OrderBy, Quantity, RunOrder
from whence.domain.status import RunStatus, StepStatus
from whence.interfaces.metadata_store import MetadataStore
from whence.metadata_stores.event_rows import Row, artifact_row, content_row, run_row, step_row
from whence.metadata_stores.sqlite import SqliteMetadataStore
from whence.metadata_stores.statements import ADD_ARTIFACT, ADD_CONTENT, ADD_STEP, START_RUN
from whence.metadata_stores.tables import run_metrics
from whence.stacks.current import make_local_stack

RUNS = 100_000
BATCH = 2_000
ONE_IN = 1_000
"""Of so many runs one is special: failed, tagged, with a rare parameter and a rare metric."""

_STEPS = ("load", "fit", "evaluate")
_LAST = len(_STEPS) - 1
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_APART = timedelta(seconds=30)
_VALUE = make_inline_content({"value.json": b"1"})


def fill_store(home: Path, count: int) -> None:
    """Write the rows of *count* runs of three steps by a new store's own statements."""
    stack = make_local_stack(home)
    stack.make_home()
    store = SqliteMetadataStore(home / "metadata.sqlite")
    store.record([])
    for start in range(0, count, BATCH):
        with store.database.writing(durable=False) as connection:
            _write_runs(connection, range(start, min(start + BATCH, count)))
    store.close()
    stack.close()


def _write_runs(connection: Connection, numbers: Iterable[int]) -> None:
    runs = [_make_run(number) for number in numbers]
    steps = [_make_step(run, at) for run in runs for at in range(len(_STEPS))]
    START_RUN.execute(connection, [run_row(run) for run in runs])
    ADD_CONTENT.execute(connection, [content_row(_VALUE)])
    ADD_ARTIFACT.execute(connection, [artifact_row(_make_artifact(step)) for step in steps])
    ADD_STEP.execute(connection, [_finished_row(step) for step in steps])
    values = [row for step in steps if step.position == _LAST for row in _metric_rows(step)]
    connection.execute(insert(run_metrics), values)


def _make_run(number: int) -> RunRecord:
    is_special = number % ONE_IN == ONE_IN // 2
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
            "depth": str(64 if is_special else number % 10),
            "rate": str(number % 100 / 100),
            "fit.seed": str(number),
            "load.source": '"flights.csv"',
        },
        tags=("baseline",) if is_special else ("nightly",) if number % 2 else (),
        environment={"python": "3.11", "command": "train.py"},
    )


def _make_id(number: int, part: int) -> str:
    milliseconds = f"{int((_FIRST + number * _APART).timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-7{part:03x}-8000-{number:012x}"


def _make_step(run: RunRecord, position: int) -> StepRunRecord:
    number = int(run.id[-12:], 16)
    return StepRunRecord(
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


def _finished_row(step: StepRunRecord) -> Row:
    made = f'["{_artifact_id(step)}"]'
    return {**step_row(step), "inputs": "[]", "outputs": made, "extras": "[]", "reusable": 0}


def _artifact_id(step: StepRunRecord) -> ArtifactId:
    return ArtifactId(_make_id(int(step.id[-12:], 16), 2 * step.position + 2))


def _make_artifact(step: StepRunRecord) -> ArtifactRecord:
    is_special = int(step.id[-12:], 16) % ONE_IN == ONE_IN // 2
    model = ("rare" if is_special else "delay") if step.node == "fit" else None
    return ArtifactRecord(
        id=_artifact_id(step),
        digest=_VALUE.digest,
        size=_VALUE.size,
        type="whence.domain.artifacts.ModelArtifact",
        family="model" if model else "data",
        format="json/1",
        value_type="int",
        name="result",
        run_id=step.run_id,
        step_run_id=step.id,
        created_at=step.started_at or _FIRST,
        model=model,
    )


def _metric_rows(step: StepRunRecord) -> Iterator[Row]:
    rmse = int(step.id[-12:], 16) * 7919 % 100_003 / 10_000  # every value once, in no order
    for name, value in (("rmse", rmse), ("mae", rmse / 2)):
        yield {
            "run_id": step.run_id,
            "node": step.node,
            "name": name,
            "value": value,
            "mode": "min",
        }


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
