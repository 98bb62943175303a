"""What cannot be done with a model, WH74x."""

from whence.errors.usage import UsageError


class PromotionRefusedError(UsageError):
    """A gate does not let a version pass."""

    code = "WH740"
    what = "{model} {version} is not promoted to {alias!r}: gate {gate} refuses."
    why = "{reason}"
    fix = "Nothing was recorded. Promote a version that passes, or leave the gate out."


class AliasMovedError(UsageError):
    """Others gave an alias to other versions while this one was being promoted."""

    code = "WH741"
    what = "Alias {alias!r} of model {model!r} was moved meanwhile."
    why = "{reason}"
    fix = "Look at its history, and promote again: whence models {model}"


class NotPromotableError(UsageError):
    """Something is to be promoted that is no model, or several."""

    code = "WH742"
    what = "{given} cannot be promoted as model {model!r}."
    why = "{reason}"
    fix = "{cure}"


class FunctionNotFoundError(UsageError):
    """`FILE:FUNCTION` names no function, as a gate."""

    code = "WH744"
    what = "{target!r} is not a function."
    why = "{reason}"
    fix = "{suggestion}"


class FolderNotEmptyError(UsageError):
    """A folder that is to be written anew holds something already."""

    code = "WH743"
    what = "The folder {folder} cannot be written: it is not empty."
    why = "What is there already is never replaced."
    fix = "Name a folder that is empty or does not exist."
