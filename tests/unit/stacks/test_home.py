"""Where a project's records live."""

from pathlib import Path

import pytest
from tests.contract.example_records import make_run

from whence.domain.records import RunFilter, RunStarted
from whence.errors import ComponentNotFoundError, StoreUnavailableError
from whence.registry.components import create_artifact_store, create_metadata_store
from whence.stacks.current import make_local_stack, open_stack, use_stack
from whence.stacks.home import find_home


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """Work in a folder inside a project."""
    (tmp_path / "project/src").mkdir(parents=True)
    (tmp_path / "project/pyproject.toml").touch()
    monkeypatch.chdir(tmp_path / "project/src")
    return tmp_path / "project"


def test_records_live_beside_the_projects_settings(project):
    """Wherever in a project one works, its records are found."""
    assert find_home() == project / ".whence"


def test_without_a_project_records_live_in_the_working_directory(project):
    """A folder of scripts has records too."""
    (project / "pyproject.toml").unlink()

    assert find_home() == project / "src/.whence"


def test_the_environment_names_another_home(project, monkeypatch):
    """WHENCE_HOME wins, and is read at each call."""
    monkeypatch.setenv("WHENCE_HOME", "../elsewhere")

    assert find_home().resolve() == project / "elsewhere"


def test_one_stack_serves_a_home(project, monkeypatch):
    """The stack of a place is the same each time, and another one in another place."""
    here = open_stack()

    assert open_stack() is here
    monkeypatch.setenv("WHENCE_HOME", str(project / "other"))
    assert open_stack().home == project / "other"


def test_looking_around_leaves_no_trace(project):
    """Nothing is made on disk before something is written."""
    stack = open_stack()

    assert stack.metadata_store.list_runs(RunFilter()) == []
    assert stack.artifact_store.uri == (project / ".whence/artifacts").as_uri()
    assert not (project / ".whence").exists()


def test_a_home_is_marked_for_git_and_backups(project):
    """Nobody commits artifacts by mistake, and the marks are made once."""
    stack = open_stack()
    stack.make_home()
    stack.make_home()
    stack.metadata_store.record([RunStarted(make_run(), [])])
    stack.close()

    names = {path.name for path in (project / ".whence").iterdir()}
    assert {".gitignore", "CACHEDIR.TAG", "metadata.sqlite"} <= names
    assert (project / ".whence/.gitignore").read_text() == "*\n"
    assert stack.logs == project / ".whence/logs"


def test_a_home_that_cannot_be_made_says_so(tmp_path):
    """A home below a file is an error with a cure."""
    (tmp_path / "file").touch()

    with pytest.raises(StoreUnavailableError, match="WHENCE_HOME"):
        make_local_stack(tmp_path / "file/home").make_home()


def test_a_stack_is_used_inside_its_block_only(project, tmp_path):
    """A test brings its own stack and leaves the project's alone."""
    mine = make_local_stack(tmp_path / "mine", name="mine")

    with use_stack(mine) as used:
        assert open_stack() is used is mine
    assert open_stack().home == project / ".whence"


def test_a_home_may_have_any_name(tmp_path):
    """Spaces, percent signs and letters of any script lead to the right folder."""
    stack = make_local_stack(tmp_path / "a b%20ü#?")
    stack.metadata_store.record([RunStarted(make_run(), [])])
    stack.artifact_store.open_staging()
    stack.close()

    assert {path.name for path in stack.home.iterdir()} >= {"metadata.sqlite", "artifacts"}


@pytest.mark.parametrize(
    ("url", "said"),
    [("fiel:///x", "Did you mean 'file'"), ("/plain/path", "not a URL"), ("s4://x", "s4")],
)
def test_an_unknown_address_is_explained(url, said):
    """A mistyped scheme is met with the nearest known one."""
    with pytest.raises(ComponentNotFoundError, match=said):
        create_artifact_store(url)
    with pytest.raises(ComponentNotFoundError):
        create_metadata_store(url)
