"""Whether the cache can be trusted: edits that leave a stale result, and needless reruns."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.mutations.corpus import Outcome
from tests.mutations.corpus import measure as measure_edits

from benchmarks.measurement import Measurement


def measure() -> Iterator[Measurement]:
    """Apply every edit of the corpus to its project, and count by steps."""
    with tempfile.TemporaryDirectory() as folder:
        outcomes = measure_edits(Path(folder))
    hits = sum(len(each.false_hits) for each in outcomes)
    yield Measurement("false hits", hits, "", 0, f"{len(outcomes)} edits, each step of its project")
    yield Measurement("false misses", 100 * _share_missed(outcomes), "%", 5, _missed(outcomes))


def _share_missed(outcomes: list[Outcome]) -> float:
    unchanged = sum(len(each.steps - each.edit.changes) for each in outcomes)
    return sum(len(each.false_misses) for each in outcomes) / unchanged


def _missed(outcomes: list[Outcome]) -> str:
    count = sum(1 for each in outcomes if each.false_misses)
    return f"{count} edits, each explained in tests/mutations"
