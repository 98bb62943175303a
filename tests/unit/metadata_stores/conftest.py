"""An SQLite store, what is sent to it, and a way to meddle with it."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from whence.metadata_stores.sqlite import SqliteMetadataStore


@pytest.fixture
def store(tmp_path):
    """Return an empty store."""
    store = SqliteMetadataStore(tmp_path / "metadata.sqlite")
    yield store
    store.close()


@pytest.fixture
def statements():
    """Collect every statement that SQLAlchemy sends."""
    sent: list[str] = []

    def collect(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", collect)
    yield sent
    event.remove(Engine, "before_cursor_execute", collect)


@pytest.fixture
def alter(store):
    """Return a function that changes the database behind the store's back."""

    def change(*statements: str) -> None:
        with closing(sqlite3.connect(store.path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    return change
