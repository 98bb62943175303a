"""The models of a store: their versions, and which of them bears which alias."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from whence.domain.ids import ModelVersionId
from whence.domain.model_numbers import ModelNumbers, NumberedVersion
from whence.domain.model_records import ModelVersionRecord, PromotionRecord
from whence.errors import (
    AmbiguousNameError,
    InvalidSettingError,
    RecordNotFoundError,
    list_names,
    suggest,
)
from whence.interfaces.metadata_store import MetadataStore


def check_is_text(kind: str, given: object, example: str) -> None:
    """Refuse what cannot name anything. Raises `InvalidSettingError`."""
    if not isinstance(given, str):
        reason = f"It is named by a text, and this is of type {type(given).__qualname__}."
        cure = f'Name it, as in whence.{kind}("{example}").'
        raise InvalidSettingError(setting=kind, value=given, reason=reason, cure=cure)


class RecordedModel:
    """What is recorded of one model: versions, and the history of its aliases."""

    def __init__(
        self,
        name: str,
        rows: Sequence[ModelVersionRecord],
        promotions: Sequence[PromotionRecord],
    ) -> None:
        self.name = name
        self.numbers = ModelNumbers(rows)
        self.promotions = tuple(promotions)
        """Oldest first."""

    @property
    def versions(self) -> list[NumberedVersion]:
        """The versions, oldest first."""
        return self.numbers.versions

    @cached_property
    def bearers(self) -> Mapping[str, NumberedVersion]:
        """The version that bears each alias now."""
        latest = {each.alias: each.version_id for each in self.promotions}
        found = {alias: self.numbers.find_by_id(each) for alias, each in latest.items()}
        return {alias: version for alias, version in found.items() if version is not None}

    def aliases_of(self, version_id: ModelVersionId) -> tuple[str, ...]:
        """Return the aliases that a version bears now."""
        return tuple(alias for alias, version in self.bearers.items() if version_id in version.ids)

    def last_promotion(self, alias: str) -> PromotionRecord | None:
        """Return the promotion that says who bears an alias."""
        return next((each for each in reversed(self.promotions) if each.alias == alias), None)

    def find(self, version: str | None) -> NumberedVersion:
        """Return a version by number or alias; without, the newest.

        Raises `RecordNotFoundError` and `AmbiguousNameError`.
        """
        if version is None:
            return self.versions[-1]  # a model has one, unless it is only to be promoted
        if version in self.bearers:
            return self.bearers[version]
        found = self.numbers.find(version)
        if len(found) > 1:
            candidates = list_names([each.label for each in found])
            raise AmbiguousNameError(
                name=version, kind="version", count=len(found), candidates=candidates
            )
        if not found:
            raise self._not_found(version)
        return found[0]

    def _not_found(self, version: str) -> RecordNotFoundError:
        labels = [each.label for each in self.versions]
        count = "1 version" if len(labels) == 1 else f"{len(labels)} versions"
        span = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"
        aliases = list(self.bearers)
        named = f"the aliases are {list_names(aliases)}" if aliases else "no alias was given"
        is_number = version[:1].isdecimal()
        cure = suggest(version, aliases) if aliases and not is_number else ""
        return RecordNotFoundError(
            kind="version",
            name=f"{self.name}@{version}",
            reason=f"It has {count}, {span}; {named}.",
            suggestion=cure or f"Look at them: whence models {self.name}",
        )


class RecordedModels:
    """All models of a store."""

    def __init__(self, store: MetadataStore) -> None:
        self._store = store

    def list_all(self) -> list[RecordedModel]:
        """Return every model that has a version, by name."""
        rows: dict[str, list[ModelVersionRecord]] = {}
        for row in self._store.list_model_versions():
            rows.setdefault(row.model, []).append(row)
        promotions: dict[str, list[PromotionRecord]] = {name: [] for name in rows}
        for each in self._store.list_promotions():
            promotions.setdefault(each.model, []).append(each)
        return [RecordedModel(name, rows[name], promotions[name]) for name in sorted(rows)]

    def get(self, name: str) -> RecordedModel | None:
        """Return one model, if a version of it was numbered."""
        rows = self._store.list_model_versions(name)
        return RecordedModel(name, rows, self._store.list_promotions(name)) if rows else None

    def find_model(self, name: str) -> RecordedModel:
        """Return one model. Raises `RecordNotFoundError`, which says what there is instead."""
        found = self.get(name)
        if found is not None:
            return found
        candidates = self._store.list_artifacts(model=name, limit=1)
        if candidates:
            run = candidates[0].run_id[-8:]
            raise RecordNotFoundError(
                kind="model",
                name=name,
                reason="Maps and sweeps made candidates for it, and none was given a number yet.",
                suggestion=f'Promote one, by its run: whence.promote("{name}", "{run}")',
            )
        known = {row.model for row in self._store.list_model_versions()}
        raise RecordNotFoundError(
            kind="model", name=name, reason="", suggestion=suggest(name, sorted(known))
        )

    def find(self, text: str) -> NumberedVersion:
        """Return the version that `NAME`, `NAME@NUMBER` or `NAME@ALIAS` means."""
        model, version = self.split(text)
        return model.find(version)

    def split(self, text: str) -> tuple[RecordedModel, str | None]:
        """Return the model that *text* names, and what it says of the version."""
        check_is_text("model", text, "delay@3")
        name, at, version = text.rpartition("@")
        if not at:
            return self.find_model(text), None
        whole = self.get(text)  # a name may hold the sign
        return (whole, None) if whole is not None else (self.find_model(name), version)
