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
    text,
)

SCHEMA_VERSION = 5
"""Raised with every change of the tables; a store with a higher one is refused.

Changes only ever add, so that a process that has a store open goes on while another upgrades it: a
new column may be empty.
"""

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
    Column("resumes", Text),  # id of the run that it goes on from
    Column("owner", Text),  # see `RunOwner`; empty in runs of version 2
    Column("origin", Text),  # what it takes to start it again, as JSON
    Column("earlier_results", Text),  # {as the body named it: artifact id}: earlier results it took
    Index("runs_by_pipeline", "pipeline", "id"),
    Index("runs_by_name", "name", "id"),
    Index("runs_by_status", "status", "id"),
    Index("runs_by_start", "started_at", "id"),
    Index("runs_by_duration", "duration", "id"),
    Index("runs_with_many_parameters", "id", sqlite_where=text("length(parameters) > 16384")),
    sqlite_with_rowid=False,
)

run_tags = Table(
    "run_tags",
    schema,
    Column("tag", Text, primary_key=True),
    Column("run_id", Text, ForeignKey("runs.id"), primary_key=True),
    Index("run_tags_by_run", "run_id"),
    sqlite_with_rowid=False,
)
"""The tags that hold now: those that a run was started with, and those given or taken since."""

run_parameters = Table(
    "run_parameters",
    schema,
    Column("run_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),  # of the pipeline's own, or `node.parameter`
    Column("value", LargeBinary),  # number, text or bytes: see `run_indexes`
    Index("run_parameters_by_name", "name", "value", "run_id"),
    sqlite_with_rowid=False,
)
"""The parameters of runs that do not have too many, as they are compared."""

run_metrics = Table(
    "run_metrics",
    schema,
    Column("run_id", Text, primary_key=True),
    Column("node", Text, primary_key=True),  # that reported it, or was served from one that did
    Column("name", Text, primary_key=True),
    Column("value", Float),  # the last; empty if not a number
    Column("mode", Text),  # see `metrics`
    Index("run_metrics_by_name", "name", "value", "run_id"),
    sqlite_with_rowid=False,
)
"""The last value of every metric of runs that have ended: by what runs are searched and listed."""

COMPUTED = "status = 'completed' AND cached = 0"
"""Which step runs tell how long their step takes."""

step_runs = Table(
    "step_runs",
    schema,
    Column("id", Text, primary_key=True),
    Column("run_id", Text, nullable=False),
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
    Column("cache_key", Text),  # under which its outputs are, or would be, reused
    Column("reused_from", Text),  # of a hit: the step run that computed the outputs
    Column("not_reused", Text),  # why its outputs serve no later run
    Column("reusable", Integer),  # 1 if later runs may reuse its outputs; empty until it ends
    Column("parent", Text),  # the map node whose item it is
    Column("attempts", Text),  # [see `AttemptRecord`]; empty if it was tried once
    Column("usage", Text),  # see `StepUsage`; empty if not measured
    Index("step_runs_by_run", "run_id", "position"),
    Index("step_runs_by_step", "step", "id", sqlite_where=text("cache_key IS NOT NULL")),
    Index("step_runs_computed", "step", "id", sqlite_where=text(COMPUTED)),
    sqlite_with_rowid=False,
)

"""A step run names its run without a foreign key: to check it, SQLite would read the whole row of
the run, with the parameters of all of its steps, for each of them."""

consumers = Table(
    "consumers",
    schema,
    Column("artifact_id", Text, primary_key=True),
    Column("step_run_id", Text, primary_key=True),  # a step run that names it in `inputs`
    sqlite_with_rowid=False,
)
"""An index over `step_runs.inputs`, kept by the database itself.

Reused step runs are not in it, though older versions put them here: each would go to another page,
more of them with every run. Who wants them too looks through those that came after the artifact.
"""

contents = Table(
    "contents",
    schema,
    Column("digest", Text, primary_key=True),  # of the manifest, with its algorithm
    Column("size", BigInteger, nullable=False),  # bytes of all files
    Column("files", Text, nullable=False),  # [[name, bytes, digest]]
    Column("inline", LargeBinary),  # the files' bytes one after another; empty if in the store
    Column("collected_at", BigInteger),  # when its bytes were deleted; empty while they are there
    Column("condemned_by", Text),  # the collection that is to delete its bytes
    Index("contents_condemned", "condemned_by", sqlite_where=text("condemned_by IS NOT NULL")),
)

collections = Table(
    "collections",
    schema,
    Column("id", Text, primary_key=True),
    Column("waits_for", Text),  # [id of a run that went on when it began]; empty if not known yet
    sqlite_with_rowid=False,
)
"""Collections of contents that nobody needs: begun, but not over while a run may still use them."""

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
    Column("model", Text),  # the name of the model that it is a candidate of
    Index("artifacts_by_run", "run_id", "id"),
    Index("artifacts_by_model", "model", "id", sqlite_where=text("model IS NOT NULL")),
    Index("artifacts_of_lists", "step_run_id", sqlite_where=text("instr(name, '[') > 0")),
    Index("runs_by_model", "model", "digest", "run_id", sqlite_where=text("model IS NOT NULL")),
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
    Column("count", Integer),  # of the values that this row holds; empty for one
    Column("minimum", Float),  # of them, where there are several that are numbers
    Column("maximum", Float),
    Column("points", LargeBinary),  # all of them, packed; empty for one
    Column("outline", LargeBinary),  # their course: a few means, as 32-bit floats; empty for one
    sqlite_with_rowid=False,
)
"""Values that a step reported: a row holds one of them, or a stretch of a series.

`value`, `step` and `reported_at` are then those of its last.
"""

cache_keys = Table(
    "cache_keys",
    schema,
    Column("key", Text, primary_key=True),
    Column("parts", Text, nullable=False),  # what it was made of; see `CacheKey`
)

cache_entries = Table(
    "cache_entries",
    schema,
    Column("key", Text, primary_key=True),
    Column("step_run_id", Text, nullable=False),  # whose outputs are reused
    Column("step", Text, nullable=False),  # the name of its step
    Column("created_at", BigInteger, nullable=False),  # when the step run ended
    Index("cache_entries_by_step", "step", "created_at"),
    sqlite_with_rowid=False,
)
"""The newest reusable step run of each cache key, kept by the database itself.

One that is dated ahead of the clock, which was wrong then, gives way to any.
"""

code_texts = Table(
    "code_texts",
    schema,
    Column("digest", Text, primary_key=True),
    Column("text", Text, nullable=False),  # the source of a function, class or module
)

acceptances = Table(
    "acceptances",
    schema,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # `step`, or the kind of the part
    Column("subject", Text, nullable=False),  # what was changed, as people know it
    Column("old", Text, nullable=False),  # digest before the change
    Column("new", Text, nullable=False),  # digest after it
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),  # empty while it holds
    Column("withdrawn_by", Text),
    sqlite_with_rowid=False,
)

annotations = Table(
    "annotations",
    schema,
    Column("id", Text, primary_key=True),
    Column("subject", Text, nullable=False),  # id of a run, artifact or model version, or a model
    Column("kind", Text, nullable=False),  # `tag` or `note`
    Column("text", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),  # empty while it holds
    Column("withdrawn_by", Text),
    Index("annotations_by_subject", "subject", "id"),
    Index("annotations_by_text", "kind", "text", "subject"),
    sqlite_with_rowid=False,
)
"""What people said of runs, artifacts and models afterwards."""

model_versions = Table(
    "model_versions",
    schema,
    Column("id", Text, primary_key=True),
    Column("model", Text, nullable=False),  # its name
    Column("number", Integer, nullable=False),  # from 1, in the store that gave it
    Column("digest", Text, nullable=False),  # of the artifact's content
    Column("artifact_id", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("model_versions_by_number", "model", "number"),
    Index("model_versions_by_digest", "model", "digest"),
    Index("model_versions_by_artifact", "artifact_id"),
    sqlite_with_rowid=False,
)
"""Models that were given a number.

Two stores may give one number to different contents before they are merged: the row with the
smaller id then has it alone, and no row ever changes.
"""

promotions = Table(
    "promotions",
    schema,
    Column("id", Text, primary_key=True),
    Column("model", Text, nullable=False),
    Column("alias", Text, nullable=False),
    Column("version_id", Text, nullable=False),  # of `model_versions`
    Column("previous_id", Text),  # of the version that bore the alias; empty for the first
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("gates", Text, nullable=False),  # [what each gate said], as JSON
    Column("made_at", BigInteger, nullable=False),
    Index("promotions_by_alias", "model", "alias", "made_at"),
    sqlite_with_rowid=False,
)
"""The history of aliases, to which is only ever added; the latest says who bears one now."""

# ---------------------------------------------------------------------- triggers

NOW = "CAST((julianday('now') - 2440587.5) * 86400e6 AS INTEGER)"
"""The moment by the clock of the database, to the millisecond; `unixepoch` is too new for some."""

_MOST_AHEAD = 60_000_000  # microseconds that clocks of machines which share a store may differ

_ENDED_AT = f"coalesce(NEW.started_at + CAST(coalesce(NEW.duration, 0) * 1e6 AS INTEGER), {NOW})"

_ADD_CONSUMERS = """
    INSERT OR IGNORE INTO consumers SELECT value ->> 2, NEW.id FROM json_each(NEW.inputs);
"""
_ADD_ENTRY = f"""
    INSERT INTO cache_entries (key, step_run_id, step, created_at)
    VALUES (NEW.cache_key, NEW.id, NEW.step, {_ENDED_AT})
    ON CONFLICT (key) DO UPDATE SET
        step_run_id = excluded.step_run_id, step = excluded.step, created_at = excluded.created_at
    WHERE (excluded.created_at, excluded.step_run_id) > (created_at, step_run_id)
        OR created_at > {NOW} + {_MOST_AHEAD};
"""  # noqa: S608  # ours
_KEPT = {
    "consumers": ("inputs", "NEW.inputs <> '[]' AND NEW.cached = 0", _ADD_CONSUMERS),
    "cache_entries": (
        "reusable",
        "NEW.reusable = 1 AND NEW.cache_key IS NOT NULL",
        _ADD_ENTRY,
    ),
}

triggers = tuple(
    DDL(
        f"CREATE TRIGGER IF NOT EXISTS {table}_of_{name} AFTER {moment} ON step_runs"
        f" WHEN {condition} BEGIN {act} END"
    )
    for table, (column, condition, act) in _KEPT.items()
    for name, moment in (("new", "INSERT"), ("finished", f"UPDATE OF {column}"))
)
"""They keep the tables that follow from `step_runs`."""

old_triggers = tuple(
    DDL(f"DROP TRIGGER IF EXISTS {table}_of_{name}")
    for table in _KEPT
    for name in ("new", "finished")
)
"""What takes away those of an older version, which did their work otherwise."""
