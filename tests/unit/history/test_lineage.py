"""What an artifact was made from, and what was made from it."""

import json
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event, text
from tests.unit.history.recorded_runs import RunBuilder, json_content

from whence.domain.output_shape import NothingShape
from whence.domain.records import ValueStored
from whence.domain.status import StepStatus
from whence.errors import InvalidSettingError
from whence.history.lineage.trace import trace_lineage
from whence.history.reports.lineage_mermaid import MOST_DRAWN
from whence.history.reports.lineage_tree import MOST_ROWS

CONTENT = json_content(12)


@contextmanager
def counting_statements(stack):
    """Count the statements that a block executes."""
    counts: Counter[str] = Counter()

    def count(_connection, _cursor, statement, *_rest):
        counts[statement.split()[0]] += 1

    with stack.metadata_store.database.reading() as connection:
        target = connection.engine
    event.listen(target, "before_cursor_execute", count)
    yield counts
    event.remove(target, "before_cursor_execute", count)


def tree_of(lineage):
    """Return the lines of the tree, without headings and what stands below."""
    _, tree, *_ = str(lineage).split("\n\n")
    return [re.sub(r"  +", "  ", line.rstrip()[2:]) for line in tree.splitlines()[1:]]


def chain(stack, length):
    """Record a run of steps that each take what the one before made; return the run."""
    builder = RunBuilder.start(stack)
    (last,) = builder.add("step_0", {"result": 0.0})
    for index in range(1, length):
        (last,) = builder.add(f"step_{index}", {"result": 1.0}, inputs={"a": last})
    return builder.finish()


def serve(builder, node, origin, inputs, outputs):
    """Record a step run that is served with what *origin* computed."""
    builder.add(node, inputs=inputs, cached=True, reused_from=origin.id, step=origin.step)
    finished = builder.events[-1]
    builder.events[-1] = replace(finished, outputs=outputs)


def damage(stack, statement):
    """Change a record behind the back of its store."""
    with stack.metadata_store.database.writing(durable=False) as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS consumers_of_finished"))
        connection.execute(text(statement))


# ------------------------------------------------------------------ up


def test_lineage_leads_back_to_what_was_given(stack):
    """The tree names every step on the way, and ends at values that were handed to the run."""
    builder = RunBuilder.start(stack)
    given = builder.hand("frame", [1])
    train, test = builder.add("split", {"train": 1.0, "test": 2.0}, inputs={"frame": given})
    (model,) = builder.add("fit", {"model": 3.0}, inputs={"train": train})
    builder.add("evaluate", {"rmse": 4.0}, inputs={"model": model, "test": test})
    run = builder.finish()
    end = f"{run.id[-8:]} of delays"

    assert tree_of(run.steps.evaluate.outputs.rmse.lineage()) == [
        f"evaluate.rmse  float, 3 B  {end}",
        f"├─ model = fit.model  float, 3 B  {end}",
        f"│  └─ train = split.train  float, 3 B  {end}",
        f"│  └─ frame = frame  float, 3 B  given to {end}",
        f"└─ test = split.test  float, 3 B  {end}",
        f"  └─ frame = frame  float, 3 B  given to {end}",
    ]


def test_lineage_goes_on_in_earlier_runs(stack):
    """An artifact of an earlier run of another pipeline leads on into that run."""
    earlier = RunBuilder.start(stack, pipeline="prepare")
    (raw,) = earlier.add("read", {"result": 1.0})
    (data,) = earlier.add("load", {"result": 1.0}, inputs={"raw": raw})
    earlier.finish()
    builder = RunBuilder.start(stack)
    builder.add("fit", {"model": 2.0}, inputs={"train": data})
    lineage = builder.finish().steps.fit.outputs.model.lineage()
    end = f"{earlier.record.id[-8:]} of prepare"

    assert tree_of(lineage)[1:] == [
        f"└─ train = load.result  float, 3 B  {end}",
        f"  └─ raw = read.result  float, 3 B  {end}",
    ]
    assert "3 artifacts, 3 step runs in 2 runs of 2 pipelines" in str(lineage)


def test_what_is_used_often_is_shown_in_full_once(stack):
    """Where every step takes two of its predecessor, the tree still grows with the steps alone."""
    builder = RunBuilder.start(stack)
    a, b = builder.add("first", {"a": 0.0, "b": 1.0})
    for index in range(30):
        a, b = builder.add(f"step_{index}", {"a": 1.0, "b": 1.0}, inputs={"a": a, "b": b})
    lines = tree_of(builder.finish().steps.step_29.outputs.a.lineage())

    assert len(lines) < 5 * 30
    assert len([line for line in lines if "= step_7.a" in line]) == 2


def test_depth_ends_the_way_and_says_so(stack):
    """Of two step runs, the second one's inputs are named, with a mark where more lies behind."""
    run = chain(stack, 5)
    lineage = run.steps.step_4.outputs.result.lineage(depth=2)

    assert [line.split("  ")[-1] for line in tree_of(lineage)][-1] == "…"
    assert [step.node for step in lineage.steps.values()] == ["step_4", "step_3"]
    assert [each["goes_on"] for each in lineage.to_dict()["artifacts"]] == [False, False, True]


def test_wrong_words_are_refused(stack):
    """A direction is up or down, a depth at least one."""
    artifact = chain(stack, 1).steps.step_0.outputs.result

    with pytest.raises(InvalidSettingError, match="direction"):
        artifact.lineage("sideways")
    with pytest.raises(InvalidSettingError, match="depth"):
        artifact.lineage(depth=0)


# ------------------------------------------------------------------ down


def test_descendants_are_found_across_runs_and_pipelines(stack):
    """What was made from an artifact, and from that, in whatever run; failed takers too."""
    first = RunBuilder.start(stack, pipeline="prepare")
    (data,) = first.add("load", {"result": 1.0})
    prepared = first.finish()
    second = RunBuilder.start(stack, pipeline="train")
    (model,) = second.add("fit", {"model": 2.0}, inputs={"rows": data})
    second.add("report", inputs={"rows": data})
    second.finish()
    third = RunBuilder.start(stack, pipeline="score")
    third.add("score", {"rmse": 2.0}, inputs={"model": model})
    third.add("plot", inputs={"model": model}, status=StepStatus.FAILED)
    third.finish()
    lineage = prepared.steps.load.outputs.result.lineage("down")
    one, two, three = (each.record.id[-8:] for each in (first, second, third))

    assert tree_of(lineage) == [
        f"load.result  float, 3 B  {one} of prepare",
        f"├─ rows → fit.model  float, 3 B  {two} of train",
        f"│  ├─ model → score.rmse  float, 3 B  {three} of score",
        f"│  └─ model → plot  failed  {three} of score",
        f"└─ rows → report  made nothing  {two} of train",
    ]
    assert lineage.direction == "down"


def test_descendants_go_on_through_what_was_reused(stack):
    """Who took an artifact of equal content, and was served with an earlier result, is told of."""
    first = RunBuilder.start(stack)
    (old,) = first.add("load", {"result": 1.0})
    model = first.add("fit", {"model": 2.0}, inputs={"rows": old})
    origin = first.steps[-1]
    first.add("score", {"rmse": 2.0}, inputs={"model": model[0]})
    first.finish()
    ends, new = [], None
    for _ in range(2):
        later = RunBuilder.start(stack)
        new = new if ends else later.add("load", {"result": 1.0})[0]
        serve(later, "fit", origin, {"rows": new}, model)
        ends.append(later.finish())
    lines = tree_of(ends[0].steps.load.outputs.result.lineage("down"))

    assert lines[1].startswith("└─ fit.model")
    assert lines[1].endswith(f"reused by run {ends[1].id[-8:]} and 1 more")
    assert lines[2].strip().startswith("└─ model → score.rmse")


def test_items_of_a_list_are_descendants_of_it(stack):
    """What a map made of the items was made from the list."""
    builder = RunBuilder.start(stack)
    (rows,) = builder.add("load", {"rows": 1.0})
    items = [builder._artifact(f"rows[{i}]", CONTENT, builder.steps[0], "json/1") for i in range(9)]
    builder.events += [ValueStored(each, CONTENT) for each in items]
    for index, item in enumerate(items):
        builder.add(f"fit[{index}]", {"model": float(index)}, inputs={"row": item})
    lineage = builder.finish().steps.load.outputs.rows.lineage("down")

    assert [line.split("  ")[:2] for line in tree_of(lineage)] == [
        ["load.rows", "float, 3 B"],
        ["└─ load.rows[0..8]", "9 artifacts: float, 18 B"],
        ["", "└─ row → fit[0..8].model"],
    ]
    assert rows.id in lineage.artifacts


# ------------------------------------------------------------------ long, wide, damaged


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_very_long_lineage_is_whole_as_data_and_bounded_as_text(stack, direction):
    """Of 10,000 steps in a row all are known; the tree has as many lines as can be read."""
    run = chain(stack, 10_000)
    end = run.steps["step_0" if direction == "down" else "step_9999"]
    with counting_statements(stack) as counts:
        lineage = end.outputs.result.lineage(direction)
        document = lineage.to_dict()
        shown, chart = str(lineage), lineage.to_mermaid()

    assert len(document["artifacts"]) == 10_000
    assert len(tree_of(lineage)) == MOST_ROWS + 1  # the last says how many are left
    assert "more artifacts" in shown
    assert chart.count('(["') == MOST_DRAWN
    assert counts.total() <= 25


def test_the_number_of_statements_does_not_grow_with_the_lineage(stack):
    """A lineage of four hundred step runs costs as many as one of four."""
    totals = []
    for length in (4, 400):
        artifact = chain(stack, length).steps[f"step_{length - 1}"].outputs.result
        with counting_statements(stack) as counts:
            str(artifact.lineage())
            str(artifact.producer.inputs.a.lineage("down"))
        totals.append(counts.total())

    assert totals[0] == totals[1]


def test_many_branches_are_cut_at_a_number_of_lines(stack):
    """A step whose output a thousand others take by themselves has a bounded tree."""
    builder = RunBuilder.start(stack)
    (rows,) = builder.add("load", {"rows": 1.0})
    for index in range(1000):
        builder.add(f"fit_{index}", {"model": float(index)}, inputs={"rows": rows})
    lineage = builder.finish().steps.load.outputs.rows.lineage("down")

    assert len([line for line in tree_of(lineage) if "fit_" in line]) == MOST_ROWS - 1
    assert "and 801 more artifacts" in str(lineage)


def test_the_items_of_a_map_are_shown_as_one(stack):
    """A list of a thousand results is one line, and one node of the chart."""
    builder = RunBuilder.start(stack)
    parts = {}
    for index in range(1000):
        (parts[f"models/{index}"],) = builder.add(f"fit[{index}]", {"model": 1.0})
    builder.add("choose", {"best": 1.0}, inputs=parts)
    lineage = builder.finish().steps.choose.outputs.best.lineage()

    assert tree_of(lineage)[1].startswith("└─ models[0..999] = fit[0..999].model  1000 artifacts")
    assert lineage.to_mermaid().count('(["') == 2


def test_lost_and_damaged_records_are_shown_as_such(stack):
    """A lineage with holes says where they are, up and down."""
    builder = RunBuilder.start(stack)
    (raw,) = builder.add("read", {"raw": 1.0})
    (rows,) = builder.add("load", {"rows": 1.0}, inputs={"raw": raw})
    (model,) = builder.add("fit", {"model": 2.0}, inputs={"rows": rows})
    builder.add("score", {"rmse": 2.0}, inputs={"model": model})
    run = builder.finish()
    damage(stack, f"UPDATE step_runs SET inputs = '[[[' WHERE id = '{builder.steps[1].id}'")
    damage(stack, f"DELETE FROM artifacts WHERE id = '{model.id}'")
    up = run.steps.score.outputs.rmse.lineage()
    (stored,) = stack.metadata_store.list_artifacts(id_suffix=rows.id[-12:])
    down = trace_lineage(stack.metadata_store, [stored.id], "down")

    assert tree_of(up)[1] == f"└─ model = artifact {model.id[-8:]}  its record is lost"
    assert tree_of(up)[0].endswith("of delays")
    assert tree_of(down)[0].endswith("its step is lost")
    assert tree_of(down)[1] == f"└─ rows → artifact {model.id[-8:]}  its record is lost"
    assert tree_of(down)[2].strip().startswith("└─ model → score.rmse")
    assert [each["recorded"] for each in up.to_dict()["artifacts"]] == [True, False]
    assert down.to_dict()["lost_steps"] == [builder.steps[1].id]


def test_an_unknown_artifact_has_an_empty_lineage(stack):
    """What is not recorded at all is shown as lost."""
    RunBuilder.start(stack).finish(NothingShape())
    lineage = trace_lineage(stack.metadata_store, ["no-such-artifact"])

    assert "its record is lost" in str(lineage)


# ------------------------------------------------------------------ what it is shown as


def test_a_chart_escapes_what_would_be_markup(stack):
    """Whatever an output is called, its label holds no quote, bracket of a tag or backtick."""
    builder = RunBuilder.start(stack, pipeline='a"]; click b <script>')
    builder.add('fit"]:::x', {'`model`<b> "one" #1': 1.0})
    chart = builder.finish().steps['fit"]:::x'].outputs['`model`<b> "one" #1'].lineage()
    labels = re.findall(r'\["(.*)"\]', chart.to_mermaid())

    assert len(labels) == 2
    assert all(not set(label.replace("<br/>", "")) & set('"<>`') for label in labels)


def test_a_lineage_is_shown_in_a_notebook_and_as_json(stack):
    """HTML with the same tree, and a document of plain data."""
    lineage = chain(stack, 3).steps.step_2.outputs.result.lineage()
    document = json.loads(json.dumps(lineage.to_dict()))

    assert "step_1.result" in lineage._repr_html_()
    assert [each["node"] for each in document["steps"]] == ["step_2", "step_1", "step_0"]
    assert document["steps"][0]["inputs"][0]["artifact"] == document["artifacts"][1]["id"]
