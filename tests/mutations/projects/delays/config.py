"""What the delays project decides once."""

import re
from pathlib import PurePosixPath

__all__ = ["COLUMNS", "LIMIT", "RATE", "WEIGHTS"]

RATE = 0.1
LIMIT = 60 * 24
COLUMNS = ["carrier", "distance", "hour"]
WEIGHTS = {"carrier": 1.0, "distance": 0.5, "hour": 0.25}
SKIPPED = {"test", "demo", "void"}
CODE = re.compile(r"[A-Z]{2}\d+")
FOLDER = PurePosixPath("data/raw")
UNUSED = 12


class Defaults:
    """Fallbacks, as attributes."""

    depth = 6
    trees = 100
    loss = "squared"
