"""Files that stay where they are: known by their address and the version that is there now."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file at an address, as it was when a pipeline was called: a parameter of steps.

    Address and *etag* are recorded and enter the cache key; the step reads the file itself.
    """

    uri: str
    etag: str  # what the server calls this version of the content
