"""Earlier results that a run is handed, and `gc` was about to delete."""

from whence.domain.records import ContentNeeded
from whence.stacks.stack import Stack


def secure_content(stack: Stack, digest: str) -> None:
    """Let a content stay, if it is still there; whoever reads it afterwards is told otherwise.

    To be called by a run that others see. A collection that begins later waits for that run; one
    that has begun already does not, so it is told.
    """
    content = stack.metadata_store.find_content(digest)
    if content is not None and content.condemned:
        stack.metadata_store.record([ContentNeeded(digest)])
        content = stack.metadata_store.find_content(digest)
    if content is not None and content.collected_at is not None:
        stack.artifact_store.verify(content)  # says so
