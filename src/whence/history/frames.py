"""Rows as a pandas DataFrame, where pandas is installed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from whence.errors import MissingPackageError

if TYPE_CHECKING:
    import pandas as pd


def make_frame(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], subject: str
) -> "pd.DataFrame":
    """Return a DataFrame. Raises `MissingPackageError`, which says how to install pandas."""
    return load_pandas(subject).DataFrame([tuple(row) for row in rows], columns=list(columns))


def load_pandas(subject: str) -> Any:
    """Return pandas, which *subject* needs. Raises `MissingPackageError`."""
    try:
        import pandas as pd  # noqa: PLC0415  # heavy and optional: only for who asks for a frame
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            subject=subject, package="pandas", requirement="whence[pandas]"
        ) from error
    return pd
