"""Writes a test from a past step run: the step called again, its outputs compared."""

import importlib.metadata
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from whence.domain.artifacts import Artifact
from whence.domain.frozen import frozen
from whence.domain.ids import short_id
from whence.domain.status import StepStatus
from whence.errors import FixtureNotWrittenError, WhenceError
from whence.history.reports.quantities import format_size
from whence.running.fixture_checks import Checks
from whence.running.fixture_data import FixtureData, NotWritableError
from whence.running.fixture_source import Imports, name_variable, write_class
from whence.running.fixture_text import TestParts, write_test
from whence.running.replay import Replay, name_run

MOST_BYTES = 1024 * 1024
"""How much a test may bring along, unless more is allowed."""


_PYTEST = ("-P", "-m", "pytest", "-q", "-p", "no:cacheprovider")
"""As `pytest` alone: with `-P` the working directory is not on the path."""


@frozen
class Fixture:
    """A test that was written, and the folder beside it."""

    test: Path
    folder: Path | None  # None where all values stand in the test itself
    size: int  # bytes in the folder


def write_fixture(
    replay: Replay, test: Path, *, force: bool = False, most_bytes: int = MOST_BYTES
) -> Fixture:
    """Write a test of a step run to the file *test*, and what it needs into a folder beside it.

    The step is called once, to find out how exactly its outputs can be compared. Raises
    `FixtureNotWrittenError`, and what the step raises.
    """
    return _Writer(replay, test, most_bytes).write(force=force)


class _Writer:
    def __init__(self, replay: Replay, test: Path, most_bytes: int) -> None:
        self._replay = replay
        self._test = test
        self._most_bytes = most_bytes
        self._folder = test.with_name(f"{test.stem.removeprefix('test_')}_recorded")
        self._spec = replay.step.spec
        self._imports = Imports()
        self._data = FixtureData(self._imports, self._spec.name)
        self._checks = Checks(self._data)

    def write(self, *, force: bool) -> Fixture:
        self._check_ended()
        for path in (self._test, self._folder):
            if path.exists() and not force:
                raise self._refuse(
                    reason=f"{path} is there already.", cure="Give --force to write it anew."
                )
        try:
            text = write_test(self._put_together())
        except NotWritableError as error:
            raise self._refuse(reason=str(error), cure=error.cure) from None
        self._check_size()
        self._test.parent.mkdir(parents=True, exist_ok=True)
        if self._folder.exists():
            shutil.rmtree(self._folder)
        self._data.fill(self._folder)
        self._test.write_text(text, encoding="utf-8")
        has_folder = self._folder.exists()
        size = sum(each.stat().st_size for each in self._folder.rglob("*") if each.is_file())
        return Fixture(self._test, self._folder if has_folder else None, size)

    def _refuse(self, *, reason: str, cure: str) -> FixtureNotWrittenError:
        step_run = self._replay.step_run
        return FixtureNotWrittenError(
            node=step_run.node, run=name_run(step_run), reason=reason, cure=cure
        )

    def _check_ended(self) -> None:
        status = self._replay.step_run.status
        if status is not StepStatus.COMPLETED:
            step_run = self._replay.step_run
            cure = f"Look at it first: whence debug {short_id(step_run.run.id)} {step_run.node}"
            raise self._refuse(
                reason=f"Its status is {status}, so there is nothing to compare with.", cure=cure
            )

    def _check_size(self) -> None:
        sizes = self._data.sizes
        total = sum(sizes.values())
        if total > self._most_bytes:
            largest = sorted(sizes.items(), key=lambda each: -each[1])[:3]
            named = ", ".join(f"{name} {format_size(size)}" for name, size in largest)
            raise self._refuse(
                reason=f"What it took and gave has {format_size(total)}: {named}. "
                f"At most {format_size(self._most_bytes)} are copied.",
                cure="Allow more, as in --max-size 20MiB, or run it on less and take that run.",
            )

    def _put_together(self) -> TestParts:
        replay, spec = self._replay, self._spec
        module, name = self._find_name()
        root = self._find_root(module)
        arguments = dict(self._write_arguments())
        returned = replay.check(replay.call())
        targets, checks = self._compare(returned, arguments)
        handed = [each for each in spec.outputs.values() if each.handed_in]
        types = {each.name: self._write_artifact_type(each.artifact_type) for each in handed}
        return TestParts(
            node=replay.step_run.node,
            name=name,
            module=module,
            title=self._title(),
            place=self._test,
            folder=self._folder.name,
            root=root,
            own_modules=() if root is None else _list_modules_below(root),
            imports=self._imports,
            environment=replay.environment,
            secrets=replay.secrets,
            outputs=[each.name for each in handed],
            output_types=types,
            arguments=arguments,
            targets=targets,
            is_async=inspect.iscoroutinefunction(inspect.unwrap(spec.fn)),
            checks=checks,
            needs_folder=self._checks.needs_folder,
            needs_files=self._checks.needs_files,
        )

    def _title(self) -> str:
        run = self._replay.step_run.records.run
        return f"run {short_id(run.id)} of {run.pipeline}, {run.started_at:%Y-%m-%d}"

    def _write_artifact_type(self, cls: type[Artifact]) -> str:
        if cls.__module__ == "whence.domain.artifacts":
            return self._imports.name("whence.artifacts", cls.__name__)
        name = write_class(cls, self._imports)
        if name is None:
            raise NotWritableError(reason=f"No other module can name {cls.__qualname__}.")
        return name

    def _write_arguments(self) -> Iterator[tuple[str, str]]:
        spec, replay = self._spec, self._replay
        for name, argument in spec.arguments.items():
            if name in replay.taken:
                given, value = replay.taken[name], replay.inputs[name]
                yield name, self._data.write_input(argument, given, value)
            elif name in replay.parameters:
                yield name, self._write_parameter(name)

    def _write_parameter(self, name: str) -> str:
        try:
            value = self._replay.parameters[name]
            return self._data.write_parameter(self._spec.arguments[name], value)
        except WhenceError as error:
            raise NotWritableError(reason=f"Parameter {name} cannot be stored: {error}") from error

    def _compare(
        self, returned: Mapping[str, Any], arguments: Mapping[str, str]
    ) -> tuple[list[str], list[str]]:
        """Return the names of the returned values, and the lines that compare all outputs."""
        recorded = self._replay.step_run.outputs
        targets: list[str] = []
        lines: list[str] = []
        for name, now in returned.items():
            target = name_variable(name, "new", self._find_name()[1], *arguments)
            targets.append(target)
            lines += [""] if lines else []
            lines += self._checks.compare(target, self._spec.outputs[name], recorded[name], now)
        for name, folder in self._replay.folders.items():
            written = name_variable(name, "given", self._find_name()[1])
            output = self._spec.outputs[name]
            lines += self._checks.compare_written(written, output, recorded[name], folder)
        return targets, lines

    def _find_name(self) -> tuple[str, str]:
        """Return the module that holds the step, and its name there."""
        module = self._spec.fn.__module__
        held = vars(sys.modules[module]) if module in sys.modules else {}
        named = (name for name, each in held.items() if each is self._replay.step)
        name = next(named, None)
        if name is None or module == "__main__":
            raise NotWritableError(
                reason="No other module can import the step: it is local, or of a session.",
                cure="Define it at the top of a module.",
            )
        return module, name

    def _find_root(self, module: str) -> Path | None:
        """Return the folder that a test must put on the path to import a module; None if none."""
        file = Path(str(sys.modules[module].__file__)).resolve()
        root = file.parents[module.count(".") + (file.name == "__init__.py")]
        return None if _is_importable(module, file) or _is_configured(root) else root


def _list_modules_below(root: Path) -> set[str]:
    """Return the loaded modules that are found only where *root* is on the path."""
    files = {name: getattr(each, "__file__", None) for name, each in list(sys.modules.items())}
    installed = {Path(path) for path in sys.path if path.endswith("site-packages")}
    return {
        name
        for name, file in files.items()
        if isinstance(file, str)
        and Path(file).is_relative_to(root)
        and not any(Path(file).is_relative_to(each) for each in installed)
    }


def _is_importable(module: str, file: Path) -> bool:
    """Return whether a module is found from anywhere, as an installed one is."""
    look = f"import importlib.util; print(importlib.util.find_spec({module!r}).origin)"
    with tempfile.TemporaryDirectory() as elsewhere:
        outcome = subprocess.run(  # noqa: S603  # this very Python
            [sys.executable, "-c", look],
            cwd=elsewhere,
            capture_output=True,
            text=True,
            check=False,
        )
    return outcome.returncode == 0 and Path(outcome.stdout.strip()).resolve() == file


def _is_configured(root: Path) -> bool:
    """Return whether pytest itself puts a folder on the path, by its settings."""
    for folder in (root, *root.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            settings = tomllib.loads(file.read_text(encoding="utf-8"))
            options = settings.get("tool", {}).get("pytest", {}).get("ini_options", {})
            given = options.get("pythonpath", [])
            named = given.split() if isinstance(given, str) else given
            return any((folder / each).resolve() == root for each in named)
    return False


def try_fixture(fixture: Fixture) -> str | None:
    """Run a test by itself, without the records; return what pytest says if it fails.

    An empty text says that pytest is not installed.
    """
    try:
        importlib.metadata.version("pytest")
    except importlib.metadata.PackageNotFoundError:
        return ""
    with tempfile.TemporaryDirectory(prefix="whence-fixture-") as home:
        outcome = subprocess.run(  # noqa: S603  # this very Python
            [sys.executable, *_PYTEST, str(fixture.test)],
            env={**os.environ, "WHENCE_HOME": home},
            capture_output=True,
            text=True,
            check=False,
        )
    return None if outcome.returncode == 0 else outcome.stdout
