"""A value and its stored form do not fit, WH4xx."""

from typing import Any

from whence.errors.whence_error import WhenceError


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
    fix = "If you know them: `{materializer}({option})`."


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
