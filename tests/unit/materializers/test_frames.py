"""Frames come back exactly, or are refused with the name of the column that would not."""

import datetime as dt
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal as assert_polars_equal

from whence.artifacts import DataArtifact
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.materializers.csv_frames import CsvMaterializer
from whence.materializers.frames import ArrowMaterializer, ParquetMaterializer

ARROW = ArrowMaterializer()
PARQUET = ParquetMaterializer()
CSV = CsvMaterializer()
LARGE = 1 << 18  # rows, so that the file is mapped

ints = st.integers(-100, 100)
floats = st.floats(width=32)
texts = st.text(st.characters(codec="utf-8"), max_size=4)
EPOCH = dt.datetime.fromisoformat("1970-01-01")
moments = st.datetimes(EPOCH, EPOCH + dt.timedelta(40_000))
maybe = st.booleans


def written(value, folder, materializer=ARROW):
    """Return the artifact to which a frame was written."""
    artifact = DataArtifact(folder)
    materializer.write(value, artifact)
    return artifact


def assert_pandas_same(left, right):
    """Assert that two pandas frames are equal in everything that pandas can tell apart."""
    pd.testing.assert_frame_equal(
        left, right, check_exact=True, check_index_type="exact", check_column_type="exact"
    )
    assert [repr(dtype) for dtype in left.dtypes] == [repr(dtype) for dtype in right.dtypes]
    assert left.attrs == right.attrs


# ------------------------------------------------------------------ pandas


def pandas_columns(rows):
    """Return a strategy for one column of *rows* values, of any dtype that pandas has."""

    def many(values):
        return st.lists(values, min_size=rows, max_size=rows)

    def of(values, dtype):
        return many(values).map(lambda items: pd.Series(items, dtype=dtype))

    nullable = st.sampled_from(["Int8", "UInt8", "Int64", "UInt64"])
    small = st.integers(0, 100) | st.none()
    zones = st.sampled_from(["UTC", "Europe/Berlin", "+02:00", "-05:30"])
    units = st.sampled_from(["s", "ms", "us", "ns"])
    categories = st.sampled_from([["b", "a", "c"], [3, 1, 2], [1.5, 0.5], [True, False]])
    times = many(moments | st.none())
    return st.one_of(
        st.sampled_from(["int8", "int16", "int64"]).flatmap(lambda dtype: of(ints, dtype)),
        st.sampled_from(["uint8", "uint64"]).flatmap(lambda dtype: of(st.integers(0, 200), dtype)),
        st.sampled_from(["float32", "float64"]).flatmap(lambda dtype: of(floats, dtype)),
        of(st.booleans(), "bool"),
        nullable.flatmap(lambda dtype: of(small, dtype)),
        of(st.booleans() | st.none(), "boolean"),
        of(floats | st.none(), "Float32"),
        st.sampled_from(["str", "string", "string[python]", "object"]).flatmap(
            lambda dtype: of(texts | st.none(), dtype)
        ),
        of(st.binary(max_size=3) | st.none(), "object"),
        of(ints | st.none(), "object"),
        of(st.dates() | st.none(), "object"),
        of(ints | texts, "object"),
        of(st.complex_numbers(allow_nan=False), "complex128"),
        of(ints | st.none(), pd.ArrowDtype(pa.int16())),
        of(st.lists(ints) | st.none(), pd.ArrowDtype(pa.list_(pa.int64()))),
        st.tuples(times, units).map(
            lambda pair: pd.Series(pair[0], dtype=f"datetime64[{pair[1]}]")
        ),
        st.tuples(times, units, zones).map(
            lambda parts: (
                pd.Series(parts[0], dtype=f"datetime64[{parts[1]}]")
                .dt.tz_localize("UTC")
                .dt.tz_convert(parts[2])
            )
        ),
        of(st.timedeltas(dt.timedelta(-9), dt.timedelta(9)) | st.none(), "timedelta64[us]"),
        st.tuples(categories, st.booleans()).flatmap(
            lambda pair: of(
                st.sampled_from([*pair[0], None]), pd.CategoricalDtype(pair[0], ordered=pair[1])
            )
        ),
    )


def pandas_indexes(rows):
    """Return a strategy for an index of *rows* entries, of one level or two."""
    names = st.sampled_from([None, "key", 7])
    plain = st.sampled_from(
        [
            pd.RangeIndex(rows),
            pd.RangeIndex(5, 5 + 2 * rows, 2),
            pd.Index([f"k{row}" for row in range(rows)]),
            pd.Index(range(rows), dtype="int16"),
            pd.date_range("2020", periods=rows, freq="D"),
            pd.date_range("2020", periods=rows, freq="h", tz="Europe/Berlin"),
            pd.CategoricalIndex(["x"] * rows, categories=["y", "x"]),
            pd.Index([None] * rows, dtype="object"),
        ]
    )
    single = st.tuples(plain, names).map(lambda pair: pair[0].rename(pair[1]))
    double = st.tuples(plain, plain, names).map(
        lambda parts: pd.MultiIndex.from_arrays(parts[:2], names=[parts[2], "second"])
    )
    return single | double


@st.composite
def pandas_frames(draw):
    """Return a random pandas frame."""
    rows = draw(st.integers(0, 4))
    columns = draw(st.lists(pandas_columns(rows), max_size=4))
    labels = draw(
        st.sampled_from([list("abcd"), [0, 1, 2, 3], ["a", 1, "b", 2], ["", "é", "1", 1]])
    )
    frame = pd.DataFrame(dict(enumerate(columns)))
    if columns and draw(st.booleans()):
        frame.columns = pd.Index(labels[: len(columns)])
    frame.index = draw(pandas_indexes(rows)) if columns else frame.index
    frame.attrs = draw(st.sampled_from([{}, {"unit": "kg", "bins": [1, 2.5, None]}]))
    return frame


@settings(max_examples=500)
@given(frame=pandas_frames())
def test_pandas_frame_comes_back_exactly_or_is_refused(frame, tmp_path_factory):
    """Any pandas frame comes back exactly and as equal bytes, or a column is refused by name."""
    folder = tmp_path_factory.mktemp("frame")
    refusal = None
    try:
        artifact = written(frame, folder)
    except NotStorableError as error:
        refusal = error
    if refusal is not None:
        assert "Column" in str(refusal)
        assert {"object", "complex128"} & {str(dtype) for dtype in frame.dtypes}
        return

    first = (folder / "table.arrow").read_bytes()
    written(frame.copy(), folder)

    assert_pandas_same(ARROW.read(artifact), frame)
    assert (folder / "table.arrow").read_bytes() == first


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pd.DataFrame({"mixed": [1, "x"]}), "'mixed'"),
        (pd.DataFrame({"both": pd.Series(["a", None, np.nan], dtype=object)}), "'both'"),
        (pd.DataFrame({"thing": [object()]}), "'thing'"),
        (pd.DataFrame({"huge": [1 << 70]}), "'huge'"),
        (pd.DataFrame({"z": [1j]}), "complex128"),
        (pd.DataFrame({"when": pd.period_range("2020", periods=1, freq="D")}), "to_timestamp"),
        (pd.DataFrame({"range": pd.interval_range(0, 1)}), "left"),
        (pd.DataFrame({"thin": pd.arrays.SparseArray([0, 1])}), "to_dense"),
        (pd.DataFrame([[1, 2]], columns=["twice", "twice"]), "'twice'"),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "several levels"),
        (pd.DataFrame([[1]], columns=[("a", "b")]), "labels"),
        (pd.DataFrame([[1]], columns=[1.5]), "float64"),
        (pd.DataFrame({"a": [1]}, index=pd.Index([1], name=("x",))), "index level"),
        (pd.DataFrame({"bad": ["\ud800"]}, dtype=object), "'bad'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_pandas_frame_that_would_change_is_refused(frame, says, tmp_path):
    """A frame that Arrow would bring back differently is refused, and told what it is about."""
    with pytest.raises(NotStorableError, match=says):
        written(frame, tmp_path)


def test_attributes_that_would_be_lost_are_refused(tmp_path):
    """`frame.attrs` is kept where JSON keeps it, and refused where it does not."""
    frame = pd.DataFrame({"a": [1]})
    frame.attrs = {"pair": (1, 2)}

    with pytest.raises(NotStorableError, match=r"frame\.attrs"):
        written(frame, tmp_path)


def test_subclass_is_refused(tmp_path):
    """A subclass of a frame may hold more than the frame, so it is refused."""

    class Special(pd.DataFrame):
        pass

    with pytest.raises(NotStorableError, match="subclass"):
        written(Special({"a": [1]}), tmp_path)


@pytest.mark.parametrize("name", [None, "x", 3])
def test_series_comes_back_as_a_series(name, tmp_path):
    """A series comes back with its name, index and dtype."""
    series = pd.Series([1, None], index=["a", "b"], name=name, dtype="Int8")

    pd.testing.assert_series_equal(ARROW.read(written(series, tmp_path)), series)


@pytest.mark.parametrize("rows", [5, LARGE])
def test_reader_may_change_its_frame(rows, tmp_path):
    """Changing a frame that was read works as ever, and nobody else sees it."""
    frame = pd.DataFrame(
        {"a": np.arange(rows), "b": np.arange(rows) / 2, "c": ["x"] * rows, "d": [True] * rows}
    )
    artifact = written(frame, tmp_path)
    mine, ordinary = ARROW.read(artifact), frame.copy()
    for one in (mine, ordinary):
        one["a"] += 1
        one.loc[0, "a"] = 5
        one.loc[1, "c"] = "y"
        one.loc[2, "d"] = False
        one.iloc[3, 1] = -1.0
        one["new"] = one["a"] * 2
        del one["b"]

    assert_pandas_same(mine, ordinary)
    assert mine["a"].to_numpy().flags.writeable == ordinary["a"].to_numpy().flags.writeable
    assert_pandas_same(ARROW.read(artifact), frame)


def test_wide_frame_is_not_in_pieces(tmp_path):
    """A column can be added to a wide frame without a warning that it is fragmented."""
    frame = pd.DataFrame(np.arange(900.0).reshape(3, 300))
    mixed = pd.DataFrame({f"c{i}": np.arange(3, dtype="i8" if i % 2 else "f8") for i in range(300)})
    for number, one in enumerate((frame, mixed)):
        back = ARROW.read(written(one, tmp_path / str(number)))
        assert_pandas_same(back, one)

        back["new"] = 1


def test_large_columns_are_not_copied(tmp_path):
    """The numbers of a large frame lie in the mapped file until they are changed."""
    frame = pd.DataFrame({"a": np.arange(LARGE), "b": np.arange(LARGE) / 3})

    back = ARROW.read(written(frame, tmp_path))

    assert not back["a"].to_numpy().base.flags.owndata
    assert_pandas_same(back, frame)


# ------------------------------------------------------------------ polars and Arrow

POLARS_DTYPES = (
    pl.Int8, pl.UInt64, pl.Float32, pl.Float64, pl.Boolean, pl.String, pl.Binary, pl.Date, pl.Time,
    pl.Datetime("ms"), pl.Datetime("us", "Europe/Berlin"), pl.Duration("ns"), pl.Decimal(12, 2),
    pl.Null, pl.Categorical, pl.Enum(["b", "a", "c"]), pl.List(pl.Int16), pl.Array(pl.Int8, 2),
    pl.Struct({"x": pl.Int8, "y": pl.List(pl.String)}),
)  # fmt: skip


@st.composite
def polars_frames(draw):
    """Return a random polars frame; strategies of our own, since polars' are heavy to load."""
    rows = draw(st.integers(0, 4))
    values = {
        "UInt64": st.integers(0, 9), "Boolean": st.booleans(), "String": texts,
        "Binary": st.binary(max_size=3), "Date": st.dates(dt.date(1970, 1, 1)),
        "Time": st.times(), "Datetime": moments.map(lambda moment: moment.replace(microsecond=0)),
        "Duration": st.timedeltas(dt.timedelta(0), dt.timedelta(9)),
        "Decimal": st.integers(-99, 99), "Null": st.none(), "Float32": floats, "Float64": floats,
        "Categorical": st.sampled_from("abc"), "Enum": st.sampled_from("abc"),
        "List": st.lists(ints | st.none(), max_size=3),
        "Array": st.lists(ints, min_size=2, max_size=2),
        "Struct": st.fixed_dictionaries({"x": ints | st.none(), "y": st.lists(texts, max_size=2)}),
    }  # fmt: skip
    columns = {}
    for position in range(draw(st.integers(1, 4))):
        dtype = draw(st.sampled_from(POLARS_DTYPES))
        name = dtype.__name__ if isinstance(dtype, type) else type(dtype).__name__
        items = draw(st.lists(values.get(name, ints) | st.none(), min_size=rows, max_size=rows))
        zone = getattr(dtype, "time_zone", None)
        series = pl.Series(items, dtype=pl.Datetime("us") if zone else dtype)
        columns[f"c{position}"] = (
            series.dt.replace_time_zone("UTC").dt.convert_time_zone(zone) if (zone) else series
        )
    return pl.DataFrame(columns)


@settings(max_examples=500)
@given(frame=polars_frames())
def test_polars_frame_comes_back_exactly(frame, tmp_path_factory):
    """Any polars frame comes back with its dtypes, and equal frames are equal bytes."""
    folder = tmp_path_factory.mktemp("frame")
    artifact = written(frame, folder)
    first = (folder / "table.arrow").read_bytes()
    halves = pl.concat([frame[:1], frame[1:]], rechunk=False)
    written(halves, folder)

    assert_polars_equal(ARROW.read(artifact), frame, check_exact=True, categorical_as_str=True)
    assert ARROW.read(artifact).schema == frame.schema
    assert (folder / "table.arrow").read_bytes() == first


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pl.DataFrame({"thing": pl.Series([object()], dtype=pl.Object)}), "'thing'"),
        (pl.DataFrame({"wide": pl.Series([1], dtype=pl.Int128)}), "'wide'"),
        (pl.LazyFrame({"a": [1]}), "collect"),
        (pl.Series([1]), "to_frame"),
    ],
    ids=["object", "int128", "lazy", "series"],
)
def test_polars_frame_that_would_change_is_refused(frame, says, tmp_path):
    """Objects, and what Arrow has no type for, are refused by the name of the column."""
    with pytest.raises(NotStorableError, match=says):
        written(frame, tmp_path)


def test_arrow_table_keeps_its_metadata(tmp_path):
    """An Arrow table comes back with its types and its own metadata, and nothing added."""
    table = pa.table({"a": [1, None], "b": ["x", "y"]}).replace_schema_metadata({"by": "me"})

    assert ARROW.read(written(table, tmp_path)).equals(table, check_metadata=True)


def test_chunks_and_leftovers_do_not_show_in_the_file(tmp_path):
    """Equal tables are equal bytes, however they are cut and whatever lies under their nulls."""
    whole = pa.table({"a": [1, None, 3], "b": [True, False, None], "c": ["x", None, "z"]})
    longer = pa.concat_tables([whole, whole, whole])
    mask, noise = np.array([False, True, False]), np.array([1, 77, 3])
    noisy = pa.array(noise, mask=mask)
    cut = longer.slice(2, 4).slice(1, 3).set_column(0, "a", noisy)

    written(whole, tmp_path / "whole")
    written(cut, tmp_path / "cut")

    assert (tmp_path / "whole/table.arrow").read_bytes() == (
        tmp_path / "cut/table.arrow"
    ).read_bytes()


def test_extension_types_are_refused(tmp_path):
    """A column of an Arrow extension type is refused by name."""
    table = pa.table({"id": pa.array([b"0" * 16], pa.uuid())})

    with pytest.raises(NotStorableError, match="'id'"):
        written(table, tmp_path)


# ------------------------------------------------------------------ views


@pytest.mark.parametrize("materializer", [ARROW, PARQUET], ids=["arrow", "parquet"])
@pytest.mark.parametrize("view", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.Table])
@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_frame_is_read_as_any_other(kind, view, materializer, tmp_path):
    """What one library wrote, each of the others can read."""
    data = {"a": [1, 2], "b": ["x", "y"], "c": [0.5, None], "d": [True, False]}
    frame = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}[kind](data)

    back = materializer.read(written(frame, tmp_path, materializer), view)

    assert isinstance(back, view)
    plain = back.collect() if view is pl.LazyFrame else back
    columns = (
        plain.to_dict("list")
        if view is pd.DataFrame
        else pl.DataFrame(plain).to_dict(as_series=False)
    )
    assert columns["a"] == [1, 2]
    assert columns["b"] == ["x", "y"]
    assert columns["d"] == [True, False]


def test_integers_with_gaps_stay_integers_for_pandas(tmp_path):
    """A polars column of large integers with nulls loses no digit on its way to pandas."""
    frame = pl.DataFrame({"a": [2**60 + 1, None], "b": [dt.date(2020, 1, 1), None]})

    back = ARROW.read(written(frame, tmp_path), pd.DataFrame)

    assert back["a"].dtype == "Int64"
    assert back["a"][0] == 2**60 + 1


def test_type_among_several_is_chosen(tmp_path):
    """Where a reader accepts several types, it gets the one that was written if it can."""
    artifact = written(pl.DataFrame({"a": [1]}), tmp_path)

    assert isinstance(ARROW.read(artifact, pd.DataFrame | pl.DataFrame), pl.DataFrame)
    assert isinstance(ARROW.read(artifact, pd.DataFrame | None), pd.DataFrame)


@pytest.mark.parametrize("as_type", [list, pd.Series])
def test_other_type_is_refused(as_type, tmp_path):
    """A frame cannot be read as something that it is not."""
    artifact = written(pd.DataFrame({"a": [1]}), tmp_path)

    with pytest.raises(UnreadableArtifactError, match="cannot be read as"):
        ARROW.read(artifact, as_type)


# ------------------------------------------------------------------ Parquet and CSV


@settings(max_examples=100)
@given(frame=pandas_frames())
def test_parquet_brings_back_exactly_or_refuses(frame, tmp_path_factory):
    """Any pandas frame comes back exactly from Parquet, or is refused with a reason."""
    folder = tmp_path_factory.mktemp("frame")
    refusal = None
    try:
        artifact = written(frame, folder, PARQUET)
    except NotStorableError as error:
        refusal = error
    if refusal is not None:
        assert refusal.facts["reason"]
        return

    assert_pandas_same(PARQUET.read(artifact), frame)


def test_parquet_refuses_categories_of_integers(tmp_path):
    """A categorical of integers, which Parquet would turn into integers, is refused by name."""
    frame = pd.DataFrame({"grade": pd.Categorical([3, 1])})

    with pytest.raises(NotStorableError, match="'grade'"):
        written(frame, tmp_path, PARQUET)


@settings(max_examples=100)
@given(frame=pandas_frames())
def test_csv_brings_back_exactly_or_refuses(frame, tmp_path_factory):
    """Any pandas frame comes back exactly from CSV, or is refused with a reason."""
    folder = tmp_path_factory.mktemp("frame")
    refusal = None
    try:
        artifact = written(frame, folder, CSV)
    except NotStorableError as error:
        refusal = error
    if refusal is not None:
        assert refusal.facts["reason"]
        return

    assert_pandas_same(CSV.read(artifact), frame)


@pytest.mark.parametrize("view", [None, pd.DataFrame, pl.DataFrame, pa.Table])
def test_csv_is_read_as_any_frame(view, tmp_path):
    """A plain frame can be stored as CSV and read by every library."""
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [0.1, 2e-300]})

    back = CSV.read(written(frame, tmp_path, CSV), view)

    assert len(back) == 2
    assert (tmp_path / "table.csv").read_text() == "a,b,c\n1,x,0.1\n2,y,2e-300\n"


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pd.DataFrame({"code": ["01", "02"]}), "'code'"),
        (pd.DataFrame({"a": [1]}, index=["x"]), "index"),
        (pd.DataFrame({"small": pd.Series([1], dtype="int8")}), "int8"),
        (pl.DataFrame({"a": [1]}), "to_pandas"),
    ],
    ids=["digits", "index", "int8", "polars"],
)
def test_csv_refuses_what_it_would_change(frame, says, tmp_path):
    """Texts that look like numbers, an index and narrow numbers are refused as CSV."""
    with pytest.raises(NotStorableError, match=says):
        written(frame, tmp_path, CSV)


# ------------------------------------------------------------------ files


@pytest.mark.parametrize("materializer", [ARROW, PARQUET, CSV], ids=lambda one: one.format)
@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"ARROW1\x00\x00" + b"x" * 100])
def test_broken_file_is_refused(materializer, data, tmp_path):
    """A file that holds no frame is reported as unreadable."""
    if materializer is CSV:
        data = b"\xff" + data
    (tmp_path / materializer.file_name).write_bytes(data)

    with pytest.raises(UnreadableArtifactError):
        materializer.read(DataArtifact(tmp_path))


@pytest.mark.parametrize("materializer", [ARROW, PARQUET], ids=lambda one: one.format)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_truncated_file_is_refused(materializer, kept, tmp_path):
    """A file whose end is missing is reported as unreadable."""
    written(pd.DataFrame({"a": range(1000)}), tmp_path, materializer)
    path = tmp_path / materializer.file_name
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])

    with pytest.raises(UnreadableArtifactError):
        materializer.read(DataArtifact(tmp_path))


WRITE_IN_ANOTHER_PROCESS = """
import sys
import pandas as pd
from whence.artifacts import DataArtifact
from whence.materializers.frames import ArrowMaterializer
frame = pd.DataFrame({"a": [1, 2], "b": pd.Categorical(["x", "y"]), "c": ["p", None]})
frame.attrs = {"k": "v"}
ArrowMaterializer().write(frame, DataArtifact(sys.argv[1]))
"""


def test_file_is_the_same_from_every_process(tmp_path):
    """Two processes, with different hashes, write the same frame as the same bytes."""
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", WRITE_IN_ANOTHER_PROCESS, tmp_path / seed],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
        )

    assert (tmp_path / "1/table.arrow").read_bytes() == (tmp_path / "2/table.arrow").read_bytes()
