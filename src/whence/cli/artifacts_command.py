"""`whence artifacts`: what runs have made."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from whence.cli.json_documents import describe_notes, print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show
from whence.domain.annotations import AnnotationKind, AnnotationRecord
from whence.domain.ids import StepRunId, short_id
from whence.domain.records import ArtifactRecord
from whence.history.reports.artifact_tables import artifact_kind
from whence.history.reports.quantities import format_count, format_size
from whence.history.reports.report import Cell, Column, Report, Tone, make_row, make_table
from whence.history.reports.shown import Shown

if TYPE_CHECKING:
    from whence.interfaces.metadata_store import MetadataStore

_COLUMNS = (
    Column("artifact", keep=True),
    Column("name", keep=True),
    Column("value"),
    Column("type"),
    Column("format"),
    Column("size", align="right"),
    Column("from"),
    Column("run", keep=True),
    Column("tags"),
)


_EXAMPLES = (
    ("whence artifacts", "the newest of all runs"),
    ("whence artifacts last", "those of the newest run"),
    ("whence artifacts last --json | jq '.artifacts[].digest'", "their digests"),
)


@click.command("artifacts", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("run", metavar="[RUN]", required=False)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="How many at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def list_artifacts(
    ctx: click.Context,
    run: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001  # click passes options by name
) -> None:
    """List artifacts, newest first.

    RUN is an id, its last 6 or more characters, a name, `last`, or `last~1` for the one before;
    without it, the artifacts of all runs are listed.
    """
    from whence.cli.run_keys import find_meant_run  # noqa: PLC0415  # reaches the stores: only when it is used
    from whence.stacks.current import open_stack  # noqa: PLC0415  # as above

    ctx.meta[JSON_ASKED] = as_json
    store = open_stack().metadata_store
    run_id = find_meant_run(run).id if run is not None else None
    found = store.list_artifacts(run_id=run_id, limit=limit)
    producers = _find_producers(store, found)
    said = _find_annotations(store, found)
    if as_json:
        print_json({"artifacts": [_describe(each, producers, said[each.id]) for each in found]})
    else:
        show(ArtifactList(found, producers, said, of_run=run is not None))


def _find_producers(
    store: "MetadataStore", artifacts: Sequence[ArtifactRecord]
) -> Mapping[StepRunId, str]:
    """Return the node of each step run that made one, by one query for each run."""
    runs = dict.fromkeys(each.run_id for each in artifacts if each.step_run_id is not None)
    return {step.id: step.node for run_id in runs for step in store.list_steps(run_id)}


def _find_annotations(
    store: "MetadataStore", artifacts: Sequence[ArtifactRecord]
) -> Mapping[str, Sequence[AnnotationRecord]]:
    """Return the tags and notes of each artifact, by one query."""
    said: dict[str, list[AnnotationRecord]] = {each.id: [] for each in artifacts}
    for annotation in store.list_annotations(list(said)):
        said[annotation.subject].append(annotation)
    return said


def _list_tags(said: Sequence[AnnotationRecord]) -> list[str]:
    return [each.text for each in said if each.kind is AnnotationKind.TAG]


def _describe(
    artifact: ArtifactRecord,
    producers: Mapping[StepRunId, str],
    said: Sequence[AnnotationRecord],
) -> dict[str, Any]:
    notes = [each for each in said if each.kind is AnnotationKind.NOTE]
    return {
        "id": artifact.id,
        "name": artifact.name,
        "type": artifact.type.rpartition(".")[2],
        "value_type": artifact.value_type,
        "format": artifact.format,
        "size_bytes": artifact.size,
        "digest": artifact.digest,
        "run": artifact.run_id,
        "producer": _producer(artifact, producers),
        "created_at": artifact.created_at,
        "tags": _list_tags(said),
        "notes": describe_notes(notes),
    }


def _producer(artifact: ArtifactRecord, producers: Mapping[StepRunId, str]) -> str | None:
    return None if artifact.step_run_id is None else producers.get(artifact.step_run_id)


_RUN_MADE_NONE = "This run made no artifacts; what it reused, earlier runs made."


class ArtifactList(Shown):
    """Artifacts of one run or of many, newest first."""

    def __init__(
        self,
        artifacts: Sequence[ArtifactRecord],
        producers: Mapping[StepRunId, str],
        said: Mapping[str, Sequence[AnnotationRecord]],
        *,
        of_run: bool,
    ) -> None:
        self._artifacts = artifacts
        self._none = _RUN_MADE_NONE if of_run else "There are no artifacts here."
        self._said = said
        self._producers = producers

    def _report(self) -> Report:
        found = self._artifacts
        title = format_count(len(found), "artifact") if found else self._none
        table = make_table("", _COLUMNS, map(self._row, found))
        return Report((Cell(title, Tone.STRONG),), sections=(table,) if found else ())

    def _row(self, artifact: ArtifactRecord) -> tuple[Cell, ...]:
        return make_row(
            short_id(artifact.id),
            artifact.name,
            artifact_kind(artifact),
            artifact.type.rpartition(".")[2],
            Cell(artifact.format or "", Tone.QUIET),
            format_size(artifact.size),
            _producer(artifact, self._producers) or "given to the run",
            Cell(short_id(artifact.run_id), Tone.QUIET),
            Cell(", ".join(_list_tags(self._said[artifact.id])), Tone.QUIET),
        )
