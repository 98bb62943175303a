"""One stored frame, read as pandas, polars, Arrow or a file: what a step asks for, it gets."""

from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa

from whence import pipeline, step


@step
def measure(rows: int = 4) -> pd.DataFrame:
    """Make a frame; it is stored as one Arrow file."""
    return pd.DataFrame({"city": ["Oslo", "Rome"] * (rows // 2), "degrees": range(rows)})


@step
def mean_degrees(table: pl.DataFrame) -> float:
    """Take the same frame as polars."""
    return float(table["degrees"].cast(pl.Float64).to_numpy().mean())


@step
def count_rows(table: pa.Table) -> int:
    """Take the same frame as an Arrow table."""
    return int(table.num_rows)


@step
def file_size(table: Path) -> int:
    """Take the same frame as the file that holds it."""
    return table.stat().st_size


@pipeline
def views(rows: int = 4) -> dict[str, float]:
    """Give one output to three steps, each of which sees it in its own way."""
    table = measure(rows)
    return {"mean": mean_degrees(table), "rows": count_rows(table), "bytes": file_size(table)}


def main() -> None:
    """Run once; outside of steps, too, an artifact is read as what one asks for."""
    run = views(rows=6)
    print(run.read())
    table = run.steps.measure.outputs.result
    print(table.read())
    print(table.read(pl.DataFrame))
    print("stored as", table.format)


if __name__ == "__main__":
    main()
