"""What a long step keeps while it runs, to go on from."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder that a step has kept: read it, leave it as it is."""

    path: Path
    step: int  # how far the step was: the epoch or iteration
