"""Settings that must be corrected, WH6xx."""

from whence.errors.whence_error import WhenceError


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
