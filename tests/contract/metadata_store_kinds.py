"""The metadata stores that there are, each made in an empty folder."""

from collections.abc import Callable
from pathlib import Path

from whence.interfaces.metadata_store import MetadataStore
from whence.metadata_stores.sqlite import SqliteMetadataStore

STORES: dict[str, Callable[[Path], MetadataStore]] = {
    "sqlite": lambda folder: SqliteMetadataStore(folder / "metadata.sqlite")
}
