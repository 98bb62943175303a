"""Does an artifact that exists already fit an argument? By what is recorded of it."""

import ast
from typing import Any

from whence.domain.artifacts import Artifact, FreeSource
from whence.errors import (
    FactNotKnownError,
    MaterializerNotFoundError,
    MissingPackageError,
    UnknownFormatError,
)
from whence.graph.fit import is_readable_as
from whence.graph.interface import Argument
from whence.interfaces.materializer import Materializer
from whence.registry.materializers import materializer_for, materializer_for_format
from whence.values.assignability import is_assignable, is_path_type
from whence.values.type_forms import type_name, union_members, unwrap

_PLAIN = {each.__name__: each for each in (bool, int, float, complex, str, bytes, list, dict, set)}


def find_artifact_misfit(artifact: Artifact, argument: Argument) -> str | None:
    """Return why an artifact that exists cannot be given for an argument, or None where it may.

    Its class is not imported for this: the format says what it can be read as, and of plain values
    also the type that was declared.
    """
    if argument.artifact_type is not None:
        return None if isinstance(artifact, argument.artifact_type) else ""
    if is_path_type(argument.annotation):
        return None
    if isinstance(artifact.source, FreeSource):
        return " Nobody recorded how your own files were written, so only a Path can be read."
    if artifact.format is None:
        return (
            " Its step wrote the files itself, in a format that Whence does not know:"
            f" take it as `Input[{type(artifact).__name__}]`."
        )
    return _value_misfit(artifact, artifact.format, unwrap(argument.annotation))


def _value_misfit(artifact: Artifact, format_name: str, wanted: Any) -> str | None:
    if wanted is Any or wanted is object or _declared(artifact) == type_name(wanted):
        return None  # the last also where a materializer was named that stores anything
    try:
        materializer = materializer_for_format(format_name)
    except (UnknownFormatError, MissingPackageError) as error:
        return f" {error.describe()['what']} {error.describe()['fix']}"
    declared = _find_plain_type(artifact)
    if declared is not None and is_assignable(declared, wanted):
        return None
    if is_readable_as(materializer, wanted):
        return None
    stored = any(_may_store(materializer, each) for each in (wanted, *union_members(wanted)))
    if declared is None and stored:
        return None
    return f" It is stored as {format_name}." if declared is None else ""


def _may_store(materializer: Materializer, wanted: Any) -> bool:
    """Return whether values of a type lie in a format, as far as it is known how they are stored.

    Of a base class or a protocol that is not known; then the reading shows it.
    """
    try:
        return materializer_for(wanted).format == materializer.format
    except (MaterializerNotFoundError, MissingPackageError):
        return True


def describe_artifact_given(artifact: Artifact) -> str:
    """Return what an artifact holds, for a message."""
    return _declared(artifact) or f"a {type(artifact).__name__}"


def _declared(artifact: Artifact) -> str | None:
    """Return the type that the value was declared as, where it is recorded."""
    if isinstance(artifact.source, FreeSource):
        return None
    try:
        return artifact.source.fact("value_type")
    except FactNotKnownError:
        return None


def _find_plain_type(artifact: Artifact) -> Any:
    """Return the declared type where it is made of plain types alone; None where it is not."""
    text = _declared(artifact)
    try:
        return None if text is None else _build(ast.parse(text, mode="eval").body)
    except (SyntaxError, LookupError, TypeError, ValueError):
        return None


def _build(node: ast.expr) -> Any:
    match node:
        case ast.Name(name):
            return _PLAIN[name]
        case ast.Constant(None):
            return None
        case ast.BinOp(left, ast.BitOr(), right):
            return _build(left) | _build(right)
        case ast.Subscript(value, ast.Tuple(elements)):
            return _build(value)[tuple(map(_build, elements))]
        case ast.Subscript(value, item):
            return _build(value)[_build(item)]
        case _:
            raise ValueError(ast.dump(node))
