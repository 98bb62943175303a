"""What a long step keeps while it runs, to go on from."""

from pathlib import Path

from whence.domain.frozen import frozen


@frozen
class Checkpoint:
    """A folder that a step has kept: read it, leave it as it is."""

    path: Path
    step: int  # how far the step was: the epoch or iteration
