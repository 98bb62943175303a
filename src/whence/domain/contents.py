"""Contents: immutable files under one digest, the same whether inline, local or remote."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime

from blake3 import blake3

from whence.domain.frozen import frozen

MANIFEST_TAG = b"whence-manifest-1"
"""Starts every hashed manifest, so that no other hashed thing can be mistaken for one."""


INLINE_BYTES = 8 * 1024
"""Bytes up to which a content that is one file is kept in the metadata store, not as a file."""


@frozen
class FileEntry:
    """One file of a content."""

    name: str  # relative, with `/` between the parts
    size: int  # bytes
    digest: str  # blake3 of the bytes, in hexadecimal


@frozen
class Content:
    """The files of an artifact, known by the digest of their manifest.

    *inline* holds the bytes themselves where they are so few that the metadata store keeps them.
    """

    digest: str
    size: int
    files: tuple[FileEntry, ...]
    inline: Mapping[str, bytes] | None = field(default=None, compare=False)
    collected_at: datetime | None = field(
        default=None, compare=False
    )  # when `gc` deleted its bytes
    condemned: bool = field(
        default=False, compare=False
    )  # `gc` is about to: nobody may begin to use it


def hash_bytes(data: bytes | memoryview) -> str:
    """Return the digest of one file's bytes."""
    return blake3(data).hexdigest()


def compute_digest(files: Sequence[FileEntry]) -> str:
    """Return the digest of a manifest, written with its algorithm.

    Two contents share a digest exactly when they hold the same names with the same bytes. Every
    field is preceded by its length, so that no two manifests can be written alike.
    """
    hasher = blake3(MANIFEST_TAG)
    for entry in sorted(files, key=lambda entry: entry.name.encode()):
        name = entry.name.encode()
        hasher.update(b"%d:%b%d:%b" % (len(name), name, entry.size, bytes.fromhex(entry.digest)))
    return "blake3:" + hasher.hexdigest()


def describe_files(files: Sequence[FileEntry]) -> Content:
    """Return the content that consists of *files*, wherever they lie."""
    ordered = tuple(sorted(files, key=lambda entry: entry.name.encode()))
    return Content(compute_digest(ordered), sum(entry.size for entry in ordered), ordered)


def make_inline_content(files: Mapping[str, bytes]) -> Content:
    """Return the content of *files*, carrying their bytes."""
    entries = [FileEntry(name, len(data), hash_bytes(data)) for name, data in files.items()]
    described = describe_files(entries)
    return Content(described.digest, described.size, described.files, dict(files))
