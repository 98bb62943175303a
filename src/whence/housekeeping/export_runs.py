"""A store with some runs and all that they need, to be carried elsewhere."""

import tempfile
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from whence.artifact_stores.durable_files import remove_tree
from whence.domain.records import RunFilter
from whence.errors import RecordNotFoundError, StoreUnavailableError
from whence.history.lookups import find_run_record, note_crashes
from whence.housekeeping.archives import ARCHIVE_SUFFIX, pack_store
from whence.housekeeping.local_parts import LocalParts, attended_work, opened_parts
from whence.housekeeping.merge_report import Merged
from whence.housekeeping.merge_stores import OnProgress, unite_stores
from whence.housekeeping.needed_rows import NeededRows
from whence.housekeeping.other_store import DATABASE, OtherStore
from whence.metadata_stores.foreign_database import ForeignDatabase
from whence.stacks.current import make_local_stack, open_stack
from whence.stacks.stack import Stack


def export_runs(  # noqa: PLR0913  # named, and each may be left out
    place: str | Path,
    runs: Sequence[str] = (),
    *,
    pipeline: str | None = None,
    tag: str | None = None,
    stack: Stack | None = None,
    on_progress: OnProgress | None = None,
) -> Merged:
    """Write runs, and all that they need, to *place*: a folder that is a store, or a `.tar` file.

    Named are runs, or all of a pipeline or with a tag; with nothing named, the whole store. What is
    in the folder already stays. Raises `RecordNotFoundError` and `StoreUnavailableError`.
    """
    source = stack or open_stack()
    _check_not_empty(source)
    target = Path(place).expanduser().absolute()
    chosen = _choose(source, runs, pipeline, tag)
    with opened_parts(source) as parts, attended_work(parts):
        if target.suffix != ARCHIVE_SUFFIX:
            _check_free(target)
            written = _export(parts, target, chosen, on_progress)
            return replace(written, place=Path(place))
        with _folder_beside(target) as folder:
            written = _export(parts, folder, chosen, on_progress)
            pack_store(folder, target)
            return replace(written, place=Path(place))


def _choose(
    stack: Stack, keys: Sequence[str], pipeline: str | None, tag: str | None
) -> set[str] | None:
    """Return the ids of the runs that are meant; None for everything."""
    note_crashes(stack.metadata_store)
    if not (keys or pipeline or tag):
        return None
    found = {find_run_record(stack.metadata_store, key).id for key in keys}
    if pipeline or tag:
        wanted = RunFilter(pipeline=pipeline, tags=(tag,) if tag else (), limit=None)
        listed = {run.id for run in stack.metadata_store.list_runs(wanted)}
        if not listed:
            raise _no_such_runs(pipeline, tag)
        found |= listed
    return {str(each) for each in found}


def _no_such_runs(pipeline: str | None, tag: str | None) -> RecordNotFoundError:
    """Say what no run has: the tag, or the pipeline, or both together."""
    suggestion = "List what there is: whence runs"
    if tag is None:
        return RecordNotFoundError(kind="run of pipeline", name=pipeline, suggestion=suggestion)
    of = "" if pipeline is None else f" of pipeline {pipeline!r}"
    return RecordNotFoundError(kind=f"run{of} with tag", name=tag, suggestion=suggestion)


def _export(
    parts: LocalParts, folder: Path, chosen: set[str] | None, on_progress: OnProgress | None
) -> Merged:
    private = parts.contents.open_staging()
    target = make_local_stack(folder, name="exported")
    try:
        with closing(ForeignDatabase(parts.records.path, private)) as database:
            store = OtherStore(parts.stack.home, database, parts.contents)
            if chosen is not None:
                store = replace(store, needed=NeededRows(store).find(chosen))
            target.make_home()
            with opened_parts(target) as written:
                united = unite_stores(store, written, on_progress)
                return replace(united, place=folder, act="Exported to")
    finally:
        target.close()
        parts.contents.discard(private)


def _check_not_empty(stack: Stack) -> None:
    if not (stack.home / DATABASE).is_file():
        raise StoreUnavailableError(
            store="export",
            location=stack.home,
            act="made",
            reason="No run is recorded there.",
            cure="Run a pipeline first, or go to the project whose runs you mean.",
        )


def _check_free(folder: Path) -> None:
    """Refuse a place that holds anything else than a store."""
    if not folder.exists() or (folder / DATABASE).is_file():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise StoreUnavailableError(
            store="export",
            location=folder,
            act="written",
            reason="Something else is there already.",
            cure="Name a new folder, or one that holds a store, or a file that ends in .tar.",
        )


@contextmanager
def _folder_beside(archive: Path) -> Generator[Path]:
    archive.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{archive.name}.", dir=archive.parent))
    try:
        yield folder / "store"
    finally:
        remove_tree(folder)  # also what is read-only
