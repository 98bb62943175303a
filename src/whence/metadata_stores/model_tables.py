"""Models: numbering versions, promoting them to aliases, and reading both back."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from whence.domain.ids import ModelVersionId
from whence.domain.model_records import GateVerdict, ModelVersionRecord, PromotionRecord
from whence.metadata_stores.encoding import decode_moment, encode_json, encode_moment
from whence.metadata_stores.event_rows import version_row
from whence.metadata_stores.fetch_records import fetch
from whence.metadata_stores.statements import ADD_PROMOTION, ADD_VERSION
from whence.metadata_stores.tables import model_versions, promotions

_TICK = timedelta(microseconds=1)


def list_model_versions(connection: Connection, model: str | None) -> list[ModelVersionRecord]:
    """Return the rows of numbered versions, of one model or of all."""
    query = select(model_versions).order_by(model_versions.c.id)
    if model is not None:
        query = query.where(model_versions.c.model == model)
    return fetch(connection, query, _decode_version)


def list_promotions(connection: Connection, model: str | None) -> list[PromotionRecord]:
    """Return promotions in the order in which they were made."""
    query = select(promotions).order_by(promotions.c.made_at, promotions.c.id)
    if model is not None:
        query = query.where(promotions.c.model == model)
    return fetch(connection, query, _decode_promotion)


def promote(
    connection: Connection, promotion: PromotionRecord, version: ModelVersionRecord
) -> PromotionRecord | None:
    """Number a version, if it has no number yet, and give it an alias that nobody moved since.

    To be called in a transaction that no other writer can enter. Return what was recorded, or None
    where another version than `promotion.previous_id` bears the alias; nothing is written then.
    """
    last = _find_last(connection, promotion)
    if (last.version_id if last is not None else None) != promotion.previous_id:
        return None
    ADD_VERSION.execute(connection, [version_row(version)])
    made_at = promotion.made_at
    if last is not None:  # the history keeps its order also where a clock was set back
        made_at = max(made_at, last.made_at + _TICK)
    version_id = _find_version_id(connection, version)
    recorded = replace(promotion, version_id=version_id, made_at=made_at)
    ADD_PROMOTION.execute(connection, [_promotion_row(recorded)])
    return recorded


def _find_last(connection: Connection, promotion: PromotionRecord) -> PromotionRecord | None:
    table = promotions.c
    query = (
        select(promotions)
        .where(table.model == promotion.model, table.alias == promotion.alias)
        .order_by(table.made_at.desc(), table.id.desc())
        .limit(1)
    )
    found = [_decode_promotion(row) for row in connection.execute(query)]
    return found[0] if found else None


def _find_version_id(connection: Connection, version: ModelVersionRecord) -> ModelVersionId:
    table = model_versions.c
    query = select(table.id).where(table.model == version.model, table.digest == version.digest)
    return ModelVersionId(connection.execute(query.order_by(table.id).limit(1)).scalar_one())


# ---------------------------------------------------------------------- rows


def _promotion_row(promotion: PromotionRecord) -> dict[str, Any]:
    return {
        "id": promotion.id,
        "model": promotion.model,
        "alias": promotion.alias,
        "version_id": promotion.version_id,
        "previous_id": promotion.previous_id,
        "who": promotion.who,
        "reason": promotion.reason,
        "gates": encode_json([asdict(each) for each in promotion.gates]),
        "made_at": encode_moment(promotion.made_at),
    }


def _decode_version(row: Row[Any]) -> ModelVersionRecord:
    return ModelVersionRecord(
        id=row.id,
        model=row.model,
        number=int(row.number),
        digest=row.digest,
        artifact_id=row.artifact_id,
        created_at=decode_moment(row.created_at),
    )


def _decode_promotion(row: Row[Any]) -> PromotionRecord:
    return PromotionRecord(
        id=row.id,
        model=row.model,
        alias=row.alias,
        version_id=row.version_id,
        previous_id=row.previous_id,
        who=row.who,
        reason=row.reason,
        gates=tuple(map(_decode_verdict, _load_list(row.gates))),
        made_at=decode_moment(row.made_at),
    )


def _load_list(text: str) -> Sequence[dict[str, Any]]:
    return json.loads(text)


def _decode_verdict(facts: dict[str, Any]) -> GateVerdict:
    return GateVerdict(facts["gate"], bool(facts["passed"]), facts.get("text", ""))
