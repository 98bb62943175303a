"""Edits of real-looking projects: no stale result is served, and little runs again for nothing."""

from tests.mutations.corpus import edits, measure

FEWEST_EDITS = 120
MOST_FALSE_MISSES = 0.05


def test_edits_are_noticed_and_only_those(tmp_path):
    """No edit leaves a stale result, and what runs again for nothing is explained and rare."""
    outcomes = measure(tmp_path)
    needless = {str(each): each.false_misses for each in outcomes if each.false_misses}
    unchanged = sum(len(each.steps - each.edit.changes) for each in outcomes)

    assert {str(each): each.false_hits for each in outcomes if each.false_hits} == {}
    assert needless == {
        str(each): set(each.edit.needless) for each in outcomes if each.edit.needless
    }
    assert sum(map(len, needless.values())) <= MOST_FALSE_MISSES * unchanged


def test_corpus_is_large():
    """The corpus holds at least 120 edits, each told apart by what it is."""
    told = [(project.PROJECT, each.file, each.why, each.new) for project, each in edits()]

    assert len(set(told)) == len(told) >= FEWEST_EDITS
