"""What the cache key of a step is made of."""

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whence.caching.accepted_changes import OlderCode
from whence.caching.path_contents import digest_path
from whence.domain.cache_keys import CacheKey, KeyPart, compute_cache_key
from whence.domain.records import AcceptanceRecord
from whence.fingerprint.compute import compute_fingerprint
from whence.fingerprint.parts import Fingerprint
from whence.graph.interface import OutputSpec, StepSpec
from whence.graph.plan import PlannedNode
from whence.values.canonical import compute_value_digest

CODE = "code"
"""The part of a key that stands for all code; it shows the digest of the fingerprint itself."""

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


@dataclass(frozen=True, slots=True)
class InputContent:
    """What a step takes, as its key sees it."""

    argument: str
    path: str  # where in the argument: see `InputRecord`
    digest: str
    format: str | None
    shown: str  # where it comes from, for people


@dataclass(frozen=True, slots=True)
class AcceptedKey:
    """The key that a step would have with older code, whose results were declared to serve it."""

    key: CacheKey
    acceptances: tuple[AcceptanceRecord, ...]


@dataclass(frozen=True, slots=True)
class StepKey:
    """The key of a step about to run, with the code that it stands for."""

    key: CacheKey
    fingerprint: Fingerprint
    accepted: tuple[AcceptedKey, ...] = ()


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
    fingerprint = fingerprint_step(node.step)
    others = [
        KeyPart("python", "", PYTHON, PYTHON),
        *_output_parts(node.step),
        *(
            _parameter_part(name, value, node.recorded[name])
            for name, value in node.parameters.items()
        ),
        *(_input_part(each) for each in inputs),
        *_environment_parts(node),
    ]
    accepted = tuple(
        AcceptedKey(_key_with_code(older.digest, others), older.acceptances)
        for older in find_older_code(fingerprint)
    )
    return StepKey(_key_with_code(fingerprint.digest, others), fingerprint, accepted)


def _key_with_code(digest: str, others: Sequence[KeyPart]) -> CacheKey:
    return compute_cache_key([KeyPart(CODE, "", digest, digest), *others])


def fingerprint_step(step: StepSpec) -> Fingerprint:
    """Return the fingerprint of a step's code and of the materializers that are the user's own."""
    return _fingerprint(step.fn, tuple(type(each) for each in _materializers(step)))


@functools.lru_cache(maxsize=4096)
def _fingerprint(fn: Callable[..., Any], materializers: tuple[type, ...]) -> Fingerprint:
    return compute_fingerprint(fn, extra=materializers)


def _materializers(step: StepSpec) -> Iterator[Any]:
    for output in step.outputs.values():
        if output.materializer is not None:
            yield output.materializer


def _output_parts(step: StepSpec) -> Iterator[KeyPart]:
    for output in step.outputs.values():
        stored_as = (output.format, output.artifact_type.__name__, _settings(output))
        yield KeyPart("output", output.name, compute_value_digest(stored_as), output.format or "")


def _settings(output: OutputSpec) -> Any:
    """Return how a materializer was configured: `CsvMaterializer(sep=";")`."""
    return dict(getattr(output.materializer, "__dict__", {}))


def _parameter_part(name: str, value: Any, recorded: str) -> KeyPart:
    if isinstance(value, Path) and value.exists():
        return KeyPart("file", name, digest_path(value), recorded)
    return KeyPart("parameter", name, compute_value_digest(value), recorded)


def _input_part(given: InputContent) -> KeyPart:
    digest = compute_value_digest((given.digest, given.format))
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
