"""The rows of a query as records, whatever some of them have suffered."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select
from sqlalchemy.exc import OperationalError

from whence.metadata_stores.encoding import clean_texts

Facts = TypeVar("Facts")
Found = TypeVar("Found")
_log = logging.getLogger("whence.metadata_stores")


def fetch(
    connection: Connection, query: Select[Any], decode: Callable[[Row[Any]], Found]
) -> list[Found]:
    """Return the records of a query; a damaged row is left out, with a warning."""
    rows = fetch_rows(connection, query)
    return decode_all(((row[0], row) for row in rows), decode)


def fetch_rows(
    connection: Connection, query: Select[Any] | str, values: tuple[Any, ...] = ()
) -> Sequence[Row[Any]]:
    """Return the rows of a query; bytes that are no text get a mark in their place.

    *values* are those of a query that is given in the words of the database.
    """
    try:
        return _execute(connection, query, values)
    except OperationalError as error:
        if "decode" not in str(error.orig):
            raise
    driver: Any = connection.connection.driver_connection
    driver.text_factory = _decode_damaged_text
    try:
        return _execute(connection, query, values)
    finally:
        driver.text_factory = str


def _execute(
    connection: Connection, query: Select[Any] | str, values: tuple[Any, ...]
) -> Sequence[Row[Any]]:
    if not isinstance(query, str):
        return connection.execute(query).all()
    try:
        return connection.exec_driver_sql(query, values).all()
    except UnicodeEncodeError:  # what is asked about has half a surrogate pair
        return connection.exec_driver_sql(query, clean_texts(values)).all()


def _decode_damaged_text(data: bytes) -> str:
    return data.decode(errors="replace")


def decode_all(
    rows: Iterable[tuple[object, Facts]], decode: Callable[[Facts], Found]
) -> list[Found]:
    """Return the records of rows that come with their ids; a damaged one is left out."""
    found: list[Found] = []
    for identifier, row in rows:
        try:
            found.append(decode(row))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            _log.warning(
                "A damaged record is left out: %s (%s: %s)", identifier, type(error), error
            )
    return found
