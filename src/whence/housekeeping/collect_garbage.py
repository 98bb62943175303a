"""What `whence gc` does: what may go, by which rules, and what is left by processes that died."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from whence.artifact_stores.local_checkpoints import LocalCheckpoints
from whence.errors import InvalidSettingError
from whence.housekeeping.collection import Collection, carry_out
from whence.housekeeping.garbage_report import Garbage, count_by_pipeline
from whence.housekeeping.local_parts import LocalParts, opened_parts
from whence.metadata_stores.collect_contents import KeepRules
from whence.stacks.current import open_stack
from whence.stacks.stack import Stack

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?i?)B?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_CHECKPOINTS_AFTER = 30 * 86_400  # seconds that nobody touched one


def collect_garbage(  # noqa: PLR0913  # named, and each may be left out
    *,
    keep_last: int | None = None,
    older_than: str | None = None,
    max_size: str | None = None,
    yes: bool = False,
    wait: bool = False,
    stack: Stack | None = None,
) -> Garbage:
    """Find the contents that no run that is kept needs, and delete them if *yes*.

    Kept are the newest *keep_last* completed runs of each pipeline, and runs not *older_than* an
    age such as `30d`; of the others the contents used last, up to *max_size* in all, such as
    `50GiB`. What any of these protects stays, and always the newest completed run of each pipeline,
    runs that go on or can be resumed, and what is tagged or bore an alias. Records always stay.
    With *wait* it returns only when every run is over that may still use what is to be deleted.
    Raises `InvalidSettingError` and `HousekeepingGoesOnError`.
    """
    seconds = None if older_than is None else parse_age(older_than)
    keep = KeepRules(
        last=keep_last,
        since=None if seconds is None else time.time_ns() // 1000 - int(seconds * 1e6),
        max_size=None if max_size is None else parse_size(max_size),
    )
    with opened_parts(stack or open_stack()) as parts:
        victims = Collection(parts, keep).find() if parts.records.path.exists() else []
        checkpoints = list(_list_old_checkpoints(parts, seconds or _CHECKPOINTS_AFTER))
        found = Garbage(
            contents=len(victims),
            size=sum(victim.size for victim in victims),
            by_pipeline=count_by_pipeline(victims),
            checkpoints=len(checkpoints),
            rules_given=not keep.are_none,
        )
        if not yes or not parts.records.path.exists():
            return found
        deleted, waiting = carry_out(parts, keep, waits=wait)
        for folder in checkpoints:
            LocalCheckpoints(str(folder)).discard()  # what somebody uses stays
        parts.contents.discard(parts.contents.open_staging())  # a session begins by sweeping
        return found.as_done(deleted, sorted({run for runs in waiting.values() for run in runs}))


def _list_old_checkpoints(parts: LocalParts, seconds: float) -> Iterator[Path]:
    area = parts.contents.root / "checkpoints"
    with suppress(OSError):
        for folder in sorted(area.iterdir()):
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > seconds:
                    yield folder


def parse_age(text: str) -> float:
    """Return an age such as `30d` in seconds. Raises `InvalidSettingError`."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise InvalidSettingError(
            setting="older than", value=text, reason="It is no age.", cure="Write 30d, 12h or 2w."
        )
    return float(found[1]) * _SECONDS[found[2]]


def parse_size(text: str) -> int:
    """Return a size such as `50GiB` or `500 MB` in bytes. Raises `InvalidSettingError`."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise InvalidSettingError(
            setting="maximal size",
            value=text,
            reason="It is no size.",
            cure="Write 50GiB or 500MB.",
        )
    unit = found[2].lower()
    base = 1024 if unit.endswith("i") else 1000
    return int(float(found[1]) * base ** _POWERS[unit.removesuffix("i")])
