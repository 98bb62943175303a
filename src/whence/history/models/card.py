"""A model card in Markdown: what a version is and where it comes from, as far as it is recorded."""

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from whence.domain.ids import short_id
from whence.domain.version import __version__
from whence.history.plain_values import describe_value
from whence.history.reports.promotion_report import tell_verdict
from whence.history.reports.quantities import format_count, format_size

if TYPE_CHECKING:
    from whence.history.models.versions import ModelVersion

_BETTER = {"min": "lower is better", "max": "higher is better"}
_MOMENT = "%Y-%m-%d %H:%M:%S UTC"


def write_card(version: "ModelVersion") -> str:
    """Return the card. Of the same records it is the same text, in every place and at any time."""
    lineage: Mapping[str, Any] = version.lineage().to_dict()
    parts = [
        [f"# {_escape(version.title)}", "", _introduce(version)],
        _section("What it is", ("", ""), _list_facts(version)),
        _section("Metrics", ("metric", "value", "", "step"), _list_metrics(version)),
        _section("Parameters", ("parameter", "value"), _list_parameters(version)),
        _section("Data", ("name", "what", "digest"), _list_data(version, lineage)),
        _section("Code", ("what", "where", "step"), _list_code(lineage)),
        _section("Environment", ("", ""), _list_environment(version, lineage)),
        _section(
            "Promotions", ("alias", "version", "before", "when", "who", "why"), _tell(version)
        ),
        _write_notes(version),
        [f"Written by Whence {__version__} from what is recorded."],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _introduce(version: "ModelVersion") -> str:
    run, step = version.run, version.step_run
    made_by = f"step `{step.node}`" if step is not None else "a value"
    name = f" ({_escape(run.name)})" if run.name else ""
    aliases = "".join(f" It bears the alias `{alias}`." for alias in version.aliases)
    return (
        f"Made on {version.created_at:{_MOMENT}} by {made_by} of pipeline"
        f" `{run.pipeline}` in run `{short_id(run.id)}`{name}.{aliases}"
    )


def _list_facts(version: "ModelVersion") -> Iterator[Sequence[str]]:
    artifact = version.artifact_record
    yield "model", version.name
    yield "version", version.label
    yield "digest", f"`{artifact.digest}`"
    yield "value", artifact.value_type or ""
    yield "type", artifact.type.rpartition(".")[2]
    yield "format", artifact.format or "files of the step's own"
    yield "size", f"{format_size(artifact.size)} in {format_count(len(version.files), 'file')}"
    yield "artifact", f"`{artifact.id}`"
    yield "run", f"`{artifact.run_id}`"


def _list_metrics(version: "ModelVersion") -> Iterator[Sequence[str]]:
    for name, point in version.metrics.last_points().items():
        yield name, f"{point.value:.12g}", _BETTER.get(point.mode or "", ""), point.node


def _list_parameters(version: "ModelVersion") -> Iterator[Sequence[str]]:
    for name, text in version.run.record.parameters.items():
        yield name, f"`{describe_value(text)}`"


def _list_data(version: "ModelVersion", lineage: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """Yield what the model was made from: inputs of its step, then what came from outside."""
    artifacts = {each["id"]: each for each in lineage["artifacts"]}
    for step in lineage["steps"]:
        for file in step["files"]:
            yield f"{step['node']}.{file['parameter']}", f"file {file['path']}", file["digest"]
        if step["id"] == version.artifact_record.step_run_id:
            for taken in step["inputs"]:
                artifact = artifacts.get(taken["artifact"], {})
                yield _describe_input(taken, artifact)
    for artifact in artifacts.values():
        if artifact.get("recorded") and artifact["made_by"] is None:
            yield artifact["name"], "given to the run", artifact["digest"]


def _describe_input(taken: Mapping[str, Any], artifact: Mapping[str, Any]) -> Sequence[str]:
    what = artifact.get("value_type") or artifact.get("type", "no longer recorded")
    size = artifact.get("size_bytes")
    shown = what if size is None else f"{what}, {format_size(size)}"
    return f"{taken['argument']}{taken['path']}", f"input: {shown}", artifact.get("digest", "")


def _list_code(lineage: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    seen: dict[tuple[str, str], list[str]] = {}
    for step in lineage["steps"]:
        for part in step["code"] or ():
            where = _place(part)
            if where:
                seen.setdefault((f"{part['kind']} `{part['name']}`", where), []).append(
                    step["node"]
                )
    for (what, where), nodes in seen.items():
        yield what, where, ", ".join(dict.fromkeys(nodes))


def _place(part: Mapping[str, Any]) -> str:
    file, first, last = part["file"], part["first_line"], part["last_line"]
    if file is None:
        return ""
    name = "/".join(file.replace("\\", "/").rsplit("/", 2)[-2:])
    return name if first is None else f"{name}, lines {first}-{last or first}"


def _list_environment(
    version: "ModelVersion", lineage: Mapping[str, Any]
) -> Iterator[Sequence[str]]:
    known = version.run.environment
    yield from ((name, known[name]) for name in ("python", "platform", "whence") if name in known)
    packages: dict[str, str | None] = {}
    for step in lineage["steps"]:
        packages.update(step["packages"] or {})
    for name in sorted(packages):
        yield name, packages[name] or ""


def _tell(version: "ModelVersion") -> Iterator[Sequence[str]]:
    for each in version.promotions:
        said = [each.reason, *map(tell_verdict, each.gates)]
        yield (
            each.alias,
            each.version,
            each.previous or "",
            each.made_at.strftime(_MOMENT),
            each.who,
            "; ".join(filter(None, said)),
        )


def _write_notes(version: "ModelVersion") -> list[str]:
    notes = [
        f"* {_escape(each.text)} ({_escape(each.who)}, {each.made_at:{_MOMENT}})"
        for each in version.notes
    ]
    if version.tags:
        notes.insert(0, f"* tagged {_escape(', '.join(version.tags))}")
    return ["## Notes", "", *notes] if notes else []


def _section(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table under a heading; nothing, if it has no rows."""
    lines = [f"| {' | '.join(map(_escape, row))} |" for row in rows]
    if not lines:
        return []
    rule = "|---" * len(columns) + "|"
    return [f"## {title}", "", f"| {' | '.join(columns)} |", rule, *lines]


def _escape(text: str) -> str:
    """Return text that is one line of a table's cell, and no markup but for code."""
    return html.escape(" ".join(str(text).split()), quote=False).replace("|", "\\|")
