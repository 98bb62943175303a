"""Models and earlier results: looked up, promoted, and taken by steps of every kind."""

from typing import Annotated

import whence
from whence import Input, Metric, ModelVersion, Run, pipeline, step
from whence.artifacts import Artifact, DataArtifact, ModelArtifact
from whence.gates import Gate, at_least, at_most, better_than


@step
def fit(depth: int = 1) -> Annotated[dict[str, int], ModelArtifact, "delay"]:
    return {"depth": depth}


@step
def judge(model: dict[str, int], means: float = 0.0) -> Annotated[float, Metric("r", mode="max")]:
    return model["depth"] + means


@step
def weigh(model: Input[ModelArtifact], table: Input[DataArtifact]) -> int:
    return model.size + table.size


@step
def keep(model: Input[ModelArtifact]) -> None:
    print(model.uri)


@pipeline
def judging() -> float:
    champion = whence.model("delay@champion").as_input()
    means = whence.artifact("prepare/means").as_input()
    keep(champion)
    keep(whence.model("delay").artifact.as_input())
    weigh(model=champion, table=whence.artifact("prepare/table").as_input())
    weigh(champion, means)
    return judge(model=champion, means=means)


def fair(candidate: ModelVersion, current: ModelVersion | None) -> tuple[bool, str]:
    return current is None or candidate.digest != current.digest, "another"


def look(run: Run[float], artifact: Artifact) -> None:
    gates: list[Gate] = [better_than("r", by=0.1), at_least("r", 1), at_most("r", 3), fair]
    promotion = whence.promote("delay", 3, alias="canary", gate=gates, reason="new", who="jo")
    print(promotion.version, promotion.previous, promotion.who, promotion.made_at.year)
    whence.promote("delay", run, gate=fair)
    whence.promote("delay", artifact)
    whence.promote(whence.model("delay@canary"), gate=lambda new, old: (new is not old, "other"))
    whence.rollback("delay", alias="canary", reason="too slow")

    version = whence.model("delay@3")
    number: int | None = version.number
    label: str = version.label
    print(version.name, number, label, version.aliases, version.metrics["r"], version.path.name)
    print(version.run.status, version.step_run, version.card().upper(), version.export("x").name)
    for each in version.promotions:
        print(each.alias, [verdict.text for verdict in each.gates])
    for name, model in whence.models().items():
        print(name, model.newest.created_at, model.aliases["champion"].read(), len(model.versions))
    print(whence.models().frame().columns, version.title)
    whence.compare(version, "delay@champion", run)
