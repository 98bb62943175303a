"""What frames and arrays hold, and how two of them differ, in a few figures."""

import pytest

import whence
from whence import step
from whence.artifacts import DataArtifact
from whence.history.comparing.content_summaries import (
    LARGEST,
    can_be_summarised,
    describe_content_change,
    summarise_content,
    summary_to_dict,
)
from whence.materializers import (
    ArrowMaterializer,
    CsvMaterializer,
    NumpyMaterializer,
    ParquetMaterializer,
)

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
pytest.importorskip("pyarrow")

pytestmark = pytest.mark.heavy


@pytest.fixture
def store(tmp_path):
    """Return what stores a value with a materializer and summarises it."""
    made = []

    def summarise(value, materializer=ArrowMaterializer):
        folder = tmp_path / f"artifact-{len(made)}"
        made.append(folder)
        artifact = DataArtifact(folder)
        materializer().write(value, artifact)
        return summarise_content(_Known(artifact, materializer.format))

    return summarise


class _Known:
    """A free artifact whose format is known, as that of a recorded one is."""

    def __init__(self, artifact, format_name):
        self.format = format_name
        self._artifact = artifact
        self._materializer = {
            each.format: each()
            for each in (ArrowMaterializer, CsvMaterializer, NumpyMaterializer, ParquetMaterializer)
        }[format_name]

    def read(self, as_type=None):
        """Return the value."""
        return self._materializer.read(self._artifact, as_type)


def test_rows_columns_and_figures_of_frames_are_compared(store):
    """What was added, taken away or retyped is told, then what moved in the columns of numbers."""
    old = store(pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, None], "c": ["x"] * 3}))
    new = store(pd.DataFrame({"a": [1.0, 2.0], "b": [0.5, 2.5], "d": [True, False]}))

    assert describe_content_change(old, new) == (
        "rows 3 → 2 (-1)",
        "column d is new: bool",
        "column c is gone",
        "column a: type int64 → double, mean 2.0 → 1.5, max 3 → 2",
        "column b: mean 1.0 → 1.5, max 1.5 → 2.5, missing 1 → 0",
    )


def test_what_is_not_a_number_counts_as_missing(store):
    """NaN of floats and nulls of integers alike."""
    summary = store(pd.DataFrame({"x": [1.0, np.nan, 3.0]}))

    assert summary_to_dict(summary) == {
        "kind": "frame",
        "rows": 3,
        "columns": [
            {"name": "x", "type": "double", "mean": 2.0, "min": 1.0, "max": 3.0, "missing": 1}
        ],
    }


@pytest.mark.parametrize("materializer", [ArrowMaterializer, ParquetMaterializer, CsvMaterializer])
def test_every_format_of_frames_is_read(store, materializer):
    """However a frame is stored, its figures are the same."""
    summary = store(pd.DataFrame({"x": [1, 2, 6]}), materializer)

    assert summary.rows == 3
    assert summary.columns["x"].figures.mean == 3


def test_shape_type_and_figures_of_arrays_are_compared(store):
    """Arrays are told by shape, dtype, mean and range."""
    old = store(np.arange(6, dtype="float32").reshape(2, 3), NumpyMaterializer)
    new = store(np.array([1, 2]), NumpyMaterializer)

    assert describe_content_change(old, new) == (
        "shape (2, 3) → (2)",
        "dtype float32 → int64",
        "mean 2.5 → 1.5",
        "min 0 → 1",
        "max 5 → 2",
    )


@pytest.mark.parametrize(
    "value", [np.array([]), np.array([np.nan]), np.array(["a"]), np.array([1 + 2j])]
)
def test_arrays_without_numbers_have_no_figures(store, value):
    """What has no mean is told by its shape."""
    assert describe_content_change(*[store(value, NumpyMaterializer)] * 2) == (
        "shape and figures are the same; single values or their order differ",
    )


def test_unusual_numbers_are_summarised(store):
    """Half floats, booleans and infinities are numbers too."""
    half = store(pd.DataFrame({"x": np.array([1, 2], dtype="float16"), "y": [True, False]}))
    infinite = store(np.array([np.inf, -np.inf]), NumpyMaterializer)

    assert half.columns["x"].figures.mean == 1.5
    assert half.columns["y"].figures.mean == 0.5
    assert (infinite.figures.min, infinite.figures.max) == (-np.inf, np.inf)


def test_a_frame_of_many_columns_is_told_in_few_lines(store):
    """The rest is counted."""
    old, new = (store(pd.DataFrame({f"c{n}": [value] for n in range(50)})) for value in (1, 2))
    lines = describe_content_change(old, new)

    assert len(lines) == 13
    assert lines[-1] == "and 38 more columns"


def test_what_is_large_or_of_another_kind_is_not_looked_into():
    """Models, files and huge frames are told by their digests alone."""
    assert can_be_summarised("arrow/1", LARGEST)
    assert not can_be_summarised("arrow/1", LARGEST + 1)
    assert not can_be_summarised("skops/1", 10)
    assert not can_be_summarised(None, 10)


def test_a_content_that_cannot_be_read_is_left_out(tmp_path):
    """A damaged or foreign file makes no comparison fail."""
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "table.arrow").write_bytes(b"no table")

    assert summarise_content(_Known(DataArtifact(folder), "arrow/1")) is None


@step
def load_wide(shift: float) -> pd.DataFrame:
    """Return a frame of nine columns."""
    return pd.DataFrame({f"c{number}": [1.0 + shift, 2.0] for number in range(9)})


def test_of_a_wide_frame_the_first_columns_are_shown_and_the_rest_counted(stack):
    """The other sections keep their room; `show_equal` shows every line."""
    first, second = load_wide.run(shift=0.0), load_wide.run(shift=5.0)

    short = str(whence.compare(first, second))
    assert [each for each in range(9) if f"column c{each}:" in short] == [0, 1, 2]
    assert "and 6 more lines" in short
    whole = str(whence.compare(first, second, show_equal=True))
    assert [each for each in range(9) if f"column c{each}:" in whole] == list(range(9))
