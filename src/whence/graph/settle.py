"""Settles the values given to arguments: each becomes a recorded parameter or a stored input."""

from pathlib import Path
from typing import Any

from whence.domain.frozen import frozen
from whence.errors import (
    DefinitionError,
    IncompatibleTypesError,
    InvalidParameterError,
    MaterializerNotFoundError,
    NotRecordableError,
)
from whence.graph.bindings import Binding, Constant
from whence.graph.draft import DraftNode
from whence.graph.interface import Argument, ArgumentKind
from whence.graph.record_parameter import record_parameter
from whence.registry.materializers import materializer_for
from whence.values.assignability import is_path_type
from whence.values.type_forms import type_name, union_members, unwrap
from whence.values.validation import InvalidValueError, describe_value, validate_parameter


@frozen
class Settled:
    """A parameter (`value` and its `text`), or an input (`binding`)."""

    value: Any = None
    text: str | None = None
    binding: Binding | None = None


def settle_argument(node: DraftNode, argument: Argument, value: Any) -> Settled:
    """Return what a value given to an argument becomes.

    Raises `InvalidParameterError`, `IncompatibleTypesError` or `NotRecordableError`.
    """
    if argument.artifact_type is not None:
        raise _value_for_artifact(node, argument, value)
    try:
        value = validate_parameter(value, argument.annotation)
    except InvalidValueError as error:
        raise _invalid(node, argument, value, error.reason) from None
    if argument.kind is ArgumentKind.PLAIN:
        _check_path_exists(node, argument, value)
        text = record_parameter(value)
        if text is not None:
            return Settled(value=value, text=text)
    return Settled(binding=_storable(node, argument, value))


def settle_default(node: DraftNode, argument: Argument) -> Settled:
    """Return what an argument left at its default becomes; its type is not checked."""
    _check_path_exists(node, argument, argument.default)
    text = record_parameter(argument.default)
    if text is not None:
        return Settled(value=argument.default, text=text)
    return Settled(binding=_storable(node, argument, argument.default))


def _storable(node: DraftNode, argument: Argument, value: Any) -> Binding:
    try:
        materializer_for(stored_type(argument.annotation, value))
    except MaterializerNotFoundError as error:
        raise NotRecordableError(
            where=node.place,
            argument=argument.name,
            name=node.shown_name,
            value=describe_value(value),
            reason="It is neither plain data nor of a type that a materializer stores.",
            cure="Pass plain data, a dataclass or an Enum, or make the value inside the step.",
        ) from error
    return Constant(value)


def stored_type(annotation: Any, value: Any) -> Any:
    """Return the type by which a value given for an argument is stored."""
    bare = unwrap(annotation)
    return value.__class__ if bare is Any or bare is object else annotation


def _check_path_exists(node: DraftNode, argument: Argument, value: Any) -> None:
    names_file = any(is_path_type(member) for member in union_members(argument.annotation))
    if names_file and isinstance(value, Path) and not value.exists():
        reason = f"There is no such file or folder (seen from {Path.cwd()})."
        cure = "A Path parameter names an input that exists; a place to write to is an `Output`."
        raise _invalid(node, argument, value, reason, cure)


def _invalid(
    node: DraftNode, argument: Argument, value: Any, reason: str, cure: str | None = None
) -> DefinitionError:
    return InvalidParameterError(
        where=node.place,
        argument=argument.name,
        name=node.shown_name,
        value=describe_value(value),
        reason=reason,
        cure=cure or f"Pass a value that fits `{argument}`.",
    )


def _value_for_artifact(node: DraftNode, argument: Argument, value: Any) -> DefinitionError:
    wanted = argument.artifact_type.__name__ if argument.artifact_type is not None else ""
    return IncompatibleTypesError(
        where=node.place,
        giver=f"The value {describe_value(value)}",
        argument=argument.name,
        owner=f"node '{node.name}'",
        given=type_name(type(value)),
        wanted=f"a {wanted}",
        detail="",
        cure=f"Connect an output, or pass an artifact: `{wanted}(path)` or one of an earlier run.",
    )
