"""The files of a test's inputs and outputs: what is to be copied, and how the test reads it."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from whence.domain.artifacts import Artifact, DataArtifact, ModelArtifact
from whence.engine.step_job import CollectedInput, StepInput, StoredInput
from whence.graph.interface import Argument
from whence.interfaces.materializer import Materializer
from whence.registry.materializers import materializer_for, materializer_for_format
from whence.running.fixture_source import (
    Imports,
    write_class,
    write_literal,
    write_materializer,
    write_type,
)
from whence.values.assignability import is_path_type

RECORDED = "RECORDED"
"""What a test calls the folder beside it."""

_PICKLE = "pickle/"


class NotWritableError(Exception):
    """Something cannot be put into a test; its text says what and why."""

    def __init__(
        self, *, reason: str, cure: str = "Let it be stored otherwise, or write the test by hand."
    ) -> None:
        super().__init__(reason)
        self.cure = cure


@dataclass(slots=True)
class FixtureData:
    """Collects what is copied into the folder beside a test."""

    imports: Imports
    spec_name: str  # of the step, as the test knows it
    copies: dict[str, Callable[[Path], object]] = field(
        default_factory=dict[str, Callable[[Path], object]]
    )  # by place in the folder: what fills it
    sizes: dict[str, int] = field(default_factory=dict[str, int])

    def write_input(self, argument: Argument, given: StepInput, value: Any) -> str:
        """Return the source of what an argument takes, copying what it needs."""
        literal = write_literal(value) if argument.artifact_type is None else None
        if literal is not None:
            return literal
        return self._write_given(f"inputs/{argument.name}", argument.annotation, given, argument)

    def _write_given(
        self, place: str, annotation: Any, given: StepInput, argument: Argument
    ) -> str:
        if isinstance(given, StoredInput):
            return self._write_stored(place, given, argument)
        if not isinstance(given, CollectedInput):
            return "None"
        items = [
            (key, self._write_given(f"{place}/{_as_file(key)}", annotation, item, argument))
            for key, item in given.items
        ]
        kind: type[Any] = given.kind
        if issubclass(kind, dict):
            return f"{{{', '.join(f'{key!r}: {item}' for key, item in items)}}}"
        inside = ", ".join(item for _, item in items)
        if kind is list:
            return f"[{inside}]"
        name = "" if kind is tuple else write_class(kind, self.imports) or ""
        return f"{name}({inside}{',' if not name and len(items) == 1 else ''})"

    def _write_stored(self, place: str, given: StoredInput, argument: Argument) -> str:
        artifact = given.artifact
        self.copy_artifact(place, artifact)
        if argument.artifact_type is not None:
            return self.write_artifact(place, artifact)
        if is_path_type(given.annotation):
            return write_place(place, *self._only_file(artifact))
        materializer = materializer_for_format(str(artifact.format))
        return self.write_reading(place, artifact, materializer, given.annotation)

    def _only_file(self, artifact: Artifact) -> list[str]:
        files = [each for each in artifact.path.rglob("*") if each.is_file()]
        return [files[0].relative_to(artifact.path).as_posix()] if len(files) == 1 else []

    def write_artifact(self, place: str, artifact: Artifact) -> str:
        """Return the source of an artifact whose files are copied."""
        known = ModelArtifact if isinstance(artifact, ModelArtifact) else DataArtifact
        name = self.imports.name("whence.artifacts", known.__name__)
        return f"{name}({write_place(place)})"

    def write_reading(
        self, place: str, artifact: Artifact, materializer: Materializer, annotation: Any
    ) -> str:
        """Return the source that reads an artifact whose files are copied."""
        made = write_materializer(materializer, annotation, self.imports)
        if made is None:
            raise NotWritableError(reason=f"No other module can name what reads {place}.")
        written = write_type(annotation, self.imports)
        as_type = f", {written}" if written is not None else ""
        return f"{made}.read({self.write_artifact(place, artifact)}{as_type})"

    def copy_artifact(self, place: str, artifact: Artifact) -> None:
        """Let the files of an artifact be copied. Raises `NotWritableError` for a pickle."""
        folder = artifact.path
        is_pickle = str(artifact.format).startswith(_PICKLE)
        if is_pickle or any(_PICKLE in _read(each) for each in folder.rglob("*.json")):
            raise NotWritableError(
                reason=f"{place} is stored as a pickle: reading it would run what it says."
            )
        self.copies[place] = lambda target: _copy_tree(folder, target)
        self.sizes[place] = artifact.size

    def write_parameter(self, argument: Argument, value: Any) -> str:
        """Return the source of a parameter, copying the file that it names."""
        literal = write_literal(value)
        if literal is not None:
            return literal
        place = f"parameters/{argument.name}"
        if isinstance(value, Path):
            return self._write_path(place, value)
        if isinstance(value, Enum):
            name = write_class(type(value), self.imports)
            if name is not None:
                return f"{name}.{value.name}"
        materializer = materializer_for(argument.annotation)
        artifact = DataArtifact("")
        source = self.write_reading(place, artifact, materializer, argument.annotation)
        self.copies[place] = lambda target: materializer.write(value, DataArtifact(target))
        self.sizes[place] = 0
        return source

    def _write_path(self, place: str, path: Path) -> str:
        if not path.exists():
            return f'{self.imports.name("pathlib", "Path")}("{path.as_posix()}")'
        whole = path.absolute()
        self.copies[place] = lambda target: _copy_tree(whole, target / whole.name)
        self.sizes[place] = _size_of(whole)
        return write_place(place, whole.name)

    def fill(self, folder: Path) -> None:
        """Write everything into the folder."""
        for place, copy in self.copies.items():
            target = folder / place
            target.mkdir(parents=True, exist_ok=True)
            copy(target)


def write_place(place: str, *more: str) -> str:
    """Return the source of a place in the folder beside the test."""
    return " / ".join([RECORDED, *(f'"{part}"' for part in [place, *more])])


def _as_file(key: Any) -> str:
    return "".join(each if each.isalnum() or each in "-_" else "_" for each in str(key))


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _size_of(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


def _copy_tree(source: Path, target: Path) -> None:
    """Copy a file or folder, so that its owner may write to the copy."""
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        return
    for folder, _, files in os.walk(source):
        inside = target / Path(folder).relative_to(source)
        inside.mkdir(parents=True, exist_ok=True)
        for name in files:
            shutil.copyfile(Path(folder, name), inside / name)


def list_files(folder: Path) -> Mapping[str, bytes]:
    """Return the files of a folder by their names."""
    found = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in found}
