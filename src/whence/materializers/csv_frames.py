"""pandas frames as CSV files, for people and other tools to read."""

import io
from typing import Any, ClassVar

from whence.domain.artifacts import Artifact
from whence.errors import NotStorableError
from whence.interfaces.materializer import Materializer
from whence.materializers.arrow_files import ArrowSource, attach_note
from whence.materializers.artifact_files import prepare_file, refuse_broken_files
from whence.materializers.frames import view_artifact
from whence.materializers.optional_packages import load_optional
from whence.materializers.pandas_frames import encode_frame
from whence.values.type_forms import type_name


class CsvMaterializer(Materializer):
    """Stores `pandas.DataFrame` as one CSV file in UTF-8, with a header and without the index.

    It is chosen by name: `Annotated[pd.DataFrame, CsvMaterializer()]`. CSV keeps no types, so each
    frame is read again when it is written, and refused where it would come back differently.
    """

    format: ClassVar[str] = "csv/1"
    views: ClassVar[tuple[str, ...]] = (
        "pandas.DataFrame",
        "polars.DataFrame",
        "polars.LazyFrame",
        "pyarrow.Table",
    )
    file_name: ClassVar[str] = "table.csv"

    def write(self, value: Any, artifact: Artifact, /) -> None:
        """Write one frame, after making sure that it can be read again."""
        pandas = load_optional("pandas", "pandas", type(self).__name__)
        if type(value) is not pandas.DataFrame:
            raise NotStorableError(
                subject=f"A value of type {type_name(type(value))}",
                format=self.format,
                reason="Only a pandas.DataFrame can be written as CSV here.",
                cure="Return `frame.to_pandas()`, or store it with `ArrowMaterializer()`.",
            )
        if value.attrs:
            raise NotStorableError(
                subject="`frame.attrs`",
                format=self.format,
                reason="CSV has no place for it.",
                cure="Clear it, or store the frame with `ArrowMaterializer()`.",
            )
        text = value.to_csv(index=False, lineterminator="\n")
        _check_same(pandas, value, text, self.format)
        prepare_file(artifact, self.file_name).write_text(text, encoding="utf-8", newline="")

    def read(self, artifact: Artifact, as_type: Any = None, /) -> Any:
        """Return the frame, as a `pandas.DataFrame` unless *as_type* names another."""
        pandas = load_optional("pandas", "pandas", type(self).__name__)
        with refuse_broken_files(artifact, self.format):
            frame = _parse(pandas, artifact.read_file(self.file_name).decode())
            if as_type in {None, pandas.DataFrame}:
                return frame
            load_optional("pyarrow", "arrow", type(self).__name__)
            table, note = encode_frame(frame, self.format)
            source = ArrowSource(attach_note(table, note))
            return view_artifact(artifact, source, as_type, self.format)


def _parse(pandas: Any, text: str) -> Any:
    if text in {"", "\n"}:
        return pandas.DataFrame()
    # From pandas 3 on every float is read exactly, and the option is deprecated.
    exact = {"float_precision": "round_trip"} if pandas.__version__ < "3" else {}
    return pandas.read_csv(io.StringIO(text), low_memory=False, **exact)


def _check_same(pandas: Any, frame: Any, text: str, format_name: str) -> None:
    try:
        back = _parse(pandas, text)
        pandas.testing.assert_index_equal(back.index, frame.index, exact=True)
        pandas.testing.assert_index_equal(back.columns, frame.columns, exact=True)
    except (AssertionError, ValueError) as error:
        raise NotStorableError(
            subject="The index or the column labels of the frame",
            format=format_name,
            reason="CSV keeps labels that are texts, and no index.",
            cure="Use `frame.reset_index()` and text labels, or `ArrowMaterializer()`.",
        ) from error
    for label in frame.columns:
        try:
            pandas.testing.assert_series_equal(back[label], frame[label], check_exact=True)
        except AssertionError as error:
            raise NotStorableError(
                subject=f"Column {label!r}",
                format=format_name,
                reason=f"Its values or its dtype {frame[label].dtype} would come back changed.",
                cure="Store the frame with `ArrowMaterializer()`, or convert the column.",
            ) from error
