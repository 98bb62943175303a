"""The declared types of the items of a collection."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from whence.domain.node_names import EACH
from whence.graph.interface import Argument, ArgumentKind, OutputSpec, artifact_class
from whence.registry.materializers import materializer_for
from whence.values.type_forms import (
    field_types,
    is_named_tuple,
    runtime_class,
    union_members,
    unwrap,
)


def item_output(output: OutputSpec) -> OutputSpec | None:
    """Return what each item of an output is that is a list; None for any other output.

    Raises `MaterializerNotFoundError` for items that cannot be stored by themselves.
    """
    bare = unwrap(output.annotation)
    arguments = get_args(bare)
    kind = runtime_class(bare)
    is_list = kind is list or (kind is tuple and arguments[-1:] == (...,))
    if output.handed_in or not is_list or not arguments:
        return None
    item = arguments[0]
    materializer = materializer_for(item)
    artifact_type = materializer.artifact_type
    return OutputSpec(f"{output.name}[{EACH}]", artifact_type, item, materializer)


def as_item(argument: Argument, annotation: Any) -> Argument:
    """Return an argument for one item of what *argument* takes."""
    return Argument(
        argument.name, annotation, ArgumentKind.PLAIN, artifact_type=artifact_class(annotation)
    )


def item_types(annotation: Any, kind: type, keys: Sequence[Any]) -> list[Any] | None:
    """Return the type that each item of a collection of class *kind* must have.

    Returns None where the annotation accepts no such collection.
    """
    for member in union_members(annotation):
        if member is Any or member is object:
            return [Any] * len(keys)
        cls = runtime_class(member)
        if cls is not None and issubclass(kind, cls):
            types = _types_of(member, cls, keys)
            if types is not None:
                return types
    return None


def _types_of(member: Any, cls: type, keys: Sequence[Any]) -> list[Any] | None:
    arguments = get_args(member)
    if is_named_tuple(member):
        return list(field_types(member))
    if not arguments:
        return [Any] * len(keys)
    if issubclass(cls, Mapping):
        return [arguments[-1]] * len(keys)
    if cls is tuple and arguments[-1] is not ...:
        return list(arguments) if len(arguments) == len(keys) else None
    return [arguments[0]] * len(keys)
