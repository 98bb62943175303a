"""Options of steps, as their author states them and as a pipeline changes them."""

import whence
from whence import Resources, pipeline, step


@step(retries=2, timeout="8h", cache="7d", resources=Resources(cpu=1, gpu=0, memory="2GiB"))
def patient(epochs: int) -> float:
    return float(epochs)


@step(env=["REGION"], secrets=("TOKEN",), register="delay", cache=False, timeout=30.5)
def remote(epochs: int = 3) -> dict[str, float]:
    return {"loss": float(epochs)}


@pipeline(name="nightly", tags=["night"])
def nightly(epochs: int) -> float:
    remote.with_options(name="careful", retries=2, timeout="8h", cache="7d")(epochs=3)
    return patient.with_options(resources=Resources(gpu=0.5), env=("REGION",))(epochs)


weekly = nightly.with_options(
    name="weekly",
    tags=("week", "all"),
    cache=True,
    steps={"patient": {"resources": {"memory": "2GiB"}, "retries": 3}, "careful": {"cache": "1d"}},
)
loss: float = weekly(epochs=3).read()
again: float = nightly.with_options(resume=whence.run("nightly"))(epochs=3).read()
later: whence.Run[float] = whence.resume("nightly")
whence.cancel(later, now=True)


def train(epochs: int) -> str:
    last = whence.last_checkpoint()
    for epoch in range(0 if last is None else last.step + 1, epochs):
        with whence.checkpoint(step=epoch) as folder:
            (folder / "epoch").write_text(str(epoch))
    return "" if last is None else last.path.name
