"""Which component a URL stands for, by the scheme of the address.

Entry-point group `whence.artifact_stores` or `whence.metadata_stores` maps a scheme to a callable
that takes the URL and returns the component; `whence.orchestrators` to one that takes the URL and
the means of a run. The built-in ones are found by the same door.
"""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from whence.errors import ComponentNotFoundError, MissingPackageError, suggest
from whence.interfaces.artifact_store import ArtifactStore
from whence.interfaces.metadata_store import MetadataStore
from whence.interfaces.orchestrator import Means, Orchestrator

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")

ARTIFACT_STORES = "whence.artifact_stores"
METADATA_STORES = "whence.metadata_stores"
ORCHESTRATORS = "whence.orchestrators"


def create_artifact_store(url: str) -> ArtifactStore:
    """Return the artifact store at *url*; raise `ComponentNotFoundError`."""
    return _find(ARTIFACT_STORES, "artifact store", url)(url)


def create_metadata_store(url: str) -> MetadataStore:
    """Return the metadata store at *url*; raise `ComponentNotFoundError`."""
    return _find(METADATA_STORES, "metadata store", url)(url)


def create_orchestrator(url: str, means: Means[JobT, ResultT]) -> Orchestrator[JobT, ResultT]:
    """Return the orchestrator at *url*; raise `ComponentNotFoundError`."""
    return _find(ORCHESTRATORS, "orchestrator", url)(url, means)


def _find(group: str, kind: str, url: str) -> Any:
    scheme, colon, _ = url.partition("://")
    entries = _entries(group)
    if not colon or scheme not in entries:
        raise ComponentNotFoundError(
            kind=kind,
            name=scheme if colon else url,
            reason=f"No installed package offers one in the group '{group}'."
            if colon
            else "It is not a URL: it has no scheme, as in `file://`.",
            suggestion=suggest(scheme, sorted(entries)),
        )
    return _load(entries[scheme], kind)


@functools.cache
def _entries(group: str) -> Mapping[str, "EntryPoint"]:
    return {entry.name: entry for entry in _scan().select(group=group)}


@functools.cache
def _scan() -> Any:
    from importlib.metadata import (  # noqa: PLC0415  # slow to scan: once, when asked for
        entry_points,
    )

    return entry_points()


def _load(entry: "EntryPoint", kind: str) -> Any:
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        missing = error.name or entry.module
        raise MissingPackageError(
            subject=f"The {kind} '{entry.name}'", package=missing, requirement=missing
        ) from error
