"""What is shown of models and their versions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from whence.domain.ids import short_id
from whence.history.metrics import Metrics
from whence.history.reports.fact_tables import tabulate_metrics, tabulate_values
from whence.history.reports.notes import describe_tags, tabulate_notes
from whence.history.reports.promotion_report import tabulate_promotions
from whence.history.reports.quantities import (
    format_count,
    format_moment,
    format_number,
    format_size,
)
from whence.history.reports.report import (
    Cell,
    Column,
    Report,
    Section,
    Tone,
    make_row,
    make_table,
)

if TYPE_CHECKING:
    from whence.history.models.lists import Model
    from whence.history.models.versions import ModelVersion

_MOST_METRICS = 4
"""How many metrics a listing shows of a version."""

_MOST_VERSIONS = 50

_MODEL_COLUMNS = (
    Column("model", keep=True),
    Column("versions", align="right"),
    Column("aliases"),
    Column("newest", keep=True),
    Column("metrics of the newest"),
)

_VERSION_COLUMNS = (
    Column("version", align="right", keep=True),
    Column("aliases", keep=True),
    Column("made"),
    Column("run", keep=True),
    Column("step"),
    Column("size", align="right"),
    Column("metrics"),
)


def report_models(models: "Sequence[Model]") -> Report:
    """Return the report of models, one line each."""
    title = format_count(len(models), "model") if models else "There are no models here."
    rows = [
        make_row(
            Cell(model.name, Tone.STRONG),
            str(len(model.versions)),
            ", ".join(f"{alias}: {each.label}" for alias, each in model.aliases.items()),
            Cell(format_moment(model.newest.created_at), Tone.QUIET),
            _tell_metrics(model.newest.metrics),
        )
        for model in models
    ]
    sections = (make_table("", _MODEL_COLUMNS, rows),) if rows else ()
    return Report((Cell(title, Tone.STRONG),), sections=sections)


def report_model(model: "Model") -> Report:
    """Return the report of one model: its versions, newest first, and its promotions."""
    newest = list(reversed(model.versions))
    rest = len(newest) - _MOST_VERSIONS
    note = f"and {format_count(rest, 'earlier version')}" if rest > 0 else ""
    rows = map(_version_row, newest[:_MOST_VERSIONS])
    sections: list[Section] = [make_table("", _VERSION_COLUMNS, rows, note)]
    if model.promotions:
        sections.append(tabulate_promotions("Promotions", model.promotions))
    title = Cell(model.name, Tone.STRONG), Cell(format_count(len(newest), "version"))
    return Report(title, sections=tuple(sections))


def _version_row(version: "ModelVersion") -> tuple[Cell, ...]:
    step = version.step_run
    return make_row(
        Cell(version.label, Tone.STRONG),
        Cell(", ".join(version.aliases), Tone.GOOD),
        Cell(format_moment(version.created_at), Tone.QUIET),
        Cell(short_id(version.run.id), Tone.QUIET),
        Cell("" if step is None else step.node, Tone.QUIET),
        format_size(version.artifact.size),
        _tell_metrics(version.metrics),
    )


def _tell_metrics(metrics: Metrics) -> str:
    shown = [f"{name} {format_number(value)}" for name, value in metrics.items()]
    more = [f"… {len(shown)} in all"] if len(shown) > _MOST_METRICS else []
    return ", ".join([*shown[:_MOST_METRICS], *more])


def report_version(version: "ModelVersion") -> Report:
    """Return the report of one version: where it comes from, and how good it is."""
    run, step = version.run, version.step_run
    made_by = f" by step {step.node}" if step is not None else ""
    subtitle = (
        f"made {format_moment(version.created_at)} in run {short_id(run.id)} of {run.pipeline}"
        f"{made_by}"
    )
    tags = describe_tags(version.tags)
    subtitle = f"{subtitle} · {tags}" if tags else subtitle
    title = (
        Cell(str(version.title), Tone.STRONG),
        Cell(", ".join(version.aliases), Tone.GOOD),
        Cell(format_size(version.artifact.size)),
    )
    if version.tags:
        subtitle += f" · tags: {', '.join(version.tags)}"
    notes = tuple(f"{each.text} ({each.who})" for each in version.notes)
    return Report(title, subtitle, tuple(_sections_of(version)), notes)


def _sections_of(version: "ModelVersion") -> Iterator[Section]:
    yield from tabulate_notes(version.notes)
    artifact = version.artifact
    facts: Mapping[str, str] = {
        "type": version.value_type or type(artifact).__name__,
        "format": artifact.format or "files of the step's own",
        "digest": artifact.digest,
    }
    rows = [make_row(name, text) for name, text in facts.items()]
    yield make_table("", (Column(keep=True), Column()), rows)
    yield from tabulate_metrics(version.metrics, nodes=True, whole="`version.metrics`")
    yield from tabulate_values("Parameters", version.run.record.parameters, "`version.parameters`")
    if version.promotions:
        yield tabulate_promotions("Promotions", version.promotions)
