"""The state of a run, tried over random graphs and orders of events."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from whence.domain.status import RunStatus, StepStatus
from whence.engine.state import (
    CancelAsked,
    EndRun,
    RunBegins,
    RunState,
    SkipStep,
    StartStep,
    StepEnds,
)

GRAPHS = st.integers(0, 12).flatmap(
    lambda size: st.tuples(
        *[st.sets(st.integers(0, max(node - 1, 0)), max_size=min(node, 3)) for node in range(size)]
    ).map(
        lambda rows: {
            str(n): tuple(sorted(str(d) for d in row if d < n)) for n, row in enumerate(rows)
        }
    )
)
ENDS = st.sampled_from([StepStatus.COMPLETED, StepStatus.COMPLETED, StepStatus.FAILED])


class Simulation:
    """Runs a graph with ends drawn at random, and keeps what happened in order."""

    def __init__(self, graph, draw_end, draw_index, cancel_after=None):
        self.graph = graph
        self.started, self.skipped, self.ended, self.log = [], {}, {}, []
        self.end = None
        state = RunState(graph)
        todo = deque(state.handle(RunBegins()))
        running = []
        while True:
            while todo:
                instruction = todo.popleft()
                self.log.append(instruction)
                match instruction:
                    case StartStep(node):
                        assert all(self.ended.get(d) is StepStatus.COMPLETED for d in graph[node])
                        self.started.append(node)
                        running.append(node)
                    case SkipStep(node, status, _):
                        self.skipped[node] = status
                    case EndRun(status):
                        assert self.end is None
                        self.end = status
            if not running:
                break
            if cancel_after is not None and len(self.ended) == cancel_after:
                cancel_after = None
                todo.extend(state.handle(CancelAsked()))
                continue
            node = running.pop(draw_index(len(running)))
            self.ended[node] = draw_end()
            todo.extend(state.handle(StepEnds(node, self.ended[node])))


def simulate(graph, data, cancel_after=None):
    """Run a graph with ends and orders that hypothesis draws."""
    return Simulation(
        graph,
        lambda: data.draw(ENDS),
        lambda count: data.draw(st.integers(0, count - 1)),
        cancel_after,
    )


@given(GRAPHS, st.data())
def test_every_step_has_exactly_one_end(graph, data):
    """Each step is started once or skipped once, and the run ends once, after all of them."""
    run = simulate(graph, data)

    assert sorted([*run.started, *run.skipped]) == sorted(graph)
    assert run.end is not None
    assert isinstance(run.log[-1], EndRun)


@given(GRAPHS, st.data())
def test_only_what_depends_on_a_failure_is_skipped(graph, data):
    """A step is skipped exactly when something that it depends on, however far up, failed."""
    run = simulate(graph, data)
    failed = {node for node, status in run.ended.items() if status is StepStatus.FAILED}
    behind = set()
    for node, needed in graph.items():
        if any(each in failed or each in behind for each in needed):
            behind.add(node)

    assert set(run.skipped) == behind
    assert run.end is (RunStatus.FAILED if failed else RunStatus.COMPLETED)


@given(GRAPHS, st.data(), st.integers(0, 5))
def test_after_a_cancellation_nothing_more_starts(graph, data, after):
    """What runs when a run is cancelled may finish; the rest and the run end as cancelled."""
    run = simulate(graph, data, cancel_after=after)
    kinds = [type(entry) for entry in run.log]

    assert sorted([*run.started, *run.skipped]) == sorted(graph)
    if StepStatus.CANCELLED in run.skipped.values():
        last_start = max((i for i, kind in enumerate(kinds) if kind is StartStep), default=-1)
        first = next(
            i for i, e in enumerate(run.log) if isinstance(e, SkipStep) and e.because is None
        )
        assert last_start < first
        assert run.end is RunStatus.CANCELLED


def test_a_late_word_about_a_step_changes_nothing():
    """A second end of the same step is ignored."""
    state = RunState({"a": (), "b": ("a",)})
    state.handle(RunBegins())
    state.handle(StepEnds("a", StepStatus.COMPLETED))

    assert state.handle(StepEnds("a", StepStatus.FAILED)) == []
    assert state.handle(StepEnds("b", StepStatus.COMPLETED)) == [EndRun(RunStatus.COMPLETED)]


def test_a_cancelled_step_cancels_its_run():
    """When the last running step is cancelled, nothing else starts and the run is cancelled."""
    state = RunState({"a": (), "b": ("a",), "c": ()})
    state.handle(RunBegins())
    state.handle(StepEnds("c", StepStatus.COMPLETED))

    assert state.handle(StepEnds("a", StepStatus.CANCELLED)) == [
        SkipStep("b", StepStatus.CANCELLED, None),
        EndRun(RunStatus.CANCELLED),
    ]
