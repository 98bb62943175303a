"""Rows of metrics as what a run reported: in short, and value by value."""

import logging
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from whence.domain.ids import RunId, StepRunId
from whence.domain.metrics import MetricSeries
from whence.domain.records import MetricRecord
from whence.metadata_stores.encoding import decode_moment, decode_text
from whence.metadata_stores.fetch_records import fetch, fetch_rows
from whence.metadata_stores.metric_rows import decode_outline, unpack_points
from whence.metadata_stores.tables import metrics, step_runs

_log = logging.getLogger("whence.metadata_stores")

Place = tuple[StepRunId, str]
"""A step run, and the name of one of its metrics."""


def list_metrics(connection: Connection, run_id: RunId) -> list[MetricRecord]:
    """Return every metric of a run's step runs, in their order; of a hit, the original's.

    What is packed is not read, so a long series costs no more than a short one.
    """
    found: dict[Place, list[MetricRecord]] = {}
    query = _select(run_id, metrics.c.minimum, metrics.c.maximum, metrics.c.outline)
    for record in fetch(connection, query, _decode_metric):
        found.setdefault((record.step_run_id, record.name), []).append(record)
    return [parts[0] if len(parts) == 1 else _join(parts) for parts in found.values()]


def list_series(
    connection: Connection, run_id: RunId, name: str | None
) -> list[tuple[StepRunId, MetricSeries]]:
    """Return the values of a run's metrics, each of them in its order; of a hit, the original's.

    A series of which any part is damaged is left out as a whole.
    """
    query = _select(run_id, metrics.c.points)
    if name is not None:
        query = query.where(metrics.c.name == name)
    rows: dict[Place, list[Row[Any]]] = {}
    for row in fetch_rows(connection, query):
        rows.setdefault((StepRunId(row.shown_by), row.name), []).append(row)
    return list(_decode_series(rows))


def _select(run_id: RunId, *columns: Any) -> "Select[Any]":
    computed_by = func.coalesce(step_runs.c.reused_from, step_runs.c.id)
    every: list[ColumnElement[Any]] = [
        step_runs.c.id.label("shown_by"),
        metrics.c.name,
        metrics.c.value,
        metrics.c.step,
        metrics.c.mode,
        metrics.c.reported_at,
        metrics.c.count.label("held"),  # rows have a method `count`
        *columns,
    ]
    return (
        select(*every)
        .join(metrics, metrics.c.step_run_id == computed_by)
        .where(step_runs.c.run_id == run_id)
        .order_by(step_runs.c.position, metrics.c.position)
    )


# ---------------------------------------------------------------------- in short


def _decode_metric(row: Row[Any]) -> MetricRecord:
    value = math.nan if row.value is None else float(row.value)
    extent = (row.minimum, row.maximum)
    if row.held is None:
        extent = (None, None) if math.isnan(value) else (value, value)
    return MetricRecord(
        step_run_id=row.shown_by,
        name=decode_text(row.name),
        value=value,
        step=row.step,
        mode=row.mode,
        reported_at=decode_moment(row.reported_at),
        count=1 if row.held is None else row.held,
        minimum=extent[0],
        maximum=extent[1],
        outline=array("d", [value]) if row.held is None else _decode_outline(row.outline),
    )


def _decode_outline(data: bytes) -> Sequence[float]:
    try:
        return decode_outline(data)
    except (TypeError, ValueError):  # it is only to look at
        return ()


def _join(parts: Sequence[MetricRecord]) -> MetricRecord:
    """Return a metric of which several rows tell."""
    modes = [part.mode for part in parts if part.mode is not None]
    return replace(
        parts[-1],
        mode=modes[-1] if modes else None,
        count=sum(part.count for part in parts),
        minimum=min(_numbers(part.minimum for part in parts), default=None),
        maximum=max(_numbers(part.maximum for part in parts), default=None),
        outline=array("d", chain.from_iterable(part.outline for part in parts)),
    )


def _numbers(found: Iterable[float | None]) -> list[float]:
    return [each for each in found if each is not None]


# ---------------------------------------------------------------------- value by value


def _decode_series(
    rows: Mapping[Place, list[Row[Any]]],
) -> Iterable[tuple[StepRunId, MetricSeries]]:
    for (step_run_id, name), stretches in rows.items():
        series = MetricSeries(name)
        try:
            for row in stretches:
                _add_row(series, row)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            _log.warning("A damaged series of '%s' is left out: %s: %s", name, step_run_id, error)
        else:
            yield step_run_id, series


def _add_row(series: MetricSeries, row: Row[Any]) -> None:
    if row.held is not None:
        series.extend(unpack_points(row.points, series.name, row.mode, row.held))
    else:
        value = math.nan if row.value is None else row.value
        series.add(value, row.step, row.reported_at, row.mode)
