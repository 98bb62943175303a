"""Keeps what an attempt printed and logged."""

from whence.domain.contents import INLINE_BYTES, Content, make_inline_content
from whence.interfaces.artifact_store import ArtifactStore

LOG_FILE = "log.txt"


def keep_log(store: ArtifactStore, data: bytes) -> Content | None:
    """Return what was written as a content; None where nothing was."""
    if not data:
        return None
    if len(data) <= INLINE_BYTES:
        return make_inline_content({LOG_FILE: data})
    folder = store.open_staging()
    (folder / LOG_FILE).write_bytes(data)
    return store.commit(folder)
