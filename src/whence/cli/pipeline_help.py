"""What `whence run TARGET --help` says of a pipeline: its parameters, slots and steps."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import click

from whence.authoring.pipeline_interface import PipelineArgument
from whence.cli.arguments import is_switch
from whence.domain.node_names import without_items
from whence.errors import BoundArgumentError, InvalidPipelineError
from whence.graph.interface import MISSING, Argument, ArgumentKind, StepSpec
from whence.graph.plan import Plan, PlannedNode
from whence.running.targets import Target, list_steps
from whence.values.type_forms import type_name
from whence.values.validation import CommandLineText

Row = tuple[str, str]

_MOST_NODES = 50
_MOST_STEPS = 20  # of a module that are tried in a slot
_LONGEST_DEFAULT = 40


def write_pipeline_help(
    formatter: click.HelpFormatter, target: Target, given: Mapping[str, Any]
) -> None:
    """Write what a pipeline takes, as options of the command line."""
    pipeline = target.pipeline
    bound = {**pipeline.bound, **given}
    arguments = pipeline.spec.arguments.values()
    _write(
        formatter,
        f"Parameters of {pipeline.spec.name}",
        [_parameter_row(each, bound) for each in arguments if each.slot is None],
    )
    slots = [_slot_row(each, bound, target) for each in arguments if each.slot is not None]
    _write(formatter, "Slots, each filled by a step", slots)
    rows, note = _list_settings(target, bound)
    _write(formatter, "Parameters of its steps", rows)
    if note:
        with formatter.section("Parameters of other steps" if rows else "Parameters of its steps"):
            formatter.write_text(note)


def _write(formatter: click.HelpFormatter, title: str, rows: list[Row]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)


def _parameter_row(argument: PipelineArgument, bound: Mapping[str, Any]) -> Row:
    value = bound.get(argument.name, argument.default)
    label = _label(argument, bound)
    return _option(argument.name, argument.annotation), _describe_default(value, label)


def _slot_row(argument: PipelineArgument, bound: Mapping[str, Any], target: Target) -> Row:
    filler = bound.get(argument.name, argument.default)
    spec: StepSpec = getattr(filler, "spec", argument.slot.spec)
    others = [
        name
        for name, step in list(list_steps(target.module).items())[:_MOST_STEPS]
        if step.spec.name != spec.name and _fits(target, {**bound, argument.name: step})
    ]
    also = f"; also fits: {', '.join(others)}" if others else ""
    return f"--{_spell(argument.name)} STEP", f"{_label(argument, bound)}: {spec.name}{also}"


def _label(argument: PipelineArgument, bound: Mapping[str, Any]) -> str:
    return "given" if argument.name in bound else "default"


def _fits(target: Target, bound: Mapping[str, Any]) -> bool:
    return _try_plan(target, bound) is not None


def _try_plan(target: Target, bound: Mapping[str, Any]) -> Plan | None:
    """Return the plan of half a call, or None where there is too little for one."""
    try:
        return target.pipeline.bind(**bound).plan()
    except Exception:  # noqa: BLE001  # help must come, whatever the body makes of half a call
        return None


def _list_settings(target: Target, bound: Mapping[str, Any]) -> tuple[list[Row], str]:
    """Return the parameters that can be set by node, and what keeps others from being listed."""
    plan = _try_plan(target, bound)
    if plan is None:
        rows = [row for name, spec in _fillers(target, bound) for row in _rows_of(name, spec, {})]
        return rows, "Give the required parameters before --help to see them all."
    fixed = _find_fixed(target, bound, plan)
    rows = [
        row
        for name, node in _list_addresses(plan)
        for row in _rows_of(name, node.step, node.parameters)
        if row[0].split()[0].removeprefix("--") not in fixed
    ]
    return rows, ""


def _list_addresses(plan: Plan) -> list[tuple[str, PlannedNode]]:
    """Return the nodes by the names under which they can be set; of a map's items, the first."""
    first: dict[str, PlannedNode] = {}
    steps = (node for node in plan.every_node.values() if node.template is None)
    for node in islice(steps, _MOST_NODES):
        first.setdefault(without_items(node.name), node)
    return list(first.items())


def _fillers(target: Target, bound: Mapping[str, Any]) -> Iterator[tuple[str, StepSpec]]:
    for argument in target.pipeline.spec.arguments.values():
        if argument.slot is not None:
            filler = bound.get(argument.name, argument.default)
            yield argument.name, getattr(filler, "spec", argument.slot.spec)


def _rows_of(node: str, step: StepSpec, values: Mapping[str, Any]) -> Iterator[Row]:
    for argument in step.callable_arguments:
        if _may_be_set(argument):
            value = values.get(argument.name, argument.default)
            yield (
                _option(f"{node}.{argument.name}", argument.annotation),
                _describe_default(value),
            )


def _may_be_set(argument: Argument) -> bool:
    return argument.kind is ArgumentKind.PLAIN and argument.default is not MISSING


def _find_fixed(target: Target, bound: Mapping[str, Any], plan: Plan) -> set[str]:
    """Return which settings the body has bound: found by setting them all to what they are."""
    settings = {
        f"{address}.{name}": value
        for address, node in _list_addresses(plan)
        for name, value in node.parameters.items()
    }
    try:
        target.pipeline.bind(**{**settings, **bound}).plan()
    except InvalidPipelineError as report:
        faults = [each.facts for each in report.faults if isinstance(each, BoundArgumentError)]
        return {_spell_setting(f"{each['node']}.{each['argument']}") for each in faults}
    return set()


def _option(name: str, annotation: Any) -> str:
    if is_switch(annotation):
        return f"--{_spell_setting(name)} / --no-{_spell_setting(name)}"
    return f"--{_spell_setting(name)} {type_name(annotation)}"


def _spell(name: str) -> str:
    return name.replace("_", "-")


def _spell_setting(name: str) -> str:
    """Return a parameter's name as an option has it; a node's name stays as the plan shows it."""
    node, dot, argument = name.rpartition(".")
    return f"{node}{dot}{_spell(argument)}"


def _describe_default(value: Any, label: str = "default") -> str:
    if value is MISSING:
        return "required"
    if isinstance(value, Path):  # its end says more than its beginning
        text = str(value)
        shown = text if len(text) <= _LONGEST_DEFAULT else f"…{text[1 - _LONGEST_DEFAULT :]}"
        return f"{label}: {shown}"
    text = str(value) if isinstance(value, CommandLineText) else repr(value)
    shown = text if len(text) <= _LONGEST_DEFAULT else f"{text[: _LONGEST_DEFAULT - 1]}…"
    return f"{label}: {shown}"
