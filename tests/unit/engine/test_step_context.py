"""What a running step reports, and when it is over."""

from whence.engine.step_context import StepContext


def test_nothing_is_added_to_metrics_once_the_step_has_ended():
    """A thread that a step left behind changes no series that is just being recorded."""
    context = StepContext("fit")
    context.add_metric("loss", 1.0, 0, None)

    (series,) = context.end_metrics()
    context.add_metric("loss", 2.0, 1, None)
    context.add_metric("late", 3.0, 0, None)

    assert list(series.values) == [1.0]
    assert list(context.metrics) == ["loss"]
