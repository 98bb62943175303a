"""The forms in which people name an earlier result, read without looking at any record."""

from whence.domain.frozen import frozen


@frozen
class ArtifactReference:
    """An output of a run: what its pipeline returned, or what one of its steps made."""

    pipeline: str
    output: str  # `means`, `fit.model`, or a step with one output
    run: str | None = None  # its id's end, or name; None for the latest completed one


@frozen
class ModelReference:
    """A version of a model."""

    model: str
    version: str  # a number or an alias


@frozen
class BareReference:
    """An artifact by the end of its id, or the newest version of a model."""

    text: str


Reference = ArtifactReference | ModelReference | BareReference


def parse_reference(text: str) -> Reference:
    """Return what *text* refers to, by its form alone."""
    pipeline, slash, rest = text.partition("/")
    if slash:
        output, _, run = rest.partition("@")
        return ArtifactReference(pipeline, output, run or None)
    model, at, version = text.rpartition("@")
    return ModelReference(model, version) if at else BareReference(text)
