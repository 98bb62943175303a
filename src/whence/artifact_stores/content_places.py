"""Where a content lies in a local artifact store."""

import re
from pathlib import Path

from whence.errors import IntegrityError

_DIGEST = re.compile(r"blake3:[0-9a-f]{64}")


def find_place(root: Path, digest: str) -> Path:
    """Return the folder of a content: `<root>/<2 hex>/<62 hex>`. Raises `IntegrityError`."""
    if not _DIGEST.fullmatch(digest):
        raise IntegrityError(digest=repr(digest), reason="This is not a digest.")
    digits = digest.removeprefix("blake3:")
    return root / digits[:2] / digits[2:]
