"""Versions of models: what `whence.model` gives."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from whence.domain.artifacts import Artifact, ArtifactHolder
from whence.domain.contents import FileEntry
from whence.domain.earlier_results import EarlierName
from whence.domain.ids import StepRunId, short_id
from whence.domain.model_numbers import NumberedVersion
from whence.domain.records import ArtifactRecord
from whence.errors import RecordNotFoundError
from whence.history.annotations import Annotatable, Annotations
from whence.history.comparing.subjects import Subject
from whence.history.metrics import Metrics
from whence.history.models.promotions import PromotionList, show_promotion
from whence.history.models.recorded import RecordedModel, RecordedModels
from whence.history.references.earlier_results import find_settled, settle
from whence.history.references.find import EarlierResult, open_result
from whence.history.reports.model_report import report_version
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.history.run_records import RunRecords, find_content
from whence.history.runs import Run, StepRun
from whence.stacks.current import open_stack
from whence.stacks.stack import Stack


class ModelVersion(ArtifactHolder, Annotatable, Shown):
    """One version of a model: the artifact, how good it is, and where it comes from.

    A candidate, as a gate may be given, has no number yet.
    """

    def __init__(
        self,
        version: NumberedVersion,
        model: RecordedModel,
        stack: Stack,
        asked_as: str | None = None,
        *,
        judged_in: RunRecords | None = None,
    ) -> None:
        self._version = version
        self._model = model
        self._stack = stack
        self._asked_as = asked_as
        self._judged_in = judged_in  # a run that has its content too, and whose metrics count

    @property
    def name(self) -> str:
        """The name of the model."""
        return self._model.name

    @property
    def number(self) -> int | None:
        """Its number; None for a candidate, and where stores were merged and another bears it."""
        return self._version.number

    @property
    def label(self) -> str:
        """Its number as it is shown, and found: `3`, or `3~ab12` where another version bears 3."""
        return self._version.label

    @property
    def title(self) -> str:
        """The model and its version, in few words: `delay 3`."""
        return f"{self.name} {self.label}"

    @property
    def aliases(self) -> tuple[str, ...]:
        """The aliases that it bears now, or did when it was asked for."""
        return self._model.aliases_of(self._version.record.id)

    @property
    def created_at(self) -> datetime:
        """When it was made, in UTC."""
        return self._version.record.created_at

    @property
    def digest(self) -> str:
        """The digest of its content."""
        return self._version.record.digest

    @property
    def record(self) -> NumberedVersion:
        """The bare record."""
        return self._version

    @cached_property
    def artifact_record(self) -> ArtifactRecord:
        """The bare record of the artifact."""
        artifact_id = self._version.record.artifact_id
        record = self._stack.metadata_store.find_artifact(artifact_id)
        if record is None:
            raise RecordNotFoundError(kind="artifact", name=artifact_id)
        return record

    @property
    def value_type(self) -> str | None:
        """The declared type of the value, as a person would write it."""
        return self.artifact_record.value_type

    @cached_property
    def artifact(self) -> Artifact:
        """The artifact."""
        name = self._asked_as or f"{self.name}@{self.label}"
        shown = f"version {self.label} (run {short_id(self.artifact_record.run_id)})"
        named = EarlierName(name, shown)
        return open_result(self._stack, EarlierResult(named, self.artifact_record))

    def read(self, as_type: Any = None) -> Any:
        """Return the model itself, read by the materializer of its format, as *as_type* if given.

        Nothing of the pipeline that made it is imported.
        """
        return self.artifact.read(as_type)

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """The model's files: their names, sizes and digests."""
        return tuple(find_content(self._stack, self.digest).files)

    @property
    def path(self) -> Path:
        """A local read-only folder with the model's files."""
        return self.artifact.path

    def as_input(self) -> Any:
        """Return the model as what a step takes in the body of a pipeline."""
        return settle(self._asked_as or f"{self.name}@{self.label}", self.artifact, self._stack)

    @cached_property
    def _records(self) -> RunRecords:
        run = self._stack.metadata_store.find_run(self.artifact_record.run_id)
        if run is None:
            raise RecordNotFoundError(kind="run", name=self.artifact_record.run_id)
        return RunRecords(run, self._stack)

    @property
    def run(self) -> Run[Any]:
        """The run that made it."""
        return Run(self._records.run, self._stack)

    @property
    def step_run(self) -> StepRun | None:
        """The step run that made it; None for a model that was handed to a run."""
        made_by = self.artifact_record.step_run_id
        steps = self._records.steps
        return next((StepRun(step, self._records) for step in steps if step.id == made_by), None)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters of its run; those of steps by `node.parameter`."""
        return self.run.parameters

    @cached_property
    def metrics(self) -> Metrics:
        """The metrics of the step that made it, and of those that took it in the same run."""
        if self._judged_in is not None:
            return _metrics_around(self._judged_in, self.digest)
        records, artifact = self._records, self.artifact_record
        concerned = {
            step.id: step.node
            for step in records.steps
            if step.id == artifact.step_run_id
            or any(taken.id == artifact.id for _, taken in records.artifacts_of(step.id).inputs)
        }
        return records.metrics_of_steps(concerned)

    @property
    def promotions(self) -> PromotionList:
        """Where it was given an alias, or lost one to another version; oldest first."""
        ids = self._version.ids
        return PromotionList(
            show_promotion(each, self._model.numbers)
            for each in self._model.promotions
            if each.version_id in ids or each.previous_id in ids
        )

    def lineage(
        self, direction: str = "up", depth: int | None = None, *, code: bool = False
    ) -> Any:
        """Return what it was made from, back to the first inputs, as its artifact tells it."""
        return self.artifact.lineage(direction, depth, code=code)

    @property
    def annotations(self) -> Annotations:
        """What people said of it."""
        return self._annotations

    @cached_property
    def _annotations(self) -> Annotations:
        return Annotations(self._version.record.id, self._stack)

    def card(self) -> str:
        """Return a model card in Markdown, of what is recorded."""
        from whence.history.models.card import write_card  # noqa: PLC0415  # rarely asked for

        return write_card(self)

    def export(self, folder: str | PathLike[str]) -> Path:
        """Write the model's files, its card and a JSON of facts to *folder*, which is returned.

        Raises `FolderNotEmptyError` for a folder that holds anything.
        """
        from whence.history.models.export_model import export_model  # noqa: PLC0415  # as above

        return export_model(self, Path(folder))

    def to_subject(self) -> Subject:
        """Return what made it, and what took it in the same run, to be compared."""
        made_by = self.step_run
        node = made_by.node if made_by is not None else None
        return Subject(self._records, node, self.title, with_takers=True)

    def _one_line(self) -> str:
        aliases = f" ({', '.join(self.aliases)})" if self.aliases else ""
        return f"<ModelVersion {self.title}{aliases}>"

    def _report(self) -> Report:
        return report_version(self)


def _metrics_around(records: RunRecords, digest: str) -> Metrics:
    """Return the metrics of the steps of a run that gave or took a content."""
    concerned: dict[StepRunId, str] = {}
    for step in records.steps:
        around = records.artifacts_of(step.id)
        every = [*around.outputs, *(taken for _, taken in around.inputs)]
        if any(each.digest == digest for each in every):
            concerned[step.id] = step.node
    return records.metrics_of_steps(concerned)


def find_model(reference: str) -> ModelVersion:
    """Return a version of a model: the newest of `delay`, or `delay@3`, or `delay@champion`.

    In the body of a pipeline, where `.as_input()` gives it to a step, a name means one version for
    the whole plan. Raises `RecordNotFoundError`, which says what there is instead.
    """
    stack = open_stack()
    models = RecordedModels(stack.metadata_store)
    settled = find_settled(reference)
    model, version = models.split(reference)
    if settled is not None:
        found = model.numbers.find_by_digest(settled.digest)
        if found is not None:
            return ModelVersion(found, model, stack, reference)
    made = ModelVersion(model.find(version), model, stack, reference)
    settle(reference, made.artifact, stack)
    return made
