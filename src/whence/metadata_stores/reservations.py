"""Who computes a cache key just now, decided by the database and its clock."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection

from whence.domain.records import Reservation
from whence.metadata_stores.tables import NOW

_LIVE = f"{NOW} < r.expires_at AND r.expires_at <= {NOW} + r.lease"
"""A lease that ends later than it can is of a clock that went back, and blocks nobody."""

_TAKE = f"""
    INSERT INTO reservations AS r (key, holder, expires_at, lease)
    VALUES (?1, ?2, {NOW} + ?3, ?3)
    ON CONFLICT (key) DO UPDATE
    SET holder = excluded.holder, expires_at = excluded.expires_at, lease = excluded.lease
    WHERE r.holder = excluded.holder OR NOT ({_LIVE})
"""  # noqa: S608  # ours
_LOOK = f"SELECT holder, (expires_at - {NOW}) / 1e6 FROM reservations WHERE key = ?"  # noqa: S608  # ours
_MINE = "WHERE holder = ?1 AND key IN (SELECT value FROM json_each(?2))"
_RENEW = f"UPDATE reservations SET expires_at = {NOW} + ?3, lease = ?3 {_MINE}"  # noqa: S608  # ours
_RELEASE = f"DELETE FROM reservations {_MINE}"  # noqa: S608  # ours


def reserve(connection: Connection, key: str, holder: str, lease_seconds: float) -> Reservation:
    """Take *key* for *holder*, unless another one has it and its lease goes on.

    To be called inside a transaction that no other writer can enter.
    """
    connection.exec_driver_sql(_TAKE, (key, holder, _microseconds(lease_seconds)))
    taken_by, seconds_left = connection.exec_driver_sql(_LOOK, (key,)).one()
    return Reservation(
        key=key, holder=taken_by, is_mine=taken_by == holder, seconds_left=seconds_left
    )


def renew(connection: Connection, keys: Sequence[str], holder: str, lease_seconds: float) -> None:
    """Prolong what *holder* still has of *keys*."""
    values = (holder, json.dumps(list(keys)), _microseconds(lease_seconds))
    connection.exec_driver_sql(_RENEW, values)


def release(connection: Connection, keys: Sequence[str], holder: str) -> None:
    """Give back what *holder* still has of *keys*."""
    connection.exec_driver_sql(_RELEASE, (holder, json.dumps(list(keys))))


def _microseconds(seconds: float) -> int:
    return int(seconds * 1_000_000)
