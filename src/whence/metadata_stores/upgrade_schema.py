"""Bringing the tables of a database to the newest schema, from none or from any older one."""

from sqlalchemy import Column, Connection, Table, exists
from sqlalchemy.schema import CreateIndex, CreateTable

from whence.domain.status import RunStatus
from whence.metadata_stores.last_metrics import keep_last_metrics
from whence.metadata_stores.run_indexes import INDEX_OLD_RUNS
from whence.metadata_stores.run_indexes import triggers as run_triggers
from whence.metadata_stores.schema import find_schema_version
from whence.metadata_stores.tables import (
    SCHEMA_VERSION,
    old_triggers,
    runs,
    schema,
    schema_version,
    step_runs,
    triggers,
)

_HAS_ENDED = exists().where(
    runs.c.id == step_runs.c.run_id, runs.c.status != RunStatus.RUNNING.value
)


def upgrade_schema(connection: Connection) -> None:
    """Add what the tables lack, unless another process was quicker.

    To be called inside a transaction that no other writer can enter: a process that is killed
    leaves the tables as they were, and the next one begins again.
    """
    found = find_schema_version(connection)
    if found is not None and found >= SCHEMA_VERSION:
        return
    for table in schema.sorted_tables:
        _add_table(connection, table)
    for change in (*old_triggers, *triggers, *run_triggers):
        connection.execute(change)
    if found is None:
        connection.execute(schema_version.insert(), {"version": SCHEMA_VERSION})
    else:
        connection.execute(keep_last_metrics(_HAS_ENDED))
        connection.exec_driver_sql(INDEX_OLD_RUNS)
        connection.execute(schema_version.update(), {"version": SCHEMA_VERSION})


def _add_table(connection: Connection, table: Table) -> None:
    """Make a table, or add the columns and indexes that it lacks."""
    connection.execute(CreateTable(table, if_not_exists=True))
    there = connection.exec_driver_sql(f"PRAGMA table_info({table.name})")
    names = {row.name for row in there}
    for column in table.columns:
        if column.name not in names:
            _add_column(connection, column)
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        connection.execute(CreateIndex(index, if_not_exists=True))


def _add_column(connection: Connection, column: Column[object]) -> None:
    kind = column.type.compile(connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {column.table.name} ADD COLUMN {column.name} {kind}")
