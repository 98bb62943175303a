"""How files become known and durable: hashed, flushed to the disk, and sealed."""

import contextlib
import errno
import mmap
import os
import shutil
import stat
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from blake3 import blake3

from whence.artifact_stores.output_files import OutputFiles
from whence.domain.contents import Content, FileEntry, describe_files, hash_bytes

SMALL_BYTES = 1 << 20
"""Files up to this size are read whole; larger ones are hashed by several threads from a map."""

FLUSH_THREADS = 8
"""Flushes that wait together: file systems write the journal once for all of them."""

FILE_MODE, FOLDER_MODE = 0o444, 0o555
_SEAL_SECONDS = 1_000_000_000  # Recognisable to a person: 9 September 2001.


def hash_beside_flush(folder: Path, found: OutputFiles) -> Content:
    """Return the content of *folder*, all of whose files are flushed meanwhile."""
    with ThreadPoolExecutor(1) as pool:  # hashing and flushing both leave the interpreter free
        hashed = pool.submit(hash_files, folder, found)
        flush_files(folder, found.sizes)
        return hashed.result()


def hash_files(folder: Path, found: OutputFiles) -> Content:
    """Return the content of the files of *folder*."""
    return describe_files(
        [FileEntry(name, size, hash_file(folder / name)) for name, size in found.sizes.items()]
    )


def hash_file(path: Path) -> str:
    """Return the digest of a regular file, in hexadecimal.

    Raises `OSError` for anything else than a regular file, and never waits for a pipe's writer.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            message = "Not a regular file"
            raise OSError(0, message, str(path))
        return _hash_descriptor(descriptor, status.st_size)
    finally:
        os.close(descriptor)


def _hash_descriptor(descriptor: int, size: int) -> str:
    if size <= SMALL_BYTES:
        return hash_bytes(os.read(descriptor, SMALL_BYTES + 1))
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as mapped:
        return blake3(mapped, max_threads=blake3.AUTO).hexdigest()


def flush_files(folder: Path, names: Iterable[str]) -> None:
    """Make files read-only and wait until the disk has them.

    After an error nothing is known of the file any more: the system may have dropped the pages
    that it could not write, so that flushing again would succeed and lie.
    """
    paths = [folder / name for name in names]
    for path in paths:
        path.chmod(FILE_MODE)
    if len(paths) == 1:
        flush(paths[0])
        return
    with ThreadPoolExecutor(FLUSH_THREADS) as pool:
        list(pool.map(flush, paths))


def flush(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # this file system cannot flush folders, and need not
            raise
    finally:
        os.close(descriptor)


def link_files(source: Path, folder: Path, content: Content) -> OutputFiles:
    """Let *folder* hold the files of *content* that lie in *source*, without copying them.

    A file system without links, or with too many of them, gets copies.
    """
    folders = {""}
    for entry in content.files:
        path = folder / entry.name
        path.parent.mkdir(parents=True, exist_ok=True)
        folders.update(str(each) for each in PurePosixPath(entry.name).parents if each.name)
        try:
            path.hardlink_to(source / entry.name)
        except OSError:
            shutil.copy2(source / entry.name, path)
            flush_files(folder, [entry.name])
    return OutputFiles({entry.name: entry.size for entry in content.files}, tuple(sorted(folders)))


def seal_files(folder: Path, content: Content) -> None:
    """Give every file the time of change that says: not touched since it was committed."""
    for entry in content.files:
        moment = seal_of(entry.digest)
        os.utime(folder / entry.name, ns=(moment, moment), follow_symlinks=False)


def seal_of(digest: str) -> int:
    """Return the time of change, in nanoseconds, of an untouched file with this digest.

    It follows from the digest, so nothing need be recorded, it outlives a copy that keeps times,
    and a file that took another's place does not bear it.
    """
    return _SEAL_SECONDS * 10**9 + int(digest[:8], 16) % 10**9


def close_folders(folder: Path, found: OutputFiles) -> None:
    """Flush *folder* and the folders inside it, children first; make the inner ones read-only.

    *folder* itself stays writable: a folder that is not cannot be moved.
    """
    for name in reversed(found.folders):
        if name:
            (folder / name).chmod(FOLDER_MODE)
        flush(folder / name)


def make_durable_folder(folder: Path) -> None:
    """Make *folder* and its parents, so that their names survive power loss."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
    made = [place.parent for place in missing] or [folder.parent]  # its maker may not be that far
    for parent in made:
        with contextlib.suppress(PermissionError):  # a parent that others own may be unreadable
            flush(parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder, read-only or not, or what stands in its place, as far as possible."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(folder)
    except OSError:
        _make_writable(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _make_writable(folder: Path) -> None:
    folder.chmod(0o700)
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o700)
