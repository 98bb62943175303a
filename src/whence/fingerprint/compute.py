"""Computes the fingerprint of a step: walks from its function to all that it reaches."""

import sys
from collections.abc import Sequence
from types import FunctionType
from typing import Any, cast

from whence.domain.frozen import frozen
from whence.fingerprint.boundary import Boundary
from whence.fingerprint.describe_parts import PartDescriber
from whence.fingerprint.encode_parts import encode_part
from whence.fingerprint.encode_values import ValueEncoder
from whence.fingerprint.parts import Fingerprint, combine_parts
from whence.fingerprint.tagged import digest, tagged, text
from whence.fingerprint.walk import Walk

FINGERPRINT_VERSION = 1  # Bump when the recipe changes: an old fingerprint must never match.

_READS_DOCS = {"__doc__", "getdoc"}
_READS_SOURCE = {"co_code", "getsource", "getsourcelines"}
_READS_ANNOTATIONS = {"__annotations__", "get_annotations", "get_type_hints", "signature"}


@frozen
class EncodedPart:
    """One part by itself, and the numbers of the parts that it refers to."""

    encoding: bytes
    references: tuple[int, ...]


def compute_fingerprint(
    fn: Any, *, extra: Sequence[object] = (), boundary: Boundary | None = None
) -> Fingerprint:
    """Return the fingerprint of the code that calling *fn* runs, as it is loaded now.

    *extra* is what else runs with the step, such as a user's materializer classes. Constants and
    other values count as they are at this moment.
    """
    reached = _walk(fn, extra, boundary or _DEFAULT, with_subclasses=False)
    if "__subclasses__" in reached.walk.names:  # then classes that nothing names may be used
        reached = _walk(fn, extra, boundary or _DEFAULT, with_subclasses=True)
    return _put_together(reached)


_DEFAULT = Boundary()


@frozen
class _Reached:
    walk: Walk
    root: bytes
    parts: list[EncodedPart]


def _walk(
    fn: Any, extra: Sequence[object], boundary: Boundary, *, with_subclasses: bool
) -> _Reached:
    walk = Walk(boundary, with_subclasses)
    function = _bare(fn)
    name = str(getattr(function, "__name__", ""))
    encoder = ValueEncoder(walk, name)
    root = [encoder.encode(function), _annotations(function, encoder)]
    root += [encoder.encode(each) for each in extra]
    parts: list[EncodedPart] = []
    for target in walk.targets:  # grows while it is gone through
        part = ValueEncoder(walk, target.name)
        encoding = encode_part(target, part, name)
        parts.append(EncodedPart(encoding, tuple(part.references)))
    numbers = [b"%d" % each for each in encoder.references]
    return _Reached(walk, tagged("root", *root, *numbers), parts)


def _bare(fn: Any) -> Any:
    """Return the function of a step, for whoever hands in the step."""
    is_step = _DEFAULT.of_module(type(fn).__module__).kind == "whence"
    return getattr(fn, "__wrapped__", fn) if is_step else fn


def _annotations(fn: Any, encoder: ValueEncoder) -> bytes:
    """Return the types of a step's arguments and result: they decide in what form values come."""
    import typing  # noqa: PLC0415  # loaded by then; not before a step is looked at

    raw = getattr(fn, "__annotations__", {})
    try:
        resolved = typing.get_type_hints(fn, include_extras=True)
    except Exception:  # noqa: BLE001  # an annotation is code of the user's
        resolved = dict(raw)
    parts = (part for name in raw for part in (text(name), encoder.encode(resolved.get(name))))
    return tagged("annotations", *parts)


def _put_together(reached: _Reached) -> Fingerprint:
    walk = reached.walk
    describer = PartDescriber(walk)
    parts = tuple(
        describer.describe(target, each.encoding, each.references)
        for target, each in zip(walk.targets, reached.parts, strict=True)
    )
    frame = tagged(
        "frame",
        b"%d" % FINGERPRINT_VERSION,
        text(f"{sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]}"),
        reached.root,
        *(tagged("references", *(b"%d" % r for r in each.references)) for each in reached.parts),
        walk.sharing(),
        *_what_is_observed(walk, describer),
    )
    return Fingerprint(
        combine_parts(digest(frame), [part.content for part in parts]),
        parts,
        tuple(walk.unresolved),
        describer.texts,
        describer.not_cacheable,
        digest(frame),
        tuple(each.value for each in walk.targets if each.kind in {"class", "function"}),
    )


def _what_is_observed(walk: Walk, describer: PartDescriber) -> list[bytes]:
    """Return what counts only since the code that was reached looks at it."""
    seen: list[bytes] = []
    if walk.rebinds:
        seen += [text(target.name.rpartition(".")[2]) for target in walk.targets]
    if not walk.names.isdisjoint(_READS_DOCS):
        seen += [text(str(getattr(target.value, "__doc__", ""))) for target in walk.targets]
    if not walk.names.isdisjoint(_READS_ANNOTATIONS):
        seen += [text(_annotations_shown(target.value)) for target in walk.targets]
    if not walk.names.isdisjoint(_READS_SOURCE):
        seen += sorted(text(each) for each in describer.texts)
    return seen


def _annotations_shown(value: Any) -> str:
    if not isinstance(value, FunctionType | type):
        return ""
    held = cast("dict[str, Any]", getattr(value, "__annotations__", {}))
    return ", ".join(f"{name}: {each!r}" for name, each in held.items())
