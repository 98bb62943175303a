"""Which older code gives results that serve newer code, after what was accepted."""

import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from whence.caching.accepted_changes import WHOLE_STEP, AcceptedChanges
from whence.domain.records import AcceptanceRecord
from whence.fingerprint.compute import compute_fingerprint
from whence.fingerprint.parts import (
    CodePart,
    Fingerprint,
    combine_parts,
    parse_fingerprint,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


def code(*contents: str, frame: str = "frame") -> Fingerprint:
    """Return a fingerprint of one function for each content."""
    parts = tuple(
        CodePart("function", f"part_{index}", f"digest {content}", content=content)
        for index, content in enumerate(contents)
    )
    return Fingerprint(combine_parts(frame, contents), parts, frame=frame)


def accepted(old: str, new: str, *, at: int = 0, kind: str = "function") -> AcceptanceRecord:
    """Return somebody's word that *new* does what *old* did."""
    moment = START + timedelta(days=at)
    return AcceptanceRecord(f"{old}-{new}", kind, "it", old, new, "ann", "harmless", moment)


def digests(changes: AcceptedChanges, fingerprint: Fingerprint) -> list[str]:
    """Return the digests of the older code that serves."""
    return [each.digest for each in changes.find_older_code(fingerprint)]


def test_nothing_serves_where_nothing_was_accepted():
    """Without acceptances, no code stands for another one."""
    assert AcceptedChanges([]).find_older_code(code("a", "b")) == ()


def test_an_accepted_part_leads_to_the_older_code():
    """Code that differs in an accepted part alone is served by the code before it."""
    changes = AcceptedChanges([accepted("b1", "b2")])

    assert digests(changes, code("a", "b2")) == [code("a", "b1").digest]


def test_another_change_beside_an_accepted_one_counts():
    """An accepted change opens no door for any other: the rest must be equal."""
    changes = AcceptedChanges([accepted("b1", "b2")])

    assert code("a1", "b1").digest not in digests(changes, code("a2", "b2"))
    assert code("a", "b1", frame="x").digest not in digests(changes, code("a", "b2", frame="y"))


def test_acceptances_lead_one_way_only():
    """Older code is never served by results of the newer: it was not asked about."""
    changes = AcceptedChanges([accepted("b1", "b2")])

    assert digests(changes, code("a", "b1")) == []


def test_acceptances_of_one_kind_say_nothing_of_another():
    """That a package may change says nothing of a function, whatever the digests."""
    changes = AcceptedChanges([accepted("b1", "b2", kind="package")])

    assert digests(changes, code("a", "b2")) == []


def test_what_was_accepted_last_is_undone_first():
    """Every code on the way back serves: results made between two acceptances are found too."""
    changes = AcceptedChanges([accepted("a1", "a2", at=1), accepted("b1", "b2", at=2)])
    older = [code("a2", "b1").digest, code("a1", "b1").digest]

    assert digests(changes, code("a2", "b2"))[:2] == older


def test_a_chain_of_acceptances_is_followed():
    """What was accepted three times over leads back to the first code."""
    changes = AcceptedChanges([accepted(f"b{n}", f"b{n + 1}", at=n) for n in range(3)])
    older = [code(f"b{n}").digest for n in (2, 1, 0)]

    assert digests(changes, code("b3")) == older


def test_there_and_back_ends():
    """Acceptances in a circle name each code once, and never the code itself."""
    changes = AcceptedChanges([accepted("b1", "b2", at=1), accepted("b2", "b1", at=2)])

    assert digests(changes, code("b1")) == [code("b2").digest]


def test_a_whole_step_and_then_a_part():
    """Behind an accepted step, what is recorded of the older code is looked at in turn."""
    newest, middle, oldest = code("z"), code("b2"), code("b1")
    known = {middle.digest: middle}
    changes = AcceptedChanges(
        [
            accepted("b1", "b2", at=1),
            accepted(middle.digest, newest.digest, at=2, kind=WHOLE_STEP),
        ],
        known.get,
    )

    assert digests(changes, newest) == [middle.digest, oldest.digest]


def test_the_way_back_names_its_acceptances():
    """Of each older code it is known by whose word it serves."""
    first, second = accepted("b0", "b1", at=1), accepted("b1", "b2", at=2)
    found = AcceptedChanges([first, second]).find_older_code(code("b2"))

    assert [each.acceptances for each in found] == [(second,), (second, first)]


def test_many_acceptances_do_not_take_for_ever():
    """However many single changes were accepted, a bounded number of codes is looked for."""
    changes = AcceptedChanges([accepted(f"{n}-old", f"{n}-new", at=n) for n in range(30)])
    newest = code(*(f"{n}-new" for n in range(30)))
    found = digests(changes, newest)

    assert len(found) <= 40
    assert code(*(f"{n}-old" for n in range(30))).digest in found


@dataclass(frozen=True)
class Settings:
    depth: int = 6


def scale(rows: list[int], settings: Settings) -> int:
    return sum(rows) * settings.depth


def test_a_fingerprint_can_be_put_together_again():
    """From its own parts a fingerprint gives its own digest, also when it was recorded."""
    computed = compute_fingerprint(scale)
    recorded = parse_fingerprint(computed.to_json())

    assert len(computed.parts) > 1
    assert computed.digest_with(lambda part: part.content) == computed.digest
    assert recorded.digest_with(lambda part: part.content) == computed.digest
    assert recorded.digest_with(lambda part: f"{part.content}, changed") != computed.digest


def test_copying_a_value_leaves_the_fingerprint_as_it_is():
    """What Python keeps in a class when an instance is first copied is no change of its code."""
    before = compute_fingerprint(scale).digest
    copy.copy(Settings())

    assert "__slotnames__" in vars(Settings)
    assert compute_fingerprint(scale).digest == before
