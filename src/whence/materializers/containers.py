"""Containers whose items are stored one by one, each by the materializer of its own type."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Union, cast, get_args, get_origin

from whence.domain.artifacts import Artifact, DataArtifact
from whence.errors import (
    FreeArtifactError,
    MaterializerNotFoundError,
    MissingPackageError,
    NotStorableError,
    UnknownFormatError,
)
from whence.interfaces.materializer import (
    ItemizedMaterializer,
    Materializer,
    ReadFile,
    StoredItem,
)
from whence.materializers.container_parts import (
    FORMAT,
    ONE,
    Index,
    part_type,
    part_types,
    put_items_together,
    read_index,
    read_names,
    take_items,
    unreadable,
    write_index,
)
from whence.materializers.json_values import JsonMaterializer
from whence.registry.class_names import list_class_names
from whence.registry.materializers import materializer_for, materializer_for_format
from whence.values import typed_json
from whence.values.class_names import ClassName, classes_in
from whence.values.class_parts import has_fields
from whence.values.type_forms import is_union, runtime_class, type_name, union_members
from whence.values.typed_json_types import is_json_type
from whence.values.validation import InvalidValueError, check_value

INDEX = "index.json"

_Find = Callable[[Any], Materializer]
_being_decided: ContextVar[tuple[Any, ...]] = ContextVar("types being decided", default=())


class ContainerMaterializer(ItemizedMaterializer):
    """Stores lists, tuples, dicts, NamedTuples, dataclasses and pydantic models item by item.

    Each item lies in a folder of its own, named by its position, beside `index.json`. Where the
    container's type does not say of what type an item is, the item itself does.
    """

    format: ClassVar[str] = FORMAT

    def __init__(self, annotation: Any = None, find: _Find = materializer_for) -> None:
        self._annotation = annotation
        self._find = find

    @classmethod
    def for_annotation(cls, annotation: Any, find: _Find) -> Materializer:
        """Return the materializer for a container type or a union: typed JSON where that serves.

        Raises `MaterializerNotFoundError` where a part cannot be stored.
        """
        if annotation in _being_decided.get():
            return cls(annotation, find)  # the type is a part of itself
        with _deciding(annotation):
            if is_json_type(annotation) and not _has_own_materializer(annotation, find):
                return JsonMaterializer()
            _check_keys(annotation)
            parts = [_find_part(part, find) for part in part_types(annotation)]
        kinds = {type(part) for part in parts}
        if is_union(annotation) and len(kinds) == 1 and cls not in kinds:
            return parts[0]
        return cls(annotation, find)

    def write(self, value: Any, artifact: Artifact, /) -> None:
        """Write each item into a folder of its own, and the index beside them.

        Raises `NotStorableError`, whose `where` is the path to what is refused.
        """
        index, items = take_items(value, self._annotation)
        formats: list[str] = []
        for position, item in enumerate(items):
            place = DataArtifact(artifact.path / str(position))
            with _placing(index, position):
                materializer = self._writer(item, index, position)
                materializer.write(item, place)
            formats.append(materializer.format)
        artifact.path.mkdir(parents=True, exist_ok=True)
        text = write_index(replace(index, formats=formats))
        (artifact.path / INDEX).write_bytes(text.encode())

    def read(self, artifact: Artifact, as_type: Any = None, /) -> Any:
        """Return the container, its items read as *as_type* says of them.

        Raises `UnreadableArtifactError`, `UnknownFormatError` or `UnknownClassError`.
        """
        wanted = self._annotation if as_type is None else as_type
        index = _read_index(artifact, wanted)
        items = [
            self._read_item(artifact, index, position, wanted)
            for position in range(len(index.formats))
        ]
        return put_items_together(index, items, wanted)

    def list_class_names(self, read_file: ReadFile, /) -> Sequence[ClassName]:
        """Return the classes of the container and of its items, in depth.

        Raises what the materializer of an item raises for files that it cannot read.
        """
        names, formats = read_names(read_file(INDEX))
        for position, format_name in enumerate(formats):
            names += _list_names_of_item(format_name, f"{position}/", read_file)
        return names

    def list_items(self, artifact: Artifact, /) -> Sequence[StoredItem]:
        """Return where the items lie. Raises `UnreadableArtifactError`."""
        formats = _read_index(artifact, self._annotation).formats
        return [StoredItem(str(position), each) for position, each in enumerate(formats)]

    def _writer(self, item: Any, index: Index, position: int) -> Materializer:
        """Return the materializer of an item: by its declared type, else by its own."""
        if index.kind == ONE:
            declared = _member_for(item, self._annotation)
        else:
            declared = part_type(self._annotation, index, position)
        if declared is not None and declared is not Any and declared is not object:
            return _find_part(declared, self._find)
        item_class = cast("type[Any]", type(item))
        if issubclass(item_class, (list, tuple, dict)) or has_fields(item_class):
            return JsonMaterializer() if _is_json_value(item) else type(self)(None, self._find)
        return self._find_for_item(item_class)

    def _find_for_item(self, item_class: type[Any]) -> Materializer:
        try:
            return self._find(item_class)
        except MaterializerNotFoundError as error:
            raise NotStorableError(
                subject=f"A value of type '{type_name(item_class)}'",
                format=FORMAT,
                reason="No materializer is known for its type.",
                cure="Give the container a type that says how it is stored, or leave it out.",
            ) from error

    def _read_item(self, artifact: Artifact, index: Index, position: int, wanted: Any) -> Any:
        format_name = index.formats[position]
        if index.kind == ONE:
            view = _members_of_format(wanted, format_name, self._find)
        else:
            view = part_type(wanted, index, position)
        reader = self._reader(format_name, view)
        item = DataArtifact.from_source(_ItemSource(artifact, str(position)))
        return reader.read(item, None if view is Any or view is object else view)

    def _reader(self, format_name: str, view: Any) -> Materializer:
        for member in union_members(view) if view is not None else ():
            if _format_of(member, self._find) == format_name:
                return _find_part(member, self._find)
        if format_name.startswith("pickle/"):
            # An index is data: it must not decide that something is unpickled.
            raise unreadable(reason="An item is a pickle, which the type read does not name.")
        return materializer_for_format(format_name)


def _list_names_of_item(format_name: str, folder: str, read_file: ReadFile) -> Sequence[ClassName]:
    try:
        return list_class_names(format_name, lambda name: read_file(folder + name))
    except (UnknownFormatError, MissingPackageError):
        return ()  # nothing here could read it


def _read_index(artifact: Artifact, annotation: Any) -> Index:
    try:
        text = artifact.read_file(INDEX).decode()
    except (LookupError, OSError, UnicodeDecodeError) as error:
        raise unreadable(reason=f"Its index cannot be read: {error}.") from error
    return read_index(text, annotation)


class _ItemSource:
    """One item's folder inside the artifact of its container."""

    __slots__ = ("_container", "_name")

    def __init__(self, container: Artifact, name: str) -> None:
        self._container = container
        self._name = name

    @property
    def uri(self) -> str:
        return f"{self._container.uri.rstrip('/')}/{self._name}"

    def path(self) -> Path:
        return self._container.path / self._name

    def read_file(self, name: str) -> bytes:
        return self._container.read_file(f"{self._name}/{name}")

    def read(self, artifact: Artifact, as_type: Any) -> Any:  # noqa: ARG002  # as the protocol has it
        raise FreeArtifactError(where=repr(artifact))

    def fact(self, name: str) -> Any:
        raise FreeArtifactError(where=self.uri, asked=name)


# ------------------------------------------------------------------ deciding by type


@contextmanager
def _deciding(annotation: Any) -> Generator[None]:
    token = _being_decided.set((*_being_decided.get(), annotation))
    try:
        yield
    finally:
        _being_decided.reset(token)


def _has_own_materializer(annotation: Any, find: _Find) -> bool:
    """Return whether somebody stores a class in the annotation in a way of their own."""
    outer = _being_decided.get()
    own = (find(cls) for cls in classes_in(annotation) if cls not in outer)
    return not all(isinstance(each, (JsonMaterializer, ContainerMaterializer)) for each in own)


def _check_keys(annotation: Any) -> None:
    """Refuse containers whose items have no place of their own."""
    cls = runtime_class(annotation)
    if cls is set or cls is frozenset:
        raise _not_found(annotation, reason="The items of a set have no order to be stored in.")
    if get_origin(annotation) is dict and not is_json_type(get_args(annotation)[0]):
        raise _not_found(annotation, reason="The keys of a dict are stored as typed JSON.")


def _not_found(annotation: Any, *, reason: str) -> MaterializerNotFoundError:
    cure = "Use a list, or a dict with plain keys."
    return MaterializerNotFoundError(type=type_name(annotation), reason=reason, cure=cure)


def _find_part(part: Any, find: _Find) -> Materializer:
    """Return the materializer of a part, which may also be an abstract container of plain data."""
    try:
        return find(part)
    except MaterializerNotFoundError:
        if is_json_type(part):
            return JsonMaterializer()
        raise


def _format_of(part: Any, find: _Find) -> str | None:
    try:
        return _find_part(part, find).format
    except MaterializerNotFoundError:
        return None


# ------------------------------------------------------------------ deciding by value and format


def _is_json_value(value: Any) -> bool:
    try:
        typed_json.encode(value)
    except NotStorableError:
        return False
    return True


def _member_for(value: Any, annotation: Any) -> Any:
    """Return the member of a union by which a value is stored."""
    for member in union_members(annotation):
        try:
            check_value(value, member)
        except InvalidValueError:
            continue
        return member
    raise NotStorableError(
        subject=f"A value of type '{type_name(type(value))}'",
        format=FORMAT,
        reason=f"It is none of {type_name(annotation)}.",
        cure="Add its type to the union.",
    )


def _members_of_format(annotation: Any, format_name: str, find: _Find) -> Any:
    """Return the members of a union that are stored in a format, or None if there are none."""
    members = [
        member
        for member in (union_members(annotation) if annotation is not None else ())
        if _format_of(member, find) == format_name
    ]
    return Union[tuple(members)] if members else None  # noqa: UP007  # known only at run time


@contextmanager
def _placing(index: Index, position: int) -> Generator[None]:
    """Say of an error inside an item in which item it was."""
    try:
        yield
    except NotStorableError as error:
        inner = (error.where or "$").removeprefix("$")
        error.where = f"${_step(index, position)}{inner}"
        raise


def _step(index: Index, position: int) -> str:
    if index.kind == ONE:
        return ""
    key = index.keys[position]
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"
