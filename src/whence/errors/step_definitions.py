"""Definitions of steps that cannot stand, WH1xx."""

from whence.errors.whence_error import WhenceError


class DefinitionError(WhenceError):
    """The author of a step or pipeline must act."""


class InvalidStepError(DefinitionError):
    """What was decorated cannot be a step or a pipeline."""

    code = "WH100"
    what = "{name} cannot be a {kind}."
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
    what = "{subject} cannot be used."
    why = "{reason}"
    fix = "{cure}"


class InvalidOptionError(DefinitionError):
    """An option of a step or pipeline has a value that it cannot have."""

    code = "WH106"
    what = "Option '{option}' of {subject} cannot be {value!r}."
    fix = "{reason}"


class DuplicateOutputError(DefinitionError):
    """Two outputs of a step bear one name."""

    code = "WH107"
    what = "Step '{name}' has two outputs named '{output}'."
    fix = "Give each output a name of its own."


class UnknownOptionError(DefinitionError):
    """An option of a step or pipeline does not exist, or not yet."""

    code = "WH108"
    what = "There is no option '{option}' for {subject}."
    why = "{reason}"
    fix = "{cure}"
