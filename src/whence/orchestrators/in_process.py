"""Runs steps in this process, one after the other."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

ResultT = TypeVar("ResultT")


class InProcessOrchestrator(Generic[ResultT]):
    """Runs each job when its result is asked for, in the order of submission."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, Callable[[], ResultT]]] = deque()

    def submit(self, node: str, job: Callable[[], ResultT]) -> None:
        """Put a job behind those that wait."""
        self._waiting.append((node, job))

    def next_result(self) -> tuple[str, ResultT]:
        """Run the job that has waited longest."""
        node, job = self._waiting.popleft()
        return node, job()

    def close(self) -> None:
        """Give up the jobs that wait."""
        self._waiting.clear()
