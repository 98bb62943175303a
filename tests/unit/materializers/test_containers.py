"""`ContainerMaterializer`: containers whose items are stored one by one."""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, NamedTuple, TypedDict, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from whence.artifacts import DataArtifact
from whence.domain.contents import make_inline_content
from whence.errors import (
    MaterializerNotFoundError,
    NotStorableError,
    UnknownFormatError,
    UnreadableArtifactError,
    UnresolvedAnnotationError,
)
from whence.interfaces.materializer import SingleFileMaterializer
from whence.materializers import (
    ContainerMaterializer,
    JsonMaterializer,
    PickleMaterializer,
    materializer_for,
    register,
)

T = TypeVar("T")


class Sound:
    """A class that no built-in materializer stores."""

    def __init__(self, samples):
        self.samples = samples

    def __eq__(self, other):
        return isinstance(other, Sound) and other.samples == self.samples

    __hash__ = None


class SoundMaterializer(SingleFileMaterializer):
    """Stores sounds, as a user would."""

    format: ClassVar[str] = "test-sound/1"
    file_name: ClassVar[str] = "sound.raw"

    def encode(self, value, /):
        """Return the samples."""
        if not all(0 <= sample < 256 for sample in value.samples):
            raise NotStorableError(subject="A sound", format=self.format, reason="It is too loud.")
        return bytes(value.samples)

    def decode(self, data, as_type=None, /):
        """Return a sound."""
        return Sound(list(data))


register(Sound, SoundMaterializer())


class Split(NamedTuple):
    """A NamedTuple with a sound."""

    train: Sound
    share: float = 0.5


@dataclass
class Album:
    """A dataclass that holds sounds, and more of its kind."""

    title: str
    songs: list[Sound]
    parts: "list[Album]" = field(default_factory=list)
    note: Any = None


@dataclass
class Box(Generic[T]):
    """A generic dataclass."""

    content: T


class Record(BaseModel):
    """A pydantic model with a sound."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    name: str
    sound: Sound


class Options(TypedDict):
    """A dict with known keys."""

    sound: Sound
    depth: int


@dataclass
class Unknown:
    """A dataclass with an annotation that means nothing."""

    sound: Sound
    part: "Missing"  # noqa: F821  # the point of the test


SOUND = Sound([1, 2, 3])
CASES = [
    (list[Sound], []),
    (list[Sound], [SOUND, Sound([])]),
    (tuple[Sound, ...], (SOUND, SOUND)),
    (tuple[int, Sound], (1, SOUND)),
    (dict[str, Sound], {"a/../b": SOUND, "$x": SOUND, "": SOUND}),
    (dict[tuple[int, str], Sound], {(1, "a"): SOUND}),
    (dict[str, list[Sound]], {"a": [SOUND], "b": []}),
    (Sound | None, SOUND),
    (Sound | None, None),
    (list[Sound | None], [None, SOUND]),
    (list[Sound] | dict[str, Sound] | Sound, {"a": SOUND}),
    (list[Sound] | dict[str, Sound] | Sound, SOUND),
    (Split, Split(SOUND)),
    (Album, Album("a", [SOUND], [Album("b", [])], note=[SOUND, {"x": (1,)}])),
    (Box[Sound], Box(SOUND)),
    (Record, Record(name="r", sound=SOUND)),
    (Options, {"sound": SOUND, "depth": 3}),
    (dict[str, Split | Sequence[int]], {"a": Split(SOUND), "b": (1, 2)}),
]


def files_of(artifact):
    """Return the bytes of each file, by its relative name."""
    return {
        path.relative_to(artifact.path).as_posix(): path.read_bytes()
        for path in artifact.path.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(("annotation", "value"), CASES)
def test_containers_come_back(tmp_path, annotation, value):
    """A container comes back with its items, whether the reader names its type or not."""
    artifact = DataArtifact(tmp_path / "artifact")
    materializer = materializer_for(annotation)
    materializer.write(value, artifact)

    readings = [
        materializer.read(artifact),
        materializer.read(artifact, annotation),
        ContainerMaterializer().read(artifact),
        ContainerMaterializer().read(artifact, annotation),
    ]

    assert readings == [value] * 4
    assert {type(reading) for reading in readings} == {type(value)}


ITEMS = st.recursive(
    st.builds(Sound, st.lists(st.integers(0, 255), max_size=3)) | st.integers() | st.text(),
    lambda items: (
        st.lists(items, max_size=3)
        | st.tuples(items)
        | st.dictionaries(st.integers() | st.text(), items, max_size=3)
        | st.builds(Box, items)
    ),
    max_leaves=6,
)


@settings(max_examples=500)
@given(st.lists(ITEMS, max_size=3))
def test_any_nesting_comes_back_from_the_same_bytes(tmp_path_factory, value):
    """Containers nested in any way come back, and are written as the same bytes each time."""
    base = tmp_path_factory.mktemp("nesting")
    first, second = DataArtifact(base / "first"), DataArtifact(base / "second")
    ContainerMaterializer().write(value, first)

    again = ContainerMaterializer().read(first)
    ContainerMaterializer().write(again, second)

    assert again == value
    assert type(again) is type(value)
    digests = {make_inline_content(files_of(artifact)).digest for artifact in (first, second)}
    assert len(digests) == 1


def test_each_item_lies_in_a_folder_of_its_own(tmp_path):
    """Items lie under numbers, never under a user's texts, beside an index of what they are."""
    artifact = DataArtifact(tmp_path / "artifact")
    materializer_for(dict[str, Sound]).write({"../x": SOUND, "y": SOUND}, artifact)

    files = files_of(artifact)

    assert set(files) == {"index.json", "0/sound.raw", "1/sound.raw"}
    assert json.loads(files["index.json"]) == {
        "kind": "dict",
        "class": None,
        "keys": ["../x", "y"],
        "formats": ["test-sound/1", "test-sound/1"],
    }


def test_small_contents_are_read_without_a_folder():
    """A container that the metadata store holds inline is read without being unfolded to disk."""
    value = {"a": SOUND}

    class Inline:
        """Files in memory."""

        uri = "whence:blake3:00"

        def read_file(self, name):
            """Return one of the files."""
            return {
                "index.json": (
                    b'{"kind":"dict","class":null,"keys":["a"],"formats":["test-sound/1"]}'
                ),
                "0/sound.raw": b"\1\2\3",
            }[name]

    assert ContainerMaterializer().read(DataArtifact.from_source(Inline())) == value


# ------------------------------------------------------------------ what a type is stored by


@dataclass
class Tree:
    """A dataclass of plain data that holds more of its kind."""

    size: int
    parts: "list[Tree]"


@pytest.mark.parametrize(
    "annotation", [list[int], dict[str, Any], Tree, list[Tree], int | str | None, set[str], tuple]
)
def test_plain_data_is_one_json_file(annotation):
    """A container whose items are all plain data is one JSON file, not a folder of folders."""
    assert type(materializer_for(annotation)) is JsonMaterializer


def test_union_of_types_with_one_materializer_is_stored_by_it():
    """Where all members of a union are stored alike, so is the union, without a container."""

    class Noise(Sound):
        """Another sound."""

    assert type(materializer_for(Sound | Noise)) is SoundMaterializer


def test_materializer_of_a_users_class_is_used_inside_containers():
    """A dataclass for which somebody registered a materializer is stored by it in a list too."""

    @dataclass
    class Loud:
        """Plain data, but to be stored in its own way."""

        level: int

    register(Loud, SoundMaterializer())

    assert type(materializer_for(list[Loud])) is ContainerMaterializer


@pytest.mark.parametrize(
    ("annotation", "error", "reason"),
    [
        (list[memoryview], MaterializerNotFoundError, "memoryview"),
        (dict[str, memoryview | None], MaterializerNotFoundError, "memoryview"),
        (set[Sound], MaterializerNotFoundError, "no order"),
        (dict[Sound, Sound], MaterializerNotFoundError, "keys of a dict"),
        (Unknown, UnresolvedAnnotationError, "'Missing' of 'part' in 'Unknown'"),
    ],
)
def test_types_that_cannot_be_stored_are_reported_at_once(annotation, error, reason):
    """A container of what no materializer stores is an error before there is any value."""
    with pytest.raises(error, match=reason):
        materializer_for(annotation)


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("annotation", "value", "place"),
    [
        (list[Sound], [SOUND, Sound([256])], "$[1]"),
        (Album, Album("a", [], [Album("b", [Sound([-1])])]), "$.parts[0].songs[0]"),
        (dict[str, Sound | None], {"a b": Sound([256])}, "$['a b']"),
        (Album, Album("a", [], note=[{"x": object}]), "$.note[0].x"),
    ],
)
def test_item_that_is_refused_is_named(tmp_path, annotation, value, place):
    """The error for an item inside containers gives the path to it."""
    with pytest.raises(NotStorableError) as caught:
        materializer_for(annotation).write(value, DataArtifact(tmp_path / "artifact"))

    assert caught.value.where == place


def test_container_of_a_derived_type_is_refused(tmp_path):
    """An `OrderedDict` would come back as a dict, so it is refused."""
    with pytest.raises(NotStorableError, match="OrderedDict"):
        ContainerMaterializer().write(OrderedDict(a=SOUND), DataArtifact(tmp_path / "artifact"))


INDEXES = [
    "",
    "[]",
    '{"kind":"list","class":null,"keys":[],"formats":5}',
    '{"kind":"list","class":null,"keys":[1],"formats":[]}',
    '{"kind":"dict","class":null,"keys":[],"formats":["json/1"]}',
    '{"kind":"one","class":null,"keys":[],"formats":[]}',
    '{"kind":"what","class":null,"keys":[],"formats":[]}',
    '{"kind":"dict","class":null,"keys":[[1]],"formats":["json/1"]}',
    '{"kind":"dict","class":null,"keys":[1,1],"formats":["json/1","json/1"]}',
    '{"kind":"enum","class":"enum:Enum","keys":[],"formats":[]}',
    '{"kind":"list","class":null,"keys":[],"formats":["container/1"]}',
]


@pytest.mark.parametrize("index", INDEXES)
def test_hostile_index_is_unreadable(tmp_path, index):
    """An index that was never written like this is refused with the reason."""
    for number in (0, 1):
        JsonMaterializer().write(1, DataArtifact(tmp_path / str(number)))
    (tmp_path / "index.json").write_text(index)

    with pytest.raises(UnreadableArtifactError):
        ContainerMaterializer().read(DataArtifact(tmp_path))


def test_index_names_no_pickle(tmp_path):
    """An index cannot bring a reader to unpickle what the reader has not named."""
    PickleMaterializer().write(1, DataArtifact(tmp_path / "0"))
    (tmp_path / "index.json").write_text(
        '{"kind":"list","class":null,"keys":[],"formats":["pickle/1"]}'
    )

    with pytest.raises(UnreadableArtifactError, match="pickle"):
        ContainerMaterializer().read(DataArtifact(tmp_path))


def test_unknown_format_is_reported(tmp_path):
    """An item in a format of a package that is not here is an error that names the format."""
    (tmp_path / "index.json").write_text(
        '{"kind":"list","class":null,"keys":[],"formats":["other/7"]}'
    )

    with pytest.raises(UnknownFormatError, match="other/7"):
        ContainerMaterializer().read(DataArtifact(tmp_path))
