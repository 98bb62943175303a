"""What came of a step cannot be used, WH3xx."""

from typing import Any

from whence.errors.whence_error import Facts, WhenceError


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
    fix = "{cure}\nThe value is kept as `.value`."


class InvalidOutputFilesError(StepFailedError):
    """A step wrote something that is neither a file nor a folder."""

    code = "WH305"
    what = "{subject} holds '{file}', which is {form}."
    why = "An artifact is plain files and folders, so that it means the same everywhere."
    fix = "{cure}"

    def __init__(self, *, where: str | None = None, **facts: Any) -> None:
        known = "Output '{output}' of step '{step}'".format_map(Facts(facts))
        subject = known if facts.get("output") else "The output's folder"
        cure = facts.get("cure") or "Write a copy of the file instead."
        super().__init__(where=where, **{**facts, "subject": subject, "cure": cure})


class InputNotReadError(StepFailedError):
    """An input of a step could not be read."""

    code = "WH306"
    what = "Input '{argument}' of step '{step}' could not be read."
    why = "{reason}"
    fix = "{cure}"


class StepNotSentError(StepFailedError):
    """The code or the values of a step cannot be had in a worker process as they are here."""

    code = "WH307"
    what = "Step '{step}' could not be sent to a worker process."
    why = "{reason}"
    fix = (
        "Make what cannot travel (a connection, an open file) inside the step, "
        "or run without workers."
    )


class ResultNotSentError(StepFailedError):
    """What came of a step in a worker process cannot be had in this one."""

    code = "WH308"
    what = "The result of step '{step}' could not be sent back by its worker process."
    why = "{reason}"
    fix = "Report plain data by `log_metadata`, of classes that the calling process knows too."


class StepLostError(StepFailedError):
    """The process in which a step ran is gone, and with it what the step would have given."""

    code = "WH309"
    what = "Step '{step}' was lost: its process ended before it did."
    why = "{reason}"
    fix = "Try again, or let it be tried again: `@step(retries=2)`."


class StepTimedOutError(StepFailedError):
    """A step took longer than it may, and was stopped."""

    code = "WH310"
    what = "Step '{step}' did not end within its timeout of {seconds} seconds."
    why = "It was stopped, with all processes that it had started."
    fix = "Give it more time, or let it be tried again: `@step(timeout=..., retries=2)`."


class UnequalItemsError(StepFailedError):
    """The lists of a map turned out to have different lengths."""

    code = "WH311"
    what = "Map '{node}' cannot be expanded: its lists have different lengths."
    why = "They are taken side by side, and there are {lengths}."
    fix = "Let the steps that give the lists give as many items; what all get goes by keyword."
