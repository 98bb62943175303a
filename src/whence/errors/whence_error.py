"""The root of all errors: what went wrong, where, why, and what to do about it."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

DOCUMENTATION = "https://whence.dev/errors/{code}"


def suggest(name: str, candidates: Iterable[str]) -> str:
    """Return a sentence that offers the candidate nearest to *name*, or lists what there is."""
    known = list(candidates)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]!r}?"
    if not known:
        return "There are none."
    return f"Known: {list_names(known)}."


def list_names(names: Sequence[str], limit: int = 12) -> str:
    """Return *names* as a readable list of at most *limit* entries."""
    shown = ", ".join(repr(name) for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


class WhenceError(Exception):
    """What went wrong, where, why, and what to do about it."""

    code: ClassVar[str] = "WH000"
    what: ClassVar[str] = "{message}"
    why: ClassVar[str | None] = None
    fix: ClassVar[str | None] = None

    def __init__(self, *, where: str | None = None, **facts: Any) -> None:
        super().__init__(where, facts)
        self.where = where
        self.facts = facts

    def describe(self) -> dict[str, str | None]:
        """Return code, what, where, why and fix, as `--json` shows them."""
        return {
            "code": self.code,
            "what": self._fill(self.what),
            "where": self.where,
            "why": self._fill(self.why),
            "fix": self._fill(self.fix),
        }

    def _fill(self, template: str | None) -> str | None:
        return template.format_map(Facts(self.facts)).strip() or None if template else None

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        said = self.describe()
        yield f"{said['what']} [{self.code}]"
        for label in ("where", "why", "fix"):
            if text := said[label]:
                first, *rest = text.splitlines()
                yield f"  {label + ':':<6} {first}"
                yield from (f"         {line}".rstrip() for line in rest)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.where, self.facts), {"__notes__": self.notes}

    @property
    def notes(self) -> list[str]:
        """What was added to the error on its way up."""
        return list(getattr(self, "__notes__", ()))


class Facts(dict[str, Any]):
    """Facts for a template; one that was not given leaves its place empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _rebuild(kind: type[WhenceError], where: str | None, facts: dict[str, Any]) -> WhenceError:
    error = kind.__new__(kind)
    WhenceError.__init__(error, where=where, **facts)  # the class itself has settled its facts
    return error
