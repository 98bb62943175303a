"""What was changed, in the words that people read first."""

import pytest

from whence.caching.explain import Change
from whence.domain.ids import RunId, StepRunId
from whence.domain.records import StepRunRecord
from whence.domain.status import StepStatus
from whence.history.comparing.cause_words import explain_change, order_causes

FIT = StepRunRecord(
    id=StepRunId("s"),
    run_id=RunId("r"),
    node="regressor",
    step="fit",
    position=0,
    status=StepStatus.COMPLETED,
)
PLACE = "features.py, lines 12-14"


def code(kind, name, **facts):
    """Return a change of a part of the code."""
    known = {"old_digest": "a", "new_digest": "b", "place": PLACE, "diff": "-a\n+b"}
    return Change(kind, name, "said otherwise", **{**known, **facts})


@pytest.mark.parametrize(
    ("change", "category", "words"),
    [
        (code("function", "features.scale"), "code", "helper `scale` in {} changed ({})"),
        (code("function", "train.fit"), "code", "step `fit` in {} changed ({})"),
        (code("class", "features.Scaler"), "code", "class `Scaler` in {} changed ({})"),
        (
            code("constant", "features.RATE", old="1", new="2"),
            "code",
            "constant `RATE` in {} 1 → 2 ({})",
        ),
        (
            code("function", "features.clip", old_digest=None),
            "code",
            "helper `clip` in {} is new ({})",
        ),
        (
            code("function", "features.clip", new_digest=None),
            "code",
            "helper `clip` in {} is no longer used ({})",
        ),
        (
            code("function", "features.scale", diff=None),
            "code",
            "helper `scale` in {} changed in a default or what it closes over ({})",
        ),
        (code("function", "scale", place=None), "code", "helper `scale` changed"),
        (code("function", "scale", place="cell.py"), "code", "helper `scale` in cell.py changed"),
        (Change("code", "", "its code changed"), "code", "its code changed"),
        (code("file", "rules.txt", place=None), "code", "file `rules.txt` changed"),
        (
            Change("package", "numpy", "package numpy 1 → 2", "1", "2", None, None, "a", "b"),
            "package",
            "package numpy 1 → 2",
        ),
        (Change("python", "", "Python 3.11 → 3.12"), "environment", "Python 3.11 → 3.12"),
        (
            Change("secret", "TOKEN", "secret TOKEN is new: "),
            "environment",
            "secret TOKEN is new: ",
        ),
        (Change("output", "x", "output x is stored otherwise"), "materializer", None),
        (
            Change("parameter", "name", "…", "'a'", repr("b" * 99)),
            "parameter",
            f"parameter name 'a' → 'b{'b' * 69}…",
        ),
    ],
)
def test_each_kind_of_change_has_its_words(change, category, words):
    """Helpers, the step itself, classes, constants, packages and settings are told apart."""
    cause = explain_change(change, FIT)
    file, lines = PLACE.split(", ")

    assert cause.category == category
    assert cause.words == (words or change.sentence).format(file, lines)


def test_the_most_telling_cause_comes_first_and_each_once():
    """Code before parameters before packages, code with a diff before code without."""
    changes = [
        Change("package", "numpy", "package numpy 1 → 2"),
        Change("parameter", "depth", "", "6", "8"),
        code("function", "f.silent", diff=None),
        code("function", "f.loud"),
        code("function", "f.loud"),
    ]
    ordered = order_causes([explain_change(each, FIT) for each in changes])

    assert [cause.change.name for cause in ordered] == ["f.loud", "f.silent", "depth", "numpy"]
