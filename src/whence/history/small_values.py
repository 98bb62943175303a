"""Small stored values in words, for people who look at records."""

from collections.abc import Iterable, Mapping

from whence.domain.records import ArtifactRecord
from whence.history.plain_values import describe_result
from whence.interfaces.metadata_store import MetadataStore

_LARGEST = 400  # bytes of a value that is worth looking up


def describe_small_value(artifact: ArtifactRecord, store: MetadataStore) -> str | None:
    """Return what a small JSON artifact holds; None for any other."""
    return describe_small_values([artifact], store).get(artifact.digest)


def describe_small_values(
    artifacts: Iterable[ArtifactRecord], store: MetadataStore
) -> Mapping[str, str]:
    """Return what those artifacts hold that are small JSON, by digest, with one look at most."""
    wanted = [each.digest for each in artifacts if _is_small_json(each)]
    if not wanted:
        return {}
    return {
        digest: describe_result(next(iter(content.inline.values())).decode(errors="replace"))
        for digest, content in store.find_contents(wanted).items()
        if content.inline
    }


def _is_small_json(artifact: ArtifactRecord) -> bool:
    return (artifact.format or "").startswith("json/") and artifact.size <= _LARGEST
