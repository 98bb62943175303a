"""The tables of a metadata store; the one place that names their columns.

Ids are UUIDv7 texts, so rows lie in the order of their making. Moments are whole microseconds since
1970 UTC, durations seconds. Nested facts are JSON texts.
"""

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    event,
)

SCHEMA_VERSION = 1
"""Raised with every change of the tables; a store with a higher one is refused."""

schema = MetaData()

schema_version = Table(
    "schema_version",
    schema,
    Column("version", Integer, nullable=False),  # of the tables in this database; one row
)

runs = Table(
    "runs",
    schema,
    Column("id", Text, primary_key=True),
    Column("pipeline", Text, nullable=False),  # its name
    Column("name", Text),  # given by the user
    Column("status", Text, nullable=False),  # see `RunStatus`
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),  # empty until it ends
    Column("duration", Float),  # by a monotonic clock
    Column("parameters", Text, nullable=False),  # {name: typed JSON text}
    Column("tags", Text, nullable=False),  # [tag]
    Column("outputs", Text),  # the shape that the pipeline's body returned
    Column("error", Text),  # see `ErrorRecord`
    Column("environment", Text, nullable=False),  # {name: text}
    Index("runs_by_pipeline", "pipeline", "id"),
    Index("runs_by_name", "name", "id"),
    Index("runs_by_status", "status", "id"),
    sqlite_with_rowid=False,
)

run_tags = Table(
    "run_tags",
    schema,
    Column("tag", Text, primary_key=True),
    Column("run_id", Text, ForeignKey("runs.id"), primary_key=True),
    sqlite_with_rowid=False,
)

step_runs = Table(
    "step_runs",
    schema,
    Column("id", Text, primary_key=True),
    Column("run_id", Text, ForeignKey("runs.id"), nullable=False),
    Column("node", Text, nullable=False),  # its name in the pipeline
    Column("step", Text, nullable=False),  # the name of its step
    Column("position", Integer, nullable=False),  # in the order of placing, from 0
    Column("status", Text, nullable=False),  # see `StepStatus`
    Column("cached", Integer, nullable=False),  # 1 if served from an earlier step run
    Column("started_at", BigInteger),  # empty until it starts
    Column("duration", Float),
    Column("parameters", Text, nullable=False),  # {name: typed JSON text}
    Column("depends_on", Text, nullable=False),  # [node]
    Column("error", Text),  # see `ErrorRecord`
    Column("metadata", Text, nullable=False),  # {name: typed JSON text}
    Column("log_digest", Text),  # of what it printed and logged
    Column("inputs", Text),  # [[argument, path, artifact id]]; empty until it ends
    Column("outputs", Text),  # [artifact id]; empty until it ends
    Column("extras", Text),  # [artifact id] of what it logged; empty until it ends
    Index("step_runs_by_run", "run_id", "position"),
    sqlite_with_rowid=False,
)

consumers = Table(
    "consumers",
    schema,
    Column("artifact_id", Text, primary_key=True),
    Column("step_run_id", Text, primary_key=True),  # a step run that names it in `inputs`
    sqlite_with_rowid=False,
)
"""An index over `step_runs.inputs`, kept by the database itself."""

contents = Table(
    "contents",
    schema,
    Column("digest", Text, primary_key=True),  # of the manifest, with its algorithm
    Column("size", BigInteger, nullable=False),  # bytes of all files
    Column("files", Text, nullable=False),  # [[name, bytes, digest]]
    Column("inline", LargeBinary),  # the files' bytes one after another; empty if in the store
)

artifacts = Table(
    "artifacts",
    schema,
    Column("id", Text, primary_key=True),
    Column("digest", Text, ForeignKey("contents.digest"), nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("type", Text, nullable=False),  # `module.QualifiedName` of the artifact type
    Column("family", Text, nullable=False),  # `model` or `data`
    Column("format", Text),  # empty where the step wrote the files itself
    Column("value_type", Text),  # the declared type, as shown to people
    Column("name", Text, nullable=False),  # of the output or argument
    Column("run_id", Text, nullable=False),  # that made it, or was handed it
    Column("step_run_id", Text),  # that made it
    Column("created_at", BigInteger, nullable=False),
    Index("artifacts_by_run", "run_id", "id"),
    sqlite_with_rowid=False,
)

metrics = Table(
    "metrics",
    schema,
    Column("step_run_id", Text, ForeignKey("step_runs.id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # among the step run's metric values
    Column("name", Text, nullable=False),
    Column("value", Float),  # empty if not a number
    Column("step", BigInteger),  # the epoch or iteration, in a series
    Column("mode", Text),  # `min` or `max`: which way is better
    Column("reported_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

for _name, _moment in (("new", "INSERT"), ("finished", "UPDATE OF inputs")):
    event.listen(
        step_runs,
        "after_create",
        DDL(
            f"CREATE TRIGGER consumers_of_{_name} AFTER {_moment} ON step_runs"  # noqa: S608  # ours
            " WHEN NEW.inputs <> '[]' BEGIN INSERT OR IGNORE INTO consumers"
            " SELECT value ->> 2, NEW.id FROM json_each(NEW.inputs); END"
        ),
    )
