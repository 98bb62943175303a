"""Steps that are `async def` run to their end, here and where an event loop is running already."""

import asyncio
from contextvars import ContextVar

import pytest

import whence
from whence import Output, pipeline, step
from whence.artifacts import DataArtifact
from whence.errors import InvalidStepError


async def fetch(number: int) -> int:
    await asyncio.sleep(0)
    return number


@step
async def gather(count: int) -> list[int]:
    """Fetch side by side."""
    print("gathering")
    whence.log_metric("count", count)
    return list(await asyncio.gather(*map(fetch, range(count))))


@step
def total(numbers: list[int]) -> int:
    return sum(numbers)


@pipeline
def summing(count: int = 4):
    return total(gather(count))


def test_an_async_step_gives_what_it_awaited():
    """Its outputs are those of the coroutine, and it is recorded and reused like any step."""
    run = summing()

    assert run.read() == 6
    assert run.steps.gather.logs() == "gathering\n"
    assert run.metrics["count"] == 4
    assert summing().steps.gather.cached


def test_an_async_step_runs_inside_a_running_loop():
    """In a notebook, whose thread has a loop of its own, a pipeline is called as anywhere."""

    async def cell():
        return summing(3)

    run = asyncio.run(cell())

    assert run.read() == 3
    assert run.steps.gather.logs() == "gathering\n"
    assert run.metrics["count"] == 3


ASKED_BY: ContextVar[str] = ContextVar("asked_by", default="nobody")


@step(cache=False)
async def greet() -> str:
    await asyncio.sleep(0)
    return ASKED_BY.get()


def test_an_async_step_sees_the_context_of_its_caller():
    """Context variables reach the step, whichever thread its loop runs in."""

    async def cell():
        ASKED_BY.set("a notebook")
        return greet.run().read()

    assert asyncio.run(cell()) == "a notebook"


@step
async def failing() -> int:
    await asyncio.sleep(0)
    raise LookupError("not there")


def test_what_an_async_step_raises_is_raised_as_it_is():
    """The exception is the step's own, and its traceback begins in the step."""
    with pytest.raises(LookupError, match="not there") as caught:
        failing.run()

    assert caught.value.whence_run.status == "failed"


def test_what_an_async_step_raises_in_a_running_loop_is_raised_as_it_is():
    """The thread that the step had makes no difference."""

    async def cell():
        failing.run()

    with pytest.raises(LookupError, match="not there"):
        asyncio.run(cell())


@step
async def write(out: Output[DataArtifact]):
    await asyncio.sleep(0)
    (out.path / "a.txt").write_text("written")


def test_an_async_step_writes_its_outputs():
    """An `Output` that is handed in can be written after an await."""
    run = write.run()

    assert (run.steps.write.outputs.out.path / "a.txt").read_text() == "written"


def test_an_async_pipeline_is_refused():
    """A body connects steps and awaits nothing."""
    with pytest.raises(InvalidStepError, match="async def"):

        @pipeline
        async def body():
            total([1])


def test_an_async_generator_is_no_step():
    """What yields gives no value to store."""
    with pytest.raises(InvalidStepError, match="generator"):

        @step
        async def numbers() -> int:
            yield 1
