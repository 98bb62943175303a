"""Keeps what an attempt printed and logged."""

from whence.domain.contents import INLINE_BYTES, Content, make_inline_content
from whence.errors import StoreError
from whence.interfaces.artifact_store import ArtifactStore

LOG_FILE = "log.txt"
_LOG_IS_LOST = b"[whence] The disk did not take this log; what follows is its end.\n"


def keep_log(store: ArtifactStore, data: bytes) -> Content | None:
    """Return what was written as a content; None where nothing was."""
    if not data:
        return None
    if len(data) <= INLINE_BYTES:
        return make_inline_content({LOG_FILE: data})
    try:
        folder = store.open_staging()
        (folder / LOG_FILE).write_bytes(data)
        return store.commit(folder)
    except (OSError, StoreError):  # no step fails for what it says
        return make_inline_content({LOG_FILE: _LOG_IS_LOST + data[-INLINE_BYTES // 2 :]})
