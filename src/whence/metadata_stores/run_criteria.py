"""What may be asked of runs, in the words of the database."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from whence.domain.frozen import frozen
from whence.domain.records import RunFilter
from whence.domain.run_filters import Comparable, Condition, Operator, Quantity
from whence.metadata_stores.encoding import encode_moment
from whence.metadata_stores.run_indexes import (
    HAS_MANY_PARAMETERS,
    PARAMETER_VALUE,
    each_parameter,
)


@frozen
class Sql:
    """A piece of a statement, with the values of its places."""

    text: str
    values: tuple[Any, ...] = ()


def join(between: str, pieces: Iterable[Sql]) -> Sql:
    """Return pieces one after another."""
    every = tuple(pieces)
    values = tuple(value for piece in every for value in piece.values)
    return Sql(between.join(piece.text for piece in every), values)


@frozen
class Criterion:
    """One thing that is asked of runs."""

    source: Sql
    """A query for the ids of all runs that meet it, as `id`; each may come more than once."""
    check: Sql
    """Whether the run `r` meets it."""
    counted: Sql
    """A query with about as many rows as *source*, quickly counted."""
    in_order: bool = False  # whether an index has these runs in the order of their making


def list_criteria(wanted: RunFilter) -> list[Criterion]:
    """Return what is asked of runs, but for their order."""
    return [*_facts(wanted), *_marks(wanted), *map(_condition, wanted.conditions)]


def _facts(wanted: RunFilter) -> Iterator[Criterion]:
    """Yield what is asked of the row of a run."""
    status = None if wanted.status is None else wanted.status.value
    for column, value in (
        ("pipeline", wanted.pipeline),
        ("status", status),
        ("name", wanted.name),
    ):
        if value is not None:
            yield _of_rows(Sql(f"{{}}{column} = ?", (value,)), in_order=True)
    since, until = wanted.since, wanted.until
    bounds = [(since, ">="), (until, "<")]
    given = [Sql(f"{{}}started_at {sign} ?", (encode_moment(at),)) for at, sign in bounds if at]
    if given:
        yield _of_rows(join(" AND ", given))
    if wanted.id_suffix is not None:
        yield _of_rows(Sql("substr({}id, ?) = ?", (-len(wanted.id_suffix), wanted.id_suffix)))


def _of_rows(fact: Sql, *, in_order: bool = False) -> Criterion:
    """Return what the columns of a run tell.

    A check never chooses an index that would end the walk through runs in their order.
    """
    own = "r." if in_order else "+r."
    source = Sql(f"SELECT id FROM runs WHERE {fact.text.replace('{}', '')}", fact.values)
    return Criterion(source, Sql(fact.text.replace("{}", own), fact.values), source, in_order)


def _marks(wanted: RunFilter) -> Iterator[Criterion]:
    """Yield what is asked of tags, models and notes."""
    for tag in wanted.tags:
        yield _elsewhere("run_tags", "run_id", Sql("tag = ?", (tag,)))
    if wanted.model is not None:
        made = Sql("model = ?", (wanted.model,))
        if wanted.model_digests:
            places = ", ".join("?" * len(wanted.model_digests))
            made = join(" AND ", [made, Sql(f"digest IN ({places})", wanted.model_digests)])
        yield _elsewhere("artifacts", "run_id", made)
    if wanted.note is not None:
        said = "kind = 'note' AND withdrawn_at IS NULL AND text LIKE ? ESCAPE '\\'"
        yield _elsewhere("annotations", "subject", Sql(said, (_contains(wanted.note),)))


def _contains(part: str) -> str:
    for sign in ("\\", "%", "_"):
        part = part.replace(sign, f"\\{sign}")
    return f"%{part}%"


def _elsewhere(table: str, run_id: str, fact: Sql) -> Criterion:
    """Return what rows of another table tell of a run.

    The rows of one run are few: a check goes by the run alone, whatever else has an index.
    """
    source = Sql(f"SELECT {run_id} AS id FROM {table} WHERE {fact.text}", fact.values)
    rows = f"(SELECT * FROM {table} WHERE {run_id} = r.id LIMIT -1)"
    check = f"EXISTS (SELECT 1 FROM {rows} WHERE {fact.text})"
    return Criterion(source, Sql(check, fact.values), source)


# ---------------------------------------------------------------------- metrics and parameters

_MANY = f"SELECT id FROM runs WHERE {HAS_MANY_PARAMETERS}"


def _condition(condition: Condition) -> Criterion:
    facts: list[Criterion] = []
    if condition.quantity is not Quantity.PARAMETER and _is_number(condition.value):
        facts += [
            _elsewhere("run_metrics", "run_id", join(" AND ", [name, _compare("value", condition)]))
            for name in name_metric(condition.name)
        ]
    if condition.quantity is not Quantity.METRIC:
        facts.append(_parameter(condition))
    return Criterion(
        join(" UNION ALL ", [each.source for each in facts]),
        join("", [Sql("("), join(" OR ", [each.check for each in facts]), Sql(")")]),
        join(" UNION ALL ", [each.counted for each in facts]),
    )


def name_metric(name: str) -> list[Sql]:
    """Return what a metric's name may mean: a name, or a node's; both may have dots."""
    parts = name.split(".")
    named = [
        Sql("node = ? AND name = ?", (".".join(parts[:at]), ".".join(parts[at:])))
        for at in range(1, len(parts))
    ]
    return [Sql("name = ?", (name,)), *named]


def _parameter(condition: Condition) -> Criterion:
    """Return what a parameter tells; of a run that has too many for the index, its JSON."""
    indexed = _elsewhere(
        "run_parameters",
        "run_id",
        join(" AND ", [Sql("name = ?", (condition.name,)), _compare("value", condition)]),
    )
    value = _compare(f"({PARAMETER_VALUE})", condition)
    read = Sql(f"each.key = ? AND {value.text}", (condition.name, *value.values))
    parameters = each_parameter("runs")
    source = f"SELECT runs.id FROM runs, {parameters} WHERE {HAS_MANY_PARAMETERS} AND {read.text}"
    check = (
        f"r.id IN ({_MANY}) AND EXISTS"
        f" (SELECT 1 FROM runs, {parameters} WHERE runs.id = r.id AND {read.text})"
    )
    return Criterion(
        join(" UNION ALL ", [indexed.source, Sql(source, read.values)]),
        join(" OR ", [indexed.check, Sql(check, read.values)]),
        join(" UNION ALL ", [indexed.counted, Sql(_MANY)]),
    )


def _is_number(value: Comparable) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _compare(column: str, condition: Condition) -> Sql:
    """Return a comparison with values of the same kind alone: see `PARAMETER_VALUE`."""
    operator, value = condition.operator, _to_column(condition.value)
    if operator == "=":
        return Sql(f"{column} = ?", (value,))
    if operator == "!=":
        return Sql(f"{column} IS NOT ?", (value,))
    return Sql(f"{column} {operator} ?{_bound(column, operator, value)}", (value,))


def _bound(column: str, operator: Operator, value: object) -> str:
    if isinstance(value, str):
        return f" AND {column} >= ''" if operator[0] == "<" else f" AND {column} < x''"
    return "" if operator[0] == "<" else f" AND {column} < ''"


_SMALLEST, _LARGEST = -(1 << 63), (1 << 63) - 1


def _to_column(value: Comparable) -> object:
    if value is None or isinstance(value, bool):
        return {None: b"null", True: b"true", False: b"false"}[value]
    if isinstance(value, int) and not _SMALLEST <= value <= _LARGEST:
        return _round(value)
    return value


def _round(value: int) -> float:
    """Return a large number as SQLite reads it in JSON."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
