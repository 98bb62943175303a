"""Searching runs: how conditions are written, what they cost, what a list of runs shows."""

from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path

import pytest
from sqlalchemy import event
from tests.contract.example_records import report
from tests.unit.history.recorded_runs import START, RunBuilder

import whence
from whence.domain.run_filters import Condition, Quantity
from whence.errors import InvalidSearchError, RecordNotFoundError, UnknownQuantityError
from whence.history.searching.conditions import parse_condition
from whence.metadata_stores import search_runs
from whence.metadata_stores.run_indexes import HAS_MANY_PARAMETERS, MOST_INDEXED

EITHER, METRIC, PARAMETER = Quantity.EITHER, Quantity.METRIC, Quantity.PARAMETER


class Colour(Enum):
    RED = 1


def record_run(stack, rmse=None, **facts):
    """Record a run of one step that reports a metric."""
    builder = RunBuilder.start(stack, **facts)
    builder.add("fit", metrics=[] if rmse is None else [report("rmse", rmse, mode="min")])
    return builder.finish()


def ids(runs):
    """Return the ids of runs."""
    return [run.id for run in runs]


@pytest.fixture
def statements(stack):
    """Return the statements that the store executes."""
    seen = []
    stack.metadata_store.record([])
    with stack.metadata_store.database.reading() as connection:
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", lambda *call: seen.append((call[2], call[3])))
    return seen


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("rmse<3.2", Condition(EITHER, "rmse", "<", 3.2)),
        ("  fit.depth  >=  4 ", Condition(EITHER, "fit.depth", ">=", 4)),
        ("depth==6", Condition(EITHER, "depth", "=", 6)),
        ("loss > -1e-3", Condition(EITHER, "loss", ">", -0.001)),
        ("loss<inf", Condition(EITHER, "loss", "<", float("inf"))),
        ("kind=ridge", Condition(EITHER, "kind", "=", "ridge")),
        ("kind != 'a=b'", Condition(EITHER, "kind", "!=", "a=b")),
        ('version="3"', Condition(EITHER, "version", "=", "3")),
        (r'quote="a\"b"', Condition(EITHER, "quote", "=", 'a"b')),
        ("shuffle=true", Condition(EITHER, "shuffle", "=", True)),
        ("limit!=none", Condition(EITHER, "limit", "!=", None)),
        ("metrics.rmse<3", Condition(METRIC, "rmse", "<", 3)),
        (
            "parameters.fit[3].kind = two words",
            Condition(PARAMETER, "fit[3].kind", "=", "two words"),
        ),
        ("'val<loss'<3", Condition(EITHER, "val<loss", "<", 3)),
    ],
)
def test_a_condition_is_a_name_a_sign_and_a_value(text, condition):
    """Conditions are read as people write them."""
    assert parse_condition(text) == condition
    assert type(parse_condition(text).value) is type(condition.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rmse", "no sign"),
        ("", "no sign"),
        ("<3", "lacks"),
        ("rmse<", "lacks"),
        ("rmse='x", "lacks"),
        ("1<rmse<3", "several signs"),
        ("rmse<3, depth>4", "several signs"),
        ("shuffle<true", "Nothing is more or less"),
        ("metrics.rmse=low", "A metric is a number"),
    ],
)
def test_what_is_no_condition_is_refused_with_its_reason(text, reason):
    """An unreadable condition says what is wrong and how to write it."""
    with pytest.raises(InvalidSearchError, match=reason):
        parse_condition(text)


def test_parameters_are_given_as_they_are(stack):
    """Numbers, text, truth, paths, dates and members of enums are found by their values."""
    given = {
        "depth": 6,
        "kind": "6",
        "shuffle": True,
        "folder": Path("data"),
        "day": date(2026, 3, 1),
        "colour": Colour.RED,
    }
    run = record_run(stack, parameters=given)
    record_run(stack, parameters=dict.fromkeys(given, 1))

    for name, value in given.items():
        assert ids(whence.runs(parameters={name: value})) == [run.id]
    assert len(whence.runs(where="colour=RED")) == 1
    assert len(whence.runs(where="day<2026-04")) == 1
    with pytest.raises(InvalidSearchError, match="by a list"):
        whence.runs(parameters={"depth": [6]})


def test_numbers_and_texts_that_no_column_holds_may_be_asked_about(stack):
    """A number beyond all floats and half a surrogate pair are searched for as anything else."""
    large = record_run(stack, parameters={"seed": 2**2000})
    record_run(stack, parameters={"seed": 1})

    assert ids(whence.runs(parameters={"seed": 2**2000})) == [large.id]
    assert ids(whence.runs(parameters={"seed": -(2**2000)})) == []
    assert ids(whence.runs(parameters={"seed": "\ud800"})) == []
    assert ids(whence.runs(where="seed='\ud800'")) == []
    assert ids(whence.runs(note="\ud800")) == []


def test_moments_are_given_in_many_ways(stack):
    """How far back, a date, a moment as text and Python's own say when runs started."""
    run = record_run(stack)
    last = datetime.now(UTC) - START

    for since in ("2026-03-01", "2026-03-01T12:30:15+00:00", START, START.date(), last * 2):
        assert ids(whence.runs(since=since)) == [run.id]
    for since in ("2d", "0.5h", timedelta(minutes=1), START + timedelta(microseconds=1)):
        assert ids(whence.runs(since=since)) == []
    for until in ("2026-03-01", START.date(), "2026-03-01 12:30:16"):
        assert ids(whence.runs(until=until)) == [run.id]
    for until in ("2026-02-28", START):
        assert ids(whence.runs(until=until)) == []


@pytest.mark.parametrize("since", ["", "lately", "2026-13-01", "99999999999w", timedelta.max])
def test_what_is_no_moment_is_refused(stack, since):
    """A moment that cannot be told is an error that says how to write one."""
    with pytest.raises(InvalidSearchError, match="7d"):
        whence.runs(since=since)


def test_a_name_that_no_run_has_is_answered_by_one_that_they_have(stack):
    """A misspelt metric, and a step's parameter without its node, are offered aright."""
    assert len(whence.runs(where="rsme<3", order="rsme")) == 0  # before the first run
    record_run(stack, 3.0, parameters={"fit.depth": 6})

    with pytest.raises(UnknownQuantityError, match="Did you mean 'rmse'"):
        whence.runs(where="rsme<3")
    with pytest.raises(UnknownQuantityError, match=r"Did you mean 'fit\.depth'"):
        whence.runs(where="depth>4")
    with pytest.raises(UnknownQuantityError, match="No run here has a metric 'depth'"):
        whence.runs(order="metrics.depth")
    with pytest.raises(InvalidSearchError, match="nothing to order"):
        whence.runs(order="a<b")
    with pytest.raises(RecordNotFoundError, match="no model 'delay'"):
        whence.runs(model="delay@3")
    assert len(whence.runs(where="rmse<3")) == 0


def test_parameters_too_many_for_the_index_are_found_all_the_same(stack):
    """A run with very many parameters is found and put in order by any of them."""
    many = {f"fit_{number}.depth": number for number in range(MOST_INDEXED // 10)}
    large = record_run(stack, parameters={**many, "seed": 3})
    small = record_run(stack, parameters={"seed": 2})

    with stack.metadata_store.database.reading() as connection:
        indexed = connection.exec_driver_sql("SELECT DISTINCT run_id FROM run_parameters").all()
    assert indexed == [(small.id,)]
    assert ids(whence.runs(where="fit_7.depth=7")) == [large.id]
    assert ids(whence.runs(where="seed>1")) == [small.id, large.id]
    assert ids(whence.runs(order="-seed")) == [large.id, small.id]
    with pytest.raises(UnknownQuantityError):
        whence.runs(where="fit_none.depth=7")


def test_runs_with_many_parameters_have_an_index_of_their_own(stack):
    """What is looked through is found by an index, whose bound is that of what is indexed."""
    record_run(stack)

    with stack.metadata_store.database.reading() as connection:
        query = f"EXPLAIN QUERY PLAN SELECT id FROM runs WHERE {HAS_MANY_PARAMETERS}"
        (step,) = connection.exec_driver_sql(query).all()

    assert step[3].endswith("INDEX runs_with_many_parameters")


def test_a_frame_has_a_column_for_each_parameter_and_metric(stack):
    """Rows have what identifies a run, and every parameter and metric that any of them has."""
    pytest.importorskip("pandas")
    record_run(stack, 3.5, name="first", parameters={"depth": 6, "fit.seed": 1})
    record_run(stack, parameters={"kind": "ridge"}, tags=("a",))

    frame = whence.runs().frame()

    assert list(frame.columns) == [
        *("id", "name", "pipeline", "status", "started_at", "duration", "tags"),
        *("parameters.kind", "parameters.depth", "parameters.fit.seed", "metrics.rmse"),
    ]
    assert list(frame["metrics.rmse"].dropna()) == [3.5]
    assert frame.loc[1, "parameters.depth"] == 6
    assert list(frame["tags"]) == [("a",), ()]


def test_a_listing_of_many_runs_takes_few_statements(stack, statements):
    """Listing, looking at parameters, metrics and tags, and the frame do not go run by run."""
    pytest.importorskip("pandas")
    for number in range(30):
        record_run(stack, float(number), parameters={"depth": number}, tags=("a",))
    statements.clear()

    found = whence.runs(where="rmse>=0", order="-depth", limit=None)
    found.frame()
    str(found)
    queries = [text for text, _ in statements if text.lstrip().startswith(("SELECT", "WITH"))]

    assert len(found) == 30
    assert len(queries) <= 8


SEARCHES = {
    "newest": {},
    "pipeline": {"pipeline": "delays"},
    "status": {"status": "completed"},
    "tag": {"tag": "a"},
    "time": {"since": "2026-01-01", "until": "2027-01-01"},
    "metric": {"where": "metrics.rmse<3"},
    "parameter": {"parameters": {"depth": 3}},
    "by metric": {"order": "rmse"},
    "by duration": {"order": "-duration"},
    "by parameter": {"order": "depth"},
}


@pytest.mark.parametrize("few", [0, 5_000])
@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_no_search_reads_a_whole_table(stack, statements, monkeypatch, search, few):
    """Whether few runs or many meet what is asked, a search goes along an index.

    Runs that many meet are walked through in the order of their ids, as far as needed.
    """
    monkeypatch.setattr(search_runs, "FEW", few)
    for number in range(5):
        record_run(stack, float(number), parameters={"depth": number}, tags=("a",))
    statements.clear()

    assert len(whence.runs(**search)) > 0

    for text, values in list(statements):
        if text.lstrip().startswith("SELECT"):
            assert find_scans(stack, text, values) == []


def find_scans(stack, text, values):
    """Return the tables that a query reads from end to end, but for walks that may stop early."""
    with stack.metadata_store.database.reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    scans = [row[3].split() for row in plan if row[3].startswith("SCAN ")]
    tables = {"runs", "r", "run_metrics", "run_parameters", "run_tags", "step_runs", "artifacts"}
    walks = {"runs_with_many_parameters", "runs_by_duration"}
    stops = ("ORDER BY r.id" in text or "ORDER BY s.id" in text) and "TEMP B-TREE" not in str(plan)
    return [scan for scan in scans if scan[1] in tables and scan[-1] not in walks and not stops]


def test_the_columns_of_a_listing_are_those_that_were_asked_about(stack):
    """A listing shows the metrics and parameters by which runs were searched or ordered."""
    record_run(stack, 3.5, parameters={"depth": 6, "kind": "ridge"})
    record_run(stack, parameters={"depth": 8})

    text = str(whence.runs(where="depth>=6", order="rmse"))

    heading, first, second = [line.split() for line in text.splitlines()[2:]]
    assert heading == ["run", "pipeline", "status", "started", "depth", "rmse"]
    assert first[-2:] == ["6", "3.5"]
    assert second[-1] == "8"
    assert "depth" not in str(whence.runs())


def test_notes_and_tags_are_shown_with_a_run(stack):
    """What was said of a run stands in its report, harmless in a terminal and in a page."""
    run = record_run(stack)
    run.tag("<b>base</b>")
    run.note("good\x1b[31m <script>", who="ada")

    shown = whence.run(run.id)

    assert "tags: <b>base</b>" in str(shown)
    assert "\x1b" not in str(shown)
    assert "good" in str(shown)
    assert "ada" in str(shown)
    assert "<script>" not in shown._repr_html_()
    assert "<b>base" not in whence.runs()._repr_html_()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"limit": "ten"}, "how many runs"),
        ({"limit": -1}, "how many runs"),
        ({"since": 5}, "no moment"),
        ({"pipeline": len}, "`pipeline` is a text"),
        ({"order": 3}, "`order` is a text"),
    ],
)
def test_what_no_search_can_use_is_refused(stack, given, reason):
    """A value of a wrong type is told as such, not as a fault of the store."""
    with pytest.raises(InvalidSearchError, match=reason):
        whence.runs(**given)
