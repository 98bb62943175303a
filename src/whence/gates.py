"""Gates to promote models by: `whence.promote("delay", 3, gate=better_than("rmse"))`."""

from whence.history.models.gates import Gate, at_least, at_most, better_than

__all__ = ["Gate", "at_least", "at_most", "better_than"]
