"""Which materializer stores a type, and which reads a format.

Both are found through entry points, the built-in ones too: group `whence.materializers` maps a type
(as `package.Name`) to a materializer class, group `whence.formats` a format (as `name/version`).
Nothing is loaded before a value of that type or format is met.
"""

import contextlib
import dataclasses
import functools
import inspect
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, get_origin

from whence.domain.artifacts import Artifact
from whence.errors import (
    MaterializerNotFoundError,
    MissingPackageError,
    UnknownFormatError,
    list_names,
    suggest,
)
from whence.interfaces.materializer import Materializer
from whence.values.type_forms import is_union, runtime_class, type_name, union_members, unwrap

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

TYPES_GROUP = "whence.materializers"
FORMATS_GROUP = "whence.formats"

_registered: dict[Any, Materializer] = {}
_seen_formats: dict[str, Materializer] = {}
_found: dict[Any, Materializer] = {}


def register(for_type: Any, materializer: Materializer) -> None:
    """Let *materializer* store values of *for_type* in this process, before any other.

    A package offers its materializers through an entry point instead, and needs no call.
    """
    _registered[for_type] = materializer
    _found.clear()
    remember(materializer)


def remember(materializer: Materializer) -> None:
    """Let this process read the format of a materializer that was named in an annotation."""
    _seen_formats.setdefault(materializer.format, materializer)


class Registrations:
    """What was registered and remembered in this process; unpickled, it holds in that one too."""

    def __reduce__(self) -> tuple[Any, ...]:
        own = {name: each for name, each in _seen_formats.items() if not _is_builtin(each)}
        return _take_over, (dict(_registered), own)


REGISTRATIONS = Registrations()


def _is_builtin(materializer: Materializer) -> bool:
    return type(materializer).__module__.partition(".")[0] == "whence"


def _take_over(
    registered: Mapping[Any, Materializer], formats: Mapping[str, Materializer]
) -> Registrations:
    _registered.update(registered)
    _seen_formats.update(formats)
    _found.clear()
    return REGISTRATIONS


def materializer_for(annotation: Any) -> Materializer:
    """Return the materializer that stores values of a type.

    Raises `MaterializerNotFoundError`, which lists the choices.
    """
    bare = unwrap(annotation)
    try:
        return _found[bare]
    except (KeyError, TypeError):  # an annotation may be unhashable
        materializer = _find(bare)
    with contextlib.suppress(TypeError):
        _found[bare] = materializer
    return materializer


def materializer_for_format(format_name: str) -> Materializer:
    """Return the materializer that reads a format.

    Raises `UnknownFormatError`.
    """
    if format_name in _seen_formats:
        return _seen_formats[format_name]
    entries = _entries(FORMATS_GROUP)
    if format_name not in entries:
        reason = f"Known are {list_names(sorted({*entries, *_seen_formats}))}."
        cure = "Read it with the materializer that wrote it: `SomeMaterializer().read(artifact)`."
        raise UnknownFormatError(format=format_name, reason=reason, cure=cure)
    materializer = _load(entries[format_name])()
    _seen_formats[format_name] = materializer
    return materializer


def _find(bare: Any) -> Materializer:
    for name in _names(bare):
        if name in _registered:
            return _registered[name]
        entry = _entries(TYPES_GROUP).get(name) if isinstance(name, str) else None
        if entry is not None:
            cls = _load(entry)
            build = getattr(cls, "for_annotation", None)
            return build(bare, materializer_for) if build is not None else cls()
    raise _not_found(bare)


def _names(bare: Any) -> Iterator[Any]:
    """Yield the names under which a type may be known, the nearest first."""
    if is_union(bare):
        yield "typing.Union"
        return
    if get_origin(bare) is Literal:
        yield "typing.Literal"
        return
    cls = runtime_class(bare)
    if cls is None:
        return
    for parent in cls.__mro__[:-1]:
        yield parent
        yield from _qualified_names(parent)
        if parent is cls:
            yield from _kind(cls)


def _kind(cls: type) -> Iterator[str]:
    """Yield names of kinds of classes that have no base class of their own."""
    if dataclasses.is_dataclass(cls):
        yield "dataclasses.dataclass"
    if issubclass(cls, Enum):
        yield "enum.Enum"  # before the builtin that an `IntEnum` also derives from


def _qualified_names(cls: type) -> Iterator[str]:
    yield f"{cls.__module__}.{cls.__qualname__}"
    package = cls.__module__.partition(".")[0]
    if getattr(sys.modules.get(package), cls.__qualname__, None) is cls:
        yield f"{package}.{cls.__qualname__}"


@functools.cache
def _entries(group: str) -> Mapping[str, "EntryPoint"]:
    from importlib.metadata import entry_points  # noqa: PLC0415  # slow to scan: only when asked for

    return {entry.name: entry for entry in entry_points(group=group)}


def _load(entry: "EntryPoint") -> Any:
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        missing = error.name or "?"
        if missing.partition(".")[0] == entry.module.partition(".")[0]:
            raise  # the component's own package is there, and broken
        raise MissingPackageError(
            subject=f"Materializer '{entry.attr}'", package=missing, requirement=missing
        ) from error


def _not_found(bare: Any) -> MaterializerNotFoundError:
    if bare is Any or bare is object:
        reason = "It says nothing about what is stored."
        return MaterializerNotFoundError(
            type=type_name(bare), reason=reason, cure="Annotate the type that is really meant."
        )
    known = sorted(each.removeprefix("builtins.") for each in _entries(TYPES_GROUP))
    name = type_name(bare)
    count = len(known) + len(_registered)
    reason = f"None of the {count} registered types matches. {suggest(name, known)}"
    cure = (
        f"Name one: `Annotated[{name}, SomeMaterializer()]`, or take an `Output[DataArtifact]`\n"
        "and write the files yourself. `PickleMaterializer()` stores most things, but is never\n"
        "chosen for you: it is tied to your code, and loading it runs code."
    )
    return MaterializerNotFoundError(type=name, reason=reason, cure=cure)


def is_materializer(value: object) -> bool:
    """Return whether an object, as found in `Annotated`, is a materializer (or a class of them)."""
    cls = value if inspect.isclass(value) else type(value)
    return all(hasattr(cls, name) for name in ("format", "read", "write")) and not issubclass(
        cls, Artifact
    )


def is_view(materializer: Materializer, annotation: Any) -> bool:
    """Return whether *materializer* offers a type, or a member of a union, as one of its views."""
    return any(
        name in materializer.views
        for member in union_members(annotation)
        if (cls := runtime_class(member)) is not None
        for name in _qualified_names(cls)
    )


def stores_as(materializer: Materializer, annotation: Any) -> bool:
    """Return whether values of a type are stored in the format that *materializer* writes."""
    try:
        return materializer_for(annotation).format == materializer.format
    except (MaterializerNotFoundError, MissingPackageError):
        return False
