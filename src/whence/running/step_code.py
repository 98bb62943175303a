"""Finds the step of a past run in the user's code as it is now."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from whence.authoring.step_definition import StepDefinition
from whence.domain.records import RunRecord, StepRunRecord
from whence.errors import StepCodeNotFoundError, TargetNotFoundError, list_names, suggest
from whence.fingerprint.parts import CodePart, Fingerprint
from whence.running.run_origin import parse_origin
from whence.running.targets import list_steps, load_source


def find_step_code(run: RunRecord, step: StepRunRecord, code: Fingerprint | None) -> StepDefinition:
    """Return the step that ran, as it is defined now.

    It is looked for where its function stood when it ran, then where the run's pipeline and what
    filled its slots are. A file that is loaded already, as a notebook or the running script is, is
    not loaded again. Raises `StepCodeNotFoundError`, and what the user's code raises while loading.
    """
    return _Search(run, step, _part_of_step(step, code)).find()


def _part_of_step(step: StepRunRecord, code: Fingerprint | None) -> CodePart | None:
    """Return the part of a fingerprint that is the step's own function: it comes first."""
    parts = code.parts if code is not None else ()
    named = (part for part in parts if part.kind == "function")
    return next((part for part in named if part.name.rpartition(".")[2] == step.step), None)


class _Search:
    def __init__(self, run: RunRecord, step: StepRunRecord, part: CodePart | None) -> None:
        self._run = run
        self._step = step
        self._part = part
        self._looked: list[str] = []
        self._seen: set[str] = set()  # names of the steps that are there

    def find(self) -> StepDefinition:
        """Return the first step of the name that is met."""
        for module in self._modules():
            found = self._look(module)
            if found is not None:
                return found
        raise self._not_found()

    def _look(self, module: ModuleType) -> StepDefinition | None:
        steps = list(list_steps(module).values())
        self._seen.update(each.spec.name for each in steps)
        return next((each for each in steps if each.spec.name == self._step.step), None)

    def _modules(self) -> Iterator[ModuleType]:
        """Yield the modules that may hold the step, the likeliest first."""
        if self._part is not None and self._part.file is not None:
            yield from _loaded_from(self._part.file)
        if self._part is not None and "<locals>" not in self._part.name:
            yield from self._load_where_it_stood(self._part)
        for source in self._sources_of_run():
            yield from self._load(source)
        for place in [self._part.file if self._part is not None else None, *self._sources_of_run()]:
            folder = Path(place).parent if place is not None and place.endswith(".py") else None
            yield from _loaded_below(folder) if folder is not None else ()
        yield sys.modules["__main__"]  # of a notebook, whose cells have no file that lasts

    def _load_where_it_stood(self, part: CodePart) -> Iterator[ModuleType]:
        module = part.name.rpartition(".")[0]
        if "." in module:
            yield from self._load(module)
        if part.file is not None and part.file.endswith(".py"):
            yield from self._load(part.file)

    def _sources_of_run(self) -> list[str]:
        """Return the files and modules of the pipeline, and of what filled its slots."""
        if self._run.origin is None:
            return []
        origin = parse_origin(self._run.origin)
        targets = [origin.target, *(each.target for each in origin.fillers.values())]
        return list(dict.fromkeys(each.rpartition(":")[0] for each in targets if each is not None))

    def _load(self, source: str) -> Iterator[ModuleType]:
        loaded = list(_loaded_from(source)) if source.endswith(".py") else []
        self._looked.append(source)
        if loaded:
            yield from loaded
            return
        with suppress(TargetNotFoundError):
            yield load_source(source)

    def _not_found(self) -> StepCodeNotFoundError:
        name = self._step.step
        looked = list_names(list(dict.fromkeys(self._looked)))
        reason = f"Looked in {looked}." if self._looked else "Its run does not say where it stood."
        if self._part is not None and "<locals>" in self._part.name:
            reason = f"It was defined inside a function: {self._part.name}."
        elif self._part is None and not self._looked:
            reason = "Neither its code nor its pipeline's place is recorded."
        near = f"{suggest(name, sorted(self._seen))} " if self._seen else ""
        return StepCodeNotFoundError(
            step=name,
            reason=reason,
            cure=f"{near}Hand the step in, where you have it: "
            f'`whence.debug(run, "{self._step.node}", step={name})`.',
        )


def _loaded_from(file: str) -> Iterator[ModuleType]:
    """Yield the modules that are loaded from a file; a notebook's cells are in `__main__`."""
    if not file.endswith(".py"):
        yield sys.modules["__main__"]
        return
    for module in list(sys.modules.values()):
        place = getattr(module, "__file__", None)
        if isinstance(place, str) and _is_same(place, file):
            yield module


def _is_same(one: str, other: str) -> bool:
    return one == other or (
        Path(one).name == Path(other).name and Path(one).absolute() == Path(other).absolute()
    )


def _loaded_below(folder: Path) -> Iterator[ModuleType]:
    """Yield the modules of a project that others of it have imported."""
    for module in list(sys.modules.values()):
        place = getattr(module, "__file__", None)
        if isinstance(place, str) and Path(place).is_relative_to(folder):
            yield module
