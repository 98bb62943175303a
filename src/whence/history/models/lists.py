"""Models as wholes, and all of them as a list: what `whence.models` gives."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from whence.errors import RecordNotFoundError, suggest
from whence.history.annotations import Annotatable, Annotations
from whence.history.frames import make_frame
from whence.history.models.promotions import PromotionList, show_promotion
from whence.history.models.recorded import RecordedModel, RecordedModels
from whence.history.models.versions import ModelVersion
from whence.history.reports.model_report import report_model, report_models
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.stacks.current import open_stack
from whence.stacks.stack import Stack

if TYPE_CHECKING:
    import pandas as pd

_FACTS = ("model", "version", "aliases", "created_at", "run", "digest")


class Model(Annotatable, Shown):
    """A model as a whole: its versions, and which of them bears which alias."""

    def __init__(self, model: RecordedModel, stack: Stack) -> None:
        self._model = model
        self._stack = stack

    @property
    def name(self) -> str:
        """The name."""
        return self._model.name

    @cached_property
    def versions(self) -> tuple[ModelVersion, ...]:
        """The versions, oldest first."""
        return tuple(ModelVersion(each, self._model, self._stack) for each in self._model.versions)

    @property
    def newest(self) -> ModelVersion:
        """The newest version."""
        return self.versions[-1]

    @property
    def aliases(self) -> Mapping[str, ModelVersion]:
        """The version that bears each alias."""
        return {
            alias: ModelVersion(version, self._model, self._stack, f"{self.name}@{alias}")
            for alias, version in self._model.bearers.items()
        }

    @property
    def promotions(self) -> PromotionList:
        """The history of its aliases, oldest first."""
        numbers = self._model.numbers
        return PromotionList(show_promotion(each, numbers) for each in self._model.promotions)

    @property
    def annotations(self) -> Annotations:
        """What people said of it."""
        return self._annotations

    @cached_property
    def _annotations(self) -> Annotations:
        return Annotations(self.name, self._stack)

    def frame(self) -> "pd.DataFrame":
        """Return the versions as a DataFrame, one row each, with a column for each metric."""
        return _make_frame(self.versions, "Model.frame()")

    def _one_line(self) -> str:
        return f"<Model {self.name}: {len(self.versions)} versions>"

    def _report(self) -> Report:
        return report_model(self)


class ModelList(Shown, Mapping[str, Model]):
    """All models, by name."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = dict(models)

    def __getitem__(self, name: str) -> Model:
        if name not in self._models:
            raise RecordNotFoundError(
                kind="model", name=name, reason="", suggestion=suggest(name, self._models)
            )
        return self._models[name]

    def __contains__(self, name: object) -> bool:
        return name in self._models

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    def frame(self) -> "pd.DataFrame":
        """Return the newest version of each model as a row of a DataFrame."""
        return _make_frame([model.newest for model in self.values()], "ModelList.frame()")

    def _report(self) -> Report:
        return report_models(list(self.values()))


def list_models() -> ModelList:
    """Return all models of which a version was numbered, by name."""
    stack = open_stack()
    found = RecordedModels(stack.metadata_store).list_all()
    return ModelList({each.name: Model(each, stack) for each in found})


def find_model_or_version(name: str) -> Model | ModelVersion:
    """Return a model by its name, or a version by `NAME@NUMBER` or `NAME@ALIAS`."""
    stack = open_stack()
    model, version = RecordedModels(stack.metadata_store).split(name)
    if version is None:
        return Model(model, stack)
    return ModelVersion(model.find(version), model, stack, name)


def _make_frame(
    versions: "list[ModelVersion] | tuple[ModelVersion, ...]", subject: str
) -> "pd.DataFrame":
    metrics = list(dict.fromkeys(name for version in versions for name in version.metrics))
    rows = [
        [
            version.name,
            version.label,
            version.aliases,
            version.created_at,
            version.run.id,
            version.digest,
            *(version.metrics.get(name) for name in metrics),
        ]
        for version in versions
    ]
    return make_frame([*_FACTS, *metrics], rows, subject)
