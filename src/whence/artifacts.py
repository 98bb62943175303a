"""The artifact types that a pipeline author names in `Input[...]` and `Output[...]`."""

from whence.domain.artifacts import Artifact, DataArtifact, ModelArtifact

__all__ = ["Artifact", "DataArtifact", "ModelArtifact"]
