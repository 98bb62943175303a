"""Artifacts are folders: a step writes one, another reads it, and so may anybody later."""

import json
import tempfile
from pathlib import Path

import numpy as np

from whence import Input, Output, pipeline, step
from whence.artifacts import DataArtifact
from whence.materializers import NumpyMaterializer


@step
def write_report(report: Output[DataArtifact], count: int = 3) -> None:
    """Write any files into the folder that Whence hands in."""
    (report.path / "squares.json").write_text(json.dumps([n * n for n in range(count)]))
    (report.path / "notes.txt").write_text(f"The squares of the first {count} numbers.\n")


@step
def write_array(report: Input[DataArtifact], array: Output[DataArtifact]) -> None:
    """Read another step's files, and write an array through a materializer."""
    squares = json.loads((report.path / "squares.json").read_text())
    NumpyMaterializer().write(np.array(squares), array)


@pipeline
def reports(count: int = 3) -> None:
    """Tie the two by the artifact."""
    write_array(write_report(count=count))


def main() -> None:
    """Run once, then use the artifacts outside of any step."""
    run = reports(count=4)
    report = run.steps.write_report.outputs.report
    array = run.steps.write_array.outputs.array
    print("files:", sorted(path.name for path in report.path.iterdir()))
    print("array:", NumpyMaterializer().read(array))
    print("digest:", array.digest)

    with tempfile.TemporaryDirectory() as folder:  # a free artifact: a folder of your own
        mine = DataArtifact(Path(folder) / "mine")
        NumpyMaterializer().write(np.arange(3), mine)
        print("mine:", NumpyMaterializer().read(mine), "in", mine.path.name)


if __name__ == "__main__":
    main()
