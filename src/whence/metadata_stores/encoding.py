"""Times and nested facts as columns, and back."""

import dataclasses
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring_ascii
from typing import Any

from whence.domain.contents import Content, FileEntry
from whence.domain.records import ArtifactRecord, ErrorRecord, InputRecord
from whence.domain.status import RunStatus, StepStatus

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
    return f"[{','.join(map(encode_basestring_ascii, names))}]"


def encode_named(texts: Mapping[str, str]) -> str:
    """Return named texts as `encode_json` does, several times as fast."""
    if not texts:
        return "{}"
    quote = encode_basestring_ascii
    return f"{{{','.join([f'{quote(name)}:{quote(text)}' for name, text in texts.items()])}}}"


def encode_inputs(inputs: Sequence[InputRecord]) -> str:
    """Return the links of a step run to its inputs as text."""
    links = [encode_names((link.argument, link.path, link.artifact_id)) for link in inputs]
    return f"[{','.join(links)}]"


def encode_moment(moment: datetime) -> int:
    """Return a moment in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def decode_moment(microseconds: int) -> datetime:
    """Return the moment that was encoded, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def encode_error(error: ErrorRecord | None) -> str | None:
    """Return an error as text."""
    if error is None:
        return None
    facts = {field.name: getattr(error, field.name) for field in dataclasses.fields(error)}
    fault = error.fault
    return _encoder.encode({**facts, "fault": None if fault is None else dict(fault)})


def decode_error(text: str | None) -> ErrorRecord | None:
    """Return the error that was encoded; what a newer Whence added to it is left out."""
    if text is None:
        return None
    known = {field.name for field in dataclasses.fields(ErrorRecord)}
    return ErrorRecord(**{name: fact for name, fact in json.loads(text).items() if name in known})


def decode_artifact(columns: Iterable[Any]) -> ArtifactRecord:
    """Return the artifact of a row; raise `LookupError` if there is no such row."""
    *facts, created_at = columns
    if created_at is None:
        message = "the artifact is not recorded"
        raise LookupError(message)
    return ArtifactRecord(*facts, created_at=decode_moment(created_at))


def encode_files(files: Sequence[FileEntry]) -> str:
    """Return a manifest as text."""
    return _encoder.encode([[entry.name, entry.size, entry.digest] for entry in files])


def encode_inline(content: Content) -> bytes | None:
    """Return the bytes of an inline content's files, one after another."""
    if content.inline is None:
        return None
    inline = content.inline
    return b"".join([inline[entry.name] for entry in content.files])


def decode_content(digest: str, size: int, files: str, inline: Any) -> Content:
    """Return the content that was encoded."""
    if not isinstance(inline, bytes | None):
        message = "the bytes are not bytes"
        raise TypeError(message)
    entries = tuple([FileEntry(*entry) for entry in json.loads(files)])
    return Content(digest, size, entries, None if inline is None else _split(entries, inline))


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
