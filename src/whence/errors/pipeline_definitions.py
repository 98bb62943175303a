"""Faults of pipelines, all seen before anything runs, WH2xx."""

from collections.abc import Iterator, Sequence
from typing import Any

from whence.errors.step_definitions import DefinitionError

MOST_FAULTS_SHOWN = 20


class InvalidPipelineError(DefinitionError):
    """A definition or a call has faults; `faults` holds all that can be seen."""

    code = "WH200"
    what = "{subject} has {count}. Nothing was run."

    def __init__(self, *, where: str | None = None, **facts: Any) -> None:
        faults: Sequence[DefinitionError] = facts["faults"]
        count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(where=where, **{**facts, "count": count})

    @property
    def faults(self) -> tuple[DefinitionError, ...]:
        """All faults, also those that the text leaves out."""
        return tuple(self.facts["faults"])

    def _lines(self) -> Iterator[str]:
        yield from super()._lines()
        for number, fault in enumerate(self.faults[:MOST_FAULTS_SHOWN], start=1):
            yield ""
            first, *rest = str(fault).splitlines()
            yield f"{number}. {first}"
            yield from rest
        if len(self.faults) > MOST_FAULTS_SHOWN:
            yield ""
            yield f"... and {len(self.faults) - MOST_FAULTS_SHOWN} more: see `.faults`."


class UnknownArgumentError(DefinitionError):
    """A step or pipeline was given an argument that it does not have."""

    code = "WH201"
    what = "{kind} '{name}' has no argument {argument!r}."
    fix = "{suggestion}"


class MissingArgumentError(DefinitionError):
    """An argument without a default was given neither a value nor an output."""

    code = "WH202"
    what = "Argument '{argument}' of {owner} is missing."
    why = "{reason}"
    fix = "{cure}"


class InvalidParameterError(DefinitionError):
    """A parameter was given a value that its type does not allow."""

    code = "WH203"
    what = "Parameter '{argument}' of '{name}' cannot be {value}."
    why = "{reason}"
    fix = "{cure}"


class IncompatibleTypesError(DefinitionError):
    """An output was connected to an argument of another type."""

    code = "WH204"
    what = "{giver} does not fit argument '{argument}' of {owner}."
    why = "It is {given}; the argument accepts {wanted}.{detail}"
    fix = "{cure}"


class UnknownOutputError(DefinitionError):
    """A node was asked for an output that its step does not have."""

    code = "WH205"
    what = "Node '{node}' has no output {output!r}."
    fix = "{suggestion}"


class NodeUsedAsValueError(DefinitionError):
    """A node was used as if the value that it stands for were there already."""

    code = "WH206"
    what = "{kind} '{node}' was used as a value: {use}."
    why = "A pipeline's body runs before any step does, so there is no value yet."
    fix = "Do this inside a step that takes it as an argument."


class CycleError(DefinitionError):
    """Nodes depend on each other in a circle."""

    code = "WH207"
    what = "The nodes {path} depend on each other in a circle."
    why = "A step can only run when all of its inputs are there."
    fix = "Take one of these connections out."


class SlotMismatchError(DefinitionError):
    """A step does not fit the slot that it was to fill."""

    code = "WH208"
    what = "Step '{filler}' does not fit slot '{slot}'."
    why = "{reason}"
    fix = "Give '{filler}' the interface that this pipeline uses, or bind what is missing."


class InvalidFillerError(DefinitionError):
    """A slot was to be filled with something that is not a step."""

    code = "WH209"
    what = "Slot '{slot}' cannot be filled with {value}."
    why = "{reason}"
    fix = "Pass a step such as `{example}`, or a configured one: `{example}.bind(...)`."


class NoConnectionError(DefinitionError):
    """`connect` found no output for an input that is still open."""

    code = "WH210"
    what = "connect() found nothing for input '{argument}' of node '{node}'."
    why = "No output of the other steps named is a {wanted}."
    fix = "Name the step that makes it, or connect it by hand: `{node}({argument}=...)`."


class AmbiguousConnectionError(DefinitionError):
    """`connect` found more than one output for an input that is still open."""

    code = "WH211"
    what = "connect() found {count} outputs for input '{argument}' of node '{node}'."
    why = "Each of these is a {wanted}: {candidates}."
    fix = "Connect it by hand: `{node}({argument}=...)`."


class DuplicateNodeError(DefinitionError):
    """Two nodes were given one name."""

    code = "WH212"
    what = "Two nodes are named '{node}'."
    why = "`with_options(name=...)` gave a name that is taken."
    fix = "Choose another name, or leave it out: Whence then numbers the nodes."


class UnknownNodeError(DefinitionError):
    """A setting names a node that the pipeline does not have."""

    code = "WH213"
    what = "Pipeline '{pipeline}' has no node {node!r}, which {setting!r} names."
    fix = "{suggestion}"


class BoundArgumentError(DefinitionError):
    """A setting names an argument that the pipeline's body has bound already."""

    code = "WH214"
    what = "Argument '{argument}' of node '{node}' cannot be set from outside."
    why = "The body of pipeline '{pipeline}' binds or connects it ({place})."
    fix = "Make it a parameter of the pipeline, or leave it at its default in the body."


class OutputGivenError(DefinitionError):
    """A caller passed an `Output`, which only Whence hands in."""

    code = "WH215"
    what = "'{argument}' of '{name}' is an output and cannot be given."
    why = "Whence hands a step the place where it may write."
    fix = "Leave it out. To use what the step writes: `{name}(...).outputs.{argument}`."


class CalledInsideStepError(DefinitionError):
    """A step or pipeline was called while a step runs."""

    code = "WH216"
    what = "'{name}' was called inside the running step '{running}'."
    why = "Calling it would configure or run something; a running step does plain work."
    fix = "{cure}"


class SlotOutputsError(DefinitionError):
    """The outputs of a slot that stands for several nodes were asked for."""

    code = "WH217"
    what = "Slot '{slot}' {use}, so `{slot}.outputs` is not one node's."
    fix = "Use what each call returned: `first = {call}(...)`, then `first.outputs`."


class ForeignNodeError(DefinitionError):
    """A node of one pipeline was used in another."""

    code = "WH218"
    what = "Node '{node}' belongs to another call of a pipeline."
    why = "Nodes live in the body that placed them."
    fix = "Pass the node as an argument to the pipeline that is to use it."


class EmptyPipelineError(DefinitionError):
    """A pipeline places no step."""

    code = "WH219"
    what = "Pipeline '{pipeline}' places no step."
    fix = "Call at least one step or slot in its body."


class InvalidReturnError(DefinitionError):
    """A pipeline's body returns something that is not an output."""

    code = "WH220"
    what = "The body of pipeline '{pipeline}' returns {value}."
    why = "A pipeline's outputs are outputs of its nodes."
    fix = "Return a node, an output, or a list, dict or NamedTuple of them."


class NotRecordableError(DefinitionError):
    """A parameter's value cannot be written down exactly."""

    code = "WH221"
    what = "Parameter '{argument}' of '{name}' cannot be recorded: it is {value}."
    why = "{reason}"
    fix = "{cure}"


class UnplacedStepError(DefinitionError):
    """A step that was configured, not placed, was used as if it were a node."""

    code = "WH222"
    what = "{kind} '{name}' was used {use}, but it is not a node."
    why = "A step becomes a node, and has outputs, when the body calls it."
    fix = "Call it: `{name}(...)`."


class OutsideBodyError(DefinitionError):
    """Something that belongs in a pipeline's body was done elsewhere."""

    code = "WH223"
    what = "{name}() was called outside the body of a pipeline."
    why = "It ties nodes, and only a body has nodes."
    fix = "Call it in a function decorated with `@pipeline`."


class CalledInBodyError(DefinitionError):
    """Something that runs was called in the body of a pipeline."""

    code = "WH224"
    what = "{name}() was called in the body of a pipeline."
    why = "A body declares what is to run; it runs nothing itself."
    fix = "Call the step to place it, or run it outside of the body."


class NotConnectableError(DefinitionError):
    """`connect` was given something that has no inputs and outputs to tie."""

    code = "WH225"
    what = "connect() cannot tie {value}."
    why = "{reason}"
    fix = "Name steps, slots or nodes: `connect(load, fit, evaluate)`."


class NoSingleOutputError(DefinitionError):
    """A node stood for its only output, but has none or several."""

    code = "WH226"
    what = "Node '{node}' cannot stand for one output."
    why = "{reason}"
    fix = "{cure}"


class TooManyArgumentsError(DefinitionError):
    """A step or pipeline was given more arguments by position than it has."""

    code = "WH227"
    what = "{kind} '{name}' was given {count} arguments by position."
    why = "{reason}"
    fix = "Leave out {surplus}."


class RepeatedArgumentError(DefinitionError):
    """An argument was given by position and by name."""

    code = "WH228"
    what = "Argument '{argument}' of {kind} '{name}' was given twice."
    why = "It was given by position and by name."
    fix = "Leave one of them out."


class NothingSpreadError(DefinitionError):
    """A map was given no list."""

    code = "WH229"
    what = "{owner}.map() was given nothing to spread."
    why = "What goes by keyword is given whole to every item; lists to spread go by position."
    fix = "Give at least one list by position: `{owner}.map([...])`."


class NotSpreadableError(DefinitionError):
    """A map was to spread something that is not a list."""

    code = "WH230"
    what = "{owner}.map() cannot spread {value} over argument '{argument}'."
    why = "{reason}"
    fix = "{cure}"


class LengthNotKnownError(DefinitionError):
    """The results of a map were used as a list whose length is known."""

    code = "WH232"
    what = "Map '{node}' cannot be used as a list here: {use}."
    why = "Only the run knows how many items it has."
    fix = "Do this inside a step that takes the list, or map over a list that the call is given."


class UnequalListsError(DefinitionError):
    """A map was given lists of which one is longer than another."""

    code = "WH231"
    what = "{owner}.map() was given lists of different lengths."
    why = "They are taken side by side, and there are {lengths}."
    fix = "Give lists of one length; what every item is to get goes by keyword."


class InvalidConditionError(DefinitionError):
    """`when` was given something that decides nothing."""

    code = "WH233"
    what = "when() cannot decide by {value}."
    why = "{reason}"
    fix = "Give an output of a step that returns `bool`, or a parameter that is True or False."
