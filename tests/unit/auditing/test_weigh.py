"""What two processes saw of a step becomes findings."""

from dataclasses import replace

import pytest

from whence import pipeline, step
from whence.auditing.findings import FindingKind
from whence.auditing.observation import Observation, Read, SharedDraws, parse_observation
from whence.auditing.weigh import weigh_plan
from whence.authoring.build_pipeline import build_plan
from whence.domain.contents import make_inline_content

ONE, OTHER = (make_inline_content({"value.json": data}) for data in (b"1", b"2"))
FILE = Read(FindingKind.FILE, "rows.csv", "train.py:3")
SEEN = Observation("work", outputs={"result": ONE})


def weigh(first, second, **options):
    """Return what is found of a single step of which this was seen."""

    @step(**options)
    def work(name: str = "rows") -> int:
        return 1

    @pipeline
    def single():
        return work()

    plan = build_plan(single.spec, {}, (), {})
    (audit,) = weigh_plan(plan, {"work": first}, {"work": second}).steps
    return audit


def sentences(audit):
    """Return the sentences of what was found."""
    return [finding.sentence for finding in audit.findings]


def test_equal_outputs_are_no_finding():
    """A step that gives the same twice and reads nothing is clean."""
    assert sentences(weigh(SEEN, SEEN)) == []


def test_an_output_that_differs_is_a_finding():
    """Two contents for one output are reported."""
    audit = weigh(SEEN, replace(SEEN, outputs={"result": OTHER}))

    assert sentences(audit) == ["output result differs between two runs"]


def test_a_read_counts_once():
    """What both runs read is one finding, and what only one read counts too."""
    more = Read(FindingKind.FILE, "more.csv", "train.py:4")
    audit = weigh(replace(SEEN, reads=(FILE,)), replace(SEEN, reads=(FILE, more)))

    assert sentences(audit) == [
        "reads rows.csv (train.py:3), which no key covers",
        "reads more.csv (train.py:4), which no key covers",
    ]


def test_one_act_is_one_finding():
    """A name that is looked up and then connected to in one line is reported once."""
    acts = tuple(
        Read(FindingKind.NETWORK, subject, "train.py:3") for subject in ("host:80", "10.0.0.1:80")
    )

    assert sentences(weigh(replace(SEEN, reads=acts), SEEN)) == [
        "reaches host:80 over the network (train.py:3), which no key covers"
    ]


def test_many_variables_are_the_whole_environment():
    """A line that reads variable after variable is told as one finding."""
    names = ("A", "B", "C", "D", "E")
    reads = tuple(Read(FindingKind.ENVIRONMENT, name, "train.py:3") for name in names)

    assert sentences(weigh(replace(SEEN, reads=reads), SEEN)) == [
        "reads everything from the environment (train.py:3), which no key covers"
    ]


def test_a_shared_generator_left_in_the_same_state_was_seeded():
    """Draws from `random` count only where the two runs leave it in different states."""
    draws = SharedDraws("random", "one state", "train.py:3")
    seeded = replace(SEEN, draws=(draws,))
    other = replace(SEEN, draws=(replace(draws, state="another"),))

    assert sentences(weigh(seeded, seeded)) == []
    assert "shared generator of random" in sentences(weigh(seeded, other))[0]


@pytest.mark.parametrize("cache", [False, "1d"])
def test_what_a_step_declares_is_excused(cache):
    """A step that is not reused for good may read what it likes; it is told, and not counted."""
    audit = weigh(replace(SEEN, reads=(FILE,)), SEEN, cache=cache)

    assert audit.findings == ()
    assert [finding.subject for finding in audit.excused] == ["rows.csv"]


def test_a_failure_is_not_excused():
    """A step that fails could not be audited, whatever it declares."""
    audit = weigh(Observation("work", error="ValueError: no"), None, cache=False)

    assert sentences(audit)[0].startswith("failed: ValueError: no")


def test_a_failure_in_one_run_of_two_is_told():
    """A step that completes once and fails once is a finding of its own."""
    audit = weigh(SEEN, Observation("work", error="KeyError: 'b'"))

    assert sentences(audit)[0].startswith("completed once, then failed: KeyError: 'b'")


def test_an_observation_survives_its_line():
    """What a process tells in a line is read as it was."""
    told = replace(SEEN, reads=(FILE,), draws=(SharedDraws("random", "state", None),))

    assert parse_observation(told.to_line()) == told
    assert parse_observation(told.to_line()).outputs["result"].inline == {"value.json": b"1"}
