"""The two parts of a store on this machine, which housekeeping looks into."""

from collections.abc import Generator
from contextlib import contextmanager

from whence.artifact_stores.local import LocalArtifactStore
from whence.domain.frozen import frozen
from whence.domain.ids import RunId, new_id
from whence.errors import StoreUnavailableError
from whence.metadata_stores.sqlite import SqliteMetadataStore
from whence.stacks.stack import Stack


@frozen
class LocalParts:
    """The records and the contents of one stack; the records through a connection of their own.

    Whoever shares it would not hear that something was written: see `RememberedEntries`.
    """

    stack: Stack
    records: SqliteMetadataStore
    contents: LocalArtifactStore


@contextmanager
def opened_parts(stack: Stack) -> Generator[LocalParts]:
    """Yield the parts of a local stack. Raises `StoreUnavailableError` for any other."""
    records, contents = stack.metadata_store, stack.artifact_store
    if not isinstance(records, SqliteMetadataStore) or not isinstance(contents, LocalArtifactStore):
        raise StoreUnavailableError(
            store="stack",
            location=stack.name,
            act="kept in order",
            reason="Only a stack whose records and contents lie on this machine can be so far.",
            cure="Do it on the machine where they lie.",
        )
    own = SqliteMetadataStore(records.path)
    try:
        yield LocalParts(stack, own, contents)
    finally:
        own.close()


@contextmanager
def attended_work(parts: LocalParts) -> Generator[None]:
    """Let `gc` wait for what is done in the block, as it does for a run."""
    presence = parts.records.attend(RunId(new_id()), lambda _level: None)
    try:
        yield
    finally:
        presence.close(ended=True)
