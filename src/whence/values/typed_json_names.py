"""Which classes a typed JSON text names, told without reading any value of it."""

import json
import re
from collections.abc import Sequence

from whence.values.class_names import ClassName

_TAG = b'{"$'
"""Begins all that is not plain JSON. In a text that is a value the quote would be escaped."""

_NAMED = re.compile(rb'\{"\$(?:dataclass|enum|model|namedtuple)":\[("(?:[^"\\]|\\.)*")')


def list_names(text: bytes) -> Sequence[ClassName]:
    """Return the classes whose instances `typed_json.decode` would make of *text*, each once.

    It costs next to nothing where there are none.
    """
    if _TAG not in text:
        return ()
    return [ClassName.parse(json.loads(each)) for each in dict.fromkeys(_NAMED.findall(text))]
