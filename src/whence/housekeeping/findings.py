"""What `doctor` finds: what, where, why, and how it is repaired."""

from collections.abc import Callable
from dataclasses import field
from typing import Any

from whence.domain.frozen import frozen


@frozen
class Finding:
    """One thing that is wrong with a store."""

    kind: str  # a word for it, the same wherever it is found
    what: str
    where: str
    fix: str
    why: str = ""
    of: str = ""  # what people know it as: an output of a step of a run
    repair: Callable[[], bool | None] | None = field(default=None, compare=False)
    """Mends it; returns False where that must wait."""
    deletes: bool = False  # whether the repair deletes something, which must be asked for
    repaired: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "kind": self.kind,
            "what": self.what,
            "where": self.where,
            "of": self.of or None,
            "why": self.why or None,
            "fix": self.fix,
            "repairable": self.repair is not None,
            "repaired": self.repaired,
        }
