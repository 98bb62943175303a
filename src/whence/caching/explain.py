"""Why a step runs: which part of its key differs from the nearest earlier step run."""

import contextlib
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Protocol

from whence.caching.step_keys import CODE, code_of
from whence.domain.cache_keys import CacheKey, KeyDifference, find_differences, parse_cache_key
from whence.domain.earlier_results import tell_change
from whence.domain.frozen import frozen
from whence.domain.records import StepRunRecord
from whence.errors import UnreadableArtifactError
from whence.fingerprint.parts import CodePart, Fingerprint, parse_fingerprint
from whence.interfaces.metadata_store import MetadataStore
from whence.values.typed_json_differences import find_value_differences, show_value

_MOST_COMPARED = 20
_SENTENCES = {
    "input": "input {name}: new digest, from {new}",
    "output": "output {name} is stored otherwise: {old} → {new}",
    "python": "Python {old} → {new}",
}


class SourceTexts(Protocol):
    """Where source texts are found by their digests: a metadata store, or what was fetched."""

    def find_texts(self, digests: Sequence[str]) -> Mapping[str, str]:
        """Return recorded source texts by their digests."""
        ...


@frozen
class Change:
    """One thing in which a step differs from an earlier step run."""

    kind: str  # as in the key or the code: `parameter`, `input`, `function`, `package`, ...
    name: str
    sentence: str
    old: str | None = None  # as shown to people
    new: str | None = None
    place: str | None = None  # file and lines, of code
    diff: str | None = None  # of source texts, unified
    old_digest: str | None = None  # of code, as `accept` takes it
    new_digest: str | None = None

    def __str__(self) -> str:
        return self.sentence


@frozen
class Explanation:
    """What changed against the nearest earlier step run; None where there is none to compare."""

    earlier: StepRunRecord | None
    changes: tuple[Change, ...]


def explain_key(
    key: CacheKey,
    code: Fingerprint | None,
    candidates: Sequence[StepRunRecord],
    store: MetadataStore,
    accepted: Sequence[CacheKey] = (),
) -> Explanation:
    """Return how *key* differs from that of the nearest of *candidates*, newest first.

    The nearest is the one in which the fewest parts differ; of several, the newest. Of *accepted*
    keys each would serve as well: what was declared harmless is no difference.
    """
    best: tuple[int, StepRunRecord, CacheKey, CacheKey] | None = None
    keys = (key, *accepted)
    for candidate in candidates[:_MOST_COMPARED]:
        earlier = load_key(candidate, store)
        if earlier is None or any(earlier.digest == each.digest for each in keys):
            continue
        count, nearest = _find_closest(earlier, keys)
        if best is None or count < best[0]:
            best = (count, candidate, earlier, nearest)
    if best is None:
        return Explanation(None, ())
    _, candidate, earlier, nearest = best
    return Explanation(candidate, tuple(find_changes(earlier, nearest, code, store)))


def _find_closest(earlier: CacheKey, keys: Sequence[CacheKey]) -> tuple[int, CacheKey]:
    counted = [(len(find_differences(earlier, each)), each) for each in keys]
    return min(counted, key=lambda each: each[0])


def load_key(step_run: StepRunRecord, store: MetadataStore) -> CacheKey | None:
    """Return the recorded key of a step run, where there is one that can be read."""
    described = store.find_key_parts(step_run.cache_key) if step_run.cache_key is not None else None
    if described is None:
        return None
    try:
        return parse_cache_key(described)
    except UnreadableArtifactError:
        return None


def load_code(key: CacheKey, store: SourceTexts) -> Fingerprint | None:
    """Return the recorded fingerprint that a key stands for."""
    digest = code_of(key)
    return load_fingerprint(store, digest) if digest is not None else None


def load_fingerprint(store: SourceTexts, digest: str) -> Fingerprint | None:
    """Return a recorded fingerprint by its digest; its source texts are recorded by themselves."""
    text = store.find_texts([digest]).get(digest)
    return parse_fingerprint(text) if text is not None else None


def find_changes(
    old: CacheKey, new: CacheKey, new_code: Fingerprint | None, store: SourceTexts
) -> Iterator[Change]:
    """Yield what differs between two keys, code first, down to its parts."""
    differences = find_differences(old, new)
    for difference in differences:
        if difference.kind == CODE:
            before = load_code(old, store)
            after = new_code if new_code is not None else load_code(new, store)
            if before is None or after is None:
                yield Change(CODE, "", "its code changed")
            else:
                yield from find_code_changes(before, after, store)
    for difference in differences:
        if difference.kind != CODE:
            yield from describe_difference(difference)


def describe_difference(difference: KeyDifference) -> Iterator[Change]:
    """Yield what differs in one part of two keys other than code; of a value, field by field."""
    old = difference.old.shown if difference.old is not None else None
    new = difference.new.shown if difference.new is not None else None
    kind, name = difference.kind, difference.name
    if kind == "parameter" and old is not None and new is not None:
        for each in find_value_differences(old, new):
            path = f"{name}{each.path}"
            sentence = f"parameter {path} {each.old} → {each.new}"
            yield Change(kind, path, sentence, each.old, each.new)
        return
    yield Change(kind, name, _sentence(kind, name, old, new), old, new)


def _sentence(kind: str, name: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f"{kind} {name} is new: {_show(kind, new)}"
    if new is None:
        return f"{kind} {name} is gone"
    if kind == "file":
        return f"parameter {name}: the file {show_value(new)} has other content"
    moved = tell_change(old, new) if kind == "input" else None
    if moved is not None:
        return f"input {name}: {moved}"
    return _SENTENCES.get(kind, "{kind} {name} {old} → {new}").format(
        kind=kind, name=name, old=old, new=new
    )


def _show(kind: str, shown: str | None) -> str:
    if shown is None:
        return ""
    return show_value(shown) if kind in {"parameter", "file"} else shown


def find_code_changes(old: Fingerprint, new: Fingerprint, store: SourceTexts) -> Iterator[Change]:
    """Yield the parts of code that differ, each with its place and a diff of its source."""
    before, after = _by_name(old), _by_name(new)
    texts = {**store.find_texts(_text_digests(old)), **old.texts, **new.texts}
    texts.update(store.find_texts([each for each in _text_digests(new) if each not in texts]))
    pairs = [
        (before.get(name), after.get(name))
        for name in [*after, *(name for name in before if name not in after)]
    ]
    changed = _join_moved(_without_moved([pair for pair in pairs if _differ(*pair)]))
    for one, other in changed:
        yield _code_change(one, other, texts)
    if not changed:
        yield Change(CODE, "", "its code is put together otherwise")


_Pair = tuple[CodePart | None, CodePart | None]


def _differ(old: CodePart | None, new: CodePart | None) -> bool:
    if old is None or new is None or old.content != new.content:
        return True
    return old.digest != new.digest and old.text_digest != new.text_digest


def _without_moved(pairs: list[_Pair]) -> list[_Pair]:
    """Return *pairs* without the parts that only lie elsewhere now, or bear another name."""
    gone = {(old.kind, old.content) for old, new in pairs if old is not None and new is None}
    come = {(new.kind, new.content) for old, new in pairs if new is not None and old is None}
    moved = gone & come
    return [
        (old, new)
        for old, new in pairs
        if (old is not None and new is not None)
        or not any(each is not None and (each.kind, each.content) in moved for each in (old, new))
    ]


def _join_moved(pairs: list[_Pair]) -> list[_Pair]:
    """Return *pairs* in which what is gone and what came, alike in kind and own name, are one."""
    gone = _by_own_name(old for old, new in pairs if old is not None and new is None)
    come = _by_own_name(new for old, new in pairs if new is not None and old is None)
    moved = {name for name in gone if len(gone[name]) == len(come.get(name, ())) == 1}
    joined: list[_Pair] = []
    for old, new in pairs:
        if old is None and new is not None and _own_name(new) in moved:
            joined.append((gone[_own_name(new)][0], new))
        elif new is not None or old is None or _own_name(old) not in moved:
            joined.append((old, new))
    return joined


def _by_own_name(parts: Iterable[CodePart]) -> dict[tuple[str, str], list[CodePart]]:
    found: dict[tuple[str, str], list[CodePart]] = {}
    for part in parts:
        found.setdefault(_own_name(part), []).append(part)
    return found


def _own_name(part: CodePart) -> tuple[str, str]:
    """Return what a part is called where it is defined, whatever module that is."""
    return part.kind, part.name.rpartition(".")[2]


def _by_name(fingerprint: Fingerprint) -> Mapping[tuple[str, str], CodePart]:
    return {(part.kind, part.name): part for part in fingerprint.parts}


def _text_digests(fingerprint: Fingerprint) -> list[str]:
    return [part.text_digest for part in fingerprint.parts if part.text_digest is not None]


def _code_change(old: CodePart | None, new: CodePart | None, texts: Mapping[str, str]) -> Change:
    part = new or old
    if part is None:
        raise AssertionError  # one of the two is there
    place = describe_place(part)
    before = old.shown if old is not None else None
    after = new.shown if new is not None else None
    verb = "is new" if old is None else "is no longer used" if new is None else "changed"
    if old is not None and new is not None and (before or after):
        verb = f"{before} → {after}"
    where = f" in {place}" if place else ""
    return Change(
        part.kind,
        part.name,
        f"{part.kind} {part.name} {verb}{where}",
        before,
        after,
        place,
        _diff(old, new, texts),
        old.content if old is not None else None,
        new.content if new is not None else None,
    )


def describe_place(part: CodePart) -> str | None:
    """Return where code stands, as `file, lines 12-14`."""
    if part.file is None:
        return None
    file = _shorten_path(part.file)
    if part.first_line is None:
        return file
    last_line = part.last_line or part.first_line
    if last_line == part.first_line:
        return f"{file}, line {last_line}"
    return f"{file}, lines {part.first_line}-{last_line}"


def _shorten_path(file: str) -> str:
    """Return a file as seen from the working directory, where it lies below that."""
    with contextlib.suppress(ValueError, OSError):  # elsewhere, or the directory is gone
        return Path(file).relative_to(Path.cwd()).as_posix()
    return file


def _diff(old: CodePart | None, new: CodePart | None, texts: Mapping[str, str]) -> str | None:
    before, after = (
        dedent(texts.get(part.text_digest or "", "")) if part is not None else ""
        for part in (old, new)
    )
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=2
    )
    return "\n".join(list(lines)[2:]) or None
