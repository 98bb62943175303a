"""What an artifact was made from."""

from tests.unit.history.recorded_runs import RunBuilder

from whence.history.lineage import MOST_ARTIFACTS


def test_lineage_leads_back_to_what_was_given(stack):
    """The tree names every step on the way, and ends at values that were handed to the run."""
    builder = RunBuilder.start(stack)
    given = builder.hand("frame", [1])
    train, test = builder.add("split", {"train": 1.0, "test": 2.0}, inputs={"frame": given})
    (model,) = builder.add("fit", {"model": 3.0}, inputs={"train": train})
    builder.add("evaluate", {"rmse": 4.0}, inputs={"model": model, "test": test})
    run = builder.finish()
    shown = str(run.steps.evaluate.outputs.rmse.lineage())
    end = run.id[-8:]

    assert shown.splitlines() == [
        f"evaluate.rmse (float, 3 B), by step evaluate of run {end}",
        f"├─ model = fit.model (float, 3 B), by step fit of run {end}",
        f"│  └─ train = split.train (float, 3 B), by step split of run {end}",
        f"│     └─ frame = frame (float, 3 B), given to run {end}",
        f"└─ test = split.test (float, 3 B), by step split of run {end}",
        f"   └─ frame = frame (float, 3 B), given to run {end}",
    ]


def test_lineage_goes_on_in_earlier_runs(stack):
    """An artifact of an earlier run leads on into that run."""
    earlier = RunBuilder.start(stack)
    (data,) = earlier.add("load", {"result": 1.0})
    earlier.finish()
    builder = RunBuilder.start(stack)
    builder.add("fit", {"model": 2.0}, inputs={"train": data})
    shown = str(builder.finish().steps.fit.outputs.model.lineage())

    assert (
        f"train = load.result (float, 3 B), by step load of run {earlier.record.id[-8:]}" in shown
    )


def test_what_is_used_often_is_shown_in_full_once(stack):
    """Where every step takes its predecessor twice, the tree still has a line for each use only."""
    builder = RunBuilder.start(stack)
    (last,) = builder.add("first", {"result": 0.0})
    for index in range(50):
        (last,) = builder.add(f"step_{index}", {"result": 1.0}, inputs={"a": last, "b": last})
    lineage = builder.finish().steps.step_49.outputs.result.lineage()

    assert len(str(lineage).splitlines()) == 101


def test_a_very_long_lineage_ends_with_a_mark(stack):
    """A chain that is longer than can be shown ends where it is cut, and says so."""
    builder = RunBuilder.start(stack)
    (last,) = builder.add("first", {"result": 0.0})
    for index in range(MOST_ARTIFACTS + 100):
        (last,) = builder.add(f"step_{index}", {"result": 1.0}, inputs={"a": last})
    node = f"step_{MOST_ARTIFACTS + 99}"
    lines = str(builder.finish().steps[node].outputs.result.lineage()).splitlines()

    assert len(lines) == MOST_ARTIFACTS + 1
    assert lines[-1].endswith("…")
