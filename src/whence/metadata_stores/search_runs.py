"""Finding runs among very many: what few runs meet is looked up, what many meet is walked through.

A search takes at most four statements: how many runs meet each criterion, as far as that matters;
the place from where a page goes on; the ids; the ids of runs that lack what orders the others.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from whence.domain.records import RunFilter
from whence.domain.run_filters import OrderBy
from whence.metadata_stores.fetch_records import fetch_rows
from whence.metadata_stores.run_criteria import Criterion, Sql, join, list_criteria
from whence.metadata_stores.run_orders import (
    comes_after,
    comes_first,
    find_key,
    list_sorted_sources,
    write_order,
)

FEW = 8_000
"""Of a criterion that no more runs meet, all are looked at; of others, runs until enough do."""


def find_run_ids(connection: Connection, wanted: RunFilter) -> list[str]:
    """Return the ids of the runs that are wanted, in their order."""
    search = _Search(connection, wanted)
    return search.by_start() if wanted.order.by is OrderBy.STARTED else search.by_key()


class _Search:
    def __init__(self, connection: Connection, wanted: RunFilter) -> None:
        self._connection = connection
        self._order, self._before = wanted.order, wanted.before
        self._limit = -1 if wanted.limit is None else wanted.limit
        self._criteria = list_criteria(wanted)
        self._few = self._choose_few()
        self._checks = [each.check for each in self._criteria if each is not self._few]

    def by_start(self) -> list[str]:
        """Return ids in the order in which runs were started."""
        sign, direction = ("<", "DESC") if self._order.descending else (">", "ASC")
        place = [] if self._before is None else [Sql(f"r.id {sign} ?", (self._before,))]
        end = Sql(f"ORDER BY r.id {direction} LIMIT ?", (self._limit,))
        return self._fetch_ids(self._meeting(Sql("SELECT r.id"), place), end)

    def by_key(self) -> list[str]:
        """Return ids in the order of a metric, a parameter or the duration."""
        after = self._find_place()
        if self._few is not None:
            return self._sort_few(after)
        found = self._follow_index(after)
        if len(found) == self._limit:
            return found
        return [*found, *self._walk_without_key(after, len(found))]

    # ------------------------------------------------------------------ where to begin

    def _choose_few(self) -> Criterion | None:
        """Return the criterion that the fewest runs meet, if they are few indeed."""
        if not self._criteria or self._is_in_order():
            return None
        counted = [
            Sql(
                f"(SELECT count(*) FROM ({each.counted.text} LIMIT {FEW + 1}))",
                each.counted.values,
            )
            for each in self._criteria
        ]
        (row,) = self._fetch(join(" ", [Sql("SELECT"), join(", ", counted)]))
        count, position = min((count, position) for position, count in enumerate(row))
        return self._criteria[position] if count <= FEW else None

    def _is_in_order(self) -> bool:
        """Return whether an index has just the runs that are wanted, in their order."""
        is_only = len(self._criteria) == 1 and self._criteria[0].in_order
        return is_only and self._order.by is OrderBy.STARTED

    def _find_place(self) -> list[Sql]:
        """Return what is true of runs that come after the last one of the page before."""
        if self._before is None:
            return []
        of_run = Sql("FROM runs AS r WHERE r.id = ?", (self._before,))
        rows = self._fetch(join(" ", [Sql("SELECT"), find_key(self._order), of_run]))
        return [comes_after(self._order, rows[0][0] if rows else None, self._before)]

    # ------------------------------------------------------------------ by something else

    def _sort_few(self, after: list[Sql]) -> list[str]:
        """Return ids of few runs, all of which are put in order."""
        keyed = join(" ", [Sql("SELECT r.id,"), find_key(self._order), Sql("AS value")])
        rows = join("", [Sql("SELECT s.id FROM ("), self._meeting(keyed), Sql(") AS s")])
        end = Sql(write_order(self._order, empty=True), (self._limit,))
        return self._fetch_ids(_narrow(rows, after), end)

    def _follow_index(self, after: list[Sql]) -> list[str]:
        """Return ids along the index of what they are ordered by."""
        conditions = [Sql("s.value IS NOT NULL"), *comes_first(self._order), *after]
        if self._checks:
            of_run = Sql("SELECT 1 FROM runs AS r WHERE r.id = s.id")
            met = join(" AND ", [of_run, *map(_enclose, self._checks)])
            conditions.append(join("", [Sql("EXISTS ("), met, Sql(")")]))
        end = Sql(write_order(self._order, empty=False), (self._limit,))
        sources = [
            join(" ", [_narrow(_select_from(each), conditions), end])
            for each in list_sorted_sources(self._order)
        ]
        whole = join(" UNION ALL ", [_select_from(each) for each in sources])
        return self._fetch_ids(_select_from(whole), end)

    def _walk_without_key(self, after: list[Sql], found: int) -> list[str]:
        """Return ids of runs that lack what they are ordered by, newest first."""
        key = find_key(self._order)
        keyed = join(" ", [Sql("SELECT r.id,"), key, Sql("AS value")])
        lacking = Sql(f"{key.text} IS NULL", key.values)
        rows = join("", [Sql("SELECT s.id FROM ("), self._meeting(keyed, [lacking]), Sql(") AS s")])
        rest = self._limit if self._limit < 0 else self._limit - found
        end = Sql("ORDER BY s.id DESC LIMIT ?", (rest,))
        return self._fetch_ids(_narrow(rows, after), end)

    # ------------------------------------------------------------------ statements

    def _meeting(self, columns: Sql, conditions: Sequence[Sql] = ()) -> Sql:
        """Return a query for the runs `r` that meet every criterion."""
        every = [*conditions, *self._checks]
        if self._few is not None:
            every.insert(0, join("", [Sql("r.id IN ("), self._few.source, Sql(")")]))
        return _narrow(join(" ", [columns, Sql("FROM runs AS r")]), every)

    def _fetch_ids(self, query: Sql, end: Sql) -> list[str]:
        return [row[0] for row in self._fetch(join(" ", [query, end]))]

    def _fetch(self, query: Sql) -> Sequence[Any]:
        return fetch_rows(self._connection, query.text, query.values)


def _narrow(query: Sql, conditions: Sequence[Sql]) -> Sql:
    """Return a query of whose rows all *conditions* hold."""
    if not conditions:
        return query
    return join(" ", [query, Sql("WHERE"), join(" AND ", map(_enclose, conditions))])


def _enclose(piece: Sql) -> Sql:
    return Sql(f"({piece.text})", piece.values)


def _select_from(source: Sql) -> Sql:
    return Sql(f"SELECT * FROM ({source.text}) AS s", source.values)
