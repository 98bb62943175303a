"""Which contents people know as what: an output of a step of a run, or what it printed."""

import json
from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlalchemy import Connection

from whence.domain.ids import short_id
from whence.housekeeping.findings import Finding
from whence.housekeeping.local_parts import LocalParts

_ARTIFACTS = """
    SELECT a.digest, coalesce(s.node || '.', '') || a.name, a.run_id FROM artifacts AS a
    LEFT JOIN step_runs AS s ON s.id = a.step_run_id
    WHERE a.digest IN (SELECT value FROM json_each(?))
"""
_LOGS = """
    SELECT log_digest, 'log of ' || node, run_id FROM step_runs
    WHERE log_digest IN (SELECT value FROM json_each(?))
"""


def name_contents(parts: LocalParts, findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, those about contents with what people know these as."""
    every = list(findings)
    digests = {each.where for each in every if each.where.startswith("blake3:")}
    with parts.records.database.reading() as connection:
        names = {} if connection is None or not digests else _find_names(connection, digests)
    return [replace(each, of=names.get(each.where, "")) for each in every]


def _find_names(connection: Connection, digests: Collection[str]) -> dict[str, str]:
    """Return the name of each content, that of the newest artifact where several share it."""
    wanted = (json.dumps(sorted(digests)),)
    return {
        row[0]: f"{row[1]} of run {short_id(row[2])}"
        for query in (_LOGS, _ARTIFACTS)
        for row in connection.exec_driver_sql(query, wanted)
    }
