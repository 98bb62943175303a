"""Takes annotations apart: the one place that knows their many spellings."""

import inspect
import types
import typing
from collections.abc import Callable, Hashable
from typing import Annotated, Any, NewType, TypeVar, Union, get_args, get_origin


def unwrap(annotation: Any) -> Any:
    """Return the type under `Annotated`, `NewType` and type aliases; None becomes `NoneType`."""
    while True:
        if annotation is None:
            return types.NoneType
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif _is_alias(annotation):
            annotation = annotation.__value__
        elif _is_alias(get_origin(annotation)):
            annotation = _fill_alias(get_origin(annotation), get_args(annotation))
        else:
            return annotation


def _is_alias(annotation: Any) -> bool:
    """Return whether this is `type X = ...` of Python 3.12, or the same of typing_extensions."""
    return type(annotation).__name__ == "TypeAliasType"


def _fill_alias(alias: Any, arguments: tuple[Any, ...]) -> Any:
    """Return what `alias[arguments]` stands for; its value may name its parameters in any order."""
    value, declared = alias.__value__, alias.__type_params__
    used = getattr(value, "__parameters__", ())
    if used == declared:
        return value[arguments]
    given = dict(zip(declared, arguments, strict=False))
    if isinstance(value, TypeVar):
        return given[value]
    return value[tuple(given[each] for each in used)] if used else value


def union_members(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, flattened; of any other type, that type alone."""
    bare = unwrap(annotation)
    if isinstance(bare, TypeVar):
        return bare.__constraints__ or (bare.__bound__ if bare.__bound__ is not None else Any,)
    if get_origin(bare) in {Union, types.UnionType}:
        return tuple(member for part in get_args(bare) for member in union_members(part))
    return (bare,)


def is_union(annotation: Any) -> bool:
    """Return whether the annotation allows several types."""
    return get_origin(unwrap(annotation)) in {Union, types.UnionType}


def is_named_tuple(annotation: Any) -> bool:
    """Return whether the annotation is a NamedTuple class."""
    return runtime_class(annotation) is annotation and hasattr(annotation, "_fields")


def field_types(named_tuple: Any) -> tuple[Any, ...]:
    """Return the types of a NamedTuple's fields; `Any` for those that cannot be resolved."""
    try:
        hints = typing.get_type_hints(named_tuple)
    except NameError:  # written as text, and local to a function
        hints = dict[str, Any]()
    return tuple(hints.get(name, Any) for name in named_tuple._fields)


def runtime_class(annotation: Any) -> type | None:
    """Return the class that values of the annotation are instances of, where there is one."""
    bare = unwrap(annotation)
    origin = get_origin(bare) or bare
    return origin if inspect.isclass(origin) else None


def type_name(annotation: Any) -> str:
    """Return the annotation as a person would write it."""
    bare = unwrap(annotation)
    if isinstance(bare, Hashable) and bare in _NAMES:
        return _NAMES[bare]
    if is_union(bare):
        return " | ".join(type_name(member) for member in get_args(bare))
    arguments = get_args(bare)
    if arguments and get_origin(bare) is not typing.Literal:
        return f"{type_name(get_origin(bare))}[{', '.join(map(_argument_name, arguments))}]"
    return _class_name(bare) if inspect.isclass(bare) else str(bare).removeprefix("typing.")


_NAMES: dict[Any, str] = {types.NoneType: "None", Any: "Any", ...: "..."}


def _argument_name(argument: Any) -> str:
    if isinstance(argument, list):
        return f"[{', '.join(type_name(part) for part in argument)}]"  # pyright: ignore[reportUnknownVariableType]  # of Callable[[...], R]
    return type_name(argument)


def _class_name(cls: type) -> str:
    package = cls.__module__.partition(".")[0]
    if package in {"builtins", "__main__"}:
        return cls.__qualname__
    if package in PACKAGES_NAMED_BY_ROOT:
        return f"{package}.{cls.__qualname__}"
    return cls.__qualname__.rpartition("<locals>.")[2]


PACKAGES_NAMED_BY_ROOT = frozenset({"numpy", "pandas", "polars", "pyarrow", "keras"})
"""Packages whose classes people know as `package.Name`, wherever they are defined inside."""


def replace_forward_references(annotation: Any, evaluate: Callable[[str], Any]) -> Any:
    """Return *annotation* with every quoted part evaluated, also inside generics."""
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return replace_forward_references(evaluate(annotation), evaluate)
    arguments = get_args(annotation)
    if not arguments or get_origin(annotation) is typing.Literal:
        return annotation
    if get_origin(annotation) is Annotated:
        bare, *metadata = arguments
        return Annotated[(replace_forward_references(bare, evaluate), *metadata)]
    replaced = tuple(replace_forward_references(argument, evaluate) for argument in arguments)
    if all(new is old for new, old in zip(replaced, arguments, strict=True)):
        return annotation
    return _generic(annotation, replaced)


def _generic(annotation: Any, arguments: tuple[Any, ...]) -> Any:
    """Return the generic type or union of *annotation* with other arguments."""
    if is_union(annotation):
        return Union[arguments]  # noqa: UP007  # the members are only known at run time
    if hasattr(annotation, "copy_with"):
        return annotation.copy_with(arguments)
    return get_origin(annotation)[arguments]
