"""What the cache key of a step is made of."""

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from whence.caching.accepted_changes import OlderCode
from whence.caching.input_contents import InputContent
from whence.caching.named_code import Code, forget_code, notice_reached
from whence.caching.own_code import find_classes, own_boundary
from whence.caching.own_materializers import find_own_materializers, find_own_readers
from whence.caching.path_contents import digest_path, find_paths
from whence.domain.cache_keys import CacheKey, KeyPart, compute_cache_key
from whence.domain.frozen import frozen
from whence.domain.records import AcceptanceRecord
from whence.fingerprint.compute import compute_fingerprint
from whence.fingerprint.parts import Fingerprint
from whence.graph.interface import StepSpec
from whence.graph.plan import PlannedNode
from whence.values.canonical import compute_value_digest

CODE = "code"
"""The part of a key that stands for all code; it shows the digest of the fingerprint itself."""

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
_PYTHON_PART = KeyPart("python", "", PYTHON, PYTHON)


@frozen
class AcceptedKey:
    """The key that a step would have with older code, whose results were declared to serve it."""

    key: CacheKey
    acceptances: tuple[AcceptanceRecord, ...]


@frozen
class StepKey:
    """The key of a step about to run, with the code that it stands for."""

    digest: str  # the key itself
    fingerprint: Fingerprint
    make_key: Callable[[], CacheKey]
    accepted: tuple[AcceptedKey, ...] = ()

    @property
    def key(self) -> CacheKey:
        """The key with its parts, which a step that is reused does not need."""
        return self.make_key()


FindOlderCode = Callable[[Fingerprint], Sequence[OlderCode]]
"""Gives the older code whose results were declared to serve as well."""


def compute_step_key(
    node: PlannedNode, inputs: Sequence[InputContent], find_older_code: FindOlderCode
) -> StepKey:
    """Return the key under which the outputs of *node* are, or would be, stored.

    Two step runs share a key exactly when their code, parameters, inputs, the formats of their
    outputs, declared environment values and the Python version are the same. What was accepted
    never enters the key: it adds keys under which results are looked for as well. Raises `OSError`
    for a file that is given as a parameter and cannot be read.
    """
    fingerprint = fingerprint_node(node, inputs)
    accepted = tuple(
        [
            AcceptedKey(_make_key(node, inputs, older.digest), older.acceptances)
            for older in find_older_code(fingerprint)
        ]
    )
    code = fingerprint.digest
    if node.options.env or node.options.secrets or not _is_plain(node):
        return _keep_key(_make_key(node, inputs, code), fingerprint, accepted)
    facts = id(node.step), code, *node.recorded.items(), *inputs
    known = _known_keys.get(facts)
    if known is not None:
        return StepKey(known[1], fingerprint, lambda: _make_key(node, inputs, code), accepted)
    key = _make_key(node, inputs, code)
    if len(_known_keys) > _MOST_KEYS_KNOWN:
        _known_keys.clear()
    _known_keys[facts] = node.step, key.digest
    return _keep_key(key, fingerprint, accepted)


def _keep_key(
    key: CacheKey, fingerprint: Fingerprint, accepted: tuple[AcceptedKey, ...]
) -> StepKey:
    return StepKey(key.digest, fingerprint, lambda: key, accepted)


_known_keys: dict[tuple[Any, ...], tuple[StepSpec, str]] = {}
"""Keys of which nothing outside this process is a part; the step is kept, so that its id is its."""

_MOST_KEYS_KNOWN = 120_000
_PLAIN = frozenset({int, float, bool, str, type(None)})


def _is_plain(node: PlannedNode) -> bool:
    """Return whether every parameter of *node* is a value that Python itself brings."""
    return _PLAIN.issuperset(map(type, node.parameters.values()))


def _make_key(node: PlannedNode, inputs: Sequence[InputContent], code: str) -> CacheKey:
    return compute_cache_key(
        [
            _code_part(code),
            _PYTHON_PART,
            *_output_parts(node.step),
            *_parameter_parts(node),
            *map(_input_part, inputs),
            *_environment_parts(node),
        ]
    )


@functools.lru_cache(maxsize=1024)
def _code_part(digest: str) -> KeyPart:
    return KeyPart(CODE, "", digest, digest)


def find_change(node: PlannedNode, step_key: StepKey) -> str | None:
    """Return what the world changed under a step while it ran, or None.

    A result under a key whose file or environment value has changed since is of neither the old
    nor the new.
    """
    of_the_world = [part for part in step_key.key.parts if part.kind in {"file", "environment"}]
    if not of_the_world:
        return None
    try:
        now = {*_parameter_parts(node), *_environment_parts(node)}
    except OSError as error:
        return f"a file that it takes could no longer be read when it ended: {error}"
    changed = (part for part in of_the_world if part not in now)
    return next((f"{part.kind} {part.name} changed while it ran" for part in changed), None)


_seen_code: dict[tuple[Any, ...], tuple[tuple[Any, ...], Fingerprint]] = {}
"""The step is kept with its fingerprint, so that nothing else gets the ids that stand for it."""


def fingerprint_node(node: PlannedNode, inputs: Sequence[InputContent] = ()) -> Fingerprint:
    """Return the fingerprint of the code that a step runs.

    Beside the step's function that is the user's own materializers, and the classes of parameter
    values and of what is in its *inputs*.
    """
    formats = tuple([each.format for each in inputs])
    named = [code for each in inputs if each.code for code in each.code]
    if named or not _is_plain(node):
        return _find_fingerprint(node, formats, named)
    seen = _seen_steps.get((id(node.step), formats))
    if seen is None:
        found = node.step, _find_fingerprint(node, formats, named)
        seen = _seen_steps[id(node.step), formats] = found
    return seen[1]


_seen_steps: dict[tuple[Any, ...], tuple[StepSpec, Fingerprint]] = {}
"""Of steps that run no code but their own and that of formats; kept as `_seen_code` keeps it."""


def _find_fingerprint(
    node: PlannedNode, formats: tuple[str | None, ...], named: Sequence[Code]
) -> Fingerprint:
    step = node.step
    beside = [*_find_readers(formats), *find_classes(node.parameters.values())]
    objects = [step.fn, step.arguments, step.outputs, *beside, *named]
    identity = (len(named), *map(id, objects))
    seen = _seen_code.get(identity)  # another thread may forget it at any moment
    if seen is None:
        seen = _seen_code[identity] = (step, *objects), _fingerprint(step, beside, named)
        notice_reached(seen[1].reached)
    return seen[1]


def _fingerprint(step: StepSpec, beside: Sequence[object], named: Sequence[Code]) -> Fingerprint:
    """Return a fingerprint; what inputs name counts as far as the step does not reach it anyway."""
    own = {id(each): each for each in (*find_own_materializers(step), *beside)}
    code = compute_fingerprint(step.fn, extra=tuple(own.values()), boundary=own_boundary())
    further = {id(each): each for each in named if each not in code.reached}
    if not further:
        return code
    extra = (*own.values(), *further.values())
    return compute_fingerprint(step.fn, extra=extra, boundary=own_boundary())


def look_at_code_anew() -> None:
    """Forget what code was seen to be: a notebook's constants change without its functions."""
    _seen_code.clear()
    _seen_steps.clear()
    own_boundary.cache_clear()
    _find_readers.cache_clear()
    forget_code()


_find_readers = functools.lru_cache(maxsize=1024)(find_own_readers)


def _output_parts(step: StepSpec) -> Iterator[KeyPart]:
    for output in step.outputs.values():
        yield _output_part(output.name, output.format, output.artifact_type.__name__)


@functools.lru_cache(maxsize=1024)
def _output_part(name: str, format_name: str | None, artifact_type: str) -> KeyPart:
    digest = compute_value_digest((format_name, artifact_type))
    return KeyPart("output", name, digest, format_name or "")


def _parameter_parts(node: PlannedNode) -> Iterator[KeyPart]:
    for name, value in node.parameters.items():
        yield _parameter_part(name, value, node.recorded[name])
        for place, path in find_paths(value, name):
            if place != name:
                yield KeyPart("file", place, digest_path(path), str(path))


def _parameter_part(name: str, value: Any, recorded: str) -> KeyPart:
    if isinstance(value, Path) and value.exists():
        return KeyPart("file", name, digest_path(value), recorded)
    return KeyPart("parameter", name, compute_value_digest(value), recorded)


def _input_part(given: InputContent) -> KeyPart:
    digest = f"{given.digest} {given.format or ''}"  # neither holds a space
    return KeyPart("input", given.argument + given.path, digest, given.shown)


def _environment_parts(node: PlannedNode) -> Iterator[KeyPart]:
    for name in node.options.env:
        value = os.environ.get(name)
        yield KeyPart("environment", name, compute_value_digest(value), value or "")
    for name in node.options.secrets:
        yield KeyPart("secret", name, "")  # of a secret only the name


def texts_of(fingerprint: Fingerprint) -> dict[str, str]:
    """Return what is kept of code: the source texts, and the fingerprint itself, by digest."""
    return {**fingerprint.texts, fingerprint.digest: fingerprint.to_json()}


def code_of(key: CacheKey) -> str | None:
    """Return the digest of the fingerprint that a key stands for."""
    return next((part.shown for part in key.parts if part.kind == CODE), None)
