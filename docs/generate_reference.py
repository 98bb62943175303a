"""Writes `docs/reference/api.md` from the docstrings; with `--check`, says if it is current."""
# ruff: noqa: INP001  # A script, in no package.

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

PAGE = Path(__file__).resolve().parent / "reference" / "api.md"
MODULES = (
    "whence",
    "whence.artifacts",
    "whence.gates",
    "whence.materializers",
    "whence.errors",
)
BEYOND_THE_ROOT = (
    ("whence.running.decorators", "RunnableStep"),
    ("whence.authoring.step_definition", "StepDefinition"),
    ("whence.running.decorators", "RunnablePipeline"),
    ("whence.authoring.pipeline_definition", "PipelineDefinition"),
    ("whence.history.runs", "StepRun"),
    ("whence.domain.records", "AttemptRecord"),
    ("whence.domain.records", "StepUsage"),
    ("whence.domain.checkpoints", "Checkpoint"),
    ("whence.history.metrics", "Metrics"),
    ("whence.history.metrics", "MetricSummary"),
    ("whence.history.series", "Series"),
    ("whence.history.comparing.comparison", "Comparison"),
    ("whence.history.models.lists", "Model"),
    ("whence.history.models.promotions", "Promotion"),
)
"""Classes that one meets without importing them."""

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
HEAD = """# API

Written from the docstrings by `docs/generate_reference.py`; do not edit.
"""


def render_reference() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for name in MODULES:
        parts += _render_module(import_module(name))
    parts.append("## Met without importing\n")
    for module, name in BEYOND_THE_ROOT:
        parts += _render_class(name, getattr(import_module(module), name))
    return "\n".join(parts).rstrip() + "\n"


def _render_module(module: ModuleType) -> Iterator[str]:
    yield f"## {module.__name__}\n"
    yield _summary(module) + "\n"
    for name in sorted(module.__all__, key=lambda name: _reading_order(module, name)):
        value = getattr(module, name)
        if inspect.isclass(value):
            yield from _render_class(name, value)
        elif inspect.isroutine(value):
            yield from _render_function(name, value, level=3)
        else:
            yield from _render_fact(name, value)


def _reading_order(module: ModuleType, name: str) -> tuple[str, str]:
    """Return the key that sorts errors by code, and everything else by name."""
    return str(vars(getattr(module, name)).get("code", "")) if _is_class(module, name) else "", name


def _is_class(module: ModuleType, name: str) -> bool:
    return inspect.isclass(getattr(module, name))


def _render_fact(name: str, value: Any) -> Iterator[str]:
    yield f"### {name}\n"
    yield f"{_summary(value)}\n" if inspect.ismodule(value) else f"A {type(value).__name__}.\n"


def _render_class(name: str, cls: type) -> Iterator[str]:
    yield f"### {name}\n"
    if code := cls.__dict__.get("code"):
        yield f"`{code}`, a `{cls.__bases__[0].__name__}`.\n"
    yield f"{inspect.getdoc(cls) or ''}\n"
    if issubclass(cls, BaseException) and not cls.__dict__.get("__init__"):
        return
    for member, value in vars(cls).items():
        if not member.startswith("_"):
            yield from _render_member(member, value)


def _render_member(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, classmethod | staticmethod):
        value = value.__func__
    if inspect.isfunction(value):
        yield from _render_function(name, value, level=4)
    elif isinstance(value, property) or type(value).__name__ == "cached_property":
        getter: Callable[..., Any] = value.fget if isinstance(value, property) else value.func
        yield f"#### {name}\n"
        yield f"{inspect.getdoc(getter) or ''}\n"


def _render_function(name: str, value: Callable[..., Any], level: int) -> Iterator[str]:
    yield f"{'#' * level} {name}\n"
    signature = ADDRESS.sub("", str(inspect.signature(value)))
    yield f"```text\n{name}{signature}\n```\n"
    yield f"{inspect.getdoc(value) or ''}\n"


def _summary(value: Any) -> str:
    return (inspect.getdoc(value) or "").partition("\n")[0]


def main() -> None:
    """Write the page, or with `--check` only say whether it is current."""
    page = render_reference()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page:
        sys.exit("docs/reference/api.md is not current: run `python docs/generate_reference.py`.")


if __name__ == "__main__":
    main()
