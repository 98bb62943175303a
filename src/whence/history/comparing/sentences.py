"""The sentence that says where a run parts from the first, and what came of it."""

from whence.history.comparing.rows import ComparedRuns, Divergence

_PAIR = 2


def describe_divergence(found: Divergence, compared: ComparedRuns) -> str:
    """Return the sentence; of two runs it needs no names."""
    parts = [*found.reasons, *([found.effect] if found.effect else [])]
    if len(compared.runs) == _PAIR:
        subject = "They part"
    else:
        subject = f"{compared.names[found.run]} parts from {compared.names[0]}"
    return f"{subject} at {found.node}: {'; '.join(parts)}."
