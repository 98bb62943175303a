"""Attempts: one try at a step run."""

from typing import NamedTuple


class AttemptId(NamedTuple):
    """Names one attempt within a run."""

    node: str
    number: int  # from 1; a retry has the next one

    def __str__(self) -> str:
        return f"{self.node} (attempt {self.number})"
