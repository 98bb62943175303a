"""Options of steps, as their author states them and as a pipeline changes them."""

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
