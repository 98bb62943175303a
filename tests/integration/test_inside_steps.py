"""What a running step may report, and what is captured of it."""

import logging
import threading
from typing import Annotated

import numpy as np
import pandas as pd
import pytest

import whence
from whence import Metric, pipeline, step


def test_metrics_are_recorded_as_series_and_as_returned_values():
    """Logged points and returned metrics are found after the run; the mode says what is better."""

    @step
    def train(epochs: int = 3) -> Annotated[float, Metric("loss", mode="min")]:
        for epoch in range(epochs):
            whence.log_metric("accuracy", 0.5 + epoch / 10, step=epoch)
        whence.log_metrics({"size": 7})
        return 0.25

    run = train.run()
    frame = run.metrics.frame()

    assert run.metrics["loss"] == 0.25
    assert run.metrics["accuracy"] == 0.7
    assert list(frame[frame["name"] == "accuracy"]["value"]) == [0.5, 0.6, 0.7]


def test_metadata_and_extra_artifacts_are_kept_with_the_step():
    """Facts and values that no step takes are found with the step run."""

    @step
    def inspect_data() -> int:
        whence.log_metadata(rows=3, source="file")
        whence.log_artifact("head", pd.DataFrame({"a": [1, 2]}))
        return 3

    found = inspect_data.run().steps.inspect_data

    assert dict(found.metadata) == {"rows": 3, "source": "file"}
    assert found.artifacts.head.read().equals(pd.DataFrame({"a": [1, 2]}))


def test_pictures_of_a_step_are_shown_in_a_notebook():
    """A figure and an image are images in the page, texts are not, and the terminal lists all."""
    pytest.importorskip("matplotlib")

    @step
    def draw() -> int:
        from matplotlib.figure import Figure
        from PIL import Image

        figure = Figure()
        figure.subplots().plot([1, 3, 2])
        whence.log_artifact("curve", figure)
        whence.log_artifact("<b>dot</b>", Image.new("RGB", (4, 4), "red"))
        whence.log_artifact("page", "<script>alert(1)</script>")
        return 1

    found = draw.run().steps.draw

    for shown in (found, found.artifacts):
        page = shown._repr_html_()
        assert page.count('src="data:image/png;base64,iVBOR') == 2
        assert "<script" not in page
        assert "<b>" not in page
        assert "curve" in str(shown)
    assert found.artifacts.curve.read().data.startswith(b"\x89PNG")
    assert found.artifacts.page.read() == "<script>alert(1)</script>"


def test_a_picture_whose_bytes_are_gone_is_still_listed():
    """A page is shown without it."""
    pytest.importorskip("PIL")

    @step
    def draw() -> int:
        from PIL import Image

        whence.log_artifact("noise", Image.effect_noise((600, 600), 90))
        return 1

    found = draw.run().steps.draw
    kept = found.artifacts.noise.path
    kept.chmod(0o700)
    (kept / "image.png").chmod(0o600)
    (kept / "image.png").unlink()

    page = found.run.steps.draw._repr_html_()

    assert "noise" in page
    assert "<img" not in page


def test_prints_and_log_records_are_kept_with_their_step(capsys, caplog):
    """What a step prints or logs is in its own log, and still shown."""
    caplog.set_level("INFO")

    @step
    def chatty(word: str) -> int:
        print(f"printed {word}")
        logging.getLogger("mine").info("logged %s", word)
        return 1

    @pipeline
    def talk():
        chatty("one")
        chatty("two")

    run = talk()
    first, second = run.steps.chatty.logs(), run.steps.chatty_2.logs()

    assert "printed one" in first
    assert "INFO mine: logged one" in first
    assert "two" not in first
    assert "printed two" in second
    assert "printed one\nprinted two\n" in capsys.readouterr().out


def test_a_thread_that_a_step_starts_writes_to_the_steps_log():
    """Threads of a step are captured with it."""

    @step
    def threaded() -> int:
        thread = threading.Thread(target=lambda: print("from a thread"))
        thread.start()
        thread.join()
        return 1

    assert "from a thread" in threaded.run().steps.threaded.logs()


def test_a_long_log_is_kept_whole():
    """A log larger than what is held in memory is stored as a file and comes back whole."""

    @step
    def long_winded() -> int:
        for number in range(20_000):
            print(f"line {number}")
        return 1

    lines = long_winded.run().steps.long_winded.logs().splitlines()

    assert len(lines) == 20_000
    assert lines[-1] == "line 19999"


def test_outside_a_run_reports_record_nothing():
    """The bare function needs no set-up: reports outside a run are simply dropped."""

    @step
    def train() -> int:
        whence.log_metric("loss", 1.0)
        whence.log_metadata(a=1)
        whence.log_artifact("x", 1)
        return sum(whence.progress(range(4)))

    assert train.fn() == 6


def test_a_metric_that_is_no_number_is_refused():
    """A text or truth value is no metric; the error says what was given."""
    with pytest.raises(TypeError, match="'loss' is a number"):
        whence.log_metric("loss", "low")
    with pytest.raises(TypeError):
        whence.log_metric("loss", True)


def test_the_step_of_a_metric_is_a_whole_number():
    """What has no place in a series is refused; what counts as a whole number is taken."""

    @step
    def train() -> int:
        whence.log_metric("loss", 1.0, step=np.int64(7))
        with pytest.raises(TypeError, match="step of metric 'loss' is a whole number"):
            whence.log_metric("loss", 1.0, step=0.5)
        with pytest.raises(OverflowError):
            whence.log_metric("other", 1.0, step=2**80)
        with pytest.raises(ValueError, match="'min' or 'max'"):
            whence.log_metric("loss", 1.0, mode="lower")
        return 1

    metrics = train.run().metrics

    assert list(metrics) == ["loss"]
    assert list(metrics.series("loss").steps) == [7]


def test_threads_of_a_step_report_to_one_series():
    """No value is lost, and each keeps the step that it was reported with."""

    @step
    def train() -> int:
        def report(thread):
            for number in range(2_000):
                whence.log_metric("loss", thread * 10_000 + number, step=thread * 10_000 + number)

        threads = [threading.Thread(target=report, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 1

    series = train.run().metrics.series("loss")

    assert len(series) == 8_000
    assert list(map(float, series.steps)) == series.values.tolist()  # noqa: PD011  # an array


def test_progress_of_a_step_reaches_who_watches_the_run():
    """An observer is told how far each step is, in order."""
    from whence.running.observers import observing

    class Watcher:
        def __init__(self):
            self.seen = []

        def run_started(self, run, plan):
            self.seen.append(("run", str(run.status)))

        def step_started(self, node):
            self.seen.append(("start", node))

        def step_progressed(self, node, done, total):
            self.seen.append((node, done, total))

        def step_ended(self, finished, because):
            self.seen.append(("end", str(finished.step.status)))

        def run_ended(self, run):
            self.seen.append(("run", str(run.status)))

    @step
    def count() -> int:
        return sum(1 for _ in whence.progress([10, 20]))

    watcher = Watcher()
    with observing(watcher):
        count.run()

    assert watcher.seen == [
        ("run", "running"),
        ("start", "count"),
        ("count", 0, 2),
        ("count", 1, 2),
        ("count", 2, 2),
        ("end", "completed"),
        ("run", "completed"),
    ]
