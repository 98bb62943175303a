"""How the nodes of a map are named: `fit[3]` is the fourth node that `fit.map(...)` places."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

EACH = "*"
"""Stands for the number where a node is meant that a map places for each item: `fit[*]`."""

_NUMBER = re.compile(r"\[(?:\d+(?:\.\.\d+)?|\*)\]")


def name_item(map_name: str, index: int | str) -> str:
    """Return the name of the node, or of the nested body, of one item of a map."""
    return f"{map_name}[{index}]"


def is_item(name: str) -> bool:
    """Return whether a node was placed by a map."""
    return "[" in name


def without_items(name: str) -> str:
    """Return the address of all that a map places: `inner.fit` for `inner[2].fit[3]`."""
    return _NUMBER.sub("", name) if is_item(name) else name


def pattern_of(name: str) -> str:
    """Return the name with `*` for every number: what nodes that a map placed have in common."""
    return _NUMBER.sub(f"[{EACH}]", name) if is_item(name) else name


MOST_ITEMS_SHOWN = 5
"""How many items of a map are shown one by one; more of them are shown as one: `fit[0..999]`."""


def group_items(names: Iterable[str]) -> list[list[str]]:
    """Return the names in groups that are shown as one: the many items of a map, else each alone.

    A group stands where its first name stood.
    """
    known = list(names)
    counts = Counter(pattern_of(name) for name in known if is_item(name))
    groups: dict[str, list[str]] = {}
    for name in known:
        pattern = pattern_of(name)
        key = pattern if counts[pattern] > MOST_ITEMS_SHOWN else name
        groups.setdefault(key, []).append(name)
    return list(groups.values())


def fold_names(names: Sequence[str]) -> str:
    """Return one name for several that differ in their numbers alone: `inner[0..9].fit`."""
    numbers = [_NUMBER.findall(name) for name in names]
    spans = [_span_of(column) for column in zip(*numbers, strict=True)]
    return _NUMBER.sub(lambda _: spans.pop(0), names[0])


def _span_of(numbers: Sequence[str]) -> str:
    if len(set(numbers)) == 1:
        return numbers[0]
    known = [int(number[1:-1]) for number in numbers]
    return f"[{min(known)}..{max(known)}]"


def list_folded(names: Iterable[str], most: int = 3) -> str:
    """Return names as a readable list, with the items of a map as one and at most *most* words."""
    folded = [fold_names(group) for group in group_items(names)]
    shown = folded[:most]
    if len(folded) > most:
        shown.append(f"{len(folded) - most} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""
