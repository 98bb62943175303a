"""What was changed, in a few words that people would use."""

from pathlib import PurePath

from whence.caching.explain import Change
from whence.domain.records import StepRunRecord
from whence.history.comparing.rows import Category, Cause
from whence.history.plain_values import shorten

_CATEGORIES = {
    "parameter": Category.PARAMETER,
    "file": Category.PARAMETER,
    "output": Category.MATERIALIZER,
    "package": Category.PACKAGE,
    "python": Category.ENVIRONMENT,
    "environment": Category.ENVIRONMENT,
    "secret": Category.ENVIRONMENT,
}
_ORDER = tuple(Category)
_CODE_KINDS = frozenset({"function", "class", "constant", "module", "code"})


def explain_change(change: Change, step: StepRunRecord) -> Cause:
    """Return a change in the key or the code of a step as a cause."""
    category = _categorise(change)
    words = _describe_code(change, step) if category is Category.CODE else _describe(change)
    return Cause(category, words, change)


def order_causes(causes: list[Cause]) -> tuple[Cause, ...]:
    """Return causes with the most telling first, each once."""
    known = {(cause.category, cause.words): cause for cause in causes}
    return tuple(
        sorted(
            known.values(),
            key=lambda cause: (_ORDER.index(cause.category), cause.change.diff is None),
        )
    )


def _categorise(change: Change) -> Category:
    is_part = change.old_digest is not None or change.new_digest is not None
    if change.kind in _CODE_KINDS or (is_part and change.kind != "package"):
        return Category.CODE
    return _CATEGORIES.get(change.kind, Category.ENVIRONMENT)


def _describe(change: Change) -> str:
    if change.kind == "parameter" and change.old is not None and change.new is not None:
        return f"parameter {change.name} {shorten(change.old)} → {shorten(change.new)}"
    return change.sentence


def _describe_code(change: Change, step: StepRunRecord) -> str:
    """Return a changed part of the code with its place: where it stands now, or stood."""
    short = name_shortly(change)
    if not short:
        return change.sentence
    place = shorten_place(change.place or "")
    file, _, lines = place.rpartition(", ")
    where = f" in {file or place}" if place else ""
    at = f" ({lines})" if file else ""
    return f"{_noun(change, short, step)} `{short}`{where} {_verb(change)}{at}"


def name_shortly(change: Change) -> str:
    """Return the name of what was changed; of what a module defines, without the module."""
    whole = change.kind in {"file", "module"}
    return change.name if whole else change.name.rpartition(".")[2]


def shorten_place(place: str) -> str:
    """Return where code stands; of a file that lies elsewhere only the name."""
    return PurePath(place).name if PurePath(place).is_absolute() else place


def _noun(change: Change, short: str, step: StepRunRecord) -> str:
    if change.kind == "function":
        return "step" if short == step.step else "helper"
    return change.kind


def _verb(change: Change) -> str:
    if change.old_digest is None:
        return "is new"
    if change.new_digest is None:
        return "is no longer used"
    if change.old or change.new:
        return f"{change.old} → {change.new}"
    return "changed" if change.diff is not None else "changed in a default or what it closes over"
