"""A stack: the components that a run uses."""

from pathlib import Path

from whence.domain.frozen import frozen
from whence.errors import StoreUnavailableError
from whence.interfaces.artifact_store import ArtifactStore
from whence.interfaces.metadata_store import MetadataStore
from whence.stacks.home import make_home


@frozen
class Stack:
    """Where artifacts and records are kept; *home* is the local folder beside them."""

    name: str
    home: Path
    artifact_store: ArtifactStore
    metadata_store: MetadataStore

    @property
    def logs(self) -> Path:
        """The folder for what steps print and log."""
        return self.home / "logs"

    def make_home(self) -> None:
        """Make the home, marked as one; to be called before the first write to the stack."""
        try:
            make_home(self.home)
        except OSError as error:
            raise StoreUnavailableError(
                store="home",
                location=self.home,
                act="made",
                reason=f"{error.strerror}: {error.filename}.",
                cure="Set WHENCE_HOME to a folder that you can write to, on a local disk.",
            ) from error

    def close(self) -> None:
        """Release what the components hold; they open again when used."""
        self.metadata_store.close()
