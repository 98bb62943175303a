"""Every error that Whence raises on purpose.

    WhenceError
    ├── DefinitionError      the author of a step or pipeline must act         WH1xx, WH2xx
    │   └── InvalidPipelineError   all faults of one pipeline, in one report
    ├── StepFailedError      a step ran and its result cannot be used           WH3xx
    ├── MaterializationError a value and its stored form do not fit             WH4xx
    ├── StoreError           a store cannot give or keep what it should         WH5xx
    ├── StackError           the settings must be corrected                     WH6xx
    └── UsageError           a name or command means nothing here               WH7xx

Each condition is a class that states its code and its sentences; what is particular to one case
are the keyword facts it is raised with, which fill the sentences and stay readable as
`error.facts`. A step's own exceptions are never wrapped: they are raised as they are.
"""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

DOCUMENTATION = "https://whence.dev/errors/{code}"


def suggest(name: str, candidates: Iterable[str]) -> str:
    """Return a sentence that offers the candidate nearest to *name*, or lists what there is."""
    known = list(candidates)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]!r}?"
    if not known:
        return "There are none."
    return f"Known: {list_names(known)}."


def list_names(names: Sequence[str], limit: int = 12) -> str:
    """Return *names* as a readable list of at most *limit* entries."""
    shown = ", ".join(repr(name) for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


class WhenceError(Exception):
    """What went wrong, where, why, and what to do about it."""

    code: ClassVar[str] = "WH000"
    what: ClassVar[str] = "{message}"
    why: ClassVar[str | None] = None
    fix: ClassVar[str | None] = None

    def __init__(self, *, where: str | None = None, **facts: Any) -> None:
        super().__init__(where, facts)
        self.where = where
        self.facts = facts

    def describe(self) -> dict[str, str | None]:
        """Return code, what, where, why and fix, as `--json` shows them."""
        return {
            "code": self.code,
            "what": self._fill(self.what),
            "where": self.where,
            "why": self._fill(self.why),
            "fix": self._fill(self.fix),
        }

    def _fill(self, template: str | None) -> str | None:
        return template.format_map(_Facts(self.facts)).strip() or None if template else None

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        said = self.describe()
        yield f"{said['what']} [{self.code}]"
        for label in ("where", "why", "fix"):
            if text := said[label]:
                first, *rest = text.splitlines()
                yield f"  {label + ':':<6} {first}"
                yield from (f"         {line}" for line in rest)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.where, self.facts), {"__notes__": self.notes}

    @property
    def notes(self) -> list[str]:
        """What was added to the error on its way up."""
        return list(getattr(self, "__notes__", ()))


class _Facts(dict[str, Any]):
    """Facts for a template; one that was not given leaves its place empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _rebuild(kind: type[WhenceError], where: str | None, facts: dict[str, Any]) -> WhenceError:
    return kind(where=where, **facts)


# ------------------------------------------------------------------ definitions: steps, WH1xx


class DefinitionError(WhenceError):
    """The author of a step or pipeline must act."""


class InvalidStepError(DefinitionError):
    """What was decorated cannot be a step."""

    code = "WH100"
    what = "{subject} cannot be a step."
    why = "{reason}"
    fix = "{cure}"


class MissingAnnotationError(DefinitionError):
    """An argument of a step has no annotation."""

    code = "WH101"
    what = "Argument '{argument}' of {kind} '{name}' has no annotation."
    why = "Whence checks and records every argument by its type."
    fix = "Annotate it, as in `{argument}: int`; `Any` accepts everything."


class UnresolvedAnnotationError(DefinitionError):
    """An annotation names something that does not exist."""

    code = "WH102"
    what = "The annotation {annotation!r} of '{argument}' in '{name}' cannot be resolved."
    why = "{reason}"
    fix = "Import or define the name before it is needed, outside `if TYPE_CHECKING:`."


class MaterializerNotFoundError(DefinitionError):
    """No materializer is known for a type that is to be stored."""

    code = "WH103"
    what = "No materializer is known for type '{type}'."
    why = "{reason}"
    fix = "{cure}"


class UnsupportedArgumentError(DefinitionError):
    """A step or pipeline takes arguments that have no name of their own."""

    code = "WH104"
    what = "{kind} '{name}' takes '{argument}', which is {form}."
    why = "Each argument is an input or a parameter, known by its name."
    fix = "Give it a name and a type; for several values take a `list[...]` or `dict[str, ...]`."


class InvalidAnnotationError(DefinitionError):
    """An annotation says something that Whence cannot follow."""

    code = "WH105"
    what = "The annotation of '{argument}' in '{name}' cannot be used: {reason}"
    fix = "{cure}"


class InvalidOptionError(DefinitionError):
    """An option of a step or pipeline is unknown or has a value that it cannot have."""

    code = "WH106"
    what = "Option '{option}' of {subject} cannot be {value!r}."
    why = "{reason}"
    fix = "{cure}"


class DuplicateOutputError(DefinitionError):
    """Two outputs of a step bear one name."""

    code = "WH107"
    what = "Step '{name}' has two outputs named '{output}'."
    fix = "Give each output a name of its own."


# ------------------------------------------------------------------ definitions: pipelines, WH2xx


class InvalidPipelineError(DefinitionError):
    """A pipeline has faults; `faults` holds all that can be seen."""

    code = "WH200"
    what = "{subject} has {count}. Nothing was run."

    def __init__(self, *, where: str | None = None, **facts: Any) -> None:
        faults: Sequence[DefinitionError] = facts["faults"]
        count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(where=where, **{**facts, "count": count})

    @property
    def faults(self) -> tuple[DefinitionError, ...]:
        """The faults, in the order of the places that they name."""
        return tuple(self.facts["faults"])

    def _lines(self) -> Iterator[str]:
        yield from super()._lines()
        for number, fault in enumerate(self.faults, start=1):
            yield ""
            first, *rest = str(fault).splitlines()
            yield f"{number}. {first}"
            yield from rest


class UnknownArgumentError(DefinitionError):
    """A step or pipeline was given an argument that it does not have."""

    code = "WH201"
    what = "{kind} '{name}' has no argument {argument!r}."
    fix = "{suggestion}"


class MissingArgumentError(DefinitionError):
    """An argument without a default was given neither a value nor an output."""

    code = "WH202"
    what = "Argument '{argument}' of node '{node}' is missing."
    why = "It has no default, and nothing was bound or connected to it."
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
    what = "Output {output} does not fit argument '{argument}' of node '{node}'."
    why = "It gives {given}; the argument accepts {wanted}.{detail}"
    fix = "{cure}"


class UnknownOutputError(DefinitionError):
    """A node was asked for an output that its step does not have."""

    code = "WH205"
    what = "Node '{node}' has no output {output!r}."
    fix = "{suggestion}"


class NodeUsedAsValueError(DefinitionError):
    """A node was used as if the value that it stands for were there already."""

    code = "WH206"
    what = "Node '{node}' was used as a value: {use}."
    why = "A pipeline's body runs before any step does, so there is no value yet."
    fix = "Do this inside a step that takes the node's output as an argument."


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
    why = "The body of pipeline '{pipeline}' binds or connects it."
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
    what = "Slot '{slot}' was called {count} times, so `{slot}.outputs` is not one node's."
    fix = "Use what each call returned: `first = {slot}(...)`, then `first.outputs`."


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
    what = "The value of parameter '{argument}' of '{name}' cannot be recorded."
    why = "{reason}"
    fix = "{cure}"


class UnplacedStepError(DefinitionError):
    """A step that was configured, not placed, was used as if it were a node."""

    code = "WH222"
    what = "{use} was given the step '{name}' itself, not a node."
    why = "Only a step that is called in the body has outputs."
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


# ------------------------------------------------------------------ running, WH3xx


class StepFailedError(WhenceError):
    """A step ran, and what came of it cannot be used.

    `value` is what the step returned, where it did: a finished result is never lost to a check.
    """

    value: Any = None


class OutputNotWrittenError(StepFailedError):
    """A step ended without writing an `Output`."""

    code = "WH301"
    what = "Step '{step}' did not write its output '{output}'."
    why = "The folder that it was handed is empty."
    fix = "Write to `{output}.path`, or use a materializer: `.write(value, {output})`."


class WrongReturnError(StepFailedError):
    """A step returned a value that does not match its annotation."""

    code = "WH302"
    what = "Step '{step}' returned {value}, which is not {wanted}."
    why = "{reason}"
    fix = "Correct the return value or the annotation. The value is kept as `.value`."


class UnexpectedReturnError(StepFailedError):
    """A step without a return annotation returned something."""

    code = "WH303"
    what = "Step '{step}' returned {value}, but declares no return type."
    why = "Without an annotation nobody decided how the value is stored."
    fix = "Annotate the return type, or return nothing. The value is kept as `.value`."


class OutputNotStoredError(StepFailedError):
    """A materializer failed to write what a step returned."""

    code = "WH304"
    what = "Output '{output}' of step '{step}' could not be stored."
    why = "{reason}"
    fix = "Name another materializer: `Annotated[T, SomeMaterializer()]`. The value is kept as `.value`."


class InvalidOutputFilesError(StepFailedError):
    """A step wrote something that is neither a file nor a folder."""

    code = "WH305"
    what = "{subject} holds '{file}', which is {form}."
    why = "An artifact is plain files and folders, so that it means the same everywhere."
    fix = "{cure}"

    def __init__(self, *, where: str | None = None, **facts: Any) -> None:
        known = "Output '{output}' of step '{step}'".format_map(_Facts(facts))
        subject = known if facts.get("output") else "The output's folder"
        cure = facts.get("cure") or "Write a copy of the file instead."
        super().__init__(where=where, **{**facts, "subject": subject, "cure": cure})


class InputNotReadError(StepFailedError):
    """An input of a step could not be read."""

    code = "WH306"
    what = "Input '{argument}' of step '{step}' could not be read."
    why = "{reason}"
    fix = "{cure}"


# ------------------------------------------------------------------ values and files, WH4xx


class MaterializationError(WhenceError):
    """A value and its stored form do not fit."""


class NotStorableError(MaterializationError):
    """A value would not come back as it is, so it is refused."""

    code = "WH401"
    what = "{subject} cannot be stored as {format}."
    why = "{reason}"
    fix = "{cure}"


class UnreadableArtifactError(MaterializationError):
    """Stored files are not what the materializer expects."""

    code = "WH402"
    what = "The artifact cannot be read as {format}."
    why = "{reason}"
    fix = "{cure}"


class UntrustedTypeError(MaterializationError):
    """A stored model names types that are not trusted."""

    code = "WH403"
    what = "The model names types that are not trusted: {types}."
    why = "Loading one could run its code; only a reviewed list is trusted."
    fix = "If you know them: `{materializer}(trusted=[...])`."


class FreeArtifactError(MaterializationError):
    """Something was asked of a free artifact that only recorded ones know."""

    code = "WH404"
    what = "Nothing is recorded of this artifact{asked}."
    why = "It names a folder outside any store."
    fix = "Read it with the materializer that wrote it: `SomeMaterializer().read(artifact)`."

    def __init__(self, *, where: str | None = None, **facts: Any) -> None:
        asked = f": no {facts['asked']!r}" if facts.get("asked") else ""
        super().__init__(where=where, **{**facts, "asked": asked})


class UnknownClassError(MaterializationError):
    """A stored value is of a class that this program has not imported."""

    code = "WH405"
    what = "The value is of class '{type}', which is not imported here."
    why = "Reading never imports a module by a stored name."
    fix = "Import it first, or name it: `artifact.read({short})`."


class MissingPackageError(MaterializationError):
    """A package that a materializer needs is not installed."""

    code = "WH406"
    what = "{subject} needs the package '{package}', which is not installed."
    fix = "Install it: pip install '{requirement}'"


class UnknownFormatError(MaterializationError):
    """No materializer is known for a stored format."""

    code = "WH407"
    what = "No materializer is known for format '{format}'."
    why = "{reason}"
    fix = "{cure}"


class FactNotKnownError(MaterializationError):
    """Something was asked of an artifact that is only known once the run is over."""

    code = "WH408"
    what = "The artifact's '{asked}' is not known here."
    why = "A step is handed contents; where they came from is recorded outside of steps."
    fix = "Ask after the run: `run.steps.<node>.outputs.<name>`."


# ------------------------------------------------------------------ stores, WH5xx


class StoreError(WhenceError):
    """A store cannot give or keep what it should."""


class IntegrityError(StoreError):
    """Stored bytes are not those that were recorded."""

    code = "WH501"
    what = "The content {digest} does not verify."
    why = "{reason}"
    fix = "Run the step that made it again."


class ContentMissingError(StoreError):
    """Recorded bytes are gone."""

    code = "WH502"
    what = "The content {digest} is not in the artifact store."
    why = "{reason}"
    fix = "Restore the store's files, or run the step that made it again."


class StoreUnavailableError(StoreError):
    """A store cannot be opened or written."""

    code = "WH503"
    what = "The {store} at {location} cannot be {act}."
    why = "{reason}"
    fix = "{cure}"


class NewerStoreError(StoreError):
    """A store was written by a newer Whence."""

    code = "WH504"
    what = "The metadata store at {location} has schema {found}; this Whence knows up to {known}."
    why = "A newer Whence has written it."
    fix = "Upgrade: pip install --upgrade whence"


# ------------------------------------------------------------------ stacks and settings, WH6xx


class StackError(WhenceError):
    """The settings must be corrected."""


class ComponentNotFoundError(StackError):
    """No component answers to a name or URL scheme."""

    code = "WH601"
    what = "No {kind} is known for {name!r}."
    why = "{reason}"
    fix = "{suggestion}"


class InvalidSettingError(StackError):
    """A setting is unknown or has a value that it cannot have."""

    code = "WH602"
    what = "Setting '{setting}' cannot be {value!r}."
    why = "{reason}"
    fix = "{cure}"


# ------------------------------------------------------------------ names and commands, WH7xx


class UsageError(WhenceError):
    """A name or command means nothing here."""


class RecordNotFoundError(UsageError, LookupError):
    """Nothing that was recorded bears this name."""

    code = "WH701"
    what = "There is no {kind} {name!r}."
    why = "{reason}"
    fix = "{suggestion}"


class UnknownMemberError(RecordNotFoundError, AttributeError, KeyError):
    """A run has no step or output of this name; by attribute and by item alike."""


class AmbiguousNameError(UsageError, LookupError):
    """A name fits several records."""

    code = "WH702"
    what = "{name!r} fits {count} {kind}s."
    why = "They are {candidates}."
    fix = "Give more characters of the id."


class TargetNotFoundError(UsageError):
    """`FILE:PIPELINE` names nothing that can be run."""

    code = "WH703"
    what = "{target!r} is not a pipeline that can be run."
    why = "{reason}"
    fix = "{suggestion}"


class CalledWhileLoadingError(UsageError):
    """A file runs a pipeline while the command line only wants to load it."""

    code = "WH704"
    what = "Pipeline '{pipeline}' was called while the command line loads the file."
    why = "`whence run` and `whence plan` need the file's definitions, not its runs."
    fix = 'Put the call under `if __name__ == "__main__":`.'
