"""Steps that runs with workers make attempts of; workers import this file by its name."""

import os
import time
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from tests.contract.orchestrated import tell

import whence
from whence import Input, Output, pipeline, step
from whence.artifacts import DataArtifact, ModelArtifact
from whence.interfaces.materializer import SingleFileMaterializer


class Point(NamedTuple):
    """A value that only a materializer of ours can store."""

    left: int
    right: int


class PointMaterializer(SingleFileMaterializer):
    """Stores points as text."""

    format = "point-of-tests/1"
    file_name = "point.txt"
    artifact_type = DataArtifact
    views = ()

    def encode(self, value):
        """Return the file's bytes."""
        return f"{value.left} {value.right}".encode()

    def decode(self, data, as_type):
        """Return the value."""
        return Point(*map(int, data.split()))


class UnitError(Exception):
    """What a step raises."""

    def __init__(self, unit, *, known):
        super().__init__(f"no unit {unit}")
        self.unit = unit
        self.known = known


@step(cache=False)
def pid(number: int) -> int:
    return os.getpid()


@step
def double(number: int) -> int:
    print(f"doubling {number}")
    whence.log_metric("seen", number)
    return 2 * number


@step
def add(left: int, right: int) -> int:
    return left + right


@step
def fill(size: int) -> np.ndarray:
    return np.arange(size, dtype=np.float64)


@step
def total(values: np.ndarray) -> float:
    assert not values.flags.owndata, "a large array is mapped, not read"
    return float(values.sum())


@step
def save(target: Output[ModelArtifact], words: str = "kept"):
    (target.path / "words.txt").write_text(words)


@step
def load(model: Input[ModelArtifact]) -> str:
    return (model.path / "words.txt").read_text()


@step
def make_point(number: int) -> Annotated[Point, PointMaterializer()]:
    return Point(number, number + 1)


@step
def use_point(point: Annotated[Point, PointMaterializer()]) -> int:
    return point.left + point.right


@step
def convert(unit: str) -> float:
    raise UnitError(unit, known=["m"])


@step
def miscount(unit: str) -> int:
    return [unit]


@step(cache=False)
def die(marker: Path) -> int:
    print("about to die")
    os._exit(7)


@step(cache=False)
def die_once(place: str) -> int:
    marker = Path(place)
    if not marker.exists():
        marker.touch()
        os._exit(7)
    return 1


@step(cache=False)
def hang(place: str) -> int:
    print("hanging", flush=True)
    tell(Path(place), str(os.getpid()))
    time.sleep(600)
    return 1


@step(cache=False)
def log_series(count: int) -> int:
    for number in range(count):
        whence.log_metric("loss", 1 / (number + 1), step=number, mode="min")
    return count


@step
def busy(seconds: float, size: int, after: int = 0) -> int:
    begin, held = time.process_time(), bytearray(b"x") * size
    while time.process_time() - begin < seconds:
        pass
    return len(held)


@pipeline
def series_of(count: int):
    log_series(count)


@pipeline
def arithmetic(number: int = 3):
    return add(double(number), double.with_options(name="other")(number + 1))


@pipeline
def two_pids():
    return {"first": pid(1), "second": pid.with_options(name="other")(2)}


@pipeline
def arrays(size: int = 300_000):
    return total(fill(size))


@pipeline
def models():
    target = save()
    return load(target)


@pipeline
def points():
    return use_point(make_point(2))


@pipeline
def converting():
    return convert("ell")
