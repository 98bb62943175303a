"""Says where each part lies, keeps its text, and tells when results must not be cached."""

import os
import reprlib
from types import FunctionType
from typing import Any, cast

from whence.fingerprint.parts import CodePart
from whence.fingerprint.plain_values import encode_plain
from whence.fingerprint.sources import SourceFile, find_source, has_changed, last_line
from whence.fingerprint.tagged import digest, tagged, text
from whence.fingerprint.walk import Target, Walk, module_shown

_LONGEST = 60


class PartDescriber:
    """Describes the parts of one walk, and collects their texts."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.texts: dict[str, str] = {}
        self.not_cacheable: str | None = None

    def describe(self, target: Target, encoding: bytes, references: tuple[int, ...]) -> CodePart:
        """Return what a target is to a reader; its digest names what it refers to."""
        names = (text(self.walk.targets[each].name) for each in references)
        own = digest(tagged("part", text(target.kind), encoding, *names))
        content = digest(tagged("content", text(target.kind), encoding))
        if target.kind == "package":
            shown = target.value.version
            return CodePart("package", target.name, own, shown=shown, content=content)
        if target.kind == "file":
            return CodePart("file", target.name, own, file=target.value, content=content)
        file = _file_of(target)
        source = find_source(file, target.names) if file else None
        if isinstance(target.value, FunctionType):
            self._check(target.name, target.value, source)
        first, last = _lines_of(target, source)
        kept = self._keep(source, first, last)
        shown = show_value(target.value) if target.kind == "constant" else None
        place = (file, first, last) if first else (None, first, last)
        return CodePart(target.kind, target.name, own, *place, kept, shown, content)

    def _check(self, name: str, function: FunctionType, source: SourceFile | None) -> None:
        """Note why results of this function must not be cached, if so."""
        if self.not_cacheable is not None:
            return
        file = function.__code__.co_filename
        if source is None:
            self.not_cacheable = f"there is no source of {name}: it is from {file}"
        elif has_changed(function.__code__, function.__globals__, source):
            short = os.path.basename(file)  # noqa: PTH119  # a name, not a path
            self.not_cacheable = f"{short} has changed since {name} was loaded"

    def _keep(self, source: SourceFile | None, first: int | None, last: int | None) -> str | None:
        if source is None or first is None or last is None:
            return None
        part = source.part(first, last)
        name = digest(text(part))
        self.texts[name] = part
        return name


def _file_of(target: Target) -> str | None:
    if isinstance(target.value, FunctionType):
        return target.value.__code__.co_filename
    file = target.names.get("__file__")
    if isinstance(file, str):
        return file
    return _file_of_methods(target.value) if target.kind == "class" else None


def _file_of_methods(cls: type) -> str | None:
    """Return the file of a class that no file's module holds, as in a notebook."""
    methods = (each for each in vars(cls).values() if isinstance(each, FunctionType))
    files = (each.__code__.co_filename for each in methods)
    return next((file for file in files if file != "<string>"), None)


def _lines_of(target: Target, source: SourceFile | None) -> tuple[int | None, int | None]:
    if isinstance(target.value, FunctionType):
        code = target.value.__code__
        return code.co_firstlineno, last_line(code)
    if source is None or target.kind == "module":
        return None, None
    if target.kind == "class":
        return source.definitions.get(target.value.__qualname__, (None, None))
    name = target.name.removeprefix(_module_prefix(target)).partition("[")[0]
    return source.definitions.get(name, (None, None))


def _module_prefix(target: Target) -> str:
    return module_shown(target.names) + "."


def show_value(value: Any) -> str:
    """Return a short text for a value; only Python's own types show more than their name."""
    kind = cast("type[Any]", type(value))
    if encode_plain(value) is not None or kind in {dict, list, set, tuple}:
        return _SHORT.repr(value)
    return f"<{kind.__qualname__}>"


class _OnlyPlain(reprlib.Repr):
    """Shows a few items of containers, and never asks a class of the user's for a text."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother = 3, _LONGEST, _LONGEST

    def repr_instance(self, x: Any, level: int) -> str:  # noqa: ARG002  # the signature is `reprlib`'s
        if encode_plain(x) is not None:
            return repr(x)
        return f"<{type(x).__qualname__}>"


_SHORT = _OnlyPlain()
