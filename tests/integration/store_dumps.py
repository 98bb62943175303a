"""Stores as plain data: all their rows, and all the bytes that these promise."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from whence.errors import StoreError
from whence.metadata_stores.tables import schema
from whence.stacks.stack import Stack

LOCAL_COLUMNS = {"condemned_by"}
LOCAL_TABLES = {"schema_version", "collections"}
"""What is about one store alone."""


def dump_rows(stack: Stack) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table, sorted, without what is about one store alone."""
    stack.close()
    with closing(sqlite3.connect(stack.home / "metadata.sqlite")) as connection:
        return {
            table.name: sorted(
                connection.execute(
                    f"SELECT {', '.join(shared_columns(table))} FROM {table.name}"
                ).fetchall(),
                key=repr,
            )
            for table in schema.sorted_tables
            if table.name not in LOCAL_TABLES
        }


def shared_columns(table: Any) -> list[str]:
    """Return the columns that two stores can have in common."""
    return [column.name for column in table.columns if column.name not in LOCAL_COLUMNS]


def find_damage(stack: Stack) -> list[str]:
    """Return what is wrong with the contents that a store claims to have, every byte hashed."""
    store = stack.artifact_store
    found: list[str] = []
    for digest, collected_at in list_contents(stack):
        content = stack.metadata_store.find_content(digest)
        assert content is not None
        if collected_at is None:
            try:
                store.verify(content, full=True)
            except StoreError as error:
                found.append(str(error))
    return found


def list_contents(stack: Stack) -> list[tuple[str, int | None]]:
    """Return the digests of all contents, each with when it was collected."""
    with closing(sqlite3.connect(stack.home / "metadata.sqlite")) as connection:
        return connection.execute("SELECT digest, collected_at FROM contents").fetchall()


def list_leftovers(home: Path) -> list[str]:
    """Return what work that is over has left in a store's folders."""
    return [
        str(path.relative_to(home))
        for folder in ("artifacts/staging/*/*", "presence/*")
        for path in home.glob(folder)
    ]
