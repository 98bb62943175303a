"""How results of earlier runs are named where a pipeline takes them."""

import re

from whence.domain.frozen import frozen


@frozen
class EarlierName:
    """What an earlier result was asked for as, and what that was when it was asked."""

    name: str  # `delay@champion`, `prepare/means`
    shown: str  # `version 3 (run ab12cd34)`

    def __str__(self) -> str:
        return f"{self.name} = {self.shown}"


def tell_change(old: str, new: str) -> str | None:
    """Return how the meaning of a name has changed, given both as text; None for other texts."""
    name, is_named, before = old.partition(" = ")
    same_name, _, after = new.partition(" = ")
    if not is_named or name != same_name or before == after:
        return None
    one, other = _VERSION.match(before), _VERSION.match(after)
    if one is not None and other is not None and one[1] != other[1]:
        return f"{name} was version {one[1]}, is {other[1]}"
    return f"{name} was {before}, is {after}"


_VERSION = re.compile(r"version (\S+)")
