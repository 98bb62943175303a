"""How a test compares what a step gives with what it gave."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whence.domain.artifacts import Artifact, DataArtifact
from whence.graph.interface import OutputSpec
from whence.running.fixture_data import FixtureData, NotWritableError, list_files, write_place
from whence.running.fixture_source import (
    frame_kind,
    holds_float,
    is_flat,
    write_literal,
    write_materializer,
)
from whence.values.assignability import is_path_type

FILES_OF = '''def files_of(folder):
    """Return the bytes of each file of a folder, by its name."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
'''
"""What a test has that compares files."""

_LOOSER = "# Numbers may differ by 1e-6 of their size: change rel= to loosen it."
_FRAME_LOOSER = "# Numbers may differ by 1e-6 of their size: change rtol= to loosen it."
_EXACT = "# Stored, it is the same to the byte. To loosen it, compare what you rely on."
_VARIES = "# Stored, it differs from call to call: better compare what you rely on."


@dataclass(slots=True)
class Checks:
    """Writes the lines that compare outputs."""

    data: FixtureData
    needs_folder: bool = False  # the test gets `tmp_path`
    needs_files: bool = False  # and `files_of`

    def compare(self, name: str, output: OutputSpec, recorded: Artifact, now: Any) -> Iterator[str]:
        """Yield the lines that compare the value *name* with a recorded output."""
        expected = recorded.read(None if output.annotation is None else output.annotation)
        literal = write_literal(expected)
        if literal is not None:
            yield from self._compare_plain(name, expected, literal)
            return
        kind = frame_kind(expected)
        if kind is not None:
            yield from self._compare_frames(name, output, recorded, kind, expected)
        elif is_path_type(output.annotation):
            yield from self._compare_paths(name, output, recorded)
        elif _is_equal(expected, now):
            yield f"expected = {self._read(output, recorded)}"
            yield f"assert {name} == expected"
        else:
            yield from self._compare_stored(name, output, recorded, now)

    def _compare_plain(self, name: str, expected: Any, literal: str) -> Iterator[str]:
        if not holds_float(expected):
            sign = "is" if expected is None or isinstance(expected, bool) else "=="
            yield f"assert {name} {sign} {literal}"
        elif is_flat(expected):
            self.data.imports.module("pytest")
            yield _LOOSER
            yield f"assert {name} == pytest.approx({literal}, rel=1e-6)"
        else:
            yield f"assert {name} == {literal}"

    def _compare_frames(
        self, name: str, output: OutputSpec, recorded: Artifact, kind: str, expected: Any
    ) -> Iterator[str]:
        yield f"expected = {self._read(output, recorded)}"
        package, _, cls = kind.partition(".")
        if package == "pyarrow":
            yield f"assert {name}.equals(expected)"
        elif package == "numpy":
            numpy = self.data.imports.module("numpy", "np")
            is_exact = expected.dtype.kind not in "fc"
            if not is_exact:
                yield _FRAME_LOOSER
            how = "array_equal" if is_exact else "allclose"
            more = "" if is_exact else ", rtol=1e-6"
            yield f"{numpy}.testing.assert_{how}({name}, expected{more})"
        else:
            compare = "assert_frame_equal" if cls == "DataFrame" else "assert_series_equal"
            self.data.imports.name(f"{package}.testing", compare)
            tolerance = "rtol" if package == "pandas" else "rel_tol"
            yield _FRAME_LOOSER.replace("rtol", tolerance)
            yield f"{compare}({name}, expected, {tolerance}=1e-6)"

    def _compare_paths(self, name: str, output: OutputSpec, recorded: Artifact) -> Iterator[str]:
        place = f"outputs/{output.name}"
        self.data.copy_artifact(place, recorded)
        self.needs_files = True
        yield f"folder = {name} if {name}.is_dir() else {name}.parent"
        yield f"recorded = files_of({write_place(place)})"
        yield "assert {file: files_of(folder)[file] for file in recorded} == recorded"

    def _compare_stored(
        self, name: str, output: OutputSpec, recorded: Artifact, now: Any
    ) -> Iterator[str]:
        materializer = output.materializer
        made = (
            write_materializer(materializer, output.annotation, self.data.imports)
            if materializer is not None
            else None
        )
        if materializer is None or made is None:
            raise NotWritableError(
                reason=f"No other module can name what stores output {output.name}."
            )
        if not _is_stored_alike(materializer, now, recorded):
            yield _VARIES
            yield f"expected = {self._read(output, recorded)}"
            yield f"assert type({name}) is type(expected)"
            return
        place = f"outputs/{output.name}"
        self.data.copy_artifact(place, recorded)
        self.needs_files = self.needs_folder = True
        artifact = self.data.imports.name("whence.artifacts", "DataArtifact")
        yield _EXACT
        yield f'stored = tmp_path / "{output.name}"'
        yield f"{made}.write({name}, {artifact}(stored))"
        yield f"assert files_of(stored) == files_of({write_place(place)})"

    def compare_written(
        self, name: str, output: OutputSpec, recorded: Artifact, now: Path
    ) -> Iterator[str]:
        """Yield the lines that compare what a step wrote to an `Output` itself."""
        place = f"outputs/{output.name}"
        self.data.copy_artifact(place, recorded)
        self.needs_files = True
        if list_files(now) == list_files(recorded.path):
            yield f"assert files_of({name}.path) == files_of({write_place(place)})"
        else:
            yield _VARIES
            yield f"recorded = files_of({write_place(place)})"
            yield f"assert files_of({name}.path).keys() == recorded.keys()"

    def _read(self, output: OutputSpec, recorded: Artifact) -> str:
        place = f"outputs/{output.name}"
        self.data.copy_artifact(place, recorded)
        if output.materializer is None:
            raise NotWritableError(reason=f"Output {output.name} has no materializer.")
        return self.data.write_reading(place, recorded, output.materializer, output.annotation)


def _is_equal(expected: Any, now: Any) -> bool:
    """Return whether two values say that they are equal, in so many words."""
    try:
        return type(expected) is type(now) and (expected == now) is True
    except Exception:  # noqa: BLE001  # whatever a class of the user's raises: it does not say so
        return False


def _is_stored_alike(materializer: Any, now: Any, recorded: Artifact) -> bool:
    with tempfile.TemporaryDirectory(prefix="whence-fixture-") as folder:
        target = Path(folder) / "now"
        materializer.write(now, DataArtifact(target))
        return list_files(target) == list_files(recorded.path)
