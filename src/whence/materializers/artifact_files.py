"""How materializers reach the files of an artifact: writable in memory, private to the reader."""

import mmap
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whence.domain.artifacts import Artifact
from whence.errors import UnreadableArtifactError, WhenceError
from whence.values.type_forms import runtime_class, type_name, union_members

MAPPED_FROM = 1 << 20  # Smaller files are read at once: each mapping holds a file descriptor.


def open_buffer(artifact: Artifact, name: str) -> "bytearray | mmap.mmap":
    """Return the bytes of one file, which the reader may change without touching the file.

    Large files are memory-mapped, so that only what is used is ever read.
    """
    if artifact.uri.startswith("whence:"):  # inline: never unfolded to disk for this
        return bytearray(artifact.read_file(name))
    with (artifact.path / name).open("rb") as file:
        if file.seek(0, 2) >= MAPPED_FROM:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        file.seek(0)
        return bytearray(file.read())


def prepare_file(artifact: Artifact, name: str) -> Path:
    """Return where to write the file *name*, in a folder that exists."""
    folder = artifact.path
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


@contextmanager
def refuse_broken_files(
    artifact: Artifact, format_name: str, *, fix: str = ""
) -> Generator[None, None, None]:
    """Turn whatever a library raises on strange bytes into an `UnreadableArtifactError`."""
    try:
        yield
    except WhenceError:
        raise
    except Exception as error:
        first_line = (str(error).splitlines() or [""])[0]
        reason = f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__
        cure = fix or "Run the step that made it again, or name the materializer that wrote it."
        raise UnreadableArtifactError(
            where=repr(artifact), format=format_name, reason=reason, cure=cure
        ) from error


def choose_view(as_type: Any, stored: str, views: tuple[str, ...]) -> str | None:
    """Return the name of the type to read as: the stored one where *as_type* allows it.

    None means that nothing that *as_type* allows can be read.
    """
    if as_type is None or as_type is Any or as_type is object:
        return stored
    allowed = [public_name(member) for member in union_members(as_type)]
    if stored in allowed or Any in union_members(as_type):
        return stored
    return next((name for name in allowed if name in views), None)


def refuse_view(artifact: Artifact, format_name: str, as_type: Any, views: str) -> Exception:
    """Return the error for a type that an artifact of this format cannot be read as."""
    return UnreadableArtifactError(
        where=repr(artifact),
        format=format_name,
        reason=f"It cannot be read as {type_name(as_type)}.",
        cure=f"Read it as {views}.",
    )


def public_name(annotation: Any) -> str:
    """Return the name under which people know a class: that of its package, and its own."""
    cls = runtime_class(annotation)
    return "" if cls is None else f"{cls.__module__.partition('.')[0]}.{cls.__qualname__}"
