"""Lets mypy accept `Step[fit]` as an annotation.

Name it in mypy's settings: `plugins = ["whence.mypy_plugin"]`. A decorated
function is no type to mypy, and its type is not known yet where annotations are read; so mypy takes
a slot for `Any`. It checks the rest of a pipeline's body as it is.
"""

from collections.abc import Callable

from mypy.plugin import AnalyzeTypeContext, Plugin
from mypy.types import AnyType, Type, TypeOfAny, UnboundType


class SlotPlugin(Plugin):
    """Gives `Step[...]` a meaning."""

    def get_type_analyze_hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        """Return what analyzes an annotation of the type *fullname*: only ours."""
        return _analyze_slot if fullname == "whence.Step" else None


def _analyze_slot(context: AnalyzeTypeContext) -> Type:
    if [type(each) for each in context.type.args] != [UnboundType]:
        context.api.fail("Step[...] names one step, as in Step[fit]", context.context)
    return AnyType(TypeOfAny.explicit)


def plugin(version: str) -> type[Plugin]:  # noqa: ARG001  # mypy tells every plugin its version
    """Return the plugin, as mypy asks for it by this name."""
    return SlotPlugin
