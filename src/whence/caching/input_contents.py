"""What a step takes, as its key sees it: contents, and the user's own code that they name."""

from typing import NamedTuple

from whence.caching.named_code import Code, find_named_code, is_own
from whence.domain.artifacts import Artifact, DataArtifact, ModelArtifact
from whence.domain.contents import Content
from whence.errors import WhenceError
from whence.graph.interface import Argument, OutputSpec
from whence.interfaces.artifact_store import ArtifactStore
from whence.interfaces.materializer import ReadFile
from whence.registry.class_names import list_class_names
from whence.registry.stored_content import StoredContentSource
from whence.values.canonical import compute_value_digest
from whence.values.class_names import ClassName

_MOST_KNOWN = 20_000
_WITHOUT_OWN_CODE = (Artifact, DataArtifact, ModelArtifact, list, tuple, dict)

_Names = tuple[ClassName, ...]
_known_names: dict[tuple[str, str | None], _Names] = {}
"""The classes that contents name, by digest and format."""


class InputContent(NamedTuple):
    """One thing that a step takes, as its key sees it."""

    argument: str
    path: str  # where in the argument, as Python would write it: `[0]['train']`
    digest: str
    format: str | None
    shown: str  # where it comes from, for people
    code: tuple[Code, ...] = ()  # of the user's own, that comes with it: classes of instances in it


def describe_collection(argument: Argument, path: str, kind: type, count: int) -> InputContent:
    """Return what a collection of inputs is besides its items: `[]` is not `{}`, nor left out."""
    digest = compute_value_digest((kind.__qualname__, count))
    shown = f"a {kind.__name__} of {count}"
    return InputContent(argument.name, path, digest, None, shown, _own_class(kind))


def describe_output(  # noqa: PLR0913, PLR0917  # where to, where from, and what
    argument: Argument,
    path: str,
    node: str,
    output: OutputSpec,
    content: Content,
    store: ArtifactStore,
) -> InputContent:
    """Return what an argument takes of another step's output."""
    format_name = output.format
    names = _find_names(content, format_name, store)
    code = find_named_code(names, (output.annotation, argument.annotation)) if names else ()
    if argument.artifact_type is not None:
        code += _own_class(output.artifact_type)
    shown = f"{node}.{output.name}"
    return InputContent(argument.name, path, content.digest, format_name, shown, code)


def describe_value(
    argument: Argument, path: str, content: Content, format_name: str | None, store: ArtifactStore
) -> InputContent:
    """Return what an argument takes of a value that is given to the run."""
    names = _find_names(content, format_name, store)
    code = find_named_code(names, (argument.annotation,)) if names else ()
    shown = "a value given to the run"
    return InputContent(argument.name, path, content.digest, format_name, shown, code)


def describe_artifact(
    argument: Argument, path: str, artifact: Artifact, shown: str
) -> InputContent:
    """Return what an argument takes of an artifact that is stored already."""
    digest, format_name = artifact.digest, artifact.format
    names = _known_names.get((digest, format_name))
    if names is None:
        names = _list_names(digest, format_name, artifact.read_file)
    code = find_named_code(names, (argument.annotation,)) if names else ()
    if argument.artifact_type is not None:
        code += _own_class(type(artifact))
    return InputContent(argument.name, path, digest, format_name, shown, code)


def _own_class(cls: type) -> tuple[Code, ...]:
    return (cls,) if cls not in _WITHOUT_OWN_CODE and is_own(cls) else ()


def _find_names(content: Content, format_name: str | None, store: ArtifactStore) -> _Names:
    """Return the classes that a content names; a short one is looked through where it is."""
    names = _known_names.get((content.digest, format_name))
    if names is not None:
        return names
    if content.inline is not None:
        return _list_names(content.digest, format_name, content.inline.__getitem__)
    files = StoredContentSource(content, format_name, store)
    return _list_names(content.digest, format_name, files.read_file)


def _list_names(digest: str, format_name: str | None, read_file: ReadFile) -> _Names:
    """Return the classes that a content names; none where a step that reads it will fail too."""
    if format_name is None:  # the step reads the files in a way of its own
        return ()
    try:
        names = tuple(dict.fromkeys(list_class_names(format_name, read_file)))
    except (WhenceError, OSError, LookupError):
        return ()
    if len(_known_names) > _MOST_KNOWN:
        _known_names.clear()
    _known_names[digest, format_name] = names
    return names
