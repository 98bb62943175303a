"""Does an output fit an argument?"""

from typing import Any, get_args, get_origin

from whence.errors import MaterializerNotFoundError, MissingPackageError
from whence.graph.interface import Argument, OutputSpec
from whence.interfaces.materializer import Materializer
from whence.registry.materializers import is_view, materializer_for, stores_as
from whence.values.assignability import is_assignable, is_path_type
from whence.values.type_forms import is_union, type_name, union_members, unwrap


def find_misfit(output: OutputSpec, argument: Argument) -> str | None:
    """Return why *output* cannot be given for *argument*, or None where it fits.

    An argument that is an artifact takes outputs of its artifact type; any other takes outputs
    whose values are of its type, or whose format can be read as its type.
    """
    if argument.artifact_type is not None:
        return _artifact_misfit(output, argument.artifact_type)
    return value_misfit(output, argument.annotation)


def _artifact_misfit(output: OutputSpec, wanted: type) -> str | None:
    return None if issubclass(output.artifact_type, wanted) else ""


def value_misfit(output: OutputSpec, wanted: Any) -> str | None:
    """Return why the value of *output* cannot be given where *wanted* is declared."""
    if output.materializer is None:
        return (
            " The step writes the files itself, in a format that Whence does not know:"
            f" take it as `Input[{output.artifact_type.__name__}]`."
        )
    if output.handed_in:  # the type of its value is not declared, but its format is
        fits = stores_as(output.materializer, wanted)
    else:
        fits = is_assignable(output.annotation, wanted)
    if fits or is_readable_as(output.materializer, wanted):
        return None
    item_views = stores_as(output.materializer, wanted) and _items_fit(output.annotation, wanted)
    return None if item_views else ""


def _items_fit(source: Any, wanted: Any) -> bool:
    """Return whether each item of a container type fits, or can be read as, what is wanted of it.

    A `list[pandas.DataFrame]` can be taken as a `list[polars.DataFrame]`.
    """
    source, wanted = unwrap(source), unwrap(wanted)
    if is_assignable(source, wanted):
        return True
    if is_union(source):
        return all(_items_fit(member, wanted) for member in union_members(source))
    if is_union(wanted):
        return any(_items_fit(source, member) for member in union_members(wanted))
    have, want = get_args(source), get_args(wanted)
    if not have or get_origin(source) is not get_origin(wanted) or len(have) != len(want):
        return _is_view_of(source, wanted)
    return all(_items_fit(*pair) for pair in zip(have, want, strict=True))


def _is_view_of(source: Any, wanted: Any) -> bool:
    try:
        return is_view(materializer_for(source), wanted)
    except (MaterializerNotFoundError, MissingPackageError):
        return False


def is_readable_as(materializer: Materializer, wanted: Any) -> bool:
    """Return whether what *materializer* wrote can be read as another type: a view."""
    return is_path_type(wanted) or is_view(materializer, wanted)


def needs_view(output: OutputSpec, wanted: Any) -> bool:
    """Return whether a consumer asks for another type than the one that was written."""
    return output.handed_in or not is_assignable(output.annotation, wanted)


def describe_output(output: OutputSpec) -> str:
    """Return what an output gives, for a message."""
    if output.handed_in:
        return f"a {output.artifact_type.__name__}"
    return type_name(output.annotation)
