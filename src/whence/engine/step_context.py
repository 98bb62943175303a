"""What a running step may report: metrics, metadata, artifacts of its own, progress.

Outside a run all of these work and record nothing, so that `fit.fn(frame)` needs no set-up.
"""

import copy
import operator
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, overload

from whence.domain.ambient import Ambient
from whence.domain.metrics import MetricSeries, Mode, check_mode
from whence.interfaces.artifact_store import Checkpoints
from whence.values.validation import describe_value, unbox_scalar

T = TypeVar("T")

ProgressSink = Callable[[int, int | None], None]


@dataclass(slots=True)
class StepContext:
    """Collects what one running step reports."""

    node: str
    report_progress: ProgressSink | None = None
    metrics: dict[str, MetricSeries] = field(default_factory=dict[str, MetricSeries])
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    artifacts: dict[str, Any] = field(default_factory=dict[str, Any])
    checkpoints: Checkpoints | None = None  # what earlier attempts kept
    _adding: threading.Lock = field(default_factory=threading.Lock)
    _has_ended: bool = False

    def add_metric(self, name: str, value: float, step: int | None, mode: Mode | None) -> None:
        """Add a value to those of a metric; a step may do so in several threads."""
        with self._adding:
            if self._has_ended:  # a thread that the step left behind
                return
            series = self.metrics.get(name)
            if series is None:
                series = MetricSeries(name)
            series.add(value, step, time.time_ns() // 1000, mode)
            self.metrics[name] = series  # only now: a step may be refused

    def end_metrics(self) -> tuple[MetricSeries, ...]:
        """Return what was reported, to which nothing is added any more."""
        with self._adding:
            self._has_ended = True
            return tuple(self.metrics.values())


current_context: Ambient[StepContext] = Ambient("whence_step_context")


def log_metric(
    name: str, value: float, *, step: int | None = None, mode: Mode | None = None
) -> None:
    """Record a number of the running step; with *step* (an epoch, say) it is a point of a series.

    *mode*, `min` or `max`, says which way is better. Raises `TypeError` for what is no number, or
    no whole number as *step*, `ValueError` for another mode.
    """
    _check_name(name)
    if type(value) is not float:
        value = _check_number(name, value)
    if step is not None and type(step) is not int:
        step = _check_step(name, step)
    if mode is not None:
        check_mode(mode)
    context = current_context.get()
    if context is not None:
        context.add_metric(name, value, step, mode)


def log_metrics(values: Mapping[str, float], *, step: int | None = None) -> None:
    """Record several numbers of the running step."""
    for name, value in values.items():
        log_metric(name, value, step=step)


def log_metadata(values: Mapping[str, Any] | None = None, /, **more: Any) -> None:
    """Record facts about the running step: plain data by name, as it is now."""
    context = current_context.get()
    if context is not None:
        given = {**(values or {}), **more}
        context.metadata.update({name: _as_it_is_now(value) for name, value in given.items()})


def log_artifact(name: str, value: Any) -> None:
    """Keep a value that no step takes, such as a figure or a table, with the running step.

    It is stored when the step ends, by the materializer of its type; one without a materializer
    fails the step.
    """
    _check_name(name)
    context = current_context.get()
    if context is not None:
        context.artifacts[name] = value


class Progress(Generic[T]):
    """Counts how far a step is; iterate over it, or call `advance`."""

    def __init__(self, items: Iterable[T], total: int | None) -> None:
        self._items = items
        self.total = total
        self.done = 0
        self._tell()

    def advance(self, by: int = 1) -> None:
        """Say that *by* more are done."""
        self.done += by
        self._tell()

    def _tell(self) -> None:
        context = current_context.get()
        if context is not None and context.report_progress is not None:
            context.report_progress(self.done, self.total)

    def __iter__(self) -> Iterator[T]:
        for item in self._items:
            yield item
            self.advance()

    def __len__(self) -> int:
        return self.total or 0


@overload
def progress(work: int) -> Progress[int]: ...
@overload
def progress(work: Iterable[T]) -> Progress[T]: ...
def progress(work: Any) -> Progress[Any]:
    """Return *work*, an iterable or a number of items, so that going through it shows progress."""
    if isinstance(work, int):
        return Progress(range(work), work)
    return Progress(work, len(work) if hasattr(work, "__len__") else None)


def _as_it_is_now(value: Any) -> Any:
    """Return a value that the step does not change any more, where one can be had."""
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001  # such a value is no plain data: it is recorded as its text
        return repr(value)


def _check_name(name: str) -> str:
    if not name or not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not all typed
        msg = f"A name is a text that is not empty, not {describe_value(name)}."
        raise TypeError(msg)
    return name


def _check_number(name: str, value: Any) -> float:
    value = unbox_scalar(value)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()  # a tensor or array that holds one number
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        msg = f"Metric '{name}' is a number, not {describe_value(value)}."
        raise TypeError(msg)
    return float(value)


def _check_step(name: str, step: Any) -> int:
    try:
        return operator.index(step)
    except TypeError:
        msg = f"The step of metric '{name}' is a whole number, not {describe_value(step)}."
        raise TypeError(msg) from None
