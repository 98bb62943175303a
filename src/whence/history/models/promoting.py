"""Promoting versions of models to aliases, and taking that back."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from whence.domain.artifacts import Artifact
from whence.domain.ids import PromotionId, new_id
from whence.domain.model_numbers import NumberedVersion
from whence.domain.model_records import PromotionRecord
from whence.errors import AliasMovedError, InvalidSettingError, RecordNotFoundError
from whence.history.models.candidates import find_candidate
from whence.history.models.gates import Gate, judge
from whence.history.models.lists import Model
from whence.history.models.promotions import Promotion, find_previous_bearer, show_promotion
from whence.history.models.recorded import RecordedModel, RecordedModels
from whence.history.models.versions import ModelVersion
from whence.history.people import find_user
from whence.history.run_records import find_content
from whence.history.runs import Run
from whence.stacks.current import open_stack
from whence.stacks.stack import Stack

CHAMPION = "champion"
"""The alias that is meant where none is named."""

_ALIAS = re.compile(r"[^\W\d_][\w.-]*")
_MOST_ATTEMPTS = 20
"""How often gates are asked again because others have moved the alias meanwhile."""


def promote(  # noqa: PLR0913  # what, to what, under which conditions, and the record of it
    model: str | Model | ModelVersion,
    version: int | str | ModelVersion | Artifact | Run[Any] | None = None,
    *,
    alias: str = CHAMPION,
    gate: Gate | Sequence[Gate] | None = None,
    reason: str = "",
    who: str | None = None,
) -> Promotion:
    """Give a version of a model an alias, if every gate lets it pass, and record who did so.

    *version* is a number, another alias, or what has none yet, such as a run of a sweep or the
    artifact of a map's item: that gets its number now. Without one, the newest is meant. A *gate*
    is a function of the candidate and of the version that bears the alias now, or None; it returns
    whether the candidate passes, or that and a text. Of a run the metrics are those that it shows,
    also where it reused the model. A version that bears the alias already keeps
    it, and nothing is recorded.

    Where others promote at the same time, each promotion is judged against the version it replaces.
    Raises `PromotionRefusedError`, `RecordNotFoundError`, `AliasMovedError`, and
    `ContentMissingError` for a version whose bytes were deleted.
    """
    check_alias(alias)
    gates = [gate] if callable(gate) else list(gate or ())
    stack = open_stack()
    name, version = _name_of(model, version)
    for _ in range(_MOST_ATTEMPTS):
        recorded = _load(stack, name)
        found = find_candidate(stack, recorded, version)
        candidate = ModelVersion(found.version, recorded, stack, judged_in=found.judged_in)
        seen = recorded.last_promotion(alias)
        if seen is not None and seen.version_id in candidate.record.ids:
            return show_promotion(seen, recorded.numbers, is_new=False)
        current = recorded.bearers.get(alias)
        bearer = None if current is None else ModelVersion(current, recorded, stack)
        promotion = PromotionRecord(
            id=PromotionId(new_id()),
            model=name,
            alias=alias,
            version_id=candidate.record.record.id,
            previous_id=None if seen is None else seen.version_id,
            who=who or find_user(),
            reason=reason.strip(),
            gates=judge(gates, candidate, bearer, alias),
            made_at=datetime.now(UTC),
        )
        made = _record(stack, promotion, candidate.record)
        if made is not None:
            return made
    tried = f"It went to another version each of {_MOST_ATTEMPTS} times that this one was judged."
    raise AliasMovedError(alias=alias, model=name, reason=tried)


def rollback(
    model: str | Model,
    *,
    alias: str = CHAMPION,
    reason: str = "",
    who: str | None = None,
) -> Promotion:
    """Give an alias back to the version that bore it before, which is a promotion as any other.

    Rolling back twice goes back two versions. Raises `RecordNotFoundError` where there is nothing
    to go back to, `AliasMovedError` where others moved the alias meanwhile, and
    `ContentMissingError` where the bytes of the version before are gone.
    """
    check_alias(alias)
    stack = open_stack()
    name = model if isinstance(model, str) else model.name
    recorded = RecordedModels(stack.metadata_store).find_model(name)
    history = [each for each in recorded.promotions if each.alias == alias]
    earlier = _find_earlier(recorded, history, alias)
    promotion = PromotionRecord(
        id=PromotionId(new_id()),
        model=name,
        alias=alias,
        version_id=earlier.record.id,
        previous_id=history[-1].version_id,
        who=who or find_user(),
        reason=reason.strip() or "rolled back",
        gates=(),
        made_at=datetime.now(UTC),
    )
    made = _record(stack, promotion, earlier)
    if made is None:
        why = "Another version bears it now than the one from which you went back."
        raise AliasMovedError(alias=alias, model=name, reason=why)
    return made


def check_alias(alias: str) -> None:
    """Raise `InvalidSettingError` for what cannot be told from a number, or be typed."""
    if not _ALIAS.fullmatch(alias):
        raise InvalidSettingError(
            setting="alias",
            value=alias,
            reason="An alias begins with a letter; letters, digits, `_`, `-` and `.` may follow.",
            cure='Name it as in "champion".',
        )


def _name_of(model: str | Model | ModelVersion, version: Any) -> tuple[str, Any]:
    """Return the name of the model that is meant, and the version, if one is named."""
    if isinstance(model, ModelVersion):
        return model.name, model if version is None else version
    if isinstance(model, Model):
        return model.name, version
    name, at, named = model.rpartition("@")
    return (name, named) if at and version is None else (model, version)


def _load(stack: Stack, name: str) -> RecordedModel:
    """Return what is recorded of a model, of which no version may have a number yet."""
    found = RecordedModels(stack.metadata_store).get(name)
    return found or RecordedModel(name, (), ())


def _record(stack: Stack, promotion: PromotionRecord, version: NumberedVersion) -> Promotion | None:
    stack.artifact_store.verify(find_content(stack, version.record.digest))  # or none can use it
    stack.make_home()
    made = stack.metadata_store.promote(promotion, version.record)
    if made is None:
        return None
    recorded = RecordedModels(stack.metadata_store).find_model(promotion.model)
    return show_promotion(made, recorded.numbers)


def _find_earlier(
    recorded: RecordedModel, history: Sequence[PromotionRecord], alias: str
) -> NumberedVersion:
    standing = {row: version.record.id for version in recorded.versions for row in version.ids}
    earlier = find_previous_bearer(history, standing)
    found = None if earlier is None else recorded.numbers.find_by_id(earlier)
    if found is None:
        reason = f"No other version of '{recorded.name}' bore '{alias}' before."
        if not history:
            reason = f"No version of '{recorded.name}' bears '{alias}'."
        raise RecordNotFoundError(
            kind="earlier version",
            name=f"{recorded.name}@{alias}",
            reason=reason,
            suggestion=f"Look at its history: whence models {recorded.name}",
        )
    return found
