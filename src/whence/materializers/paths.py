"""Files and folders that a step has made elsewhere, copied into the artifact."""

import os
import shutil
import stat
from pathlib import Path
from typing import Any, ClassVar

from whence.domain.artifacts import Artifact
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.interfaces.materializer import Materializer
from whence.values.assignability import is_assignable
from whence.values.type_forms import type_name

FOLDER = "folder"
"""Holds what was in a folder: its own name is often by chance, and would change the digest."""


class PathMaterializer(Materializer):
    """Stores the file or folder that a `Path` names, and gives a `Path` to the stored copy.

    A file keeps its name, so that readers see its suffix; a folder does not. Permissions, times and
    empty folders are not kept. Links and special files are refused: they mean something only where
    they were made.
    """

    format: ClassVar[str] = "path/1"

    def write(self, value: Any, artifact: Artifact, /) -> None:
        """Copy the file or folder *value*.

        Raises `NotStorableError` for what is neither, for what holds a link or special file, for
        names that are not Unicode, and for a folder without any file.
        """
        if not isinstance(value, Path):
            raise self._refuse(value, "It is not a Path.", "Return `Path(...)`.")
        files = self._list_files(value)
        for name, source in files.items():
            target = artifact.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)

    def read(self, artifact: Artifact, as_type: Any = None, /) -> Any:
        """Return the path of the stored file, or of the stored folder, for reading."""
        folder = artifact.path
        if as_type is not None and not is_assignable(type(folder), as_type):
            raise self._unreadable(artifact, f"It holds files, not a '{type_name(as_type)}'.")
        entries = list(folder.iterdir()) if folder.is_dir() else []
        if len(entries) != 1 or (entries[0].is_dir() and entries[0].name != FOLDER):
            raise self._unreadable(artifact, "It is neither one file nor one folder.")
        return entries[0]

    def _list_files(self, path: Path) -> dict[str, Path]:
        """Return the files to copy, under their names in the artifact, in a stable order."""
        kind = self._kind(path)
        if stat.S_ISREG(kind):
            return {path.name: path}
        files = {
            f"{FOLDER}/{file.relative_to(path).as_posix()}": file
            for entry in sorted(path.iterdir())
            for file in self._files_below(entry)
        }
        if not files:
            raise self._refuse(path, "It has no file in it.", "Write to it before it is returned.")
        return files

    def _files_below(self, path: Path) -> list[Path]:
        if stat.S_ISREG(self._kind(path)):
            return [path]
        return [file for entry in sorted(path.iterdir()) for file in self._files_below(entry)]

    def _kind(self, path: Path) -> int:
        """Return the mode of a file or folder; refuse anything else."""
        try:
            kind = path.lstat().st_mode
            os.fspath(path).encode()
        except OSError as error:
            raise self._refuse(
                path, f"{error.strerror}.", "Make it before returning it."
            ) from error
        except UnicodeEncodeError as error:
            raise self._refuse(path, f"Its name is no Unicode: {error}.", "Rename it.") from error
        if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
            return kind
        form = "a link" if stat.S_ISLNK(kind) else "neither a file nor a folder"
        raise self._refuse(path, f"It is {form}.", "Put a copy of the file in its place.")

    def _refuse(self, value: Any, reason: str, cure: str) -> NotStorableError:
        subject = repr(str(value)) if isinstance(value, Path) else f"A '{type_name(type(value))}'"
        return NotStorableError(subject=subject, format=self.format, reason=reason, cure=cure)

    def _unreadable(self, artifact: Artifact, reason: str) -> UnreadableArtifactError:
        cure = "Read it with the materializer that wrote it, or use its `path`."
        return UnreadableArtifactError(
            where=repr(artifact), format=self.format, reason=reason, cure=cure
        )
