"""Times and nested facts as columns, and back."""

import dataclasses
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring_ascii
from typing import Any, TypeVar, cast

from whence.domain.contents import Content, FileEntry
from whence.domain.records import (
    ArtifactRecord,
    AttemptRecord,
    ErrorRecord,
    InputRecord,
    RunOwner,
    StepUsage,
)
from whence.domain.status import RunStatus, StepStatus

RecordT = TypeVar("RecordT")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_encoder = json.JSONEncoder(separators=(",", ":"), default=str)
_log = logging.getLogger("whence.metadata_stores")


def encode_json(value: Any) -> str:
    """Return nested facts as text; what JSON does not know becomes its `str`."""
    if not value:  # by far the most frequent
        return "{}" if isinstance(value, dict) else "[]"
    return _encoder.encode(value)


def encode_names(names: Sequence[str]) -> str:
    """Return texts as `encode_json` does, several times as fast."""
    if not names:
        return "[]"
    return f"[{','.join(map(encode_basestring_ascii, names))}]"


def encode_named(texts: Mapping[str, str]) -> str:
    """Return named texts as `encode_json` does, several times as fast."""
    if not texts:
        return "{}"
    quote = encode_basestring_ascii
    return f"{{{','.join([f'{quote(name)}:{quote(text)}' for name, text in texts.items()])}}}"


def decode_named(text: str) -> dict[str, Any]:
    """Return the named facts that were encoded. Raises `ValueError` for anything else."""
    found = json.loads(text)
    _check(found, dict)
    return found


def decode_list(text: str) -> list[Any]:
    """Return the list that was encoded. Raises `ValueError` for anything else."""
    found = json.loads(text)
    _check(found, list)
    return found


def decode_text(found: Any) -> str:
    """Return a text that was kept as it is. Raises `ValueError` for anything else."""
    _check(found, str)
    return found


def _check(found: Any, kind: type[Any]) -> None:
    if not isinstance(found, kind):
        message = f"{type(found).__name__} in the place of {kind.__name__}"
        raise ValueError(message)  # noqa: TRY004  # what is recorded is wrong, not what is passed


def encode_inputs(inputs: Sequence[InputRecord]) -> str:
    """Return the links of a step run to its inputs as text."""
    quote = encode_basestring_ascii
    links = [
        f"[{quote(link.argument)},{quote(link.path)},{quote(link.artifact_id)}]" for link in inputs
    ]
    return f"[{','.join(links)}]"


def encode_moment(moment: datetime) -> int:
    """Return a moment in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def decode_moment(microseconds: int) -> datetime:
    """Return the moment that was encoded, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def encode_error(error: ErrorRecord | None) -> str | None:
    """Return an error as text."""
    return None if error is None else _encoder.encode(_facts_of_error(error))


def _facts_of_error(error: ErrorRecord) -> dict[str, Any]:
    fault = error.fault
    return {**_facts_of(error), "fault": None if fault is None else dict(fault)}


def decode_error(text: str | None) -> ErrorRecord | None:
    """Return the error that was encoded; what a newer Whence added to it is left out."""
    return None if text is None else _make(ErrorRecord, json.loads(text))


def encode_attempts(attempts: Sequence[AttemptRecord]) -> str | None:
    """Return the attempts at a step run as text; None for none, which changes nothing."""
    if not attempts:
        return None
    return _encoder.encode([_facts_of_attempt(attempt) for attempt in attempts])


def _facts_of_attempt(attempt: AttemptRecord) -> dict[str, Any]:
    error = attempt.error
    return {
        **_facts_of(attempt),
        "started_at": encode_moment(attempt.started_at),
        "error": None if error is None else _facts_of_error(error),
    }


def decode_attempts(text: str | None) -> tuple[AttemptRecord, ...]:
    """Return the attempts that were encoded; what a newer Whence added to them is left out."""
    return () if text is None else tuple(map(_decode_attempt, json.loads(text)))


def _decode_attempt(facts: dict[str, Any]) -> AttemptRecord:
    error = facts.get("error")
    return _make(
        AttemptRecord,
        {
            **facts,
            "started_at": decode_moment(facts["started_at"]),
            "error": None if error is None else _make(ErrorRecord, error),
        },
    )


def encode_owner(owner: RunOwner | None) -> str | None:
    """Return who goes on with a run as text."""
    return None if owner is None else _encoder.encode(_facts_of(owner))


def decode_owner(text: str | None) -> RunOwner | None:
    """Return the owner that was encoded; what a newer Whence added to it is left out."""
    return None if text is None else _make(RunOwner, json.loads(text))


def encode_usage(usage: StepUsage | None) -> str | None:
    """Return what a step used as text."""
    return None if usage is None else _encoder.encode(_facts_of(usage))


def decode_usage(text: str | None) -> StepUsage | None:
    """Return the usage that was encoded; what a newer Whence added to it is left out."""
    return None if text is None else _make(StepUsage, json.loads(text))


def encode_earlier_results(results: Mapping[str, str]) -> str | None:
    """Return the earlier results that a run took as text; None for none."""
    return encode_named(results) if results else None


def _facts_of(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def _make(kind: type[RecordT], facts: dict[str, Any]) -> RecordT:
    """Return a record of the facts that it is known to have."""
    known = {field.name for field in dataclasses.fields(cast("Any", kind))}
    return kind(**{name: fact for name, fact in facts.items() if name in known})


def decode_artifact(columns: Iterable[Any]) -> ArtifactRecord:
    """Return the artifact of a row; raise `LookupError` if there is no such row."""
    *facts, created_at, model = columns
    if created_at is None:
        message = "the artifact is not recorded"
        raise LookupError(message)
    if any(isinstance(fact, bytes) for fact in facts):
        message = "bytes in the place of text"
        raise ValueError(message)  # what is recorded is wrong, not what is passed
    return ArtifactRecord(*facts, created_at=decode_moment(created_at), model=model)


def encode_files(files: Sequence[FileEntry]) -> str:
    """Return a manifest as text."""
    return _encoder.encode([[entry.name, entry.size, entry.digest] for entry in files])


def encode_inline(content: Content) -> bytes | None:
    """Return the bytes of an inline content's files, one after another."""
    if content.inline is None:
        return None
    inline = content.inline
    return b"".join([inline[entry.name] for entry in content.files])


def decode_content(  # noqa: PLR0913, PLR0917  # the columns of a row
    digest: str,
    size: int,
    files: str,
    inline: Any,
    collected_at: int | None = None,
    condemned_by: str | None = None,
) -> Content:
    """Return the content that was encoded."""
    if not isinstance(inline, bytes | None):
        message = "the bytes are not bytes"
        raise TypeError(message)
    entries = tuple([FileEntry(*entry) for entry in json.loads(files)])
    held = None if inline is None else _split(entries, inline)
    if collected_at is None and condemned_by is None:  # nearly always
        return Content(digest, size, entries, held)
    collected = None if collected_at is None else decode_moment(collected_at)
    return Content(digest, size, entries, held, collected, condemned_by is not None)


def _split(entries: Sequence[FileEntry], data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    start = 0
    for entry in entries:
        found[entry.name] = data[start : start + entry.size]
        start += entry.size
    return found


def decode_run_status(text: str, *, ended: bool) -> RunStatus:
    """Return a run's status; one that a newer Whence invented becomes the nearest known."""
    try:
        return RunStatus(text)
    except ValueError:
        nearest = RunStatus.CRASHED if ended else RunStatus.RUNNING
        _log.warning("A run has the unknown status %r; it is shown as %r.", text, nearest.value)
        return nearest


def decode_step_status(text: str, *, ended: bool) -> StepStatus:
    """Return a step run's status; one that a newer Whence invented becomes the nearest known."""
    try:
        return StepStatus(text)
    except ValueError:
        nearest = StepStatus.CRASHED if ended else StepStatus.PENDING
        _log.warning("A step run has the unknown status %r; shown as %r.", text, nearest.value)
        return nearest


def clean_texts(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return values as SQLite takes them: half a surrogate pair is written in words."""
    return tuple(
        value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
        for value in values
    )
