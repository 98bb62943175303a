"""Artifacts as tables."""

from collections.abc import Mapping

from whence.domain.records import ArtifactRecord
from whence.history.reports.quantities import format_size
from whence.history.reports.report import (
    Cell,
    Column,
    Drawing,
    Report,
    Table,
    Tone,
    make_row,
    make_table,
)

_COLUMNS = (
    Column("name", keep=True),
    Column("value"),
    Column("type"),
    Column("format"),
    Column("size", align="right"),
    Column("from"),
)


def artifact_kind(artifact: ArtifactRecord) -> str:
    """Return the type of an artifact's value; of the artifact, where no more is known."""
    return artifact.value_type or artifact.type.rpartition(".")[2]


def tabulate_artifacts(
    title: str,
    artifacts: Mapping[str, ArtifactRecord],
    *,
    values: Mapping[str, str] | None = None,
    producers: Mapping[str, str] | None = None,
    note: str = "",
) -> Table:
    """Return a table of named artifacts, with values and producers where they are known."""
    rows = [
        make_row(
            name,
            Cell((values or {}).get(name, ""), Tone.STRONG),
            artifact_kind(artifact),
            Cell(artifact.format or "", Tone.QUIET),
            format_size(artifact.size),
            Cell((producers or {}).get(name, ""), Tone.QUIET),
        )
        for name, artifact in artifacts.items()
    ]
    return make_table(title, _COLUMNS, rows, note)


def report_artifacts(
    title: str, artifacts: Mapping[str, ArtifactRecord], drawings: tuple[Drawing, ...] = ()
) -> Report:
    """Return the report of some artifacts; *drawings* are the pictures among them."""
    table = tabulate_artifacts("", artifacts, note="" if artifacts else "There are none.")
    return Report((Cell(title, Tone.STRONG),), sections=(table,), drawings=drawings)
