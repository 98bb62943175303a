"""Options of steps and pipelines: known names, right values, clear refusals."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from whence.authoring.faults import Faults
from whence.authoring.places import calling_place
from whence.domain.annotations import check_tag
from whence.domain.resources import Resources, check_resources
from whence.domain.retries import Retries, check_retries
from whence.errors import DefinitionError, InvalidOptionError, UnknownOptionError, suggest
from whence.graph.interface import StepOptions

_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_NOT_YET = {
    "stack": "runs are kept in the project's own stack",
}
"""Options of the contract that this version cannot follow: refused, rather than ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineOptions:
    """How a run of a pipeline is named and recorded."""

    name: str | None = None
    tags: tuple[str, ...] = ()
    cache: bool | None = None  # False: nothing is reused, everything is computed
    allow_failures: bool | float = False  # where it is mapped, as for a step
    refresh: tuple[str, ...] = ()  # nodes that are computed again
    workers: int | None = None  # processes for attempts; None: they are made in this one
    steps: Mapping[str, Mapping[str, Any]] | None = None
    resume: str | None = None  # the run to go on from, as its id or name


def make_step_options(
    options: StepOptions, changes: Mapping[str, Any], step_name: str
) -> StepOptions:
    """Return *options* with *changes*.

    Raises `UnknownOptionError` and `InvalidOptionError`; several faults in one report.
    """
    return replace(options, **_settle(changes, _STEP_OPTIONS, f"step '{step_name}'"))


def make_pipeline_options(
    options: PipelineOptions, changes: Mapping[str, Any], pipeline_name: str
) -> PipelineOptions:
    """Return *options* with *changes*; raises as `make_step_options` does."""
    return replace(options, **_settle(changes, _PIPELINE_OPTIONS, f"pipeline '{pipeline_name}'"))


def _settle(
    changes: Mapping[str, Any], known: Mapping[str, Callable[[Any], Any]], subject: str
) -> dict[str, Any]:
    faults = Faults()
    settled: dict[str, Any] = {}
    for option, value in changes.items():
        with faults.caught():
            settled[option] = _settle_one(option, value, known, subject)
    faults.raise_found(subject[0].upper() + subject[1:], calling_place())
    return settled


def _settle_one(
    option: str, value: Any, known: Mapping[str, Callable[[Any], Any]], subject: str
) -> Any:
    if option not in known:
        raise _unknown_option(option, known, subject)
    try:
        return known[option](value)
    except ValueError as error:
        raise InvalidOptionError(
            where=calling_place(), option=option, subject=subject, value=value, reason=str(error)
        ) from None


def _unknown_option(option: str, known: Mapping[str, Any], subject: str) -> DefinitionError:
    reason, cure = "", suggest(option, known)
    if option in _NOT_YET:
        reason = f"This version of Whence does not offer it: {_NOT_YET[option]}."
        cure = "Leave it out."
    return UnknownOptionError(
        where=calling_place(), option=option, subject=subject, reason=reason, cure=cure
    )


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 128:  # noqa: PLR2004  # portable length
        msg = "Give a text of 1 to 128 characters."
        raise ValueError(msg)
    return value


def _node_name(value: Any) -> str:
    name = _name(value)
    if any(character in name for character in ".[]/ "):
        msg = "Leave out dots, brackets, slashes and spaces: they write paths to nodes."
        raise ValueError(msg)
    return name


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        msg = "Give a list of texts."
        raise ValueError(msg)  # noqa: TRY004  # one kind of refusal for every wrong value
    return tuple(_name(each) for each in cast("Sequence[Any]", value))


def _tags(value: Any) -> tuple[str, ...]:
    return tuple(map(check_tag, _texts(value)))


def _cache(value: Any) -> bool | str:
    if isinstance(value, bool) or (isinstance(value, str) and _DURATION.fullmatch(value)):
        return value
    msg = "Give True, False, or how long a result stays good, such as '7d'."
    raise ValueError(msg)


def _allowance(value: Any) -> bool | float:
    if isinstance(value, bool) or (isinstance(value, int) and value >= 0):
        return value
    if isinstance(value, float) and 0 <= value <= 1:
        return value
    msg = "Give True, how many items may fail, or as a float from 0 to 1 which share of them."
    raise ValueError(msg)


def _timeout(value: Any) -> float:
    seconds = math.nan
    if isinstance(value, str) and (found := _DURATION.fullmatch(value)):
        seconds = float(found[1]) * _SECONDS[found[2]]
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = float(value)
    if not 0 < seconds < math.inf:
        msg = "Give a time above 0: a number of seconds, or a text such as '90s', '20m' or '8h'."
        raise ValueError(msg)
    return seconds


def _workers(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        msg = "Give how many worker processes there are to be: a whole number from 1."
        raise ValueError(msg)
    return value


def refuse_allowance(value: bool | float, subject: str) -> DefinitionError:  # noqa: FBT001  # the option is one value
    """Return the fault of an option that says something of maps, where nothing is mapped."""
    return InvalidOptionError(
        where=calling_place(),
        option="allow_failures",
        subject=subject,
        value=value,
        reason="It says how many items of a map may fail: call `.map(...)`, or leave it out.",
    )


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        msg = "Give True or False."
        raise ValueError(msg)  # noqa: TRY004  # as above
    return value


def _resources(value: Any) -> Resources:
    resources = _make_resources(value)
    check_resources(resources)
    return resources


def _make_resources(value: Any) -> Resources:
    if isinstance(value, Resources):
        return value
    if isinstance(value, dict):
        try:
            return Resources(**cast("dict[str, Any]", value))
        except TypeError as error:
            raise ValueError(str(error)) from None
    msg = "Give `Resources(cpu=..., gpu=..., memory=...)`, or a dict of these."
    raise ValueError(msg)


def _retries(value: Any) -> Retries:
    retries = value if isinstance(value, Retries) else Retries(value)
    check_retries(retries)
    return retries


def _run_key(value: Any) -> str:
    key = getattr(value, "id", value)  # of a `Run`
    if not isinstance(key, str) or not key:
        msg = "Give a run, or its id or name."
        raise ValueError(msg)
    return key


def _steps(value: Any) -> Mapping[str, Mapping[str, Any]]:
    if isinstance(value, dict) and all(isinstance(each, dict) for each in value.values()):  # pyright: ignore[reportUnknownVariableType]  # checked here
        return cast("Mapping[str, Mapping[str, Any]]", value)
    msg = "Give a dict from names of nodes to their options."
    raise ValueError(msg)


_STEP_OPTIONS: Mapping[str, Callable[[Any], Any]] = {
    "name": _node_name,
    "register": _name,
    "cache": _cache,
    "allow_failures": _allowance,
    "resources": _resources,
    "retries": _retries,
    "timeout": _timeout,
    "env": _texts,
    "secrets": _texts,
}
_PIPELINE_OPTIONS: Mapping[str, Callable[[Any], Any]] = {
    "name": _name,
    "tags": _tags,
    "cache": _switch,
    "allow_failures": _allowance,
    "refresh": _texts,
    "steps": _steps,
    "resume": _run_key,
    "workers": _workers,
}
