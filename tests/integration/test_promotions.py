"""Promotions: gates, aliases, rollback, and one clear history whoever promotes at the same time."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
from tests.integration import promotions
from tests.integration.promotions import delays, fit

import whence
from whence import Metric, pipeline, step
from whence.domain.model_records import GateVerdict
from whence.errors import (
    AliasMovedError,
    ContentCollectedError,
    InvalidSettingError,
    NotPromotableError,
    PromotionRefusedError,
    RecordNotFoundError,
)
from whence.gates import at_least, at_most, better_than
from whence.housekeeping.collect_garbage import collect_garbage

PROGRAM = Path(promotions.__file__)
ROOT = PROGRAM.parents[2]


@pytest.fixture
def versions() -> None:
    """Make three versions, each better than the one before."""
    for depth in (1, 2, 3):
        delays(depth=depth)


def champion() -> str:
    """Return the version in office."""
    return whence.model("delay@champion").label


@pytest.mark.usefixtures("versions")
class TestPromote:
    """Giving a version an alias."""

    def test_a_version_bears_the_alias_that_it_was_promoted_to(self):
        """The alias finds it, and it names the alias."""
        promotion = whence.promote("delay", 2, reason="it is good", who="jo")

        assert champion() == "2"
        assert whence.model("delay@2").aliases == ("champion",)
        assert (promotion.version, promotion.previous) == ("2", None)
        assert (promotion.reason, promotion.who) == ("it is good", "jo")
        assert "delay 2 is champion now" in str(promotion)

    def test_who_promotes_is_recorded_without_being_asked(self):
        """By default it is the user of the system."""
        assert "@" in whence.promote("delay", 2).who

    def test_the_newest_version_is_meant_where_none_is_named(self):
        """Right after training there is nothing to look up."""
        assert whence.promote("delay").version == "3"

    @pytest.mark.parametrize("given", ["delay@2", "version", "model", "text"])
    def test_a_version_is_named_in_many_ways(self, given: str):
        """By a text, by number, and as the objects that Whence gives out."""
        ways: dict[str, tuple[Any, ...]] = {
            "delay@2": ("delay@2",),
            "version": (whence.model("delay@2"),),
            "model": (whence.models()["delay"], 2),
            "text": ("delay", "2"),
        }

        assert whence.promote(*ways[given]).version == "2"

    def test_a_number_never_means_a_run_that_is_named_so(self):
        """A version that is not there is not replaced by the model of run '7'."""
        delays.with_options(name="7")(depth=1)

        with pytest.raises(RecordNotFoundError, match="delay@7"):
            whence.promote("delay", 7)

    def test_a_version_whose_bytes_are_gone_bears_no_alias(self):
        """What nobody can read is neither promoted nor gone back to."""
        whence.promote("delay", 3)
        collect_garbage(keep_last=1, yes=True)

        with pytest.raises(ContentCollectedError):
            whence.promote("delay", 1)

        assert champion() == "3"

    def test_an_alias_may_be_promoted_to_another(self):
        """What did well as a canary becomes the champion."""
        whence.promote("delay", 3, alias="canary")

        assert whence.promote("delay", "canary").version == "3"
        assert set(whence.model("delay@3").aliases) == {"canary", "champion"}

    def test_a_version_that_bears_the_alias_keeps_it(self):
        """Nothing is recorded twice, and no gate is asked."""
        first = whence.promote("delay", 2)

        again = whence.promote("delay", 2, gate=_refuse)

        assert again.record == first.record
        assert len(whence.models()["delay"].promotions) == 1

    def test_history_is_only_added_to(self):
        """Each promotion names the version before; the listing shows all of them."""
        for number in (1, 2, 3, 2):
            whence.promote("delay", number, reason=f"turn to {number}")

        history = whence.models()["delay"].promotions
        assert [(each.previous, each.version) for each in history] == [
            (None, "1"),
            ("1", "2"),
            ("2", "3"),
            ("3", "2"),
        ]
        assert list(history.frame()["version"]) == ["1", "2", "3", "2"]
        assert "turn to 3" in str(whence.models()["delay"])
        assert len(whence.model("delay@1").promotions) == 2

    @pytest.mark.parametrize("alias", ["3", "", "a b", "a@b", "a/b", "-a"])
    def test_an_alias_must_be_told_from_a_number(self, alias: str):
        """What could mean a version, or cannot be typed, is refused."""
        with pytest.raises(InvalidSettingError):
            whence.promote("delay", 1, alias=alias)

    def test_what_does_not_exist_is_answered_with_what_does(self):
        """Unknown models, versions and runs are named."""
        with pytest.raises(RecordNotFoundError, match="Did you mean 'delay'"):
            whence.promote("dely", 1)
        with pytest.raises(RecordNotFoundError, match="delay@9"):
            whence.promote("delay", 9)
        with pytest.raises(RecordNotFoundError, match="delay@nope"):
            whence.promote("delay", "nope")


@pytest.mark.usefixtures("versions")
class TestGates:
    """What a version must pass."""

    def test_a_gate_judges_the_candidate_against_the_version_in_office(self):
        """It is given both, and None where nothing bears the alias yet."""
        seen: list[tuple[Any, Any]] = []

        def watch(candidate: Any, current: Any) -> bool:
            seen.append((candidate.label, current and current.label))
            return True

        whence.promote("delay", 1, gate=watch)
        whence.promote("delay", 2, gate=watch)

        assert seen == [("1", None), ("2", "1")]

    def test_what_a_gate_said_is_recorded(self):
        """The promotion keeps name, verdict and text of every gate."""
        whence.promote("delay", 1)

        promotion = whence.promote("delay", 2, gate=[better_than("rmse"), at_most("rmse", 6)])

        assert promotion.gates == (
            GateVerdict(
                "better_than('rmse')", passed=True, text="rmse 6 against 12, lower is better"
            ),
            GateVerdict("at_most('rmse', 6)", passed=True, text="rmse is 6"),
        )

    def test_a_gate_that_refuses_stops_the_promotion(self):
        """The error names the gate and what it said; nothing is recorded."""
        whence.promote("delay", 3)

        with pytest.raises(PromotionRefusedError, match="rmse 6 against 4") as caught:
            whence.promote("delay", 2, gate=better_than("rmse"))

        assert "better_than('rmse')" in str(caught.value)
        assert champion() == "3"

    def test_better_is_what_the_metric_says(self):
        """A margin may be asked for; equal is not better."""
        whence.promote("delay", 2)

        with pytest.raises(PromotionRefusedError, match="rmse 4 against 6"):
            whence.promote("delay", 3, gate=better_than("rmse", by=2.0))
        whence.promote("delay", 3, gate=better_than("rmse", by=1.5))

        with pytest.raises(PromotionRefusedError, match="rmse is 4"):
            whence.promote("delay", 3, alias="other", gate=at_least("rmse", 5))

    @pytest.mark.parametrize(
        ("gate", "said"),
        [
            (lambda *_: 1 / 0, "It raised ZeroDivisionError: division by zero"),
            (lambda *_: None, "It returned None"),
            (lambda *_: "yes", "It returned 'yes'"),
            (lambda *_: (False, "too old"), "too old"),
            (lambda *_: False, "It gives no reason"),
            (better_than("rmsi"), "Did you mean 'rmse'"),
        ],
    )
    def test_what_is_no_clear_yes_is_a_no(self, gate: Any, said: str):
        """A gate that raises, forgets to answer or says no does not let pass."""
        with pytest.raises(PromotionRefusedError, match=said):
            whence.promote("delay", 2, gate=gate)

        assert len(whence.models()["delay"].promotions) == 0

    def test_a_gate_is_asked_again_where_the_alias_was_moved_meanwhile(self):
        """It judges against the version that the promotion replaces, whoever was quicker."""
        whence.promote("delay", 1)
        seen: list[str] = []

        def slow(candidate: Any, current: Any) -> bool:
            seen.append(current.label)
            if len(seen) == 1:
                whence.promote("delay", 2)  # somebody else
            return candidate.number > current.number

        promotion = whence.promote("delay", 3, gate=slow)

        assert seen == ["1", "2"]
        assert promotion.previous == "2"

    def test_a_promotion_that_never_finds_rest_gives_up(self):
        """An alias that is moved each time is not waited for without end."""
        whence.promote("delay", 1)

        def meddle(candidate: Any, current: Any) -> bool:
            del candidate
            whence.promote("delay", 3 - current.number)  # from 1 to 2, and back
            return True

        with pytest.raises(AliasMovedError, match="20 times"):
            whence.promote("delay", 3, gate=meddle)


@pytest.mark.usefixtures("versions")
class TestRollback:
    """Going back to the version before."""

    def test_a_rollback_gives_the_alias_back(self):
        """It is a promotion of the version before, recorded as such."""
        for number in (1, 2, 3):
            whence.promote("delay", number)

        promotion = whence.rollback("delay", reason="it was worse")

        assert (promotion.previous, promotion.version) == ("3", "2")
        assert promotion.reason == "it was worse"
        assert champion() == "2"

    def test_rolling_back_twice_goes_back_two_versions(self):
        """The second rollback does not undo the first one."""
        for number in (1, 2, 3):
            whence.promote("delay", number)

        whence.rollback("delay")
        whence.rollback("delay")

        assert champion() == "1"
        with pytest.raises(RecordNotFoundError, match="No other version"):
            whence.rollback("delay")

    def test_there_may_be_nothing_to_go_back_to(self):
        """An alias that nothing bears cannot be given back."""
        with pytest.raises(RecordNotFoundError, match="No version of 'delay' bears 'champion'"):
            whence.rollback("delay")


class TestCandidates:
    """Models of maps and sweeps, which are numbered when they are promoted."""

    def test_the_best_of_a_sweep_gets_its_number_by_its_promotion(self):
        """A run of a sweep stands for the model that it made."""
        delays(depth=1)
        sweep = whence.sweep(delays, {"depth": [2, 3]})

        promotion = whence.promote("delay", sweep.best("rmse"), gate=better_than("rmse"))

        assert promotion.version == "2"
        assert whence.model("delay@champion").read() == {"depth": 3}
        assert len(whence.models()["delay"].versions) == 2

    def test_a_refused_candidate_gets_no_number(self):
        """Numbers are for what was trained on its own, or promoted."""
        sweep = whence.sweep(delays, {"depth": [2]})

        with pytest.raises(PromotionRefusedError, match="delay candidate"):
            whence.promote("delay", sweep.runs[0], gate=_refuse)

        assert len(whence.models()) == 0

    def test_the_item_of_a_map_is_named_by_its_artifact(self):
        """A run with several models says which there are."""

        @pipeline
        def many():
            return fit.map([4, 5])

        run = many()

        with pytest.raises(NotPromotableError, match=r"It has several: .*fit\[1\]\.delay"):
            whence.promote("delay", run)
        artifact = run.steps["fit[1]"].outputs.delay
        assert whence.promote("delay", artifact).version == "1"
        assert whence.model("delay@champion").read() == {"depth": 5}

    def test_the_end_of_an_id_names_a_candidate(self):
        """As the error says which there is: by run or artifact."""
        sweep = whence.sweep(delays, {"depth": [2]})

        assert whence.promote("delay", sweep.runs[0].id[-8:]).version == "1"

    def test_only_models_of_that_name_are_promoted(self):
        """Data, models of another name and things that are no results are refused."""
        run = delays(depth=1)

        for given in (run.steps.score.outputs.result, 3.5, whence.artifacts.ModelArtifact("x")):
            with pytest.raises(NotPromotableError):
                whence.promote("delay", given)
        with pytest.raises(NotPromotableError, match="'delay'"):
            whence.promote("late", run)


def test_one_reads_by_alias_while_others_promote(project: Path):
    """A reader sees one valid version at every moment, and the history is one chain."""
    for depth in range(1, 7):
        delays(depth=depth)
    whence.promote("delay", 1)
    stop = project / "stop"
    with _start("read", stop) as reader:
        assert reader.stdout is not None
        seen = {reader.stdout.readline().strip()}  # now it is at it
        promoting = [_start("promote", own) for own in (1, 3, 5)]
        assert [_wait(each) for each in promoting] == [0, 0, 0]
        stop.touch()
        seen.update(line.strip() for line in reader.stdout)

    history = whence.models()["delay"].promotions
    assert reader.returncode == 0
    assert seen <= {"1", "2", "3", "4", "5", "6"}
    assert [each.previous for each in history] == [None, *(each.version for each in history[:-1])]
    assert [each.gates[0].text for each in history[1:]] == [each.previous for each in history[1:]]
    assert sorted(each.made_at for each in history) == [each.made_at for each in history]
    assert len({each.made_at for each in history}) == len(history) > 6
    assert whence.model("delay@champion").label == history[-1].version


def _start(act: str, argument: object) -> "subprocess.Popen[str]":
    command = [sys.executable, str(PROGRAM), act, str(argument)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _wait(process: "subprocess.Popen[str]") -> int:
    process.communicate()
    return process.returncode


@pytest.mark.parametrize("by_text", [False, True])
def test_a_run_that_judged_a_model_anew_is_judged_by_what_it_found(by_text: bool):
    """The model is reused, and what an earlier run said of it counts no more."""

    @step
    def weigh(model: dict[str, int], load: float) -> Annotated[float, Metric("cost", mode="min")]:
        return model["depth"] * load

    @pipeline
    def weighing(load: float):
        return weigh(fit(1), load)

    weighing(load=1.0)
    later = weighing(load=100.0)

    with pytest.raises(PromotionRefusedError, match="cost is 100"):
        whence.promote("delay", later.id[-8:] if by_text else later, gate=at_most("cost", 5))
    assert whence.promote("delay", later, gate=at_least("cost", 100)).version == "1"
    assert whence.model("delay").metrics["cost"] == 1.0


def _refuse(candidate: Any, current: Any) -> bool:
    del candidate, current
    return False
