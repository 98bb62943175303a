"""Which version bore an alias before, whatever was promoted and rolled back."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from whence.domain.ids import ModelVersionId, PromotionId
from whence.domain.model_records import PromotionRecord
from whence.history.models.promotions import find_previous_bearer

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


def make_history(*versions: str) -> list[PromotionRecord]:
    """Return promotions to one alias, one after the other."""
    return [
        PromotionRecord(
            PromotionId(f"{index}"),
            "delay",
            "champion",
            ModelVersionId(version),
            None,
            "jo",
            "",
            (),
            MOMENT + timedelta(seconds=index),
        )
        for index, version in enumerate(versions)
    ]


def roll_back(history: list[PromotionRecord]) -> str | None:
    """Return the version that a rollback gives the alias to."""
    return find_previous_bearer(history, {})


def test_a_rollback_goes_to_the_version_before():
    """Of one promotion alone, or none, there is nothing before."""
    assert roll_back(make_history("1", "2", "3")) == "2"
    assert roll_back(make_history("1")) is None
    assert roll_back([]) is None


def test_a_second_rollback_goes_further_back():
    """The version that was rolled back is not what bore the alias before."""
    assert roll_back(make_history("1", "2", "3", "2")) == "1"
    assert roll_back(make_history("1", "2", "3", "2", "4")) == "2"
    assert roll_back(make_history("1", "2", "1")) is None


def test_rows_of_one_version_are_one():
    """After a merge two rows may stand for one version; the older of them is meant."""
    history = make_history("a", "b", "a2")

    assert find_previous_bearer(history, {ModelVersionId("a2"): ModelVersionId("a")}) is None


@given(st.lists(st.sampled_from("abcd"), max_size=12))
def test_rolling_back_comes_to_an_end(versions):
    """Each rollback goes back further, to a version that bore the alias, until there is none."""
    history = make_history(*versions)
    gone_back: list[str] = []
    while (earlier := roll_back(history)) is not None:
        assert earlier != history[-1].version_id
        gone_back.append(earlier)
        history = make_history(*(each.version_id for each in history), earlier)

    assert len(gone_back) <= max(0, len(versions) - 1)
    assert set(gone_back) <= set(versions)
