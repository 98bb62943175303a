"""Records of models: the versions that were numbered, and who promoted them to an alias."""

from datetime import datetime

from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId, ModelVersionId, PromotionId


@frozen
class ModelVersionRecord:
    """A model that was given a number, in the store that gave it."""

    id: ModelVersionId
    model: str  # its name
    number: int  # from 1; 0 before a store has given one
    digest: str  # of the artifact's content
    artifact_id: ArtifactId
    created_at: datetime  # aware, UTC


@frozen
class GateVerdict:
    """What a gate said of a version that was to be promoted."""

    gate: str  # its name
    passed: bool
    text: str = ""


@frozen
class PromotionRecord:
    """Somebody's word that a version bears an alias from now on."""

    id: PromotionId
    model: str
    alias: str
    version_id: ModelVersionId
    previous_id: ModelVersionId | None  # that bore the alias until then
    who: str
    reason: str
    gates: tuple[GateVerdict, ...]
    made_at: datetime  # later than every promotion to this alias before it
