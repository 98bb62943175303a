"""Orchestrators: where steps execute."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

ResultT = TypeVar("ResultT")


class Orchestrator(Protocol, Generic[ResultT]):
    """Executes jobs somewhere and hands their results back.

    A job is a callable without arguments that returns its result and never raises an `Exception`;
    orchestrators differ only in where they call it.
    """

    def submit(self, node: str, job: Callable[[], ResultT]) -> None:
        """Accept a job; it may start at once."""
        ...

    def next_result(self) -> tuple[str, ResultT]:
        """Wait for the next job to end, and return the node it belongs to and its result."""
        ...

    def close(self) -> None:
        """Release what the orchestrator holds; jobs that still run are given up."""
        ...
