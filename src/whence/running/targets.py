"""Finds the pipeline that `FILE.py:PIPELINE` or `package.module:PIPELINE` names, and loads it."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from whence.authoring.pipeline_definition import PipelineDefinition
from whence.authoring.step_definition import StepDefinition
from whence.domain.frozen import frozen
from whence.errors import FunctionNotFoundError, TargetNotFoundError, list_names, suggest
from whence.orchestrators.code_places import SCRIPT_MARK
from whence.running.decorators import loading_file


@frozen
class Target:
    """A pipeline that was named on the command line, and the module that it was found in."""

    text: str
    pipeline: PipelineDefinition
    module: ModuleType


def load_target(text: str) -> Target:
    """Load what *text* names.

    Raises `TargetNotFoundError`, and whatever the user's file raises while it is loaded.
    """
    source, name = _split(text)
    module = _load(text, source)
    found = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, PipelineDefinition) and not key.startswith("_")
    }
    if name:
        return Target(text, _pick(text, source, name, module, found), module)
    if len(found) == 1:
        return Target(text, next(iter(found.values())), module)
    reason = f"It holds {len(found)} pipelines: {list_names(list(found))}."
    cure = f"Name one: {source}:{next(iter(found))}"
    if not found:
        reason, cure = "It holds no pipeline.", "Decorate a function in it with `@pipeline`."
    raise TargetNotFoundError(target=text, reason=reason, suggestion=cure)


def load_function(text: str) -> Callable[..., Any]:
    """Load the function that `FILE.py:FUNCTION` or `package.module:FUNCTION` names.

    Raises `FunctionNotFoundError`, and whatever the user's file raises while it is loaded.
    """
    source, name = _split(text)
    if not name:
        cure = f"Name one: {text}:FUNCTION"
        raise FunctionNotFoundError(target=text, reason="It names none.", suggestion=cure)
    try:
        module = _load(text, source)
    except TargetNotFoundError as error:
        raise FunctionNotFoundError(target=text, **_why(error)) from None
    found = vars(module).get(name)
    if callable(found):
        return found
    known = [key for key, each in vars(module).items() if callable(each) and key[0] != "_"]
    reason, suggestion = f"{source} has no function named {name!r}.", suggest(name, known)
    raise FunctionNotFoundError(target=text, reason=reason, suggestion=suggestion)


def _why(error: TargetNotFoundError) -> dict[str, str]:
    facts = error.facts
    return {"reason": facts.get("reason", ""), "suggestion": facts.get("suggestion", "")}


def find_step(text: str, target: Target) -> StepDefinition:
    """Return the step that fills a slot: of the target's own module, or `module:STEP`."""
    source, name = _split(text) if ":" in text else ("", text)
    module = _load(text, source) if source else target.module
    found = vars(module).get(name)
    if isinstance(found, StepDefinition):
        return found
    raise TargetNotFoundError(
        target=text,
        reason=f"{module.__name__} has no step of that name.",
        suggestion=suggest(name, list_steps(module)),
    )


def load_source(source: str) -> ModuleType:
    """Load the file or module that *source* names; raises as `load_target` does."""
    return _load(source, source)


def list_steps(module: ModuleType) -> Mapping[str, StepDefinition]:
    """Return the steps that a module holds, by name."""
    return {key: each for key, each in vars(module).items() if isinstance(each, StepDefinition)}


def _split(text: str) -> tuple[str, str]:
    """Return the file or module and the name in it, which may be empty."""
    source, _, name = text.rpartition(":")
    if not source or "/" in name or "\\" in name:  # no name at all, or the colon of a drive
        return text, ""
    return source, name


def _pick(
    text: str,
    source: str,
    name: str,
    module: ModuleType,
    pipelines: Mapping[str, PipelineDefinition],
) -> PipelineDefinition:
    found = vars(module).get(name)
    if isinstance(found, PipelineDefinition):
        return found
    reason = f"{source} has nothing named {name!r}."
    if isinstance(found, StepDefinition):
        reason = f"{name!r} is a step; only pipelines are run."
    elif found is not None:
        reason = f"{name!r} is of type {type(found).__name__}, not a pipeline."
    raise TargetNotFoundError(target=text, reason=reason, suggestion=suggest(name, pipelines))


def _load(text: str, source: str) -> ModuleType:
    if not source.endswith(".py"):
        return _load_module(text, source)
    path = Path(source)
    if not path.is_file():
        reason = f"There is no file {source!r}." if not path.exists() else "It is no file."
        beside = list(_python_files_beside(path))
        suggestion = suggest(path.name, beside) if beside else "No Python file is in that folder."
        raise TargetNotFoundError(target=text, reason=reason, suggestion=suggestion)
    return _load_file(text, path.resolve())


def _python_files_beside(path: Path) -> list[str]:
    try:
        return sorted(each.name for each in path.parent.glob("*.py"))
    except OSError:
        return []


def _load_file(text: str, path: Path) -> ModuleType:
    """Load a file under its own name, with its folder first on the path, as a script has it."""
    _put_first(str(path.parent))
    name = _module_name(path)
    if (known := sys.modules.get(name)) is not None:
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise TargetNotFoundError(target=text, reason="Python cannot load it.")
    module = importlib.util.module_from_spec(spec)
    vars(module)[SCRIPT_MARK] = True
    sys.modules[name] = module
    try:
        with loading_file.entered(str(path)):
            spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        _refuse_exit(text, error)
        raise
    return module


def _module_name(path: Path) -> str:
    """Return the file's stem, unless another module bears that name already."""
    known = sys.modules.get(path.stem)
    taken = known is not None and getattr(known, "__file__", None) != str(path)
    return f"{path.stem}_file" if taken or path.stem in sys.stdlib_module_names else path.stem


def _load_module(text: str, name: str) -> ModuleType:
    _put_first(str(Path.cwd()))
    if not all(part.isidentifier() for part in name.split(".")):
        raise TargetNotFoundError(
            target=text,
            reason=f"{name!r} is neither a Python file nor the name of a module.",
            suggestion="Write FILE.py:PIPELINE or package.module:PIPELINE.",
        )
    try:
        with loading_file.entered(name):
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # a module that the user's module imports
        raise TargetNotFoundError(
            target=text,
            reason=f"There is no module {error.name!r} here.",
            suggestion=_suggest_file(name),
        ) from None
    except BaseException as error:
        _refuse_exit(text, error)
        raise


def _suggest_file(name: str) -> str:
    file = f"{name.replace('.', '/')}.py"
    if Path(file).is_file():
        return f"Did you mean {file!r}?"
    return "A file is named with its ending: FILE.py:PIPELINE."


def _refuse_exit(text: str, error: BaseException) -> None:
    """Turn an exit while loading into an error: nothing was run, whatever code it gave."""
    if isinstance(error, SystemExit):
        raise TargetNotFoundError(
            target=text,
            reason=f"It ended the program while it was loaded: SystemExit({error.code!r}).",
            suggestion='Put what a script does under `if __name__ == "__main__":`.',
        ) from None


def _put_first(folder: str) -> None:
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(0, folder)
