"""Names of metrics and parameters: what runs may be searched by."""

from sqlalchemy import Connection

from whence.domain.run_filters import Quantity
from whence.metadata_stores.fetch_records import fetch_rows
from whence.metadata_stores.run_criteria import Sql, join, name_metric
from whence.metadata_stores.run_indexes import HAS_MANY_PARAMETERS, each_parameter

_TABLES = {Quantity.METRIC: "run_metrics", Quantity.PARAMETER: "run_parameters"}
_MANY = f"FROM runs, {each_parameter('runs')} WHERE {HAS_MANY_PARAMETERS}"


def has_quantity(connection: Connection, quantity: Quantity, name: str) -> bool:
    """Return whether any run has a metric or parameter of this name."""
    queries: list[Sql] = []
    if quantity is not Quantity.PARAMETER:
        start = "SELECT 1 FROM run_metrics WHERE "
        queries += [Sql(start + each.text, each.values) for each in name_metric(name)]
    if quantity is not Quantity.METRIC:
        queries.append(Sql("SELECT 1 FROM run_parameters WHERE name = ?", (name,)))
        queries.append(Sql(f"SELECT 1 {_MANY} AND each.key = ?", (name,)))
    whole = join(" UNION ALL ", queries)
    return bool(fetch_rows(connection, f"{whole.text} LIMIT 1", whole.values))


def list_quantities(connection: Connection, quantity: Quantity, limit: int) -> list[str]:
    """Return names of metrics or parameters that runs have, at most *limit* of them."""
    found = [
        row[0]
        for kind, table in _TABLES.items()
        if quantity in {kind, Quantity.EITHER}
        for row in fetch_rows(connection, _skip_along(table), (limit,))
    ]
    if quantity is not Quantity.METRIC and len(found) < limit:
        query = f"SELECT DISTINCT each.key {_MANY} LIMIT ?"
        found += [row[0] for row in fetch_rows(connection, query, (limit,))]
    return list(dict.fromkeys(found))[:limit]


def _skip_along(table: str) -> str:
    """Return a query that jumps from one name to the next: there are few, of very many rows."""
    return f"""
        WITH RECURSIVE names (name) AS (
            SELECT min(name) FROM {table}
            UNION ALL
            SELECT (SELECT min(name) FROM {table} WHERE name > names.name) FROM names
            WHERE names.name IS NOT NULL
        )
        SELECT name FROM names WHERE name IS NOT NULL LIMIT ?
    """
