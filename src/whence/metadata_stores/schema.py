"""Which version the tables have, and the refusal of those that a newer Whence made."""

from sqlalchemy import Connection

from whence.errors import NewerStoreError
from whence.metadata_stores.tables import SCHEMA_VERSION


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
