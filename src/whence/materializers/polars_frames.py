"""A polars frame as an Arrow table, and back."""

from typing import Any

from whence.errors import NotStorableError
from whence.materializers.arrow_files import refuse_column


def encode_polars(frame: Any, format_name: str) -> tuple[Any, dict[str, Any]]:
    """Return a polars frame's table and note.

    Raises `NotStorableError`, which names the column that would not come back.
    """
    import polars as pl  # noqa: PLC0415  # optional and heavy

    polars: Any = pl
    if not frame.width and frame.height:
        raise NotStorableError(
            subject="A frame that has rows but no columns",
            format=format_name,
            reason="Its number of rows would be lost.",
            cure="Return a frame with at least one column.",
        )
    for name, dtype in frame.schema.items():
        _check_column(polars, name, dtype, format_name)
    table = frame.to_arrow(compat_level=polars.CompatLevel.oldest())
    return table, {"type": "polars.DataFrame"}


def decode_polars(table: Any) -> Any:
    """Return a table as a polars frame, without copying numbers."""
    import polars as pl  # noqa: PLC0415  # optional and heavy

    polars: Any = pl
    return polars.from_arrow(table)


def _check_column(polars: Any, name: str, dtype: Any, format_name: str) -> None:
    """Refuse a column whose dtype does not survive the way to Arrow and back."""
    if dtype == polars.Object:
        reason = "It holds Python objects, which only running their code could bring back."
        raise refuse_column(name, format_name, reason, "Convert it to a dtype of polars.")
    empty = polars.DataFrame(schema={name: dtype})
    try:
        back = polars.from_arrow(empty.to_arrow(compat_level=polars.CompatLevel.oldest()))
    except Exception as error:
        reason = f"Arrow has no type for {dtype}: {error}"
        raise refuse_column(name, format_name, reason, "Cast it to another dtype.") from error
    if back.schema != empty.schema:
        reason = f"Its dtype {dtype} would come back as {back.schema[name]}."
        raise refuse_column(name, format_name, reason, "Cast it to another dtype.")
