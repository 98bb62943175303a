"""The groups of objects that many jobs hold, each known by a number."""

from collections.abc import Callable
from dataclasses import dataclass

from whence.graph.interface import StepSpec
from whence.interfaces.orchestrator import Job


@dataclass(slots=True)
class Group:
    """Objects that travel together, once to each worker."""

    number: int
    members: tuple[object, ...]
    digest: str | None  # of their code, as it is loaded in this process
    as_loaded: bool = False  # their own code travels as it is in memory, not by its name

    @property
    def functions(self) -> list[object]:
        """The functions that the group is about."""
        return [each.fn if isinstance(each, StepSpec) else each for each in self.members]


class SharedGroups:
    """Numbers the groups that jobs hold, by the object that each begins with."""

    def __init__(self, digest_of: Callable[[tuple[object, ...]], str | None]) -> None:
        self._digest_of = digest_of
        self._groups: dict[int, Group] = {}

    def of_job(self, job: Job) -> list[Group]:
        """Return the groups of a job."""
        return [self._find(members) for members in job.shared]

    def _find(self, members: tuple[object, ...]) -> Group:
        found = self._groups.get(id(members[0]))
        if found is None:
            found = Group(len(self._groups), members, self._digest_of(members))
            self._groups[id(members[0])] = found  # which keeps its id its own
        return found
