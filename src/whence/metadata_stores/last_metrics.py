"""How the last value of every metric of a run is kept beside the run."""

from sqlalchemy import ColumnElement, Insert, func, select
from sqlalchemy.dialects import sqlite

from whence.metadata_stores.tables import metrics, run_metrics, step_runs


def keep_last_metrics(of_steps: ColumnElement[bool]) -> Insert:
    """Return an insertion of the last value of each metric that some step runs show.

    A reused step run shows those of the one that computed it. What is kept already stays.
    """
    computed_by = func.coalesce(step_runs.c.reused_from, step_runs.c.id)
    columns = (
        step_runs.c.run_id,
        step_runs.c.node,
        metrics.c.name,
        metrics.c.value,
        metrics.c.mode,
    )
    # SQLite gives what stands beside `max` the values of the row that has the largest.
    latest = (
        select(*columns, func.max(metrics.c.position))
        .join(metrics, metrics.c.step_run_id == computed_by)
        .where(of_steps)
        .group_by(step_runs.c.id, metrics.c.name)
        .subquery()
    )
    names = [column.name for column in columns]
    kept = select(*[latest.c[name] for name in names])
    return sqlite.insert(run_metrics).prefix_with("OR IGNORE").from_select(names, kept)
