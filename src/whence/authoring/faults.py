"""Gathers faults, so that one report names all of them."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from whence.errors import DefinitionError, InvalidPipelineError


@dataclass(slots=True)
class Faults:
    """The faults found so far in one definition or call."""

    found: list[DefinitionError] = field(default_factory=list[DefinitionError])

    @contextmanager
    def caught(self) -> Generator[None]:
        """Keep the fault that the block raises, and go on after the block."""
        try:
            yield
        except InvalidPipelineError as report:
            # A report from inside may name what is found already.
            self.found += [
                fault for fault in report.faults if not any(fault is each for each in self.found)
            ]
        except DefinitionError as fault:
            self.found.append(fault)

    def raise_found(self, subject: str, where: str) -> None:
        """Raise what was found: one fault as itself, several in one report."""
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise InvalidPipelineError(subject=subject, where=where, faults=self.found)
