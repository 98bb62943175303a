"""Small stored values in words, for people who look at records."""

from whence.domain.records import ArtifactRecord
from whence.history.plain_values import describe_result
from whence.interfaces.metadata_store import MetadataStore

_LARGEST = 400  # bytes of a value that is worth looking up


def describe_small_value(artifact: ArtifactRecord, store: MetadataStore) -> str | None:
    """Return what a small JSON artifact holds; None for any other."""
    is_json = (artifact.format or "").startswith("json/")
    if not is_json or artifact.size > _LARGEST:
        return None
    content = store.find_content(artifact.digest)
    if content is None or not content.inline:
        return None
    data = next(iter(content.inline.values()))
    return describe_result(data.decode(errors="replace"))
