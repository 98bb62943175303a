"""The statements that write rows, each compiled once."""

from collections.abc import Callable, Collection, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import sqlite

from whence.domain.annotations import AnnotationKind
from whence.domain.status import RunStatus, StepStatus
from whence.metadata_stores.encoding import clean_texts
from whence.metadata_stores.event_rows import REUSED, Row
from whence.metadata_stores.last_metrics import keep_last_metrics
from whence.metadata_stores.tables import (
    acceptances,
    annotations,
    artifacts,
    cache_keys,
    code_texts,
    contents,
    metrics,
    model_versions,
    promotions,
    runs,
    step_runs,
)

_NEW = "new_"  # before the name of a value that SQLAlchemy would take for its column


class Statement:
    """A statement compiled once, for rows given as mappings."""

    def __init__(self, clause: ClauseElement) -> None:
        compiled: Any = clause.compile(dialect=sqlite.dialect())
        names = [name.removeprefix(_NEW) for name in compiled.positiontup]
        self._text = str(compiled)
        self._values: Callable[[Row], tuple[Any, ...]] = _getter(names)

    def execute(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Execute it for all of *rows* at once; return how many rows were met."""
        values = list(map(self._values, rows))
        try:
            return connection.exec_driver_sql(self._text, values).rowcount
        except UnicodeEncodeError:  # a name with half a surrogate pair
            return connection.exec_driver_sql(self._text, list(map(clean_texts, values))).rowcount


def _getter(names: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    if len(names) == 1:
        return lambda row: (row[names[0]],)  # for one name `itemgetter` gives no tuple
    return itemgetter(*names)


def _insert(table: Table, constants: Row | None = None, empty: Collection[str] = ()) -> Statement:
    """Return an insertion that leaves a row that is there.

    *constants* are values that all rows share, *empty* names columns that none of them fills.
    """
    keys = [column.name for column in table.primary_key]
    values: dict[str, ColumnElement[Any]] = {
        column.name: bindparam(column.name) for column in table.columns if column.name not in empty
    }
    values |= {name: literal_column(repr(value)) for name, value in (constants or {}).items()}
    insertion = sqlite.insert(table).values(values)
    return Statement(insertion.on_conflict_do_nothing(index_elements=keys))


def _end_run() -> Statement:
    """Return an insertion that ends a run that goes on, and leaves one that has its end."""
    insertion = sqlite.insert(runs)
    changed = {column.name: insertion.excluded[column.name] for column in runs.columns}
    return Statement(
        insertion.on_conflict_do_update(
            index_elements=["id"], set_=changed, where=runs.c.status == _text(RunStatus.RUNNING)
        )
    )


def _crash_run() -> Statement:
    """Return an update that ends a run whose process died; one that has its end keeps it."""
    values: dict[str, ColumnElement[Any]] = {
        name: bindparam(_NEW + name) for name in ("ended_at", "duration", "error")
    }
    ended = update(runs).values({"status": _text(RunStatus.CRASHED), **values})
    goes_on = runs.c.status == _text(RunStatus.RUNNING)
    return Statement(ended.where(runs.c.id == bindparam(_NEW + "id"), goes_on))


def _end_steps(old: StepStatus, new: StepStatus) -> Statement:
    """Return an update that ends the steps of a crashed run that stand in one way."""
    changed = update(step_runs).values(status=_text(new))
    return Statement(changed.where(step_runs.c.status == _text(old), _is_of_crashed_run()))


def _is_of_crashed_run() -> ColumnElement[bool]:
    crashed = exists().where(
        runs.c.id == step_runs.c.run_id, runs.c.status == _text(RunStatus.CRASHED)
    )
    return and_(step_runs.c.run_id == bindparam(_NEW + "id"), crashed)


def _tell_attempts() -> Statement:
    """Return an update that keeps the attempts so far of a step that has not ended."""
    told = update(step_runs).values(attempts=bindparam(_NEW + "attempts"))
    return Statement(told.where(step_runs.c.id == bindparam(_NEW + "id"), _HAS_NOT_ENDED))


def _insert_content() -> Statement:
    """Return an insertion that repairs a content, or adds the bytes to one that had none.

    What is recorded anew has just been hashed; what was there may have been damaged since.
    """
    insertion = sqlite.insert(contents)
    new = insertion.excluded
    return Statement(
        insertion.on_conflict_do_update(
            index_elements=["digest"],
            set_={
                "size": new.size,
                "files": new.files,
                "inline": func.coalesce(new.inline, contents.c.inline),
                "collected_at": null(),
                "condemned_by": null(),  # who records it anew relies on it
            },
            where=(contents.c.files != new.files)
            | contents.c.collected_at.is_not(None)
            | contents.c.condemned_by.is_not(None)
            | (new.inline.is_not(None) & contents.c.inline.is_distinct_from(new.inline)),
        )
    )


def _insert_acceptance() -> Statement:
    """Return an insertion that also withdraws; nothing makes a withdrawn acceptance hold again."""
    insertion = sqlite.insert(acceptances)
    changed = {name: insertion.excluded[name] for name in ("withdrawn_at", "withdrawn_by")}
    return Statement(
        insertion.on_conflict_do_update(
            index_elements=["id"], set_=changed, where=acceptances.c.withdrawn_at.is_(None)
        )
    )


def _insert_annotation() -> Statement:
    """Return an insertion that also withdraws, and gives nothing a tag that it has already."""
    values: dict[str, BindParameter[Any]] = {
        column.name: bindparam(column.name) for column in annotations.columns
    }
    there = annotations.alias("there")
    holds = exists().where(
        there.c.subject == values["subject"],
        there.c.kind == values["kind"],
        there.c.text == values["text"],
        there.c.id != values["id"],
        there.c.withdrawn_at.is_(None),
    )
    is_news = or_(
        values["kind"] != _text(AnnotationKind.TAG), values["withdrawn_at"].is_not(None), ~holds
    )
    insertion = sqlite.insert(annotations).from_select(
        list(values), select(*values.values()).where(is_news)
    )
    changed = {name: insertion.excluded[name] for name in ("withdrawn_at", "withdrawn_by")}
    return Statement(
        insertion.on_conflict_do_update(
            index_elements=["id"], set_=changed, where=annotations.c.withdrawn_at.is_(None)
        )
    )


def _insert_version() -> Statement:
    """Return an insertion that gives the next number of its model, unless the content has one.

    It is one statement, so no writer comes between the largest number and the next.
    """
    table = model_versions.c
    model: ColumnElement[Any] = bindparam("model")
    largest = select(func.max(table.number)).where(table.model == model).scalar_subquery()
    known = exists().where(table.model == model, table.digest == bindparam("digest"))
    values: dict[str, ColumnElement[Any]] = {
        column.name: bindparam(column.name) for column in model_versions.columns
    }
    values["number"] = func.coalesce(largest, literal_column("0")) + literal_column("1")
    row = select(*values.values()).where(not_(known))
    return Statement(sqlite.insert(model_versions).from_select(list(values), row))


def _text(status: RunStatus | StepStatus | AnnotationKind) -> ColumnElement[Any]:
    return literal_column(f"'{status}'")  # compiled in: it is the same for every row


_HAS_NOT_ENDED = step_runs.c.status.in_([_text(StepStatus.PENDING), _text(StepStatus.RUNNING)])


def _coalesce(name: str, column: Column[Any]) -> ColumnElement[Any]:
    value: ColumnElement[Any] = bindparam(name)
    return func.coalesce(value, column)


def _advance_step() -> Statement:
    """Return an update that serves a start and an end alike: empty values change nothing.

    A start changes a pending row only, so that it may come twice or late. What has ended keeps its
    end: a word that comes after it, as from a run that was taken for dead, changes nothing.
    """
    kept = {"id", "run_id", "node", "step", "position", "depends_on"}
    names = [column.name for column in step_runs.columns if column.name not in kept]
    values = {name: _coalesce(_NEW + name, step_runs.c[name]) for name in names}
    in_time = or_(
        bindparam(_NEW + "status") != _text(StepStatus.RUNNING),
        step_runs.c.status == _text(StepStatus.PENDING),
    )
    wanted = step_runs.c.id == bindparam(_NEW + "id")
    return Statement(update(step_runs).where(wanted, in_time, _HAS_NOT_ENDED).values(values))


START_RUN, END_RUN = _insert(runs), _end_run()
CRASH_RUN = _crash_run()
END_CRASHED_STEPS = (
    _end_steps(StepStatus.RUNNING, StepStatus.CRASHED),
    _end_steps(StepStatus.PENDING, StepStatus.SKIPPED),
)
ADD_CONTENT = _insert_content()
SPARE_CONTENT = Statement(
    update(contents)
    .values(condemned_by=null())
    .where(contents.c.digest == bindparam(_NEW + "digest"), contents.c.condemned_by.is_not(None))
)
ADD_ARTIFACT = _insert(artifacts)
ADD_STEP, ADVANCE_STEP, TELL_ATTEMPTS = _insert(step_runs), _advance_step(), _tell_attempts()
ADD_REUSED_STEP = _insert(
    step_runs, REUSED, ("error", "log_digest", "not_reused", "attempts", "usage")
)
ADD_METRIC = _insert(metrics)
KEEP_LAST_METRICS = Statement(keep_last_metrics(step_runs.c.id == bindparam(_NEW + "id")))
KEEP_METRICS_OF_CRASHED = Statement(keep_last_metrics(_is_of_crashed_run()))
ADD_KEY, ADD_TEXT = _insert(cache_keys), _insert(code_texts)
CHANGE_ACCEPTANCE, CHANGE_ANNOTATION = _insert_acceptance(), _insert_annotation()
ADD_VERSION, ADD_PROMOTION = _insert_version(), _insert(promotions)
