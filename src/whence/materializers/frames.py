"""Frames (pandas, polars, Arrow) as Arrow or Parquet files; each can be read as any other."""

from typing import Any, ClassVar

from whence.domain.artifacts import Artifact
from whence.errors import NotStorableError
from whence.interfaces.materializer import Materializer
from whence.materializers.arrow_files import (
    ArrowSource,
    attach_note,
    make_canonical,
    read_table,
    split_note,
    write_table,
)
from whence.materializers.arrow_views import FRAME_TYPES, frame_kind, view_table
from whence.materializers.artifact_files import (
    choose_view,
    open_buffer,
    prepare_file,
    refuse_broken_files,
    refuse_view,
)
from whence.materializers.optional_packages import load_optional
from whence.materializers.pandas_frames import encode_frame, encode_series
from whence.materializers.polars_frames import encode_polars
from whence.values.type_forms import type_name

_READABLE = "pandas.DataFrame, polars.DataFrame, polars.LazyFrame or pyarrow.Table"


class ArrowMaterializer(Materializer):
    """Stores `pandas.DataFrame`, `pandas.Series`, `polars.DataFrame` and `pyarrow.Table`.

    A frame comes back exactly as it was (index, labels, dtypes, categories and their order,
    `attrs`), or is refused with the name of the column that would not. It is one uncompressed Arrow
    file: large ones are mapped, so that columns of numbers are not copied before they are used, and
    whoever reads a frame may change it without touching the store.
    """

    format: ClassVar[str] = "arrow/1"
    views: ClassVar[tuple[str, ...]] = FRAME_TYPES
    file_name: ClassVar[str] = "table.arrow"

    def write(self, value: Any, artifact: Artifact, /) -> None:
        """Write one frame; equal frames give the same bytes, however they lie in memory."""
        load_optional("pyarrow", "arrow", type(self).__name__)
        table = encode_table(value, self.format)
        write_table(table, prepare_file(artifact, self.file_name))

    def read(self, artifact: Artifact, as_type: Any = None, /) -> Any:
        """Return the frame, as the type that was written unless *as_type* names another."""
        load_optional("pyarrow", "arrow", type(self).__name__)
        with refuse_broken_files(artifact, self.format):
            source = read_table(open_buffer(artifact, self.file_name))
            return view_artifact(artifact, source, as_type, self.format)


class ParquetMaterializer(Materializer):
    """Stores the same frames as one Parquet file, smaller and for every tool to read.

    It is chosen by name: `Annotated[pd.DataFrame, ParquetMaterializer()]`. A frame with a column
    that Parquet would bring back differently (such as a categorical of integers) is refused.
    """

    format: ClassVar[str] = "parquet/1"
    views: ClassVar[tuple[str, ...]] = FRAME_TYPES
    file_name: ClassVar[str] = "table.parquet"

    def write(self, value: Any, artifact: Artifact, /) -> None:
        """Write one frame, and read it again to be sure of it."""
        parquet = load_optional("pyarrow.parquet", "arrow", type(self).__name__)
        table = encode_table(value, self.format)
        path = prepare_file(artifact, self.file_name)
        try:
            parquet.write_table(table, path, compression="zstd", use_compliant_nested_type=False)
            _check_same(table, parquet.read_table(path), self.format)
        except (
            NotImplementedError,
            ValueError,
            TypeError,
        ) as error:  # Arrow's errors derive from these
            path.unlink(missing_ok=True)
            raise NotStorableError(
                subject="The frame",
                format=self.format,
                reason=str(error).partition("\n")[0],
                cure="Store it with `ArrowMaterializer()`.",
            ) from error

    def read(self, artifact: Artifact, as_type: Any = None, /) -> Any:
        """Return the frame, as the type that was written unless *as_type* names another."""
        parquet = load_optional("pyarrow.parquet", "arrow", type(self).__name__)
        arrow = load_optional("pyarrow", "arrow", type(self).__name__)
        with refuse_broken_files(artifact, self.format):
            data = open_buffer(artifact, self.file_name)
            table = parquet.read_table(arrow.BufferReader(arrow.py_buffer(data)))
            return view_artifact(artifact, ArrowSource(table), as_type, self.format)


def encode_table(value: Any, format_name: str) -> Any:
    """Return any frame as a canonical Arrow table that carries a note of what it was."""
    kind = frame_kind(value)
    if kind == "pandas.DataFrame":
        table, note = encode_frame(value, format_name)
    elif kind == "pandas.Series":
        table, note = encode_series(value, format_name)
    elif kind == "polars.DataFrame":
        table, note = encode_polars(value, format_name)
    elif kind == "pyarrow.Table":
        table, note = value, {"type": kind}
    else:
        raise _refuse_type(value, format_name)
    return attach_note(make_canonical(table, format_name), note)


def view_artifact(artifact: Artifact, source: ArrowSource, as_type: Any, format_name: str) -> Any:
    """Return a table that was read as the frame that is asked for."""
    table, note = split_note(source.table)
    source.table = table
    stored = note.get("type", "pyarrow.Table")
    view = choose_view(as_type, stored, FRAME_TYPES)
    if view is None or (view == "pandas.Series" and stored != view):
        raise refuse_view(artifact, format_name, as_type, _READABLE)
    return view_table(source, note, view)


def _refuse_type(value: Any, format_name: str) -> NotStorableError:
    kind = type_name(type(value))
    cure = "Return a pandas.DataFrame, a polars.DataFrame or a pyarrow.Table."
    if kind == "polars.LazyFrame":
        cure = "Compute it first: `frame.collect()`."
    elif hasattr(value, "to_frame"):
        cure = "Make it a frame: `value.to_frame()`."
    reason = "Only these frames themselves are stored: what a subclass adds would be lost."
    return NotStorableError(
        subject=f"A value of type {kind}", format=format_name, reason=reason, cure=cure
    )


def _check_same(written: Any, read: Any, format_name: str) -> None:
    for field, left, right in zip(written.schema, written.columns, read.columns, strict=True):
        position = written.schema.get_field_index(field.name)
        if str(read.schema.field(position).type) == str(field.type) and _equal(left, right):
            continue
        raise NotStorableError(
            subject=f"Column {field.name!r}",
            format=format_name,
            reason=f"Its type {field.type} or its values would come back changed.",
            cure="Store the frame with `ArrowMaterializer()`, or convert the column.",
        )


def _equal(left: Any, right: Any) -> bool:
    """Return whether two columns are equal, where NaN equals NaN, down to unused categories."""
    if hasattr(left.type, "value_type") and hasattr(left.type, "index_type"):
        categories = left.chunk(0).dictionary
        if not right.num_chunks or not right.chunk(0).dictionary.equals(categories):
            return False
    return left.equals(right) or left.to_pandas().equals(right.to_pandas())
