"""What the contract says of artifacts and of what a return stores, sentence by sentence."""

import os
from typing import Annotated, Any

import pytest

from whence import Input, Output, Step, connect, pipeline, step
from whence.artifacts import Artifact, DataArtifact, ModelArtifact
from whence.errors import (
    InvalidAnnotationError,
    InvalidOutputFilesError,
    InvalidPipelineError,
    MaterializerNotFoundError,
    MissingAnnotationError,
    OutputNotWrittenError,
)
from whence.materializers import JsonMaterializer, PickleMaterializer


@step
def make(out: Output[ModelArtifact], content: str = "1"):
    (out.path / "model.txt").write_text(content)


@step
def judge(model: Input[ModelArtifact]) -> str:
    return (model.path / "model.txt").read_text()


def test_an_output_is_an_empty_private_folder_while_the_step_runs():
    """`.path` exists and is empty, `.uri` is its address, and the artifact is of its type."""
    seen: dict[str, Any] = {}

    @step
    def look(out: Output[ModelArtifact]):
        seen.update(
            empty=out.path.is_dir() and not list(out.path.iterdir()),
            private=out.path.stat().st_mode & 0o077 == 0,
            address=out.uri == out.path.as_uri(),
            typed=isinstance(out, ModelArtifact),
        )
        (out.path / "file").touch()

    look.run()

    assert seen == dict.fromkeys(("empty", "private", "address", "typed"), True)


def test_afterwards_an_artifact_is_a_read_only_folder():
    """After the step `.uri` is the address in the store, and no file may be written."""
    artifact = make.run().steps.make.outputs.out

    modes = [place.stat().st_mode & 0o222 for place in (artifact.path, *artifact.path.iterdir())]
    assert modes == [0, 0]
    assert artifact.uri == artifact.path.as_uri()


def test_special_files_in_an_output_are_refused():
    """A pipe is no data; the error names it."""

    @step
    def pipe(out: Output[DataArtifact]):
        os.mkfifo(out.path / "channel")

    with pytest.raises(InvalidOutputFilesError, match="'channel', which is a named pipe"):
        pipe.run()


def test_an_output_with_empty_folders_alone_counts_as_never_written():
    """Folders hold no data by themselves."""

    @step
    def folders(out: Output[DataArtifact]):
        (out.path / "a" / "b").mkdir(parents=True)

    with pytest.raises(OutputNotWrittenError, match="'folders' did not write its output 'out'"):
        folders.run()


def test_data_and_models_are_siblings_and_an_input_takes_subclasses():
    """An input accepts its type and subclasses, and no sibling."""

    class Special(ModelArtifact):
        pass

    @step
    def special(out: Output[Special]):
        (out.path / "model.txt").write_text("special")

    @step
    def any_artifact(given: Input[Artifact]) -> str:
        return type(given).__name__

    @step
    def data(given: Input[DataArtifact]) -> str:
        return "data"

    def tie(consumer):
        @pipeline
        def tied():
            return consumer(special())

        return tied()

    assert (tie(judge).read(), tie(any_artifact).read()) == ("special", "Special")
    with pytest.raises(InvalidPipelineError, match="accepts DataArtifact"):
        tie(data)


def test_an_output_connects_to_values_only_if_its_format_is_declared():
    """`Annotated[Output[A], SomeMaterializer()]` says how the files are read."""

    @step
    def declared(out: Annotated[Output[ModelArtifact], JsonMaterializer()]):
        JsonMaterializer().write({"a": 1}, out)

    @step
    def take(given: dict[str, int]) -> int:
        return given["a"]

    def tie(producer):
        @pipeline
        def tied():
            return take(producer())

        return tied()

    assert tie(declared).read() == 1
    with pytest.raises(InvalidPipelineError, match=r"take it as `Input\[ModelArtifact\]`"):
        tie(make)


def test_connect_places_steps_and_names_the_candidates_where_it_cannot_choose():
    """Two candidates, or none, is an error that names them."""

    @pipeline
    def plain():
        connect(make, judge)

    @pipeline
    def ambiguous(first: Step[make], second: Step[make], last: Step[judge]):
        connect(first, second, last)

    assert plain().steps.judge.outputs.result.read() == "1"
    with pytest.raises(InvalidPipelineError, match=r"'first\.out', 'second\.out'"):
        ambiguous()


# ------------------------------------------------------------------ what a return stores


def test_how_an_output_is_stored_is_decided_and_shown_at_the_definition():
    """`describe` shows each output's type and format; a pickle only where it is named."""

    @step
    def odd() -> Annotated[object, PickleMaterializer()]:
        return {1}

    assert "gives result: object (DataArtifact, pickle/1)" in odd.describe()


def test_a_type_without_a_materializer_is_a_definition_error():
    """The error lists the choices, before anything runs."""
    with pytest.raises(MaterializerNotFoundError, match="Name one: `Annotated"):

        @step
        def lost() -> range: ...


def test_a_tuple_is_several_outputs_only_if_all_elements_are_named():
    """Any other tuple is one output."""

    @step
    def named() -> tuple[Annotated[int, "low"], Annotated[int, "high"]]:
        return 1, 2

    @step
    def plain() -> tuple[Annotated[int, "low"], int]:
        return 1, 2

    assert named.run().steps.named.outputs.high.read() == 2
    assert plain.run().read() == (1, 2)


def test_every_argument_needs_an_annotation_and_every_output_a_name():
    """Both are definition errors that say where."""
    with pytest.raises(MissingAnnotationError, match="Argument 'a' of step 'bare'"):

        @step
        def bare(a) -> int: ...

    with pytest.raises(InvalidAnnotationError, match="cannot name an output"):

        @step
        def misnamed() -> Annotated[int, "not a name"]: ...
