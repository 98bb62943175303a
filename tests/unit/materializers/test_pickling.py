"""`PickleMaterializer`: any value, for those who name it."""

import subprocess
import sys
from pathlib import Path

import pytest

import whence
from whence.artifacts import DataArtifact
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.materializers import PickleMaterializer


class Anything:
    """A class that only a pickle can store."""

    def __init__(self, value):
        self.value = value


def test_any_picklable_value_comes_back(tmp_path):
    """An instance of any class comes back, with what it refers to."""
    artifact = DataArtifact(tmp_path / "value")
    PickleMaterializer().write(Anything({"a": range(3)}), artifact)

    again = PickleMaterializer().read(artifact, Anything)

    assert again.value == {"a": range(3)}


@pytest.mark.parametrize("value", [lambda: None, sys, (n for n in range(3))])
def test_what_cannot_be_pickled_is_refused(value):
    """A lambda, a module and a generator are refused with the reason."""
    with pytest.raises(NotStorableError, match="pickle"):
        PickleMaterializer().encode(value)


@pytest.mark.parametrize("data", [b"", b"junk", b"cmissing_module\nThing\n."])
def test_broken_pickle_is_unreadable(data):
    """A file that is no pickle, or names what is gone, is unreadable with the reason."""
    with pytest.raises(UnreadableArtifactError, match="Error"):
        PickleMaterializer().decode(data)


def test_value_of_another_type_is_refused():
    """Asking for a type that the value is not of is an error that names both."""
    materializer = PickleMaterializer()

    with pytest.raises(UnreadableArtifactError, match="'int', not 'str'"):
        materializer.decode(materializer.encode(3), str)


def test_no_other_module_unpickles():
    """Only this materializer unpickles stored files; a run and its workers talk by pickles."""
    package = Path(whence.__file__).parent
    importers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if {"import pickle", "import marshal", "import shelve"}
        & {line.strip().partition("  #")[0] for line in path.read_text("utf-8").splitlines()}
    }
    between_own_processes = {"orchestrators/messages.py", "orchestrators/packing.py"}

    assert importers - between_own_processes == {"materializers/pickling.py"}


def test_other_materializers_load_no_pickle_machinery():
    """Reading and writing plain data never loads the pickle materializer."""
    program = (
        "import sys\n"
        "from whence.materializers import JsonMaterializer\n"
        "JsonMaterializer().decode(JsonMaterializer().encode([1]))\n"
        "assert 'whence.materializers.pickling' not in sys.modules\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
