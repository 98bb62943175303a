"""Steps that are tried again, and steps that are `async def`."""

from whence import Output, Retries, pipeline, step
from whence.artifacts import DataArtifact


@step(retries=Retries(3, pause=5.0, factor=2.0, longest=60.0, jitter=0.25))
async def fetch(count: int) -> list[int]:
    return list(range(count))


@step
async def plain(numbers: list[int]) -> float:
    return float(sum(numbers))


@step
async def write(number: float, out: Output[DataArtifact]) -> None:
    (out.path / "a.txt").write_text(str(number))


async def outside() -> float:
    return await plain.fn(await fetch.fn(3))


@pipeline
def total(count: int) -> float:
    mean = plain.with_options(retries=2)(fetch(count))
    write(number=mean)
    return mean


result: float = total(3).read()
