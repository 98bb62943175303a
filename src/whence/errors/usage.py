"""Names and commands that mean nothing here, WH7xx."""

from whence.errors.whence_error import WhenceError


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


class UnknownCommandOptionError(UsageError):
    """An option on the command line is neither a command's own nor one of the pipeline's."""

    code = "WH705"
    what = "There is no option {option!r} for pipeline '{pipeline}'."
    why = "{reason}"
    fix = "{suggestion}"


class InvalidCommandOptionError(UsageError):
    """An option on the command line has no value, or one that it cannot have."""

    code = "WH706"
    what = "Option {option!r} cannot be used like this."
    why = "{reason}"
    fix = "{cure}"


class NothingToAcceptError(UsageError):
    """Something is to be accepted that has not changed, or cannot be told from the rest."""

    code = "WH708"
    what = "There is no change of {kind} {subject!r} to accept."
    why = "{reason}"
    fix = "{cure}"


class InvalidConfigurationError(UsageError):
    """A configuration file for a pipeline's parameters cannot be used."""

    code = "WH707"
    what = "The configuration {file!r} cannot be used."
    why = "{reason}"
    fix = "{cure}"


class FileNotReachedError(UsageError):
    """A file that stays where it is cannot be found there."""

    code = "WH709"
    what = "The file at {uri!r} cannot be named."
    why = "{reason}"
    fix = "{cure}"


class RunNotRunningError(UsageError):
    """A run that has ended, or that does not listen, is asked to end."""

    code = "WH710"
    what = "Run {run!r} of pipeline '{pipeline}' does not go on."
    why = "{reason}"
    fix = "List those that do: whence runs --status running"


class RunNotResumableError(UsageError):
    """A run is to be resumed that has nothing left to do, goes on, or cannot be started again."""

    code = "WH711"
    what = "Run {run!r} of pipeline '{pipeline}' cannot be resumed."
    why = "{reason}"
    fix = "{cure}"


class StepNotReplayableError(UsageError):
    """A step run is to be replayed of which something is missing."""

    code = "WH730"
    what = "Step '{node}' of run {run} cannot be replayed."
    why = "{reason}"
    fix = "{cure}"


class StepCodeNotFoundError(UsageError, LookupError):
    """The code of a step that ran is not where its run says, nor anywhere near."""

    code = "WH731"
    what = "The code of step '{step}' is not found."
    why = "{reason}"
    fix = "{cure}"


class FixtureNotWrittenError(UsageError):
    """No test can be written from a step run, or none that would pass."""

    code = "WH732"
    what = "No test is written from step '{node}' of run {run}."
    why = "{reason}"
    fix = "{cure}"


class InvalidSweepError(UsageError):
    """A sweep is asked for with something that is no pipeline, grid or list of parameter sets."""

    code = "WH720"
    what = "This cannot be swept."
    why = "{reason}"
    fix = "{cure}"


class UnrankedMetricError(UsageError):
    """The variants of a sweep cannot be ranked by this metric."""

    code = "WH721"
    what = "The variants cannot be ranked by metric {metric!r}."
    why = "{reason}"
    fix = "{cure}"


class InvalidSearchError(UsageError):
    """What runs are to be searched by cannot be read."""

    code = "WH750"
    what = "Runs cannot be searched by {given!r}."
    why = "{reason}"
    fix = "{cure}"


class UnknownQuantityError(UsageError, LookupError):
    """Runs are searched by a metric or parameter that none of them has."""

    code = "WH751"
    what = "No run here has a {kind} {name!r}."
    why = "{reason}"
    fix = "{suggestion}"
