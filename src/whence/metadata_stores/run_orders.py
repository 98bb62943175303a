"""What runs are ordered by, in the words of the database."""

from typing import Any

from whence.domain.run_filters import OrderBy, RunOrder
from whence.metadata_stores.run_criteria import Sql, join, name_metric
from whence.metadata_stores.run_indexes import (
    HAS_MANY_PARAMETERS,
    PARAMETER_VALUE,
    each_parameter,
)

_METRICS = "SELECT * FROM run_metrics WHERE run_id ="


def find_key(order: RunOrder) -> Sql:
    """Return what the run `r` is ordered by; of several values the one that comes first."""
    if order.by is OrderBy.DURATION:
        return Sql("r.duration")
    if order.by is OrderBy.METRIC:
        first, names = "max" if order.descending else "min", _names(order.name)
        text = f"(SELECT {first}(value) FROM ({_METRICS} r.id LIMIT -1) WHERE {names.text})"
        return Sql(text, names.values)
    read = f"FROM {each_parameter('r')} WHERE each.key = ?"
    return Sql(f"(SELECT {PARAMETER_VALUE} {read} LIMIT 1)", (order.name,))


def list_sorted_sources(order: RunOrder) -> list[Sql]:
    """Return queries for `id` and `value`, along an index where very many may have one."""
    if order.by is OrderBy.DURATION:
        return [Sql("SELECT id, duration AS value FROM runs")]
    if order.by is OrderBy.METRIC:
        start = "SELECT run_id AS id, value, node, name FROM run_metrics WHERE "
        return [Sql(start + each.text, each.values) for each in name_metric(order.name)]
    indexed = "SELECT run_id AS id, value FROM run_parameters WHERE name = ?"
    read = (
        f"SELECT runs.id AS id, {PARAMETER_VALUE} AS value FROM runs, {each_parameter('runs')}"
        f" WHERE {HAS_MANY_PARAMETERS} AND each.key = ?"
    )
    return [Sql(each, (order.name,)) for each in (indexed, read)]


def comes_first(order: RunOrder) -> list[Sql]:
    """Return whether a row of a source is the one by which its run is ordered."""
    if order.by is not OrderBy.METRIC:
        return []  # a run has one
    sign, names = ">" if order.descending else "<", _names(order.name)
    text = (
        f"NOT EXISTS (SELECT 1 FROM ({_METRICS} s.id LIMIT -1) AS o"
        f" WHERE (o.value, o.node, o.name) {sign} (s.value, s.node, s.name) AND ({names.text}))"
    )
    return [Sql(text, names.values)]


def comes_after(order: RunOrder, key: Any, run_id: str) -> Sql:
    """Return whether `s` comes after the run *run_id*, which is ordered by *key*."""
    if key is None:
        return Sql("s.value IS NULL AND s.id < ?", (run_id,))
    sign = "<" if order.descending else ">"
    text = f"s.value {sign} ? OR (s.value = ? AND s.id < ?) OR s.value IS NULL"
    return Sql(text, (key, key, run_id))


def write_order(order: RunOrder, *, empty: bool) -> str:
    """Return the order of rows `s` with `id` and `value`; *empty* says that some have no value."""
    direction = "DESC" if order.descending else "ASC"
    last = "s.value IS NULL, " if empty else ""  # else it would keep the index from being used
    return f"ORDER BY {last}s.value {direction}, s.id DESC LIMIT ?"


def _names(name: str) -> Sql:
    return join(" OR ", [Sql(f"({each.text})", each.values) for each in name_metric(name)])
