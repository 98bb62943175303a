"""Making the tables, and refusing those that a newer Whence made."""

from sqlalchemy import Connection

from whence.errors import NewerStoreError
from whence.metadata_stores.tables import SCHEMA_VERSION, schema, schema_version


def find_schema_version(connection: Connection) -> int | None:
    """Return the version of the tables that are there; None if there are none yet."""
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
    if connection.exec_driver_sql(known).scalar() is None:
        return None
    return connection.exec_driver_sql("SELECT version FROM schema_version").scalar()


def check_schema_version(found: int, location: object) -> None:
    """Raise `NewerStoreError` for tables that this Whence does not know."""
    if found > SCHEMA_VERSION:
        raise NewerStoreError(location=location, found=found, known=SCHEMA_VERSION)


def create_schema(connection: Connection) -> None:
    """Make all tables, unless another process was quicker; to be called inside a transaction."""
    if find_schema_version(connection) is None:
        schema.create_all(connection, checkfirst=False)
        connection.execute(schema_version.insert(), {"version": SCHEMA_VERSION})
